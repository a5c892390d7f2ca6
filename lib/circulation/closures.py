"""Opening days: weekly and yearly closed days, single days that beat them, and the calendar they make."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.circulation.calendar import OpenDays
from lib.circulation.errors import AlreadyClosed, NeverOpen
from lib.circulation.models import Closure, ClosureKind
from lib.kit.clock import day_of
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.tables import as_day
from lib.kit.text import one_line

SUBJECT = "closures"
LONGEST_DAYS = 366
MOST_SHOWN = 2000
_FIRST_DUE = Statement("SELECT min(due_on) FROM loan WHERE returned_at IS NULL")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class ClosureRow:
    """An entry of the calendar; only the fields of its kind are set. `weekday` 0 is Monday."""

    id: int
    kind: ClosureKind
    weekday: int | None
    month: int | None
    day: int | None
    on_date: date | None
    is_open: bool
    reason: str


def calendar_of(uow: UnitOfWork) -> OpenDays:
    """The calendar in force, past closures included."""
    return uow.cached(SUBJECT, "calendar", lambda: make_calendar(_load(uow)))


def make_calendar(rows: Iterable[ClosureRow]) -> OpenDays:
    """The calendar that entries make."""
    kept = list(rows)
    return OpenDays(
        frozenset(row.weekday for row in kept if row.kind is ClosureKind.WEEKLY and row.weekday is not None),
        frozenset((row.month, row.day) for row in kept if row.kind is ClosureKind.YEARLY and row.month and row.day),
        {row.on_date: row.is_open for row in kept if row.kind is ClosureKind.DAY and row.on_date},
    )


def _load(uow: UnitOfWork) -> list[ClosureRow]:
    rows = uow.connection.execute(
        select(
            Closure.id, Closure.kind, Closure.weekday, Closure.month, Closure.day, Closure.on_date, Closure.is_open,
            Closure.reason,
        ).order_by(Closure.id)
    )  # fmt: skip
    return [ClosureRow(*row) for row in rows]


def list_closures(uow: UnitOfWork, *, since: date | None = None) -> tuple[ClosureRow, ...]:
    """Patterns, then single days from `since` on (today unless told otherwise), at most 2,000."""
    uow.require(Permission.SEARCH)
    first = since or uow.today
    rows = [row for row in _load(uow) if row.on_date is None or row.on_date >= first]
    places = {ClosureKind.WEEKLY: 0, ClosureKind.YEARLY: 1, ClosureKind.DAY: 2}
    rows.sort(key=lambda r: (places[r.kind], r.weekday or 0, r.month or 0, r.day or 0, r.on_date or date.min))
    return tuple(rows[:MOST_SHOWN])


def open_days(uow: UnitOfWork, first: date, last: date) -> list[tuple[date, bool, str]]:
    """For each day from first to last (at most 366): is it open, and the reason that is written for it."""
    uow.require(Permission.SEARCH)
    rows = uow.cached(SUBJECT, "rows", lambda: _load(uow))
    calendar, reasons = calendar_of(uow), _reasons(rows)
    span = min((last - first).days + 1, LONGEST_DAYS)
    days = (first + timedelta(days=n) for n in range(span))
    return [(day, calendar.is_open(day), _reason(reasons, day)) for day in days]


def _reasons(rows: Iterable[ClosureRow]) -> dict[Any, str]:
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
    """Adds a weekly (`weekday`), yearly (`month`, `day`) or single closure (`first`, or all of `first` to `last`);
    returns the ids. `is_open` makes a single day an opening that beats a pattern.

    Raises:
        Invalid: fields that do not fit the kind. AlreadyClosed: there is an entry.
        NeverOpen: no open day would be left.
    """
    uow.require(Permission.MANAGE_CLOSURES)
    wanted = _entries(ClosureKind(kind), weekday, (month, day), first, last or first, is_open)
    why = one_line(reason, "reason")[:200]
    ids = tuple(_insert(uow, entry, why) for entry in wanted)
    uow.bump(SUBJECT)
    _check_opens(uow)
    record(
        uow, "closure.add", "closure", ids[0], kind=str(kind), weekday=weekday, month=month, day=day, first=first,
        last=last, is_open=is_open,
    )  # fmt: skip
    return ids


def _entries(
    kind: ClosureKind, weekday: int | None, month_day: tuple[int | None, int | None], first: date | None,
    last: date | None, is_open: bool,
) -> list[dict[str, Any]]:  # fmt: skip
    if is_open and kind is not ClosureKind.DAY:
        raise Invalid(Fault("is_open", "Only a single day can be an opening that beats the patterns."))
    if kind is ClosureKind.WEEKLY:
        if weekday is None or not 0 <= weekday <= 6:
            raise Invalid(Fault("weekday", "Choose a weekday."))
        return [{"kind": kind, "weekday": weekday}]
    if kind is ClosureKind.YEARLY:
        month, day = month_day
        if not _is_day_of_year(month, day):
            raise Invalid(Fault("day", "There is no such day of the year."))
        return [{"kind": kind, "month": month, "day": day}]
    if first is None or last is None or not 0 <= (last - first).days < LONGEST_DAYS:
        raise Invalid(Fault("first", "Give a first and a last day, at most a year apart."))
    span = (last - first).days + 1
    return [{"kind": kind, "on_date": first + timedelta(days=n), "is_open": is_open} for n in range(span)]


def _is_day_of_year(month: int | None, day: int | None) -> bool:
    try:
        date(2000, month or 0, day or 0)  # a leap year
    except ValueError:
        return False
    return True


def _insert(uow: UnitOfWork, entry: dict[str, Any], reason: str) -> int:
    values = {"is_open": False} | entry | {"reason": reason, "created_at": uow.now}
    try:
        with uow.connection.begin_nested():
            return uow.connection.execute(insert(Closure).values(**values).returning(Closure.id)).scalar_one()
    except IntegrityError as error:
        raise AlreadyClosed(what=_words(entry)) from error


def _words(entry: dict[str, Any]) -> str:
    if entry["kind"] is ClosureKind.WEEKLY:
        return f"every {WEEKDAYS[entry['weekday']]}"
    if entry["kind"] is ClosureKind.YEARLY:
        return f"{date(2000, entry['month'], entry['day']):%d %B} of every year"
    return f"{entry['on_date']:%d %B %Y}"


def remove_closure(uow: UnitOfWork, closure_id: int) -> None:
    """Takes an entry out of the calendar. Past single days stay, and so do past days of a pattern, as far back as
    open loans are overdue: their fines need them.

    Raises:
        NotFound: no such entry. Invalid: it lies in the past. NeverOpen: no open day would be left.
    """
    uow.require(Permission.MANAGE_CLOSURES)
    row = next((row for row in _load(uow) if row.id == closure_id), None)
    if row is None:
        raise NotFound("closure")
    if row.on_date is not None and row.on_date < uow.today:
        raise Invalid(Fault("on_date", "This day has passed; it stays, because fines of that time depend on it."))
    before = calendar_of(uow)
    since = uow.connection.scalar(select(Closure.created_at).where(Closure.id == closure_id)) or uow.now
    uow.connection.execute(delete(Closure).where(Closure.id == closure_id))
    uow.bump(SUBJECT)
    if row.on_date is None:
        _keep_past(uow, before, day_of(since, uow.zone), row.reason)
    _check_opens(uow)
    record(
        uow, "closure.remove", "closure", closure_id, kind=str(row.kind), weekday=row.weekday, month=row.month,
        day=row.day, on_date=row.on_date, is_open=row.is_open,
    )  # fmt: skip


def _keep_past(uow: UnitOfWork, before: OpenDays, since: date, reason: str) -> None:
    """Keeps the closed days of a pattern that has gone as single days, from when it was entered until yesterday."""
    first_due = as_day(_FIRST_DUE.row(uow.connection)[0])
    if first_due is None:
        return
    after, first = calendar_of(uow), max(since, first_due)
    days = (first + timedelta(days=n) for n in range((uow.today - first).days))
    closed = [day for day in days if after.is_open(day) and not before.is_open(day)]
    for day in closed:
        _insert(uow, {"kind": ClosureKind.DAY, "on_date": day}, reason)


def _check_opens(uow: UnitOfWork) -> None:
    if calendar_of(uow).never_opens(uow.today):
        raise NeverOpen
