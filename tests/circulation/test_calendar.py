"""Open days and closed days, as tables a librarian can read. March 2026 begins on a Sunday."""

from datetime import date, timedelta

import pytest

from lib.circulation.calendar import HORIZON_DAYS, OpenDays

SUNDAYS = OpenDays(frozenset({6}))
WEEKENDS = OpenDays(frozenset({5, 6}))
FEAST = OpenDays(frozenset({6}), frozenset({(3, 17)}))  # Tuesday
LEAP = OpenDays(yearly=frozenset({(2, 29)}))
FAIR = OpenDays(frozenset({6}), days={date(2026, 3, 15): True, date(2026, 3, 16): False})  # an open Sunday, then shut
NEVER = OpenDays(frozenset(range(7)))
TODAY = date(2026, 3, 10)


def march(day: int) -> date:
    return date(2026, 2, 28) + timedelta(days=day)


NEXT = [
    # calendar, from the day of March, the next open day, the last open day
    (SUNDAYS, 14, 14, 14),
    (SUNDAYS, 15, 16, 14),
    (WEEKENDS, 14, 16, 13),
    (WEEKENDS, 15, 16, 13),
    (FEAST, 17, 18, 16),
    (FAIR, 15, 15, 15),
    (FAIR, 16, 17, 15),
    (FAIR, 22, 23, 21),
    (NEVER, 10, 10, 10),  # the day itself, where no other comes
]


@pytest.mark.parametrize(("calendar", "day", "later", "earlier"), NEXT)
def test_the_open_days_next_to_a_day(calendar: OpenDays, day: int, later: int, earlier: int) -> None:
    assert (calendar.next_open(march(day)), calendar.previous_open(march(day))) == (march(later), march(earlier))


def closed_for(days: int) -> OpenDays:
    """Shut from today on for so many days."""
    return OpenDays(days={TODAY + timedelta(days=number): False for number in range(days)})


def test_a_search_looks_a_year_ahead_and_no_further() -> None:
    assert HORIZON_DAYS == 366
    assert closed_for(365).next_open(TODAY) == TODAY + timedelta(days=365)
    assert closed_for(366).next_open(TODAY) == TODAY
    assert not closed_for(365).never_opens(TODAY)
    assert closed_for(366).never_opens(TODAY)


PASSED = [
    # calendar, lent on, open days, ends on
    (SUNDAYS, 10, 0, 10),
    (SUNDAYS, 10, 1, 11),
    (SUNDAYS, 13, 2, 16),
    (SUNDAYS, 10, 5, 16),
    (SUNDAYS, 15, 1, 16),  # lent on a closed day
    (FAIR, 13, 2, 15),
    (FAIR, 13, 3, 17),
    (WEEKENDS, 6, 6, 16),
]


@pytest.mark.parametrize(("calendar", "start", "days", "end"), PASSED)
def test_days_of_a_loan_that_skips_closed_days(calendar: OpenDays, start: int, days: int, end: int) -> None:
    assert calendar.after_open_days(march(start), days) == march(end)


BETWEEN = [
    # calendar, after, until, open days
    (SUNDAYS, 10, 10, 0),
    (SUNDAYS, 10, 9, 0),
    (SUNDAYS, 10, 11, 1),
    (SUNDAYS, 14, 15, 0),  # the Sunday itself
    (SUNDAYS, 15, 16, 1),
    (SUNDAYS, 8, 15, 6),
    (SUNDAYS, 8, 22, 12),
    (SUNDAYS, 7, 22, 12),
    (WEEKENDS, 1, 31, 22),
    (FEAST, 16, 17, 0),
    (FEAST, 17, 18, 1),  # the feast lies before
    (FEAST, 15, 22, 5),
    (OpenDays(yearly=frozenset({(3, 15)})), 14, 16, 1),
    (OpenDays(frozenset({6}), frozenset({(3, 15)})), 14, 16, 1),  # a feast on a Sunday is one closed day, not two
    (FAIR, 14, 17, 2),
    (FAIR, 15, 16, 0),
    (FAIR, 16, 17, 1),
    (FAIR, 13, 15, 2),
    (OpenDays(frozenset({6}), days={march(15): False, march(17): True}), 14, 18, 3),  # entries that say nothing new
]


@pytest.mark.parametrize(("calendar", "after", "until", "days"), BETWEEN)
def test_open_days_between_two_days(calendar: OpenDays, after: int, until: int, days: int) -> None:
    assert calendar.open_between(march(after), march(until)) == days


