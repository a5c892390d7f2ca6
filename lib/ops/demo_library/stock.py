"""Shelving the demo library: sections, titles with ratings and call numbers, and about 700 copies."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from lib.access.work import UnitOfWork
from lib.catalogue.bulk import put_copies, put_titles
from lib.catalogue.forms import CopyForm
from lib.catalogue.locations import locations_named
from lib.catalogue.models import Condition, CopyStatus
from lib.catalogue.names import person_name
from lib.catalogue.sections import sections_named
from lib.kit.bulk import run_many
from lib.kit.text import fold
from lib.ops.demo_library.content import SectionLine, TitleLine, section_lines, title_lines

BRANCHES = {"C": "Children's Pavilion", "J": "Harbour Reading Room"}
_COPIES_BY_FAME = {9: 4, 8: 3, 7: 3, 6: 2, 5: 2}
NEW_DAYS, OLD_DAYS = 45, 760
_NEW_TITLES = 28
_NOTES = {CopyStatus.IN_REPAIR: "Spine loose; at the binder's"}


@dataclass(frozen=True, slots=True)
class Shelved:
    """A title on the demo library's shelves, with the copies that can be lent."""

    title_id: int
    fame: int
    language: str
    for_children: bool
    since: date
    copies: tuple[int, ...]


def stock_library(uow: UnitOfWork, chance: Random) -> list[Shelved]:
    """Puts up sections, titles and copies."""
    lines = title_lines()
    sections = section_lines()
    ids = _put_titles(uow, chance, lines, sections)
    since = _ages(uow, chance, lines)
    added = [(uow.now - (uow.today - day), title_id) for day, title_id in zip(since, ids, strict=True)]
    run_many(uow.connection, "UPDATE title SET added_at = ? WHERE id = ?", added)
    return _put_copies(uow, chance, lines, ids, since, {line.code: line.shelf for line in sections})


def _put_titles(
    uow: UnitOfWork, chance: Random, lines: list[TitleLine], sections: list[SectionLine]
) -> list[int]:  # fmt: skip
    made = sections_named(uow, [line.name for line in sections])
    opened = uow.today - timedelta(days=OLD_DAYS)
    described = [(line.description, opened, made[line.name]) for line in sections]
    run_many(uow.connection, "UPDATE section SET description = ?, created_on = ? WHERE id = ?", described)
    by_code = {line.code: made[line.name] for line in sections}
    letters = {line.code: line.shelf for line in sections}
    forms = [
        line.form.model_copy(update={
            "section_ids": [by_code[code] for code in line.sections],
            "call_number": _call_number(line, letters),
            "price_minor": chance.randrange(8, 38) * 100 + 90,
        })
        for line in lines
    ]  # fmt: skip
    puts = put_titles(uow, forms, ratings=[_stars(chance, line.fame) for line in lines])
    return [title_id for title_id, _ in puts]


def _call_number(line: TitleLine, letters: dict[str, str]) -> str:
    author = person_name(line.form.contributors[0].name).sort_name
    return f"{letters[line.sections[0]]} {author[:3].upper().strip(', ')} {line.form.year}"


def _stars(chance: Random, fame: int) -> tuple[int, int]:
    readers = chance.randrange(fame, fame * fame + 3)
    mean = min(4.9, 3.3 + fame * 0.14 + chance.uniform(-0.3, 0.3))
    return min(readers * 5, max(readers, round(readers * mean))), readers


def _ages(uow: UnitOfWork, chance: Random, lines: list[TitleLine]) -> list[date]:
    new = set(chance.sample(range(len(lines)), _NEW_TITLES))
    return [
        uow.today - timedelta(days=chance.randrange(1, NEW_DAYS) if at in new else OLD_DAYS + chance.randrange(2400))
        for at in range(len(lines))
    ]


def _put_copies(
    uow: UnitOfWork, chance: Random, lines: list[TitleLine], ids: list[int], since: list[date], letters: dict[str, str]
) -> list[Shelved]:
    places = locations_named(uow, sorted(BRANCHES.values()))
    forms: list[CopyForm] = []
    owners: list[int] = []
    for at, line in enumerate(lines):
        letter = letters[line.sections[0]]
        shelf = f"{letter}-{1 + sum(map(ord, fold(line.form.contributors[0].name)[:2])) % 24}"
        for number in range(_COPIES_BY_FAME.get(line.fame, 1)):
            place = places[BRANCHES[letter]] if letter in BRANCHES and number % 2 == 0 else "MAIN"
            forms.append(_copy(chance, place, shelf, since[at]))
            owners.append(at)
    puts = put_copies(uow, [ids[at] for at in owners], forms)
    came = [(uow.now - (uow.today - form.acquired_on), copy[0]) for form, copy in zip(forms, puts, strict=True)
            if form.acquired_on]  # fmt: skip
    run_many(uow.connection, "UPDATE copy SET added_at = ? WHERE id = ?", came)
    lendable: list[list[int]] = [[] for _ in lines]
    for at, form, (copy_id, _) in zip(owners, forms, puts, strict=True):
        if form.status is CopyStatus.AVAILABLE:
            lendable[at].append(copy_id)
    return [
        Shelved(ids[at], line.fame, line.form.language, "F" in line.sections, since[at], tuple(lendable[at]))
        for at, line in enumerate(lines)
    ]


def _copy(chance: Random, place: str, shelf: str, since: date) -> CopyForm:
    status = CopyStatus.AVAILABLE
    if chance.random() < 0.025:
        status = chance.choice((CopyStatus.IN_REPAIR, CopyStatus.ON_ORDER, CopyStatus.LOST))
    condition = chance.choices(list(Condition), (15, 60, 20, 1))[0]
    return CopyForm(
        location=place, shelf=shelf, status=status, condition=condition, note=_NOTES.get(status, ""),
        price_minor=chance.randrange(6, 42) * 100 + chance.choice((0, 50, 90, 99)),
        acquired_on=since - timedelta(days=chance.randrange(30)),
    )  # fmt: skip
