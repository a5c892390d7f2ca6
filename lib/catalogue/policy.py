"""Rules of the catalogue on plain values: ISBN, sorting, what counts as the same, moves of copies, barcodes."""

import re
import unicodedata
from collections.abc import Mapping

from stdnum import isbn as isbn_rules
from stdnum import luhn

from lib.catalogue.models import CopyStatus
from lib.kit.text import fold, tokens

_ISBN_LABEL = re.compile(r"^(?:urn:)?isbn(?:[- ]?1[03])?\s*:?\s*", re.IGNORECASE)
_DASHES = re.compile(r"[\s\u00ad\u2010-\u2015\u2212-]+")
_WHOLE = re.compile("97(?:8[0-9]|9[1-9])[0-9]{9}")


def isbn13_of(text: str) -> str | None:
    """The ISBN-13 (13 digits) meant by an ISBN-10 or ISBN-13 however it is written; None where it is none.

    978 and 979 are known; 979-0 is refused, for it numbers sheet music (ISMN). Source: ISO 2108:2017.
    """
    if _WHOLE.fullmatch(text):  # as most catalogues write it
        return text if _proved(text) else None
    bare = _DASHES.sub("", _ISBN_LABEL.sub("", unicodedata.normalize("NFKC", text).strip()))
    if len(bare) not in (9, 10, 13) or not bare.isascii() or bare.startswith("9790"):
        return None
    try:
        return str(isbn_rules.validate(f"0{bare}" if len(bare) == 9 else bare, convert=True))
    except ValueError:  # letters where digits belong, too
        return None


def _proved(isbn13: str) -> bool:
    """Whether the last of 13 ASCII digits proves the others."""
    codes = isbn13.encode()  # each is 48 more than its digit: 7 of weight one and 6 of weight three are 25 × 48 more
    return (sum(codes[0::2]) + 3 * sum(codes[1::2]) - 25 * 48) % 10 == 0


def isbn10_of(isbn13: str) -> str | None:
    """The ISBN-10 of an ISBN-13; None for 979, which has no short form, and for what is no ISBN."""
    found = isbn13_of(isbn13)
    return str(isbn_rules.to_isbn10(found)) if found and found.startswith("978") else None


_ARTICLES: Mapping[str, tuple[str, ...]] = {
    "en": ("the", "a", "an"),
    "fr": ("le", "la", "les", "l'", "un", "une", "des"),
    "de": ("der", "die", "das", "ein", "eine"),
    "es": ("el", "la", "los", "las", "un", "una", "unos", "unas"),
    "it": ("il", "lo", "la", "i", "gli", "le", "l'", "un", "uno", "una", "un'"),
    "pt": ("o", "a", "os", "as", "um", "uma"),
    "ca": ("el", "la", "els", "les", "l'", "un", "una"),
    "ro": ("un", "o"),
    "nl": ("de", "het", "een", "'t", "'n"),
    "af": ("die", "'n"),
    "sv": ("den", "det", "en", "ett"),
    "da": ("den", "det", "en", "et"),
    "nb": ("den", "det", "en", "et", "ei"),
    "nn": ("den", "det", "ein", "eit", "ei"),
    "hu": ("a", "az", "egy"),
    "el": ("ο", "η", "το", "οι", "τα", "ενας", "μια", "ενα"),
    "ga": ("an", "na"),
    "eo": ("la",),
    "yi": ("דער", "די", "דאס"),
    "ar": ("ال",),
    "he": ("ה",),
}
_GLUED = frozenset({"ال"})  # written together with the word that follows
_UNMARKED = frozenset({"ה"})  # cannot be told from the first letter of a word: never taken off
_OPENING = " \"'«»„“”‘’‚‹›([{¿¡…—–-.*"


def sort_title_of(title: str, language: str = "") -> str:
    """A title as lists sort it: folded, without opening punctuation and without a leading article of its
    language (BCP 47; English where none is known). A title that is nothing but an article keeps it."""
    folded = fold(title)
    bare = folded.lstrip(_OPENING) or folded
    for article in _ARTICLES.get(language.partition("-")[0].lower() or "en", ()):
        rest = _without(folded.lstrip(_OPENING.replace("'", "")) if article[0] == "'" else bare, article)
        if rest:
            return rest
    return bare


