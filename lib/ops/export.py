"""Exporting titles, copies, members and loans as CSV that imports again: in portions, so that memory stays flat.

Ids are the library's own; importing elsewhere keeps them under a source. Formulas are escaped.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork, begin_reading
from lib.audit.trail import record
from lib.kit.bulk import fetch_in
from lib.kit.clock import day_of
from lib.kit.database import Statement
from lib.kit.money import Money
from lib.kit.tables import as_instant
from lib.ops.imports.errors import UnknownKind
from lib.ops.imports.titles import ROLE_FIELDS
from lib.ops.safe_cells import safe_cell

KINDS = ("titles", "copies", "members", "loans")
Progress = Callable[[int, int], None]
PORTION = 1000
TITLE_COLUMNS = (
    "title_id", "title", "subtitle", "original_title", "authors", "editors", "translators", "illustrators", "isbn",
    "publisher", "year", "edition", "language", "pages", "volume", "description", "series", "series_number", "genres",
    "tags", "sections", "call_number", "price", "kind", "average_rating", "ratings_count",
)  # fmt: skip
COPY_COLUMNS = (
    "copy_id", "title_id", "barcode", "location", "shelf", "condition", "status", "price", "acquired_on", "note",
)  # fmt: skip
MEMBER_COLUMNS = (
    "member_id", "card_number", "name", "sort_name", "email", "username", "phone", "address", "membership_type",
    "joined", "membership_ends_on", "language", "note",
)  # fmt: skip
LOAN_COLUMNS = (
    "loan_id", "member_id", "title_id", "barcode", "issued_at", "due_on", "returned_at", "renewals", "fine",
)  # fmt: skip
_TITLES = Statement(
    "SELECT t.id, t.title, t.subtitle, t.original_title, t.publisher, t.year, t.edition, t.language, t.pages, t.volume,"
    " t.description, s.name, t.series_number, t.call_number, t.price_minor, k.code, t.rating_sum, t.rating_count"
    " FROM title t JOIN item_kind k ON k.id = t.kind_id LEFT JOIN series s ON s.id = t.series_id"
    " WHERE t.id > :after AND t.archived_at IS NULL ORDER BY t.id LIMIT 1000"
)
_COPIES = Statement(
    "SELECT c.id, c.title_id, c.barcode, p.name, c.shelf, c.condition, c.status, c.price_minor, c.acquired_on, c.note"
    " FROM copy c JOIN location p ON p.id = c.location_id JOIN title t ON t.id = c.title_id"
    " WHERE c.id > :after AND t.archived_at IS NULL ORDER BY c.id LIMIT 1000"
)
_MEMBERS = Statement(
    "SELECT a.id, a.card_number, a.name, a.sort_name, a.email, a.username, a.phone_sealed, a.address_sealed, m.code,"
    " a.registered_at, a.membership_ends_on, a.language, a.note FROM account a"
    " LEFT JOIN membership_type m ON m.id = a.membership_type_id"
    " WHERE a.id > :after AND a.status IN ('active', 'suspended') AND a.role <> 'terminal' ORDER BY a.id LIMIT 1000"
)
_LOANS = Statement(
    "SELECT l.id, CASE WHEN :whose OR l.returned_at IS NULL THEN l.account_id END, l.title_id, c.barcode,"
    " l.issued_at, l.due_on, l.returned_at, l.renewals, l.fine_settled"
    " FROM loan l JOIN copy c ON c.id = l.copy_id"
    " WHERE l.id > :after AND l.undone_at IS NULL ORDER BY l.id LIMIT 1000"
)
_MANY = {
    "isbn": "SELECT title_id, isbn13 FROM title_isbn WHERE title_id IN (:values) ORDER BY isbn13",
    "genres": "SELECT g.title_id, k.name FROM title_genre g JOIN genre k ON k.id = g.genre_id"
    " WHERE g.title_id IN (:values) ORDER BY k.id",
    "tags": "SELECT g.title_id, k.name FROM title_tag g JOIN tag k ON k.id = g.tag_id"
    " WHERE g.title_id IN (:values) ORDER BY k.id",
    "sections": "SELECT g.title_id, k.name FROM title_section g JOIN section k ON k.id = g.section_id"
    " WHERE g.title_id IN (:values) ORDER BY k.id",
}
_PEOPLE = (
    "SELECT ta.title_id, ta.role, a.name FROM title_author ta JOIN author a ON a.id = ta.author_id"
    " WHERE ta.title_id IN (:values) ORDER BY ta.title_id, ta.position"
)


def export_lines(uow: UnitOfWork, kind: str) -> Iterator[str]:
    """A kind's rows as CSV text, a thousand at a time, the header first.

    Raises:
        UnknownKind: nothing of this kind can be exported. Forbidden: the actor may not.
    """
    if kind not in KINDS:
        raise UnknownKind(kind=kind)
    uow.require(Permission.IMPORT)
    if kind in ("members", "loans") and uow.actor.account_id is not None:
        uow.require(Permission.READ_MEMBERS)
    uow.afterwards.append(lambda later: record(later, f"{kind}.export", "library", None))
    return _lines(_COLUMNS[kind], _ROWS[kind](uow))


def export_file(
    installation: Installation, actor: Actor, kind: str, path: Path, progress: Progress | None = None
) -> int:  # fmt: skip
    """Writes a kind's rows to a file (UTF-8 with byte order mark, for spreadsheets); returns how many."""
    done = -1  # the header
    with begin_reading(installation, actor) as uow:
        lines = export_lines(uow, kind)
        total = _total(uow, kind)
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            for portion in lines:
                file.write(portion)
                done = min(done + PORTION, total)
                if progress is not None:
                    progress(max(done, 0), total)
    return total


