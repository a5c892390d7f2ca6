"""The one place that reads the clock; everything else is handed the time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Tells the present instant, always aware and in UTC."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class SetClock:
    """A clock that stands where it is put: for tests, demos and replays."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def forward(self, by: timedelta) -> None:
        """Moves the hands on by a time span."""
        self.at += by


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The library's calendar day in which an instant falls."""
    return instant.astimezone(zone).date()


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a local day (23:59:59), as UTC; right across daylight-saving changes."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=zone).astimezone(UTC)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Local midnight at which a day starts, as UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
