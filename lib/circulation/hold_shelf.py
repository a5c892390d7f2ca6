"""The hold shelf: what lies there for whom, what must come off it, and what is to be fetched from the shelves.

A copy whose hold has ended and for which nobody waits is "available" at once, so that readers find it in the
catalogue; it lies on the hold shelf all the same until somebody takes it back. `to_take_off` lists it until the copy
is next seen at a desk: scanning it as a return clears it, and tells where it belongs.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.circulation.hold_models import FITS, WAITS_NOW
from lib.circulation.hold_policy import Claim, share_out
from lib.circulation.queries import authors_of
from lib.kit.database import Statement
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_day, as_instant
from lib.kit.text import fold

PAGE = 50
MOST_ON_SHELF = 5000
MOST_PULLED = 5000
LOOK_BACK = timedelta(days=90)
_LONG_AGO = date(1970, 1, 1)
_SHELF = Statement(
    "SELECT h.id, h.title_id, t.title, c.id, c.barcode, a.id, a.name, a.card_number, h.ready_at, h.shelf_until"
    " FROM hold h JOIN title t ON t.id = h.title_id JOIN copy c ON c.id = h.shelf_copy_id"
    " JOIN account a ON a.id = h.account_id WHERE h.state = 'ready' AND h.shelf_until >= :since"
    " ORDER BY a.sort_name, h.id LIMIT :size OFFSET :skip"
)
_SOONEST = Statement(
    "SELECT h.id, h.title_id, t.title, c.id, c.barcode, a.id, a.name, a.card_number, h.ready_at, h.shelf_until"
    " FROM hold h JOIN title t ON t.id = h.title_id JOIN copy c ON c.id = h.shelf_copy_id"
    " JOIN account a ON a.id = h.account_id WHERE h.state = 'ready' AND h.shelf_until >= :since"
    " ORDER BY h.shelf_until, h.id LIMIT :most"
)
_SHELF_COUNT = Statement("SELECT count(*) FROM hold WHERE state = 'ready' AND shelf_until >= :since")
_LEFT = (
    " FROM hold h JOIN copy c ON c.id = h.shelf_copy_id AND c.status = 'available' JOIN title t ON t.id = c.title_id"
    " JOIN location p ON p.id = c.location_id"
    " WHERE h.ended_at > :since AND h.shelf_copy_id IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM desk_act d WHERE d.copy_id = c.id AND d.at > h.ended_at"
    " AND d.undone_at IS NULL AND d.kind NOT IN ('hold', 'cancel-hold'))"
    " AND NOT EXISTS (SELECT 1 FROM hold l WHERE l.shelf_copy_id = c.id AND l.ended_at > h.ended_at)"
)
_TO_TAKE = Statement(
    "SELECT h.id, h.title_id, t.title, c.id, c.barcode, p.name, c.shelf, h.state, h.ended_at"
    f"{_LEFT} ORDER BY h.ended_at, h.id LIMIT :size OFFSET :skip"
)
_TO_TAKE_COUNT = Statement(f"SELECT count(*) {_LEFT}")
# A hold may wait while a copy stands on the shelf: it was suspended, the copy is new, or the setting allows it.
_WANTED = Statement(
    "SELECT h.id, h.title_id, h.copy_id, h.position, h.placed_at FROM hold h"
    f" WHERE h.title_id > :after AND h.position > 0 AND {WAITS_NOW}"
    " AND EXISTS (SELECT 1 FROM copy c WHERE c.title_id = h.title_id AND c.status = 'available'"
    f" AND {FITS.format(copy='c.id')}) ORDER BY h.title_id, h.position LIMIT :most"
)
_ON_SHELF = Statement(
    "SELECT c.title_id, c.id, c.barcode, p.code, p.name, c.shelf, t.title, t.call_number FROM copy c"
    " JOIN title t ON t.id = c.title_id JOIN location p ON p.id = c.location_id"
    " WHERE c.title_id IN (:*ids) AND c.status = 'available' AND t.archived_at IS NULL ORDER BY c.title_id, c.id"
)


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """A copy that lies on the hold shelf, for whom, and until the end of which day. `overdue`: that day has passed,
    and tonight's job will give it to the next."""

    hold_id: int
    title_id: int
    title: str
    copy_id: int
    barcode: str
    account_id: int
    name: str
    card_number: str
    ready_at: datetime
    shelf_until: date
    overdue: bool


@dataclass(frozen=True, slots=True)
class TakeOffRow:
    """A copy that lies on the hold shelf for nobody any more, and where it belongs. `state`: how its hold ended."""

    hold_id: int
    title_id: int
    title: str
    copy_id: int
    barcode: str
    location: str
    shelf: str
    state: str
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class PullRow:
    """A copy to fetch from its shelf for the hold that it will serve. Scanning it as a return puts it aside."""

    hold_id: int
    title_id: int
    title: str
    authors: str
    call_number: str
    copy_id: int
    barcode: str
    location_code: str
    location: str
    shelf: str
    position: int
    placed_at: datetime


