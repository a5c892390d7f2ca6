"""Rows of titles: series taken out of brackets, names, languages, ratings, kinds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from lib.access.work import UnitOfWork
from lib.catalogue.bulk import put_titles
from lib.catalogue.forms import Contributor, TitleForm
from lib.catalogue.records import TitleRecord, language_tag_of, title_record
from lib.catalogue.sections import sections_named
from lib.kit.errors import Invalid
from lib.kit.text import fold
from lib.ops.imports.reading import Line
from lib.ops.imports.rows import Layout, Row, RowResult, split_list

_SERIES = re.compile(
    r"(?P<title>.+?)\s*\((?P<series>(?:[^()]|\([^()]*\))+?)[,;:]?\s*#\s*(?P<number>\d[^,;:()]*)(?P<rest>[^()]*)\)\s*$"
)
_PART = re.compile(r"\b(?:Part|Vol(?:ume)?)\.?\s.+", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(-?\d{3,4})(?!\d)")
_PEOPLE = re.compile(r"\s*(?:;|\||\n|\s/\s)\s*")
ROLE_FIELDS = {"authors": "author", "editors": "editor", "translators": "translator", "illustrators": "illustrator"}
_KINDS = {
    "periodical": "magazine", "journal": "magazine", "newspaper": "magazine", "serial": "magazine",
    "zeitschrift": "magazine",
    "e-book": "ebook", "epub": "ebook", "pdf": "ebook", "kindle": "ebook",
    "audio": "audiobook", "audio book": "audiobook", "cd": "music", "phonograph record": "music", "vinyl": "music",
    "record": "music", "dvd": "film", "blu-ray": "film", "video": "film", "movie": "film", "board game": "game",
    "video game": "game", "atlas": "map", "books": "book", "buch": "book", "livre": "book", "libro": "book",
    "hardcover": "book", "paperback": "book", "softcover": "book", "text": "book", "print": "book", "": "book",
}  # fmt: skip
_LONGEST_SECTION = 80
KINDS = frozenset({"book", "ebook", "audiobook", "magazine", "film", "music", "map", "game"})


@dataclass(frozen=True, slots=True)
class Work:
    """A title's words with its series taken out: "Catching Fire (The Hunger Games, #2)"."""

    title: str
    series: str = ""
    number: str = ""
    volume: str = ""


def work_of(text: str) -> Work:
    """Takes "(Series, #2)" off the end of a title."""
    found = _SERIES.fullmatch(text) if text.endswith(")") and "#" in text else None
    if found is None:
        return Work(text)
    part = _PART.search(found["rest"])
    series = found["series"].split(";")[0].strip(" ,")
    return Work(found["title"], series, found["number"].strip(), part.group().strip() if part else "")


def people(text: str) -> list[str]:
    """The names in "A; B", "A | B" or "A B, C D, E F"; "Sand, George" is one name."""
    if not text:
        return []
    names = [name for name in _PEOPLE.split(text) if name.strip()]
    if len(names) == 1 and text.count(",") >= 2:
        parts = [part.strip() for part in text.split(",")]
        if all(" " in part for part in parts):
            return parts
    return names


@lru_cache(maxsize=256)
def kind_of(text: str) -> tuple[str, str]:
    """The item kind of a word, and the word itself as a tag where it is none that is known."""
    word = fold(text)
    if word in KINDS:
        return word, ""
    return (_KINDS[word], "") if word in _KINDS else ("book", text)


@dataclass(slots=True)
class Told:
    """A row of a title as it was understood; no record where it has faults."""

    row: Row
    record: TitleRecord | None
    rating: tuple[int, int] | None


def prepare(lines: Sequence[Line], layout: Layout) -> list[Told]:
    """Reads a batch of rows; needs no database, so that nobody waits meanwhile."""
    rows = [Row(line, layout) for line in lines]
    return [Told(row, _record(row), ratings_of(row)) for row in rows]


