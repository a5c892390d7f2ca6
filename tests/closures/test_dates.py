"""Due days as the clock on the library's wall tells them: closures, both clock changes, leap day and year end."""

from datetime import date, datetime
from typing import Any

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.circulation.calendar import OpenDays
from lib.circulation.closure_entries import calendar_of
from lib.kit.clock import end_of
from tests.builders import a_copy, a_librarian, a_member
from tests.circulation.steps import hand_in, issue, set_rule
from tests.closures.steps import (
    applied,
    choose,
    closing,
    due_days,
    every,
    on_the_shelf,
    set_clock,
    shelf_days,
)

BERLIN, ST_JOHNS, AUCKLAND = "Europe/Berlin", "America/St_Johns", "Pacific/Auckland"
SUNDAY = 6

# Zone; issued at (UTC) = at on the library's clock; loan days; closed on; due on; its last second, UTC.
DUE: list[tuple[str, tuple[int, ...], str, int, tuple[str, ...], str, str]] = [
    # Berlin: clocks forward on Sunday 29 March 2026, back on Sunday 25 October 2026
    (BERLIN, (2026, 3, 28, 22, 59), "28 March, 23:59", 1, (), "2026-03-29", "2026-03-29 21:59:59"),
    (BERLIN, (2026, 3, 28, 23, 1), "29 March, 00:01", 1, (), "2026-03-30", "2026-03-30 21:59:59"),
    (BERLIN, (2026, 3, 22, 12, 0), "22 March, 13:00", 7, ("2026-03-29",), "2026-03-30", "2026-03-30 21:59:59"),
    (BERLIN, (2026, 10, 24, 22, 1), "25 October, 00:01", 1, (), "2026-10-26", "2026-10-26 22:59:59"),
    (BERLIN, (2026, 10, 25, 22, 59), "25 October, 23:59", 1, ("2026-10-26",), "2026-10-27", "2026-10-27 22:59:59"),
    (BERLIN, (2028, 2, 28, 12, 0), "28 February, leap year", 1, (), "2028-02-29", "2028-02-29 22:59:59"),
    (BERLIN, (2028, 2, 8, 12, 0), "8 February, leap year", 21, ("2028-02-29",), "2028-03-01", "2028-03-01 22:59:59"),
    (BERLIN, (2027, 2, 7, 12, 0), "7 February, plain year", 21, ("2027-02-28",), "2027-03-01", "2027-03-01 22:59:59"),
    (BERLIN, (2026, 12, 31, 23, 30), "1 January 2027, 00:30", 7, (), "2027-01-08", "2027-01-08 22:59:59"),
    (BERLIN, (2026, 12, 11, 12, 0), "11 December", 21, ("2027-01-01",), "2027-01-02", "2027-01-02 22:59:59"),
    # St. John's: half an hour off; forward on Sunday 8 March 2026, back on Sunday 1 November 2026
    (ST_JOHNS, (2026, 3, 8, 3, 29), "7 March, 23:59", 1, (), "2026-03-08", "2026-03-09 02:29:59"),
    (ST_JOHNS, (2026, 3, 8, 3, 31), "8 March, 00:01", 1, (), "2026-03-09", "2026-03-10 02:29:59"),
    (ST_JOHNS, (2026, 3, 1, 12, 0), "1 March, 08:30", 7, ("2026-03-08",), "2026-03-09", "2026-03-10 02:29:59"),
    (ST_JOHNS, (2026, 11, 1, 2, 29), "31 October, 23:59", 1, ("2026-11-01",), "2026-11-02", "2026-11-03 03:29:59"),
    (ST_JOHNS, (2026, 11, 2, 3, 29), "1 November, 23:59", 1, (), "2026-11-02", "2026-11-03 03:29:59"),
    (ST_JOHNS, (2028, 3, 1, 3, 29), "29 February, 23:59", 1, (), "2028-03-01", "2028-03-02 03:29:59"),
    (ST_JOHNS, (2027, 1, 1, 3, 29), "31 December 2026, 23:59", 1, ("2027-01-01",), "2027-01-02", "2027-01-03 03:29:59"),
    # Auckland: ahead of UTC; back on Sunday 5 April 2026, forward on Sunday 27 September 2026
    (AUCKLAND, (2026, 4, 4, 10, 59), "4 April, 23:59", 1, (), "2026-04-05", "2026-04-05 11:59:59"),
    (AUCKLAND, (2026, 4, 4, 11, 1), "5 April, 00:01", 1, ("2026-04-06",), "2026-04-07", "2026-04-07 11:59:59"),
    (AUCKLAND, (2026, 9, 26, 12, 1), "27 September, 00:01", 1, (), "2026-09-28", "2026-09-28 10:59:59"),
    (AUCKLAND, (2026, 9, 6, 0, 0), "6 September, noon", 21, ("2026-09-27",), "2026-09-28", "2026-09-28 10:59:59"),
    (AUCKLAND, (2028, 2, 28, 11, 1), "29 February, 00:01", 1, ("2028-03-01",), "2028-03-02", "2028-03-02 10:59:59"),
    (AUCKLAND, (2026, 12, 30, 11, 1), "31 December, 00:01", 1, ("2027-01-01",), "2027-01-02", "2027-01-02 10:59:59"),
]  # fmt: skip


