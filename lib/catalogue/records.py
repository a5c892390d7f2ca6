"""Forms turned into what is stored: the one place where input on titles and copies is checked and normalised. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import langcodes
from langcodes.tag_parser import LanguageTagError

from lib.catalogue.forms import ROLES, CopyForm, TitleForm
from lib.catalogue.models import Condition, CopyStatus
from lib.catalogue.names import PersonName, person_name
from lib.catalogue.policy import BY_HAND, barcode_of, barcode_ok, isbn13_of, match_key_of, sort_title_of, word_key_of
from lib.kit.errors import Fault, Invalid
from lib.kit.money import LARGEST
from lib.kit.text import clean, one_line

_LINES = {
    "title": 1000, "subtitle": 1000, "original_title": 1000, "publisher": 300, "edition": 200, "volume": 100,
    "series_number": 100, "call_number": 100,
}  # fmt: skip
_LONGEST_NAME = 200
_LONGEST_TEXT = 20_000
_MOST = 100
_FIRST_YEAR, _LAST_YEAR, _MOST_PAGES = -3000, 2999, 1_000_000


@dataclass(frozen=True, slots=True)
class Named:
    """A genre, tag, series or section by name, and the key under which it is the same."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class TitleRecord:
    """A checked title: `values` are columns of the title table by name, the rest are rows of its other tables."""

    kind: str
    values: dict[str, Any]
    contributors: tuple[tuple[PersonName, str], ...]
    isbns: tuple[str, ...]
    series: Named | None
    genres: tuple[Named, ...]
    tags: tuple[Named, ...]
    section_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CopyRecord:
    """A checked copy; an empty barcode asks for a new one."""

    barcode: str
    location: str
    shelf: str
    condition: Condition
    status: CopyStatus
    price_minor: int | None
    acquired_on: date | None
    note: str