# March 2026: the 1st, 8th, 15th, 22nd and 29th are Sundays, the 17th is a Tuesday.
LATELY = OpenDays(frozenset({6}), frozenset({(3, 17), (3, 22)}), since={6: march(15), (3, 17): march(18)})
BEGUN = [
    # after, until, open days
    (1, 14, 13),  # no Sunday is closed yet
    (1, 15, 13),  # the first that is
    (14, 16, 1),
    (1, 31, 27),  # three Sundays; the feast of the 17th begins a year later, that of the 22nd falls on a Sunday
    (16, 17, 1),
]


@pytest.mark.parametrize(("after", "until", "days"), BEGUN)
def test_a_pattern_may_hold_from_a_day_on(after: int, until: int, days: int) -> None:
    assert LATELY.open_between(march(after), march(until)) == days
    assert sum(LATELY.is_open(march(day)) for day in range(after + 1, until + 1)) == days


def test_a_pattern_that_is_to_come_closes_its_first_day_and_none_before() -> None:
    assert [day for day in (8, 15, 17, 22) if LATELY.is_open(march(day))] == [8, 17]
    assert not LATELY.is_open(date(2027, 3, 17))
    assert LATELY.days_late(march(6), march(16)) == 9, "the 8th was open"
    early = OpenDays(frozenset({6}), frozenset({(3, 8)}), since={6: march(15)})
    assert early.open_between(march(7), march(9)) == 1, "a feast on a Sunday that is not closed for being one"
    assert OpenDays(frozenset(range(7)), since=dict.fromkeys(range(7), date(2030, 1, 1))).never_opens(march(1))


YEARS = [
    # closed every year on, after, until, open days
    ((12, 25), date(2025, 12, 24), date(2027, 12, 25), 728),  # three Christmases of 731 days
    ((12, 25), date(2025, 12, 25), date(2027, 12, 24), 728),  # one of 729 days
    ((2, 29), date(2024, 2, 28), date(2024, 3, 1), 1),
    ((2, 29), date(2025, 2, 28), date(2025, 3, 1), 1),  # no such day in that year
]


@pytest.mark.parametrize(("feast", "after", "until", "days"), YEARS)
def test_a_feast_is_closed_each_year_in_which_it_comes(
    feast: tuple[int, int], after: date, until: date, days: int
) -> None:
    assert OpenDays(yearly=frozenset({feast})).open_between(after, until) == days


def test_a_leap_day_is_closed_only_where_it_comes() -> None:
    assert not LEAP.is_open(date(2028, 2, 29))
    assert LEAP.is_open(date(2028, 2, 28))
    assert LEAP.next_open(date(2028, 2, 29)) == date(2028, 3, 1)


MISSED = [
    # today, calendar, the latest due day that was missed
    (10, SUNDAYS, 9),
    (16, SUNDAYS, 14),  # due on Sunday may still come today, on Monday
    (17, SUNDAYS, 16),
    (15, SUNDAYS, 14),
    (17, FAIR, 15),
]


@pytest.mark.parametrize(("today", "calendar", "missed"), MISSED)
def test_who_is_due_on_a_closed_day_may_come_on_the_next_open_one(today: int, calendar: OpenDays, missed: int) -> None:
    assert calendar.missed_until(march(today)) == march(missed)


LATE = [
    # due, day, calendar, overdue days
    (14, 14, SUNDAYS, 0),
    (14, 13, SUNDAYS, 0),
    (14, 15, SUNDAYS, 0),
    (14, 16, SUNDAYS, 1),
    (15, 16, SUNDAYS, 0),
    (15, 17, SUNDAYS, 1),
    (14, 17, FAIR, 2),
]


@pytest.mark.parametrize(("due", "day", "calendar", "late"), LATE)
def test_overdue_days_count_from_the_open_day_on_which_it_could_come(
    due: int, day: int, calendar: OpenDays, late: int
) -> None:
    assert calendar.days_late(march(due), march(day)) == late


def test_calendars_of_the_same_days_are_the_same_whatever_order_they_were_written_in() -> None:
    days = {march(16): False, march(9): True, march(20): False}
    written, reverse = OpenDays(days=days), OpenDays(days=dict(reversed(days.items())))
    assert written == reverse
    assert written.open_between(march(8), march(21)) == reverse.open_between(march(8), march(21)) == 11
    assert "_singles" not in repr(written)
