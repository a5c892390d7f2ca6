"""Passwords: how they are kept, and which are too weak."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.accounts.password_rules import password_faults
from lib.accounts.passwords import _DUMMY, check_password, hash_password, needs_rehash

NEAR = ("ada.lovelace", "ada.lovelace@example.org", "Ada Lovelace")


@pytest.mark.parametrize(
    "password",
    [
        "galactic tome nexus", "winter garden stone 7", "the old lighthouse keeper", "Tr0ub4dor&3xyz",
        "пароль длинный текст", "purple tiger sings loudly", "図書館で静かに本を読む時間", "            spaced out",
        "ada reads in the garden at dawn", "🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧",
    ],
)  # fmt: skip
def test_these_will_do(password: str) -> None:
    assert password_faults(password, near=NEAR) == []


@pytest.mark.parametrize(
    "password",
    [
        "", "short", "elevenchars", "x" * 129, "aaaaaaaaaaaa", "abababababab", "abcabcabcabc", "123456789012",
        "210987654321", "qwertyuiop12", "asdfghjklqwerty", "abcdefghijkl", "password1234", "Passw0rd!2026",
        "P@$$w0rd!!!!", "letmeinletmein", "monkeydragon", "iloveyou2024", "LibraryLibrary1",
        "correct horse battery staple",
        "adalovelace1815", "ada.lovelace@example.org", "lovelaceada!",
        "hello\x00 my dear friend", "lone \ud800 surrogate",
    ],
)  # fmt: skip
def test_these_are_too_weak(password: str) -> None:
    assert password_faults(password, near=NEAR)


@given(st.text(max_size=200))
def test_any_text_gets_an_answer_that_does_not_repeat_it(text: str) -> None:
    for sentence in password_faults(text, near=NEAR):
        assert len(text) < 12 or text not in sentence


def test_the_hash_is_argon2id_as_strong_as_we_promise() -> None:
    assert hash_password("winter garden stone 7").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not needs_rehash(_DUMMY)


def test_one_password_typed_on_two_keyboards_is_the_same() -> None:
    assert check_password(hash_password("caf\u00e9 au lait noir"), "cafe\u0301 au lait noir")


def test_spaces_and_case_count() -> None:
    kept = hash_password("Winter garden")
    assert not check_password(kept, "winter garden")
    assert not check_password(kept, "Winter garden ")


def test_a_garbled_hash_opens_for_nobody() -> None:
    assert not check_password("$argon2id$nonsense", "anything at all")
    assert not check_password(None, "no account has this password")
