"""Text: what may come in, and the one normaliser behind every search.

`fold` and `words` feed FTS5, tsvector and the comparison of names alike, so that
both databases find the same: neither splits CJK nor folds every letter by itself.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from lib.kit.errors import Fault, Invalid

_LETTERS = str.maketrans(
    {
        "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe",
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ـ": None,
        "ё": "е", "ς": "σ", "’": "'", "ʼ": "'",
    }
)  # fmt: skip
# Combining marks that are ornaments of a letter (Latin, Greek, Cyrillic, Hebrew, Arabic);
# those of Indic scripts are vowels and stay.
_ORNAMENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff]"
)
_CJK = "\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af"
_TOKEN = re.compile(
    rf"[{_CJK}]+|[^\W_{_CJK}](?:[^\W_{_CJK}]|[\u0900-\u0dff\u0e00-\u0eff\u200c\u200d](?=\w)|[\u0900-\u0dff])*"
)
_PLAIN_TOKEN = re.compile("[a-z0-9]+")  # what _TOKEN finds in folded ASCII, found faster
_CJK_RUN = re.compile(rf"[{_CJK}]+")
_SPACES = re.compile(r"\s+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Text as it is compared: NFKC, case folded, ornaments of letters dropped, spaces single."""
    if text.isascii():
        return " ".join(text.casefold().split())
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    bare = _ORNAMENTS.sub("", unicodedata.normalize("NFD", plain))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", bare)).strip()


def tokens(text: str) -> Iterator[str]:
    """The words of a text, folded, in order; a run of CJK characters is one token here."""
    folded = _APOSTROPHE.sub("", fold(text))
    if folded.isascii():
        return iter(_PLAIN_TOKEN.findall(folded))
    return (match.group() for match in _TOKEN.finditer(folded))


def is_cjk(token: str) -> bool:
    """Whether a token of `tokens` is a run of CJK characters."""
    return not token.isascii() and bool(_CJK_RUN.fullmatch(token))


def index_words(text: str) -> list[str]:
    """The words under which a text is found: words, and for CJK runs every pair of neighbours
    and the last character alone, so that each single character is some word's prefix."""
    found: list[str] = []
    for token in tokens(text):
        if is_cjk(token):
            found += [token[i : i + 2] for i in range(len(token))]
        else:
            found.append(token)
    return found


def clean(text: str, field: str = "text") -> str:
    """Text as it is stored: NFC, without surrounding spaces.

    Raises:
        Invalid: the text holds a NUL or half a surrogate pair, which databases choke on.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    if _UNSTORABLE.search(text):
        raise Invalid(Fault(field, "This text holds characters that cannot be stored. Type it anew."))
    return unicodedata.normalize("NFC", text).strip()


def one_line(text: str, field: str = "text") -> str:
    """Like `clean`, for names and headings: line breaks and runs of spaces become one space."""
    cleaned = clean(text, field)
    if "  " not in cleaned and cleaned.isascii() and cleaned.isprintable():
        return cleaned
    return _SPACES.sub(" ", cleaned)
