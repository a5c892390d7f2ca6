"""What is missing: lost copies with what became of the money, and loans that will count as lost soon."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.circulation.closure_entries import calendar_of
from lib.circulation.settings import CirculationSettings
from lib.kit.clock import day_of
from lib.kit.database import Statement
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_day, as_instant

PAGE = 25
SOON_DAYS = 14
MOST_SOON = 500
# The loan that ended with the loss is the newest one of the copy that did.
_LOST = Statement(
    "SELECT c.id, c.barcode, t.id, t.title, p.name, c.shelf, l.lost_at, a.id, a.name,"
    " (SELECT CAST(coalesce(sum(e.amount_minor), 0) AS BIGINT) FROM charge h JOIN ledger_entry e ON e.charge_id = h.id"
    "  WHERE h.loan_id = l.id AND h.kind IN ('replacement', 'lost_fee') AND e.kind = 'charge'),"
    " (SELECT CAST(coalesce(sum(h.balance_minor), 0) AS BIGINT) FROM charge h"
    "  WHERE h.loan_id = l.id AND h.kind IN ('replacement', 'lost_fee'))"
    " FROM copy c JOIN title t ON t.id = c.title_id JOIN location p ON p.id = c.location_id"
    " LEFT JOIN loan l ON l.id = (SELECT max(x.id) FROM loan x WHERE x.copy_id = c.id AND x.lost_at IS NOT NULL"
    "  AND x.undone_at IS NULL)"
    " LEFT JOIN account a ON a.id = l.account_id"
    " WHERE c.status = 'lost' ORDER BY c.id DESC LIMIT :size OFFSET :skip"
)
_LOST_COUNT = Statement("SELECT count(*) FROM copy WHERE status = 'lost'")
_LATE = Statement(
    "SELECT l.id, t.id, t.title, c.barcode, l.due_on, a.id, a.name FROM loan l JOIN copy c ON c.id = l.copy_id"
    " JOIN title t ON t.id = l.title_id LEFT JOIN account a ON a.id = l.account_id"
    " WHERE l.returned_at IS NULL AND l.due_on <= :latest AND l.claimed_on IS NULL ORDER BY l.due_on, l.id LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class LostCopy:
    """A copy marked as lost: since when (None: by hand, without a loan), who had it, and what its loss was charged
    with and is still owed for, in minor units."""

    copy_id: int
    barcode: str
    title_id: int
    title: str
    location: str
    shelf: str
    lost_on: date | None
    member_id: int | None
    member: str
    charged_minor: int
    owed_minor: int


@dataclass(frozen=True, slots=True)
class SoonLost:
    """A late loan, and after how many open days more it will count as lost (0: tonight)."""

    loan_id: int
    title_id: int
    title: str
    barcode: str
    due_on: date
    days_left: int
    member_id: int | None
    member: str


def lost_copies(uow: UnitOfWork, *, page: int = 1, size: int = PAGE) -> Page[LostCopy]:
    """Copies marked as lost, newest first. They name members: the look is audited."""
    uow.require(Permission.CIRCULATE)
    number, most = clamp(page, size)
    rows = _LOST.rows(uow.connection, size=most, skip=(number - 1) * most)
    (total,) = _LOST_COUNT.row(uow.connection)
    if any(row[7] for row in rows):
        uow.afterwards.append(lambda later: record(later, "copy.list-lost", "library", None, page=number))
    return Page(tuple(_lost(uow, row) for row in rows), total, number, most)


def _lost(uow: UnitOfWork, row: Any) -> LostCopy:
    copy_id, barcode, title_id, title, place, shelf, lost_at, member_id, member, charged, owed = row
    at = as_instant(lost_at)
    lost_on = day_of(at, uow.zone) if at else None
    return LostCopy(
        copy_id, barcode, title_id, title, place, shelf, lost_on, member_id, member or "", charged, owed
    )  # fmt: skip


def soon_lost(uow: UnitOfWork) -> tuple[SoonLost, ...]:
    """Late loans (at most 500) that count as lost within the next 14 open days unless they come back, soonest first;
    nothing where the library declares no losses by age. They name members: the look is audited."""
    uow.require(Permission.CIRCULATE)
    limit = uow.settings(CirculationSettings).lost_after_days
    if not limit:
        return ()
    calendar = calendar_of(uow)
    latest = uow.today - timedelta(days=max(limit - SOON_DAYS, 1))
    found = []
    rows = _LATE.rows(uow.connection, latest=latest, most=MOST_SOON)
    for loan_id, title_id, title, barcode, due, member_id, member in rows:
        due_on = as_day(due)
        assert due_on is not None
        left = limit - calendar.days_late(due_on, uow.today)
        if left <= SOON_DAYS:
            found.append(SoonLost(loan_id, title_id, title, barcode, due_on, max(left, 0), member_id, member or ""))
    if found:
        uow.afterwards.append(lambda later: record(later, "loan.list-soon-lost", "library", None))
    return tuple(sorted(found, key=lambda loan: (loan.days_left, loan.due_on, loan.loan_id)))
