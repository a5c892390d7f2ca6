"""Days of a library across daylight-saving changes, leap days, and year ends, in several zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.kit.clock import SetClock, SystemClock, day_of, end_of, start_of

ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham", "UTC"]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Paris", date(2026, 3, 29), 23),
        ("Europe/Paris", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Asia/Kathmandu", date(2026, 3, 29), 24),
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(zone: str, day: date, hours: float) -> None:
    place = ZoneInfo(zone)
    assert start_of(day + timedelta(days=1), place) - start_of(day, place) == timedelta(hours=hours)
    assert end_of(day, place) == start_of(day + timedelta(days=1), place) - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("zone", "day", "last_second"),
    [
        ("Europe/Paris", date(2026, 5, 3), "2026-05-03T21:59:59+00:00"),
        ("Europe/Paris", date(2026, 1, 3), "2026-01-03T22:59:59+00:00"),
        ("America/Los_Angeles", date(2026, 12, 31), "2027-01-01T07:59:59+00:00"),
        ("Pacific/Kiritimati", date(2028, 2, 29), "2028-02-29T09:59:59+00:00"),
    ],
)
def test_a_loan_ends_with_the_last_second_of_its_day(zone: str, day: date, last_second: str) -> None:
    assert end_of(day, ZoneInfo(zone)).isoformat() == last_second


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from(ZONES))
def test_both_ends_of_a_day_lie_in_that_day(day: date, zone: str) -> None:
    place = ZoneInfo(zone)
    assert day_of(start_of(day, place), place) == day
    assert day_of(end_of(day, place), place) == day
    assert day_of(end_of(day, place) + timedelta(seconds=1), place) == day + timedelta(days=1)


def test_one_instant_is_another_day_elsewhere() -> None:
    instant = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    assert day_of(instant, ZoneInfo("America/New_York")) == date(2026, 3, 10)
    assert day_of(instant, ZoneInfo("Asia/Tokyo")) == date(2026, 3, 11)


def test_the_machines_clock_tells_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_set_clock_stands_until_it_is_moved() -> None:
    clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.now() == clock.now()
    clock.forward(timedelta(days=1))
    assert clock.now() == datetime(2026, 1, 2, tzinfo=UTC)