class _Check:
    """Collects the faults of one form, so that all are told and not the first."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def line(self, field: str, text: str, longest: int) -> str:
        if not text:
            return ""
        return self._fitting(field, lambda: one_line(text, field), longest)

    def text(self, field: str, text: str) -> str:
        return self._fitting(field, lambda: clean(text, field), _LONGEST_TEXT) if text else ""

    def _fitting(self, field: str, read: Any, longest: int) -> str:
        try:
            found = str(read())
        except Invalid as refusal:
            self.faults += refusal.faults
            return ""
        if len(found) > longest:
            self.fault(field, f"This is {len(found):,} characters long; {longest:,} is the most.")
        return found

    def number(self, field: str, value: int | None, least: int, most: int) -> int | None:
        if value is not None and not least <= value <= most:
            self.fault(field, f"{value} is not possible; give a number from {least} to {most}.")
        return value

    def few(self, field: str, values: Iterable[Any]) -> list[Any]:
        found = list(values)
        if len(found) > _MOST:
            self.fault(field, f"{len(found)} are too many; {_MOST} is the most.")
        return found[:_MOST]

    def fault(self, field: str, text: str) -> None:
        self.faults.append(Fault(field, text))

    def done(self) -> None:
        if self.faults:
            raise Invalid(*self.faults)


def title_record(form: TitleForm | TitleRecord) -> TitleRecord:
    """The checked and normalised title; a record passes through.

    Raises:
        Invalid: with every fault, by field.
    """
    if isinstance(form, TitleRecord):
        return form
    check = _Check()
    values: dict[str, Any] = {field: check.line(field, getattr(form, field), most) for field, most in _LINES.items()}
    if not values["title"] and not check.faults:
        check.fault("title", "A title needs a title.")
    values["description"] = check.text("description", form.description)
    values["language"] = _language(check, form.language)
    values["year"] = check.number("year", form.year, _FIRST_YEAR, _LAST_YEAR)
    values["pages"] = check.number("pages", form.pages, 1, _MOST_PAGES)
    values["price_minor"] = check.number("price_minor", form.price_minor, 0, LARGEST)
    record = TitleRecord(
        kind=form.kind,
        values=values,
        contributors=_contributors(check, form),
        isbns=_isbns(check, form.isbns),
        series=next(iter(_named(check, "series", [form.series])), None),
        genres=_named(check, "genres", form.genres),
        tags=_named(check, "tags", form.tags),
        section_ids=tuple(dict.fromkeys(check.few("section_ids", form.section_ids))),
    )
    check.done()
    return with_keys(record)


def with_keys(record: TitleRecord) -> TitleRecord:
    """The record with its sorting and matching keys brought up to date, in place."""
    values = record.values
    values["sort_title"] = sort_title_of(values["title"], values["language"])
    values["match_key"] = match_key_of(values["title"], first_author(record.contributors))
    return record


def first_author(contributors: Iterable[tuple[PersonName, str]]) -> str:
    """The key of the first author; of the first contributor where no author is named; empty where nobody is."""
    people = tuple(contributors)
    return next((name.key for name, role in people if role == "author"), people[0][0].key if people else "")


def _contributors(check: _Check, form: TitleForm) -> tuple[tuple[PersonName, str], ...]:
    found: dict[tuple[str, str], tuple[PersonName, str]] = {}
    for given in check.few("contributors", form.contributors):
        name = check.line("contributors", given.name, _LONGEST_NAME)
        role = given.role.strip().lower() or "author"
        if role not in ROLES:
            check.fault("contributors", f"“{given.role}” is no role. Use one of: {', '.join(ROLES)}.")
        if name:
            person = person_name(name)
            found.setdefault((person.key, role), (person, role))
    return tuple(found.values())


def _isbns(check: _Check, given: list[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in check.few("isbns", given):
        if not text.strip():
            continue
        if isbn := isbn13_of(text):
            found[isbn] = None
        else:
            check.fault("isbns", f"“{text[:40]}” is not an ISBN. Check each digit: the last one proves the others.")
    return tuple(found)


def _named(check: _Check, field: str, given: Iterable[str]) -> tuple[Named, ...]:
    found: dict[str, Named] = {}
    for text in check.few(field, given):
        if name := check.line(field, text, _LONGEST_NAME):
            named = as_named(name)
            found.setdefault(named.key, named)
    return tuple(found.values())


@lru_cache(maxsize=8192)
def as_named(name: str) -> Named:
    """A clean name with its key."""
    return Named(name, word_key_of(name))


def _language(check: _Check, text: str) -> str:
    if not text:
        return ""
    tag = language_tag_of(text.strip()[:100])
    if tag is None:
        check.fault("language", f"“{text[:40]}” is not a language. Use its code or English name, like en or French.")
    return tag or ""


@lru_cache(maxsize=512)
def language_tag_of(text: str) -> str | None:
    """The shortest BCP 47 tag of a code ("eng", "pt_br") or a name ("French", "русский"); "" for none or unknown
    (und); None where it is no language."""
    if text.strip().lower() in ("", "und", "unknown", "zxx"):
        return ""
    try:
        tag = langcodes.standardize_tag(text)
        return tag if langcodes.tag_is_valid(tag) and not tag.startswith("x-") else None
    except LanguageTagError:
        pass
    try:
        return str(langcodes.find(text).to_tag())
    except LookupError:
        return None


def copy_record(form: CopyForm | CopyRecord) -> CopyRecord:
    """The checked and normalised copy; a record passes through.

    Raises:
        Invalid: with every fault, by field.
    """
    if isinstance(form, CopyRecord):
        return form
    check = _Check()
    barcode = barcode_of(check.line("barcode", form.barcode, _LONGEST_NAME))
    if barcode and not barcode_ok(barcode):
        check.fault("barcode", f"“{barcode[:60]}” cannot be a barcode: use up to 40 of A–Z, 0–9 and . / $ + % _ -")
    if form.status not in BY_HAND:
        check.fault("status", "A copy starts as available, in repair, on order or lost.")
    record = CopyRecord(
        barcode, check.line("location", form.location, 60) or "MAIN", check.line("shelf", form.shelf, 60),
        form.condition, form.status, check.number("price_minor", form.price_minor, 0, LARGEST), form.acquired_on,
        check.text("note", form.note),
    )  # fmt: skip
    check.done()
    return record
