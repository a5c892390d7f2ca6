"""Tokens, sealed fields, and the key file."""

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from lib.kit.crypto import KEY_FILE, load_keyring, new_token, rotate_field_key, token_hash


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(200)}
    assert len(tokens) == 200
    assert all(len(token) >= 43 for token in tokens)
    assert token_hash("a") != token_hash("b")
    assert len(token_hash("a")) == 64


def test_a_sealed_field_opens_again_and_tells_nothing(tmp_path: Path) -> None:
    keys = load_keyring(tmp_path)
    sealed = keys.seal("+44 20 7946 0000")
    assert sealed is not None
    assert "7946" not in sealed
    assert sealed != keys.seal("+44 20 7946 0000")
    assert keys.open(sealed) == "+44 20 7946 0000"


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_is_sealed_as_nothing(tmp_path: Path, nothing: str | None) -> None:
    keys = load_keyring(tmp_path)
    assert keys.seal(nothing) == nothing
    assert keys.open(nothing) == nothing


def test_a_foreign_key_file_does_not_open_a_field(tmp_path: Path) -> None:
    sealed = load_keyring(tmp_path / "a").seal("secret")
    with pytest.raises(ValueError, match="key file"):
        load_keyring(tmp_path / "b").open(sealed)


def test_a_changed_field_does_not_open(tmp_path: Path) -> None:
    keys = load_keyring(tmp_path)
    sealed = keys.seal("secret") or ""
    with pytest.raises(ValueError, match="key file"):
        keys.open(sealed[:-4] + ("AAA=" if not sealed.endswith("AAA=") else "BBB="))


def test_after_a_rotation_old_fields_open_and_are_sealed_anew(tmp_path: Path) -> None:
    old = load_keyring(tmp_path)
    sealed = old.seal("secret")
    new = rotate_field_key(tmp_path)
    assert new.open(sealed) == "secret"
    resealed = new.reseal(sealed)
    with pytest.raises(ValueError, match="key file"):
        old.open(resealed)
    assert new.fingerprint("x") == old.fingerprint("x")


def test_equal_fields_are_found_by_a_keyed_fingerprint(tmp_path: Path) -> None:
    keys, others = load_keyring(tmp_path / "a"), load_keyring(tmp_path / "b")
    assert keys.fingerprint("x") == keys.fingerprint("x") != keys.fingerprint("y")
    assert keys.fingerprint("x") != others.fingerprint("x")


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_only_its_owner_may_read_the_key_file(tmp_path: Path) -> None:
    load_keyring(tmp_path)
    path = tmp_path / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(PermissionError, match="chmod 600"):
        load_keyring(tmp_path)
    path.chmod(0o600)
    rotate_field_key(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_processes_that_start_at_once_agree_on_one_key_file(tmp_path: Path) -> None:
    start, found = threading.Barrier(8), list[str]()

    def load() -> None:
        start.wait()
        found.append(load_keyring(tmp_path).lookup)

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_key_file_is_never_half_written(tmp_path: Path) -> None:
    load_keyring(tmp_path)
    kept = json.loads((tmp_path / KEY_FILE).read_text())
    assert set(kept) == {"fields", "lookup", "signing", "cookie"}
    assert len({kept["lookup"], kept["signing"], kept["cookie"]}) == 3