def hold_shelf(uow: UnitOfWork, *, page: int = 1, size: int = PAGE) -> Page[ShelfRow]:
    """What lies on the hold shelf, in the order of the readers' names."""
    uow.require(Permission.CIRCULATE)
    number, most = clamp(page, size)
    total = int(_SHELF_COUNT.row(uow.connection, since=_LONG_AGO)[0])
    rows = _SHELF.rows(uow.connection, since=_LONG_AGO, size=most, skip=(number - 1) * most)
    return Page(tuple(_shelf_row(uow, row) for row in rows), total, number, most)


def search_shelf(uow: UnitOfWork, text: str = "", *, page: int = 1, size: int = PAGE) -> Page[ShelfRow]:
    """What lies on the hold shelf, first what must come off first; with `text` only what has it in the reader's name,
    or as card number or barcode. At most 5,000 copies are looked through."""
    uow.require(Permission.CIRCULATE)
    number, most = clamp(page, size)
    asked, code = fold(text), text.strip().casefold()
    rows = [
        row for row in _SOONEST.rows(uow.connection, since=_LONG_AGO, most=MOST_ON_SHELF)
        if not code or (asked and asked in fold(row[6])) or code in (row[4].casefold(), (row[7] or "").casefold())
    ]  # fmt: skip
    shown = rows[(number - 1) * most : number * most]
    return Page(tuple(_shelf_row(uow, row) for row in shown), len(rows), number, most)


def _shelf_row(uow: UnitOfWork, row: Any) -> ShelfRow:
    hold_id, title_id, title, copy_id, barcode, account_id, name, card, ready_at, until = row
    ready, day = as_instant(ready_at), as_day(until)
    assert ready is not None
    assert day is not None
    overdue = day < uow.today
    return ShelfRow(hold_id, title_id, title, copy_id, barcode, account_id, name, card or "", ready, day, overdue)


def to_take_off(uow: UnitOfWork, *, page: int = 1, size: int = PAGE) -> Page[TakeOffRow]:
    """What must come off the hold shelf, the longest over first: of holds that ended within the last 90 days."""
    uow.require(Permission.CIRCULATE)
    number, most = clamp(page, size)
    since = uow.now - LOOK_BACK
    total = int(_TO_TAKE_COUNT.row(uow.connection, since=since)[0])
    rows = _TO_TAKE.rows(uow.connection, since=since, size=most, skip=(number - 1) * most)
    return Page(tuple(_take_off_row(row) for row in rows), total, number, most)


def _take_off_row(row: Any) -> TakeOffRow:
    hold_id, title_id, title, copy_id, barcode, location, shelf, state, ended_at = row
    at = as_instant(ended_at)
    assert at is not None
    return TakeOffRow(hold_id, title_id, title, copy_id, barcode, location, shelf, state, at)


def pull_list(uow: UnitOfWork, *, location: str | None = None, page: int = 1, size: int = PAGE) -> Page[PullRow]:
    """Copies to fetch for those who wait, in the order of a walk: location, shelf, call number. Each copy and each
    hold stands there once; `location` (a code) leaves the other locations' copies out. At most 5,000 holds."""
    uow.require(Permission.CIRCULATE)
    number, most = clamp(page, size)
    found = [row for row in _pulled(uow) if location in (None, row.location_code)]
    found.sort(key=lambda row: (row.location, row.shelf, row.call_number, row.title, row.barcode))
    shown = found[(number - 1) * most : number * most]
    authors = authors_of(uow, [row.title_id for row in shown])
    return Page(
        tuple(replace(row, authors=authors.get(row.title_id, "")) for row in shown), len(found), number, most
    )  # fmt: skip


def _pulled(uow: UnitOfWork) -> list[PullRow]:
    wanted = _WANTED.rows(uow.connection, after=0, today=uow.today, most=MOST_PULLED)
    ids = sorted({row[1] for row in wanted})
    copies: dict[int, list[Any]] = {title_id: [] for title_id in ids}
    for row in _ON_SHELF.rows(uow.connection, ids=ids) if ids else ():
        copies[row[0]].append(row)
    found = []
    for title_id, holds in groupby(wanted, key=lambda row: row[1]):
        waiting = {row[0]: row for row in holds}
        there = {row[1]: row for row in copies[title_id]}
        given = share_out([Claim(row[0], row[2]) for row in waiting.values()], list(there))
        found += [_pull_row(waiting[hold_id], there[copy_id]) for hold_id, copy_id in given.items()]
    return found


def _pull_row(hold: Any, copy: Any) -> PullRow:
    title_id, copy_id, barcode, code, location, shelf, title, call_number = copy
    placed = as_instant(hold[4])
    assert placed is not None
    return PullRow(
        hold[0], title_id, title, "", call_number, copy_id, barcode, code, location, shelf, hold[3], placed
    )  # fmt: skip
