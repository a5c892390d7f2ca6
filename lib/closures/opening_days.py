"""Opening days: the calendar shown, its entries added and taken out one at a time, and what was changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.models import Account
from lib.circulation.closure_entries import (
    CALENDAR,
    LONGEST_DAYS,
    ClosureRow,
    Entry,
    calendar_of,
    new_entries,
    read_entries,
)
from lib.circulation.models import Closure, ClosureKind
from lib.circulation.side_models import ClosureChange
from lib.closures.changes import apply_change
from lib.closures.reach import CalendarChange
from lib.closures.taking_back import standing_of
from lib.kit.paging import Page, clamp

MOST_SHOWN = 2000


def list_closures(uow: UnitOfWork, *, since: date | None = None) -> tuple[ClosureRow, ...]:
    """Patterns, then single days from `since` on (today unless told otherwise), at most 2,000."""
    uow.require(Permission.SEARCH)
    first = since or uow.today
    rows = [row for row in read_entries(uow) if row.on_date is None or row.on_date >= first]
    places = {ClosureKind.WEEKLY: 0, ClosureKind.YEARLY: 1, ClosureKind.DAY: 2}
    rows.sort(key=lambda r: (places[r.kind], r.weekday or 0, r.month or 0, r.day or 0, r.on_date or date.min))
    return tuple(rows[:MOST_SHOWN])


def open_days(uow: UnitOfWork, first: date, last: date) -> list[tuple[date, bool, str]]:
    """For each day from first to last (at most 366): is it open, and the reason that is written for it."""
    uow.require(Permission.SEARCH)
    rows = uow.cached(CALENDAR, "rows", lambda: read_entries(uow))
    calendar, reasons = calendar_of(uow), _reasons(rows)
    span = min((last - first).days + 1, LONGEST_DAYS)
    days = (first + timedelta(days=n) for n in range(span))
    return [(day, calendar.is_open(day), _reason(reasons, day)) for day in days]


def _reasons(rows: Iterable[Entry]) -> dict[Any, str]:
    return {row.on_date or ((row.month, row.day) if row.month else row.weekday): row.reason for row in rows}


def _reason(reasons: dict[Any, str], day: date) -> str:
    keys: tuple[Any, ...] = (day, (day.month, day.day), day.weekday())
    return next((reasons[key] for key in keys if key in reasons), "")


def add_closure(
    uow: UnitOfWork,
    *,
    kind: ClosureKind,
    weekday: int | None = None,
    month: int | None = None,
    day: int | None = None,
    first: date | None = None,
    last: date | None = None,
    is_open: bool = False,
    reason: str = "",
) -> tuple[int, ...]:
    """Adds a weekly (`weekday`), yearly (`month`, `day`) or single closure (`first`, or all of `first` to `last`)
    with everything it moves (`apply_change`); returns the ids. A pattern holds from `first` on; without it, always.
    `is_open` makes a single day an opening that beats a pattern.

    Raises:
        Invalid: fields that do not fit the kind. AlreadyClosed: there is an entry.
        NeverOpen: no open day would be left.
    """
    uow.require(Permission.MANAGE_CLOSURES)
    entries = new_entries(
        kind, weekday=weekday, month=month, day=day, first=first, last=last, is_open=is_open, reason=reason
    )
    change = apply_change(uow, CalendarChange(add=entries))
    made = select(Closure.id).where(Closure.change_id == change).order_by(Closure.id)
    return tuple(uow.connection.execute(made).scalars())


def remove_closure(uow: UnitOfWork, closure_id: int) -> None:
    """Takes an entry out of the calendar (`apply_change`). Past single days stay, and so do past days of a pattern,
    as far back as open loans are overdue: their fines need them.

    Raises:
        NotFound: no such entry. Invalid: it lies in the past. NeverOpen: no open day would be left.
    """
    apply_change(uow, CalendarChange(remove=(closure_id,)))


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change of the calendar: what was added and taken out, how many dates it moved, and whether it was taken back.
    `why_not`: why it cannot be taken back (any more), or ""."""

    id: int
    at: datetime
    by: str
    what: str
    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    loans: int
    holds: int
    undone_at: datetime | None
    undone_by: str
    why_not: str


def closure_changes(uow: UnitOfWork, *, page: int = 1, size: int = 20) -> Page[ChangeRow]:
    """The changes of the calendar, the newest first."""
    uow.require(Permission.MANAGE_CLOSURES)
    number, size = clamp(page, size)
    total = uow.connection.scalar(select(func.count()).select_from(ClosureChange)) or 0
    made_by, undone_by = aliased(Account), aliased(Account)
    rows = uow.connection.execute(
        select(
            ClosureChange.id, ClosureChange.at, ClosureChange.what, ClosureChange.added, ClosureChange.removed,
            ClosureChange.moved["kept"].label("kept"), ClosureChange.moved["counts"].label("counts"),
            ClosureChange.undone_at, made_by.name.label("made_by"), undone_by.name.label("undone_by"),
        )
        .outerjoin(made_by, made_by.id == ClosureChange.by)
        .outerjoin(undone_by, undone_by.id == ClosureChange.undone_by)
        .order_by(ClosureChange.id.desc()).limit(size).offset((number - 1) * size)
    ).mappings().all()  # fmt: skip
    entries = read_entries(uow)
    return Page(tuple(_change(uow, row, entries) for row in rows), total, number, size)


def _change(uow: UnitOfWork, row: Mapping[Any, Any], entries: list[ClosureRow]) -> ChangeRow:
    standing = standing_of(uow, {**row, "moved": {"kept": row["kept"]}}, entries)
    loans, holds = row["counts"]
    why_not = "This was undone already." if row["undone_at"] else standing.why_not
    return ChangeRow(
        row["id"], row["at"], row["made_by"] or "", row["what"], standing.added,
        tuple(entry for entry, _, _ in standing.removed), loans, holds, row["undone_at"], row["undone_by"] or "",
        why_not,
    )  # fmt: skip
