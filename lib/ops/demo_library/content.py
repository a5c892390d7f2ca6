"""The demo library's lists, read from the files beside this one. Cells are divided by bars."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lib.catalogue.forms import Contributor, TitleForm

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class SectionLine:
    """A section; `shelf` is the letter its shelves begin with."""

    code: str
    name: str
    shelf: str
    description: str


@dataclass(frozen=True, slots=True)
class TitleLine:
    """A title, the codes of its sections (the first is where it stands), and how sought it is, from 2 to 9."""

    form: TitleForm
    sections: str
    fame: int


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member; `joined_days` ago."""

    name: str
    type_code: str
    language: str
    joined_days: int


def section_lines() -> list[SectionLine]:
    """The ten sections."""
    return [SectionLine(row["code"], row["name"], row["shelf"], row["description"]) for row in _rows("sections.csv")]


def member_lines() -> list[MemberLine]:
    """Eighty invented readers."""
    return [
        MemberLine(row["name"], row["type"], row["language"], int(row["joined_days"])) for row in _rows("members.csv")
    ]


def title_lines() -> list[TitleLine]:
    """Some four hundred titles: facts about real books, descriptions of our own, and the shelf of the Nexus."""
    return [_title(row) for row in _rows("titles.csv")]


def _title(row: dict[str, str]) -> TitleLine:
    sections, _, kind = row["sections"].partition(":")
    authors = [Contributor(name=name.strip()) for name in row["authors"].split(";")]
    form = TitleForm(
        kind=kind or "book", title=row["title"], original_title=row["original_title"], contributors=authors,
        year=int(row["year"]), language=row["language"], description=row["description"], series=row["series"],
        series_number=row["number"], genres=[genre.strip() for genre in row["genres"].split(";")],
    )  # fmt: skip
    return TitleLine(form, sections, int(row["fame"]))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="|", quoting=csv.QUOTE_NONE)