def _placed(library: Installation, zone: str, *at: int) -> None:
    set_clock(library, *at)
    choose(library, "library", time_zone=zone)


@pytest.mark.parametrize(("zone", "at", "on_the_wall", "days", "closed", "due_on", "last_second"), DUE)
def test_a_loan_is_due_on_the_librarys_day_whether_it_was_closed_before_or_after_the_issue(
    sqlite_library: Installation,
    zone: str,
    at: tuple[int, ...],
    on_the_wall: str,
    days: int,
    closed: tuple[str, ...],
    due_on: str,
    last_second: str,
) -> None:
    _placed(sqlite_library, zone, *at)
    set_rule(sqlite_library, loan_days=days)
    desk, reader, due = a_librarian(sqlite_library), a_member(sqlite_library), date.fromisoformat(due_on)
    before = issue(sqlite_library, desk, a_copy(sqlite_library), reader)
    for day in closed:
        applied(sqlite_library, closing(date.fromisoformat(day)))
    after = issue(sqlite_library, desk, a_copy(sqlite_library), reader)
    assert due_days(sqlite_library) == [due, due], on_the_wall
    assert (before.due_on == due) is not bool(closed)
    assert after.due_on == due
    with begin_reading(sqlite_library, desk) as uow:
        assert calendar_of(uow).is_open(due)
        assert end_of(due, uow.zone).strftime("%Y-%m-%d %H:%M:%S") == last_second


# Zone; due on; brought back at (UTC) = on the library's clock; fine at 0.10 a day without grace, Sundays closed.
LATE: list[tuple[str, tuple[int, ...], tuple[int, ...], str, int]] = [
    (BERLIN, (2026, 3, 27, 11, 0), (2026, 3, 28, 22, 59), "Saturday 28 March, 23:59: the due day", 0),
    (BERLIN, (2026, 3, 27, 11, 0), (2026, 3, 28, 23, 1), "Sunday 29 March, 00:01: closed", 0),
    (BERLIN, (2026, 3, 27, 11, 0), (2026, 3, 29, 22, 1), "Monday 30 March, 00:01", 10),
    (BERLIN, (2026, 10, 23, 11, 0), (2026, 10, 25, 22, 59), "Sunday 25 October, 23:59: closed", 0),
    (BERLIN, (2026, 10, 23, 11, 0), (2026, 10, 25, 23, 1), "Monday 26 October, 00:01", 10),
    (ST_JOHNS, (2026, 3, 6, 15, 0), (2026, 3, 9, 2, 29), "Sunday 8 March, 23:59: closed", 0),
    (ST_JOHNS, (2026, 3, 6, 15, 0), (2026, 3, 9, 2, 31), "Monday 9 March, 00:01", 10),
    (ST_JOHNS, (2026, 12, 30, 15, 0), (2027, 1, 1, 3, 31), "Friday 1 January 2027, 00:01", 10),
    (AUCKLAND, (2026, 4, 3, 0, 0), (2026, 4, 5, 11, 59), "Sunday 5 April, 23:59: closed", 0),
    (AUCKLAND, (2026, 4, 3, 0, 0), (2026, 4, 5, 12, 1), "Monday 6 April, 00:01", 10),
    (AUCKLAND, (2028, 2, 26, 23, 0), (2028, 2, 29, 11, 1), "Wednesday 1 March 2028, 00:01, after leap day", 20),
]