def _without(text: str, article: str) -> str:
    if article in _UNMARKED or not text.startswith(article):
        return ""
    rest = text[len(article) :]
    if article in _GLUED:
        return rest if len(rest) > 2 else ""
    if article.endswith("'") or rest.startswith((" ", "\u00a0")):
        return rest.lstrip(_OPENING)
    return ""


def match_key_of(title: str, first_author: str) -> str:
    """What an import takes for the same title: the words of the title and of its first author's name key."""
    return f"{' '.join(tokens(title)) or fold(title)}|{' '.join(tokens(first_author))}"


def word_key_of(name: str) -> str:
    """What makes two genres, tags, series or sections the same: their words, folded; or the signs themselves."""
    return " ".join(tokens(name)) or fold(name) or name


_PRIOR_VOTES = 10
_PRIOR_MEAN = 3.5


def rating_rank_of(total: int, count: int) -> float:
    """A mean rating damped by ten votes of 3.5, so that one reader's five stars do not top a thousand's 4.8."""
    return round((total + _PRIOR_VOTES * _PRIOR_MEAN) / (count + _PRIOR_VOTES), 4) if count else 0.0


_S = CopyStatus
COPY_MOVES: Mapping[CopyStatus, frozenset[CopyStatus]] = {
    _S.AVAILABLE: frozenset({_S.ON_LOAN, _S.ON_HOLD_SHELF, _S.IN_REPAIR, _S.LOST, _S.WITHDRAWN}),
    _S.ON_LOAN: frozenset({_S.AVAILABLE, _S.ON_HOLD_SHELF, _S.IN_REPAIR, _S.LOST}),
    _S.ON_HOLD_SHELF: frozenset({_S.ON_LOAN, _S.AVAILABLE, _S.IN_REPAIR, _S.LOST}),
    _S.IN_REPAIR: frozenset({_S.AVAILABLE, _S.ON_HOLD_SHELF, _S.ON_LOAN, _S.LOST, _S.WITHDRAWN}),
    _S.ON_ORDER: frozenset({_S.AVAILABLE, _S.ON_HOLD_SHELF, _S.WITHDRAWN}),
    _S.LOST: frozenset({_S.AVAILABLE, _S.ON_HOLD_SHELF, _S.IN_REPAIR, _S.WITHDRAWN}),
    _S.WITHDRAWN: frozenset({_S.AVAILABLE, _S.IN_REPAIR}),
}
# What a cataloguer may set by hand; loans, the hold shelf and withdrawal are circulation's.
BY_HAND = frozenset({_S.AVAILABLE, _S.IN_REPAIR, _S.ON_ORDER, _S.LOST})
# A copy that counts as the library's own when it says "2 of 3".
COUNTED = frozenset({_S.AVAILABLE, _S.ON_LOAN, _S.ON_HOLD_SHELF, _S.IN_REPAIR})


def may_move(old: CopyStatus, new: CopyStatus) -> bool:
    """Whether a copy may go from one status to another (or stay)."""
    return old == new or new in COPY_MOVES[old]


def may_set_by_hand(old: CopyStatus, new: CopyStatus) -> bool:
    """Whether an edit of a copy may move it so."""
    return old == new or (old in BY_HAND and new in BY_HAND and new in COPY_MOVES[old])


_BARCODE = re.compile(r"[A-Z0-9][A-Z0-9./$+%_-]{0,39}")
OWN_PREFIX = "30"
OWN_LENGTH = 14


def barcode_of(text: str) -> str:
    """A barcode as it is kept, whatever a scanner or a hand put round it: upper case, no spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).strip("*").upper()


def barcode_ok(text: str) -> bool:
    """Whether a barcode can be printed as Code 128 and Code 39 and kept: 1–40 of A–Z, 0–9 and . / $ + % _ -"""
    return _BARCODE.fullmatch(text) is not None


def own_barcode(number: int) -> str:
    """The library's own barcode of a number: 30, eleven digits, and a Luhn check digit, as library scanners expect.

    Raises:
        OverflowError: the numbers have run out (100 thousand million).
    """
    if not 0 <= number < 10**11:
        raise OverflowError
    stem = f"{OWN_PREFIX}{number:011d}"
    return stem + str(luhn.calc_check_digit(stem))


def number_of_own(barcode: str) -> int | None:
    """The number in a barcode of our own making, None for others and for misread ones."""
    if len(barcode) != OWN_LENGTH or not barcode.startswith(OWN_PREFIX) or not barcode.isdigit():
        return None
    return int(barcode[2:13]) if luhn.is_valid(barcode) else None