def put(uow: UnitOfWork, told: Sequence[Told], source: str) -> list[RowResult]:
    """Writes a batch of titles; one result a row, in order."""
    _join_sections(uow, told)
    good = [(one, one.record) for one in told if one.record is not None]
    outcomes = put_titles(
        uow,
        [record for _, record in good],
        source=source,
        source_ids=[one.row.text("source_id")[:100] or None for one, _ in good],
        ratings=[one.rating for one, _ in good],
    )
    written = {one.row.line.number: str(outcome) for (one, _), (_, outcome) in zip(good, outcomes, strict=True)}
    return [one.row.result(written.get(one.row.line.number)) for one in told]


def _join_sections(uow: UnitOfWork, told: Sequence[Told]) -> None:
    wanted = [_lists(one.row, "sections") if one.record else [] for one in told]
    ids = sections_named(uow, sorted({name for some in wanted for name in some})) if any(wanted) else {}
    for one, names in zip(told, wanted, strict=True):
        if one.record is not None and names:
            one.record = replace(one.record, section_ids=tuple(dict.fromkeys(ids[name] for name in names)))


def _lists(row: Row, name: str) -> list[str]:
    return [part for text in row.texts(name) for part in split_list(text)]


def _record(row: Row) -> TitleRecord | None:
    form = _form(row)
    if form is None or row.faults:
        return None
    try:
        return title_record(form)
    except Invalid as refusal:
        fields = {"contributors": "authors", "isbns": "isbn", "price_minor": "price"}
        for fault in refusal.faults:
            row.fault(fields.get(fault.field, fault.field), fault.text)
        return None


def _form(row: Row) -> TitleForm | None:
    text = row.text("title")
    if not text:
        row.fault("title", "This row has no title.")
        return None
    work = Work(text) if row.layout.has("series") else work_of(text)
    kind, tag = kind_of(row.text("kind"))
    original = row.text("original_title")
    if any(len(name) > _LONGEST_SECTION for name in _lists(row, "sections")):
        row.fault("sections", f"The name of a section has at most {_LONGEST_SECTION} letters.")
    return TitleForm.model_construct(
        kind=kind,
        title=work.title,
        original_title=original if fold(original) != fold(work.title) else "",
        contributors=[
            Contributor.model_construct(name=name, role=role)
            for field, role in ROLE_FIELDS.items() for name in people(row.text(field))
        ],
        isbns=_lists(row, "isbn"),
        year=_year(row),
        language=_language(row),
        pages=row.whole("pages", 1),
        volume=row.text("volume") or work.volume,
        series=row.text("series") or work.series,
        series_number=row.text("series_number") or work.number,
        section_ids=[],  # found by name later; leaving it to its default takes a fifth of the whole time
        genres=_lists(row, "genres"),
        tags=_lists(row, "tags") + ([tag] if tag else []),
        price_minor=row.money("price"),
        subtitle=row.text("subtitle"), publisher=row.text("publisher"), edition=row.text("edition"),
        description=row.text("description"), call_number=row.text("call_number"),
    )  # fmt: skip


def _year(row: Row) -> int | None:
    text = row.text("year")
    if not text:
        return None
    if text.removeprefix("-").isdigit() and len(text) < 6:
        return int(text)
    found = _YEAR.search(text)
    if found is None:
        row.fault("year", f"“{text[:40]}” holds no year.")
        return None
    return int(found.group(1))


def _language(row: Row) -> str:
    text = row.text("language")
    if text and language_tag_of(text) is None:
        text = split_list(text)[0] if split_list(text) else ""  # the first of several
    return text


def ratings_of(row: Row) -> tuple[int, int] | None:
    """(Sum of stars, number of readers) from a histogram, or from an average and a count; None without either."""
    counts = [row.whole(f"rating_{stars}") or 0 for stars in range(1, 6)]
    if any(counts):
        return sum(stars * count for stars, count in enumerate(counts, 1)), sum(counts)
    readers = row.whole("rating_count") or 0
    try:
        mean = float(row.text("rating_average").replace(",", ".") or 0)
    except ValueError:
        return None
    return (round(mean * readers), readers) if readers and 1 <= mean <= 5 else None
