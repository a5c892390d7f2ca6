"""Rows of members: names in any order of parts, cards, membership types by code or everyday word."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from lib.access.work import UnitOfWork
from lib.accounts.bulk import put_people
from lib.accounts.fields import Faults, read_address, read_email, read_name, read_note, read_phone, read_username
from lib.accounts.models import MembershipType
from lib.accounts.people import Person
from lib.catalogue.records import language_tag_of
from lib.kit.text import fold, one_line
from lib.ops.imports.reading import Line
from lib.ops.imports.rows import Layout, Row, RowResult

_TYPES = {
    "adult": "public", "general": "public", "standard": "public", "reader": "public", "patron": "public",
    "pt": "public",
    "children": "child", "junior": "child", "juvenile": "child", "kid": "child", "j": "child",
    "pupil": "student", "undergraduate": "student", "postgraduate": "student", "graduate": "student", "s": "student",
    "teacher": "faculty", "professor": "faculty", "lecturer": "faculty", "academic": "faculty", "t": "faculty",
    "employee": "staff",
}  # fmt: skip
_LONGEST_CARD = 40


@dataclass(frozen=True, slots=True)
class _Types:
    by_word: dict[str, int]
    default: int | None

    @classmethod
    def read(cls, uow: UnitOfWork) -> "_Types":
        rows = uow.connection.execute(select(MembershipType.id, MembershipType.code, MembershipType.name)).all()
        by_word = {fold(word): number for number, code, name in rows for word in (code, name)}
        return cls(by_word, by_word.get("public"))

    def of(self, row: Row) -> int | None:
        text = row.text("membership_type")
        if not text:
            return self.default
        word = fold(text)
        found = self.by_word.get(word) or self.by_word.get(_TYPES.get(word, ""))
        if found is None:
            row.fault("membership_type", f"There is no membership type “{text[:40]}”. Make it first, or rename it.")
        return found


def prepare(lines: Sequence[Line], layout: Layout) -> list[Row]:
    """A batch of rows to be read."""
    return [Row(line, layout) for line in lines]


def put(uow: UnitOfWork, rows: Sequence[Row], source: str) -> list[RowResult]:
    """Writes a batch of members; one result a row, in order."""
    types = _Types.read(uow)
    people = [(row, _person(row, types, source)) for row in rows]
    good = [(row, person) for row, person in people if not row.faults]
    results = put_people(
        uow, [person for _, person in good], sort_names=[row.text("sort_name")[:200] for row, _ in good]
    )
    written = {}
    for (row, _), result in zip(good, results, strict=True):
        if result.reason:
            row.fault(result.field, result.reason)
        written[row.line.number] = result.outcome
    return [row.result(written.get(row.line.number)) for row in rows]


def _person(row: Row, types: _Types, source: str) -> Person:
    faults = Faults()
    name = faults.read(lambda: read_name(name_of(row)), "")
    email, username = row.text("email"), row.text("username")
    card = one_line(row.text("card_number")).replace(" ", "").upper()
    if len(card) > _LONGEST_CARD:
        row.fault("card_number", f"A card number has at most {_LONGEST_CARD} characters.")
    joined = row.instant("joined")
    person = Person(
        name=name,
        email=faults.read(lambda: read_email(email), "") if email else "",
        username=faults.read(lambda: read_username(username, reserved=False), "") if username else "",
        phone=faults.read(lambda: read_phone(row.text("phone")), ""),
        address=faults.read(lambda: read_address(row.text("address")), ""),
        card_number=card or None,
        membership_type_id=types.of(row),
        membership_ends_on=row.day("ends_on"),
        language=language_tag_of(row.text("language")) or "en",
        note=faults.read(lambda: read_note(_note(row)), ""),
        registered_at=joined,
        source=source,
        source_id=row.text("source_id")[:100] or None,
    )
    for fault in faults:
        row.fault(fault.field, fault.text)
    return person


def name_of(row: Row) -> str:
    """The name as shown: from a full name, given and family name, or "Abbott, Berenice"."""
    if name := row.text("name"):
        return name
    if parts := [part for part in (row.text("given_name"), row.text("family_name")) if part]:
        return " ".join(parts)
    family, comma, given = row.text("sort_name").partition(",")
    return f"{given.strip()} {family.strip()}" if comma and given.strip() else row.text("sort_name")


def _note(row: Row) -> str:
    places = row.layout.places.get("note", ())
    lines = []
    for at in places:
        value, header = row.line.cells[at].strip(), row.layout.headers[at]
        if value:
            lines.append(value if "note" in header.lower() else f"{header}: {value}")
    return "\n".join(lines)
