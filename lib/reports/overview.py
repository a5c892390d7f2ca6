"""The admin's overview: six numbers with their trend, the busiest titles, loans a day, and what needs attention."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.circulation.closure_entries import calendar_of
from lib.kit.database import Statement
from lib.reports import counts

WEEKS = 12
SPAN_DAYS = 28
CHART_DAYS = 90
BUSIEST = 10
LONG_OVERDUE_DAYS = 28  # well before a copy counts as lost
_BUSIEST = Statement(
    "SELECT t.id, t.title, s.loans FROM (SELECT title_id, count(*) AS loans FROM loan WHERE issued_on >= :since"
    " AND undone_at IS NULL GROUP BY title_id ORDER BY count(*) DESC, title_id LIMIT :most) s"
    " JOIN title t ON t.id = s.title_id ORDER BY s.loans DESC, t.sort_title"
)
_ALERTS = Statement(
    "SELECT (SELECT count(*) FROM account WHERE status = 'pending'),"
    " (SELECT count(*) FROM loan WHERE returned_at IS NULL AND due_on < :long_ago),"
    " (SELECT count(*) FROM copy WHERE status = 'in_repair'),"
    " (SELECT count(*) FROM copy WHERE status = 'lost'),"
    " (SELECT count(*) FROM notice WHERE status = 'failed'),"
    " (SELECT count(*) FROM loan l JOIN account a ON a.id = l.account_id WHERE l.returned_at IS NULL"
    "   AND a.status IN ('disabled', 'closed', 'rejected'))"
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number and its trend. `before` is the number of the span before, None where nothing is compared;
    `trend` has a point a week (by its last day), oldest first; `detail` says more in words."""

    key: str
    label: str
    value: int
    before: int | None
    trend: tuple[tuple[date, int], ...]
    detail: str


@dataclass(frozen=True, slots=True)
class BusyTitle:
    """A title and its loans of the last 90 days."""

    title_id: int
    title: str
    loans: int


@dataclass(frozen=True, slots=True)
class Alert:
    """A sentence about what needs attention; `page` is the address under which it is dealt with."""

    code: str
    sentence: str
    count: int
    page: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What an admin sees first. `measures` come in this order: loans, returns, active members, overdue, new members,
    copies; `loans_per_day` holds 90 days, oldest first, with whether the library was open."""

    measures: tuple[Measure, ...]
    busiest: tuple[BusyTitle, ...]
    loans_per_day: tuple[tuple[date, int, bool], ...]
    alerts: tuple[Alert, ...]


def overview(uow: UnitOfWork) -> Overview:
    """The library at a glance; spans are the last 28 days and the 28 before."""
    uow.require(Permission.READ_REPORTS)
    today = uow.today
    first = today - timedelta(days=max(CHART_DAYS, 7 * WEEKS) - 1)
    issued = counts.issued(uow, first, today)
    return Overview(
        (
            _flow("loans", "Loans", issued, today, "in the last 28 days"),
            _flow("returns", "Returns", counts.returned(uow, first, today), today, "in the last 28 days"),
            _active(uow, today),
            _overdue(uow, today),
            _flow("new-members", "New members", counts.joined(uow, first), today, "in the last 28 days"),
            _copies(uow, today, first),
        ),
        _busiest(uow, today),
        _per_day(uow, issued, today),
        _alerts(uow, today),
    )


def _flow(key: str, label: str, days: Mapping[date, int], today: date, detail: str) -> Measure:
    trend = tuple((end, _sum(days, end, 7)) for end in counts.week_ends(today, WEEKS))
    now, before = _sum(days, today, SPAN_DAYS), _sum(days, today - timedelta(days=SPAN_DAYS), SPAN_DAYS)
    return Measure(key, label, now, before, trend, detail)


def _sum(days: Mapping[date, int], end: date, span: int) -> int:
    return sum(days.get(end - timedelta(days=back), 0) for back in range(span))


def _active(uow: UnitOfWork, today: date) -> Measure:
    ends = counts.week_ends(today, WEEKS)
    trend = tuple((end, counts.readers(uow, end - timedelta(days=6), end)) for end in ends)
    middle = today - timedelta(days=SPAN_DAYS)
    now = counts.readers(uow, middle + timedelta(days=1), today)
    before = counts.readers(uow, middle - timedelta(days=SPAN_DAYS - 1), middle)
    return Measure("active-members", "Active members", now, before, trend, "borrowed in the last 28 days")


def _overdue(uow: UnitOfWork, today: date) -> Measure:
    ends = counts.week_ends(today, WEEKS)
    numbers = counts.overdue_on(uow, [today - timedelta(days=SPAN_DAYS), *ends])
    return Measure("overdue", "Overdue", numbers[-1], numbers[0], tuple(zip(ends, numbers[1:], strict=True)), "today")


def _copies(uow: UnitOfWork, today: date, first: date) -> Measure:
    titles, copies = counts.stock(uow)
    added = counts.copies_added(uow, first)
    trend = tuple((end, copies - _after(added, end)) for end in counts.week_ends(today, WEEKS))
    before = copies - _after(added, today - timedelta(days=SPAN_DAYS))
    return Measure("copies", "Copies", copies, before, trend, f"of {titles:,} title{'s' if titles != 1 else ''}")


def _after(days: Mapping[date, int], end: date) -> int:
    return sum(count for day, count in days.items() if day > end)


def _busiest(uow: UnitOfWork, today: date) -> tuple[BusyTitle, ...]:
    since = today - timedelta(days=CHART_DAYS - 1)
    return tuple(BusyTitle(*row) for row in _BUSIEST.rows(uow.connection, since=since, most=BUSIEST))


def _per_day(uow: UnitOfWork, issued: Mapping[date, int], today: date) -> tuple[tuple[date, int, bool], ...]:
    calendar = calendar_of(uow)
    days = (today - timedelta(days=back) for back in range(CHART_DAYS - 1, -1, -1))
    return tuple((day, issued.get(day, 0), calendar.is_open(day)) for day in days)


_SENTENCES: tuple[tuple[str, str, str, str], ...] = (
    ("pending", "One registration waits for approval.", "{n} registrations wait for approval.", "registrations"),
    ("long-overdue", "One loan is more than four weeks overdue.", "{n} loans are more than four weeks overdue.",
     "overdue"),
    ("in-repair", "One copy is in repair.", "{n} copies are in repair.", "repairs"),
    ("lost", "One copy is marked as lost.", "{n} copies are marked as lost.", "missing"),
    ("failed-notices", "One message could not be delivered.", "{n} messages could not be delivered.", "mailbox"),
    (
        "loans-of-closed", "One copy is on loan to an account that may not borrow any more.",
        "{n} copies are on loan to accounts that may not borrow any more.", "members",
    ),
)  # fmt: skip


def _alerts(uow: UnitOfWork, today: date) -> tuple[Alert, ...]:
    long_ago = today - timedelta(days=LONG_OVERDUE_DAYS)
    found: tuple[Any, ...] = _ALERTS.row(uow.connection, long_ago=long_ago)
    return tuple(
        Alert(code, one if count == 1 else many.format(n=f"{count:,}"), count, page)
        for count, (code, one, many, page) in zip(found, _SENTENCES, strict=True)
        if count
    )