def export_library(
    installation: Installation, actor: Actor, folder: Path, kinds: Sequence[str] = KINDS,
    progress: Progress | None = None,
) -> dict[str, int]:  # fmt: skip
    """Writes titles.csv, copies.csv, members.csv and loans.csv into a folder; returns how many rows each has."""
    folder.mkdir(parents=True, exist_ok=True)
    return {kind: export_file(installation, actor, kind, folder / f"{kind}.csv", progress) for kind in kinds}


def _total(uow: UnitOfWork, kind: str) -> int:
    where = _QUERIES[kind].sqlite.partition(" FROM ")[2]
    where = where.replace(":after", "0").partition(" ORDER BY ")[0]
    return int(uow.connection.exec_driver_sql(f"SELECT count(*) FROM {where}").scalar_one())


def _lines(columns: Sequence[str], portions: Iterable[list[tuple[Any, ...]]]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for rows in portions:
        writer.writerows([tuple(map(safe_cell, row)) for row in rows])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def _pages(uow: UnitOfWork, query: Statement, **given: Any) -> Iterator[list[Any]]:
    after = 0
    while rows := query.rows(uow.connection, after=after, **given):
        yield rows
        after = rows[-1][0]


def _money(minor: int | None, currency: str) -> str:
    return "" if minor is None else str(Money(minor, currency).decimal)


def _when(value: Any) -> str:
    instant = as_instant(value)
    return instant.isoformat(timespec="seconds") if instant else ""


def _titles(uow: UnitOfWork) -> Iterator[list[tuple[Any, ...]]]:
    currency = uow.library.currency
    for rows in _pages(uow, _TITLES):
        ids = [row[0] for row in rows]
        many = {name: _joined(fetch_in(uow.connection, query, ids)) for name, query in _MANY.items()}
        people = _people(fetch_in(uow.connection, _PEOPLE, ids))
        yield [
            (
                row[0], *row[1:4], *(people.get((row[0], role), "") for role in ROLE_FIELDS.values()),
                many["isbn"].get(row[0], ""), *row[4:12], row[12], many["genres"].get(row[0], ""),
                many["tags"].get(row[0], ""), many["sections"].get(row[0], ""), row[13], _money(row[14], currency),
                row[15], f"{row[16] / row[17]:.6f}" if row[17] else "", row[17] or "",
            )
            for row in rows
        ]  # fmt: skip


def _joined(rows: Iterable[Any]) -> dict[int, str]:
    found: dict[int, str] = {}
    for title_id, name in rows:
        found[title_id] = f"{found[title_id]}; {name}" if title_id in found else name
    return found


def _people(rows: Iterable[Any]) -> dict[tuple[int, str], str]:
    found: dict[tuple[int, str], str] = {}
    for title_id, role, name in rows:
        known = role if role in ROLE_FIELDS.values() else "author"
        found[title_id, known] = f"{found[title_id, known]}; {name}" if (title_id, known) in found else name
    return found


def _copies(uow: UnitOfWork) -> Iterator[list[tuple[Any, ...]]]:
    currency = uow.library.currency
    for rows in _pages(uow, _COPIES):
        yield [(*row[:7], _money(row[7], currency), row[8] or "", row[9]) for row in rows]


def _members(uow: UnitOfWork) -> Iterator[list[tuple[Any, ...]]]:
    keys = uow.installation.keys
    for rows in _pages(uow, _MEMBERS):
        yield [
            (
                *row[:6],
                keys.open(row[6]) or "",
                keys.open(row[7]) or "",
                row[8],
                _when(row[9]),
                row[10] or "",
                *row[11:],
            )
            for row in rows
        ]


def _loans(uow: UnitOfWork) -> Iterator[list[tuple[Any, ...]]]:
    currency = uow.library.currency
    # What somebody has read is for their own eyes; to move house, an admin or the machine's owner takes it along.
    whose = uow.actor.account_id is None or uow.actor.may(Permission.MANAGE_SETTINGS)
    for rows in _pages(uow, _LOANS, whose=whose):
        yield [
            (*row[:4], _since(row, uow.zone), row[5], _when(row[6]), row[7], _money(row[8], currency)) for row in rows
        ]


def _since(row: Any, zone: ZoneInfo) -> str:
    """When a loan began; of one that tells no name the day alone, for the audit trail has instants with names."""
    began = as_instant(row[4])
    return _when(row[4]) if row[1] is not None or began is None else day_of(began, zone).isoformat()


_QUERIES = {"titles": _TITLES, "copies": _COPIES, "members": _MEMBERS, "loans": _LOANS}
_ROWS = {"titles": _titles, "copies": _copies, "members": _members, "loans": _loans}
_COLUMNS = {"titles": TITLE_COLUMNS, "copies": COPY_COLUMNS, "members": MEMBER_COLUMNS, "loans": LOAN_COLUMNS}
