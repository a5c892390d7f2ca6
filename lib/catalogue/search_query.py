"""Reading what was typed into the search box: words, "phrases", -exclusions, field:values and ISBNs. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from lib.catalogue.policy import isbn13_of
from lib.kit.text import index_words, is_cjk, tokens

FIELDS = ("title", "author", "isbn", "publisher", "series", "genre", "tag", "section")
LONGEST_QUERY = 500
_MOST_TERMS = 24
_LONGEST_WORD = 60
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | {"\x00": " ", "：": ":", "－": "-", "\u2212": "-"})
_CHUNK = re.compile(rf'(-)?(?:({"|".join(FIELDS)}):\s*)?(?:"([^"]*)"?|(\S+))', re.IGNORECASE)
_ISBN_START = re.compile(r"97[89]\d{3,10}")
_DASHES = re.compile(r"[\s\u2010-\u2015-]+")


class Sort(StrEnum):
    """How results are ordered."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    TITLE = "title"
    AUTHOR = "author"
    POPULARITY = "popularity"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What somebody looks for. `fields` maps names of FIELDS to texts; all else narrows.

    genres, sections, locations: ids; kinds: codes of item kinds; languages: BCP 47. Within one of these any will do,
    and all of these must hold. Years are of publication, both ends included; `min_rating` is a mean of 1 to 5 stars.
    Pages count from 1; too large ones mean the last. Only staff may include archived titles.
    """

    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    available: bool = False
    genres: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()
    sections: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    locations: tuple[int, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    min_rating: float | None = None
    author_id: int | None = None
    series_id: int | None = None
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    size: int = 12
    include_archived: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand next to each other, in one field or in any; the last may be a beginning only."""

    words: tuple[str, ...]
    field: str = ""
    prefix: bool = False
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a query asks for: every term and each ISBN (13 digits, or how one begins), nothing that is excluded."""

    terms: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    isbns: tuple[str, ...] = ()
    excluded_isbns: tuple[str, ...] = ()
    plain: str = ""  # the text itself where it is nothing but words: perhaps a title

    @property
    def empty(self) -> bool:
        return not (self.terms or self.excluded or self.isbns or self.excluded_isbns)

    def whole_words(self) -> tuple[Term, ...]:
        """The terms without guessing at how words end."""
        return tuple(term if is_cjk(term.words[-1]) else replace(term, prefix=False) for term in self.terms)

    def widened(self) -> "Parsed":
        """The same with every word that is not quoted taken for a beginning."""
        return replace(self, terms=tuple(_beginning(term) for term in self.terms))


def _beginning(term: Term) -> Term:
    last = term.words[-1]
    long_enough = len(last) > 1 and not is_cjk(last)
    return replace(term, prefix=True) if long_enough and not term.quoted else term


def parse(text: str, fields: Mapping[str, str] | None = None) -> Parsed:
    """What a text, and texts for single fields, ask for. Any text is understood somehow; nothing raises.

    Only the first 500 characters and 24 terms count.
    """
    whole = isbn13_of(_readable(text))
    found = Parsed(isbns=(whole,)) if whole else _parse_field(text, "")
    for name, value in (fields or {}).items():
        if name in FIELDS and value.strip():
            found = _joined(found, _parse_field(value, name))
    return replace(
        found,
        terms=found.terms[:_MOST_TERMS],
        excluded=found.excluded[:_MOST_TERMS],
        isbns=found.isbns[:_MOST_TERMS],
        excluded_isbns=found.excluded_isbns[:_MOST_TERMS],
    )


def _joined(one: Parsed, other: Parsed) -> Parsed:
    plain = one.plain if other.empty else other.plain if one.empty else ""
    return Parsed(
        one.terms + other.terms,
        one.excluded + other.excluded,
        one.isbns + other.isbns,
        one.excluded_isbns + other.excluded_isbns,
        plain,
    )


def _readable(text: str) -> str:
    storable = text[:LONGEST_QUERY].encode("utf-8", "ignore").decode("utf-8")
    return storable.translate(_QUOTES).strip()


def _parse_field(text: str, default: str) -> Parsed:
    terms: list[Term] = []
    excluded: list[Term] = []
    isbns: tuple[list[str], list[str]] = ([], [])
    readable = _readable(text)
    plain = default in ("", "title")
    for minus, name, phrase, chunk in _CHUNK.findall(readable):
        field = name.lower() or default
        plain = plain and not minus and not name and chunk != ""
        if isbn := _isbn(phrase or chunk, field):
            isbns[bool(minus)].append(isbn)
        elif chunk:
            (excluded if minus else terms).extend(_chunk_terms(chunk, field))
        else:
            (excluded if minus else terms).extend(_phrase_terms(phrase, field))
    if terms:
        terms[-1] = _beginning(terms[-1])
    title = readable if plain and not any(isbns) else ""
    return Parsed(tuple(terms), tuple(excluded), tuple(isbns[0]), tuple(isbns[1]), title)


def _isbn(text: str, field: str) -> str:
    if field not in ("", "isbn"):
        return ""
    if found := isbn13_of(text):
        return found
    digits = _DASHES.sub("", text)
    if field == "isbn":
        return "".join(char for char in digits if char.isascii() and char.isalnum())[:13] or "?"
    return digits if _ISBN_START.fullmatch(digits) else ""


def _chunk_terms(chunk: str, field: str) -> Iterator[Term]:
    for token in tokens(chunk):
        yield _term(token, field)


def _term(token: str, field: str) -> Term:
    if not is_cjk(token):
        return Term((token[:_LONGEST_WORD],), field)
    if len(token) == 1:
        return Term((token,), field, prefix=True)
    return Term(tuple(token[i : i + 2] for i in range(min(len(token), _LONGEST_WORD) - 1)), field)


def _phrase_terms(phrase: str, field: str) -> Iterator[Term]:
    words = tuple(word[:_LONGEST_WORD] for word in index_words(phrase))[:_LONGEST_WORD]
    if len(words) > 1 and len(words[-1]) == 1 and is_cjk(words[-1]) and words[-2].endswith(words[-1]):
        words = words[:-1]  # the single last character of a run stands in the index where a text ends, not within it
    if words:
        last = words[-1]
        yield Term(words, field, prefix=len(last) == 1 and is_cjk(last), quoted=True)


def in_words(text: str) -> str:
    """A text as its words with single spaces between them, as `policy.match_key_of` writes them."""
    return " ".join(tokens(_readable(text)))
