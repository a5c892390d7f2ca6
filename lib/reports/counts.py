"""Counts by day, straight from the rows through their indexes; a day is a day of the library."""

from datetime import date, timedelta
from typing import Any

from lib.access.work import UnitOfWork
from lib.circulation.closure_entries import calendar_of
from lib.kit.clock import day_of, start_of
from lib.kit.database import Statement
from lib.kit.tables import as_day, as_instant

_ISSUED = Statement(
    "SELECT issued_on, count(*) FROM loan WHERE issued_on >= :since AND issued_on <= :until AND undone_at IS NULL"
    " GROUP BY issued_on"
)
_RETURNED = Statement(
    "SELECT returned_on, count(*) FROM loan WHERE returned_on >= :since AND returned_on <= :until"
    " AND undone_at IS NULL GROUP BY returned_on"
)
_READERS = Statement(
    "SELECT count(DISTINCT account_id) FROM loan WHERE issued_on >= :since AND issued_on <= :until"
    " AND undone_at IS NULL"
)
_LATE_NOW = Statement(
    "SELECT due_on, count(*) FROM loan WHERE returned_at IS NULL AND due_on <= :until GROUP BY due_on"
)
_CAME_LATE = Statement(
    "SELECT due_on, returned_on, count(*) FROM loan WHERE returned_on > :since AND due_on < returned_on"
    " AND undone_at IS NULL GROUP BY due_on, returned_on"
)
_JOINED = Statement("SELECT registered_at FROM account WHERE registered_at >= :since AND role = 'member'")
_ADDED = Statement(
    "SELECT added_at, count(*) FROM copy WHERE added_at >= :since AND status <> 'withdrawn' GROUP BY added_at"
)
_STOCK = Statement(
    "SELECT (SELECT count(*) FROM title WHERE archived_at IS NULL),"
    " (SELECT count(*) FROM copy WHERE status <> 'withdrawn')"
)


def issued(uow: UnitOfWork, since: date, until: date) -> dict[date, int]:
    """Loans made on each day."""
    return _by_day(_ISSUED.rows(uow.connection, since=since, until=until))


def returned(uow: UnitOfWork, since: date, until: date) -> dict[date, int]:
    """Copies that came back on each day."""
    return _by_day(_RETURNED.rows(uow.connection, since=since, until=until))


def _by_day(rows: list[Any]) -> dict[date, int]:
    return {day: count for value, count in rows if (day := as_day(value)) is not None}


def readers(uow: UnitOfWork, since: date, until: date) -> int:
    """How many members borrowed something in this time; those who keep no history do not count once it is cut."""
    return int(_READERS.row(uow.connection, since=since, until=until)[0])


def joined(uow: UnitOfWork, since: date) -> dict[date, int]:
    """New members on each day."""
    rows = _JOINED.rows(uow.connection, since=start_of(since, uow.zone))
    return _instants(uow, [(row[0], 1) for row in rows])


def copies_added(uow: UnitOfWork, since: date) -> dict[date, int]:
    """Copies that came on each day and are still here."""
    return _instants(uow, _ADDED.rows(uow.connection, since=start_of(since, uow.zone)))


def _instants(uow: UnitOfWork, rows: list[Any]) -> dict[date, int]:
    found: dict[date, int] = {}
    for value, count in rows:
        instant = as_instant(value)
        assert instant is not None
        day = day_of(instant, uow.zone)
        found[day] = found.get(day, 0) + count
    return found


def overdue_on(uow: UnitOfWork, days: list[date]) -> list[int]:
    """How many loans were overdue on each of these days: past their due day, with an open day to bring them missed."""
    missed = calendar_of(uow).missed_until
    now = _by_day(_LATE_NOW.rows(uow.connection, until=missed(max(days))))
    rows = _CAME_LATE.rows(uow.connection, since=min(days))
    past = [(as_day(due), as_day(back), count) for due, back, count in rows]
    return [
        sum(count for due, count in now.items() if due <= missed(day))
        + sum(count for due, back, count in past if due and back and due <= missed(day) and day < back)
        for day in days
    ]


def stock(uow: UnitOfWork) -> tuple[int, int]:
    """Titles and copies in the library, archived and withdrawn ones left out."""
    titles, copies = _STOCK.row(uow.connection)
    return int(titles), int(copies)


def week_ends(today: date, weeks: int) -> list[date]:
    """The last day of each of the last `weeks` spans of seven days, ending today; oldest first."""
    return [today - timedelta(days=7 * back) for back in range(weeks - 1, -1, -1)]