@pytest.mark.parametrize(("zone", "issued", "returned", "on_the_wall", "fine"), LATE)
def test_overdue_days_are_the_librarys_open_days(
    sqlite_library: Installation,
    zone: str,
    issued: tuple[int, ...],
    returned: tuple[int, ...],
    on_the_wall: str,
    fine: int,
) -> None:
    _placed(sqlite_library, zone, *issued)
    set_rule(sqlite_library, loan_days=1, grace_days=0)
    desk, barcode = a_librarian(sqlite_library), a_copy(sqlite_library)
    issue(sqlite_library, desk, barcode, a_member(sqlite_library))
    applied(sqlite_library, every(SUNDAY))
    set_clock(sqlite_library, *returned)
    assert hand_in(sqlite_library, desk, barcode).fine_minor == fine, on_the_wall


# Zone; ready at (UTC); until; closed later; until then. The day of readiness is the library's.
READY: list[tuple[str, tuple[int, ...], str, str, str]] = [
    (BERLIN, (2026, 3, 28, 23, 1), "2026-04-05", "2026-03-29", "2026-04-05"),  # ready on the 29th itself
    (BERLIN, (2026, 3, 28, 22, 59), "2026-04-04", "2026-03-29", "2026-04-05"),  # ready on the 28th
    (ST_JOHNS, (2026, 11, 1, 2, 29), "2026-11-07", "2026-11-01", "2026-11-08"),
    (AUCKLAND, (2028, 2, 28, 11, 1), "2028-03-07", "2028-02-29", "2028-03-07"),
    (AUCKLAND, (2026, 12, 30, 10, 59), "2027-01-06", "2026-12-31", "2027-01-07"),
]


@pytest.mark.parametrize(("zone", "ready", "until", "closed", "new_until"), READY)
def test_the_days_on_the_hold_shelf_are_the_librarys_too(
    sqlite_library: Installation, zone: str, ready: tuple[int, ...], until: str, closed: str, new_until: str
) -> None:
    _placed(sqlite_library, zone, *ready)
    on_the_shelf(sqlite_library, a_member(sqlite_library), date.fromisoformat(until))
    applied(sqlite_library, closing(date.fromisoformat(closed)))
    assert shelf_days(sqlite_library) == [date.fromisoformat(new_until)]


YEARLY_LEAP = OpenDays(yearly=frozenset({(2, 29), (12, 31), (1, 1)}))
ACROSS: list[tuple[OpenDays, str, str, int]] = [
    (YEARLY_LEAP, "2028-02-28", "2028-03-01", 1),
    (YEARLY_LEAP, "2027-02-28", "2027-03-01", 1),
    (YEARLY_LEAP, "2026-12-30", "2027-01-02", 1),
    (YEARLY_LEAP, "2027-12-30", "2028-03-01", 59),
    (OpenDays(), "2027-12-31", "2028-12-31", 366),
    (OpenDays(frozenset({6})), "2026-03-28", "2026-03-30", 1),
]


@pytest.mark.parametrize(("calendar", "after", "until", "count"), ACROSS)
def test_open_days_are_counted_across_leap_days_and_year_ends(
    calendar: OpenDays, after: str, until: str, count: int
) -> None:
    first, last = date.fromisoformat(after), date.fromisoformat(until)
    assert calendar.open_between(first, last) == count
    assert calendar.after_open_days(first, count) <= last
    assert calendar.after_open_days(first, count + 1) > last


def test_a_calendar_of_three_years_of_single_days_agrees_with_the_patterns_they_spell_out() -> None:
    days: dict[date, Any] = {
        day: False
        for number in range(date(2026, 1, 1).toordinal(), date(2029, 1, 1).toordinal())
        if (day := date.fromordinal(number)).weekday() == SUNDAY
    }
    singles, pattern = OpenDays(days=days), OpenDays(frozenset({SUNDAY}))
    for number in range(date(2026, 1, 1).toordinal(), date(2028, 12, 1).toordinal(), 13):
        day = datetime.fromordinal(number).date()
        assert singles.next_open(day) == pattern.next_open(day)
        assert singles.open_between(date(2026, 1, 1), day) == pattern.open_between(date(2026, 1, 1), day)
