"""What makes a password too weak: length, common ones, patterns, one's own name. No composition rules (OWASP ASVS)."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from lib.kit.text import fold, tokens

SHORTEST = 12
LONGEST = 128
FEWEST_DIFFERENT = 5
_LIST = Path(__file__).with_name("common_passwords.txt")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn")
_RUNS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "".join(_ROWS[:3]),
    *_ROWS,
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def password_faults(password: str, *, near: Iterable[str] = ()) -> list[str]:
    """Sentences on what is wrong with a password; none when it will do.

    `near` are the person's own words (user name, e-mail, name) that it must not be built from.
    """
    if "\x00" in password or any("\ud800" <= char <= "\udfff" for char in password):
        return ["This password holds characters that cannot be stored. Type another one."]
    text = unicodedata.normalize("NFC", password)
    if len(text) < SHORTEST:
        return [f"Use {SHORTEST} characters or more; a few words in a row are easy to remember."]
    if len(text) > LONGEST:
        return [f"Use {LONGEST} characters at most."]
    # Not kit.text.fold, which remembers what it was given.
    plain = unicodedata.normalize("NFKC", text).casefold().replace(" ", "")
    checks = (
        (_is_monotonous(plain), "This password repeats itself. Mix in other words."),
        (_is_run(plain), "This password follows the keyboard or the alphabet. Use words instead."),
        (_is_common(plain), "This password is one of the first that others would try. Choose another one."),
        (_is_near(plain, near), "This password is built from your name, user name or e-mail. Choose other words."),
    )
    return [sentence for broken, sentence in checks if broken]


@cache
def _common() -> frozenset[str]:
    return frozenset(_LIST.read_text("utf-8").split())


def _is_common(plain: str) -> bool:
    """In the list as typed, or without digits and signs at its ends, or with letters for look-alikes."""
    listed = _common()
    forms = {plain, plain.translate(_LEET), _EDGES.sub("", plain), _EDGES.sub("", plain).translate(_LEET)}
    return any(form in listed or _halves_listed(form, listed) for form in forms if form)


def _halves_listed(form: str, listed: frozenset[str]) -> bool:
    return any(form[:cut] in listed and form[cut:] in listed for cut in range(3, len(form) - 2))


def _is_monotonous(plain: str) -> bool:
    if len(set(plain)) < FEWEST_DIFFERENT:
        return True
    return any(plain == (plain[:size] * len(plain))[: len(plain)] for size in range(1, len(plain) // 2 + 1))


def _is_run(plain: str) -> bool:
    """Nearly all of it is cut from rows of keys, digits or the alphabet, forwards or backwards."""
    left = plain
    for run in (*_RUNS, *(run[::-1] for run in _RUNS)):
        for size in range(min(len(run), len(left)), 3, -1):
            left = _cut_pieces(left, run, size)
    return len(left) <= len(plain) // 3


def _cut_pieces(text: str, run: str, size: int) -> str:
    for start in range(len(run) - size + 1):
        text = text.replace(run[start : start + size], "")
    return text


def _is_near(plain: str, near: Iterable[str]) -> bool:
    """Taking the person's own words out leaves less than half of a good password."""
    left = plain
    words = {word for text in near for word in (*tokens(text), fold(text).replace(" ", "")) if len(word) >= 4}
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return len(left) < len(plain) and len(left) < SHORTEST // 2
