"""On which days the library is open: pure arithmetic on local dates."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
HORIZON_DAYS = 366


@dataclass(frozen=True, slots=True)
class OpenDays:
    """Weekly and yearly closed days, and single days (True: open) that beat both.

    `weekdays` counts from 0, Monday; `yearly` holds (month, day). `since` names, for a weekday or (month, day), the
    first day on which that pattern holds; a pattern without one always did. Without anything every day is open.
    """

    weekdays: frozenset[int] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()
    days: Mapping[date, bool] = field(default_factory=dict)
    since: Mapping[int | tuple[int, int], date] = field(default_factory=dict)
    _singles: list[date] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_singles", sorted(self.days))

    def is_open(self, day: date) -> bool:
        """Whether somebody can bring a book on this day."""
        single = self.days.get(day)
        return self._by_pattern(day) if single is None else single

    def _by_pattern(self, day: date) -> bool:
        weekday, feast = day.weekday(), (day.month, day.day)
        closed = weekday in self.weekdays and self._holds(weekday, day)
        return not closed and not (feast in self.yearly and self._holds(feast, day))

    def _holds(self, pattern: int | tuple[int, int], day: date) -> bool:
        since = self.since.get(pattern)
        return since is None or since <= day

    def next_open(self, day: date) -> date:
        """The first open day from this one on; the day itself where none comes within a year."""
        return self._search(day, ONE_DAY) or day

    def previous_open(self, day: date) -> date:
        """The last open day up to this one; the day itself where there was none within a year."""
        return self._search(day, -ONE_DAY) or day

    def _search(self, start: date, step: timedelta) -> date | None:
        day = start
        for _ in range(HORIZON_DAYS):
            if self.is_open(day):
                return day
            day += step
        return None

    def never_opens(self, today: date) -> bool:
        """Whether the patterns alone, or with the single days, leave no open day in the coming year."""
        patterns = OpenDays(self.weekdays, self.yearly)  # as they will hold one day
        return any(days._search(today, ONE_DAY) is None for days in (patterns, self))

    def open_between(self, after: date, until: date) -> int:
        """How many open days lie after `after`, up to and including `until`."""
        span = (until - after).days
        if span <= 0:
            return 0
        closed = sum(_times(weekday, self._start(weekday, after), until) for weekday in self.weekdays)
        closed += sum(
            1
            for year in range(after.year, until.year + 1) if self.yearly
            for month, day in self.yearly
            if (found := _date(year, month, day)) and after < found <= until and self._closed_by_feast(found)
        )  # fmt: skip
        for day in self._singles[bisect_right(self._singles, after) : bisect_right(self._singles, until)]:
            closed += int(self._by_pattern(day)) - int(self.days[day])
        return span - closed

    def _start(self, pattern: int, after: date) -> date:
        since = self.since.get(pattern)
        return after if since is None else max(after, since - ONE_DAY)

    def _closed_by_feast(self, day: date) -> bool:
        """A feast that closes this day, which its weekday has not closed anyway."""
        weekly = day.weekday() in self.weekdays and self._holds(day.weekday(), day)
        return not weekly and self._holds((day.month, day.day), day)

    def after_open_days(self, start: date, count: int) -> date:
        """The day on which `count` open days have passed since `start`, not counting `start`."""
        day = start
        for _ in range(count):
            day = self.next_open(day + ONE_DAY)
        return day

    def missed_until(self, today: date) -> date:
        """The latest due day that counts as missed today.

        Who is due on a closed day may still come on the next open one, so a loan is overdue when some
        open day from its due day on has passed.
        """
        return self.previous_open(today - ONE_DAY)

    def days_late(self, due_on: date, day: date) -> int:
        """Overdue days on `day`: the open days after the due day (rolled to an open day) up to and including it."""
        return self.open_between(self.next_open(due_on), day) if day > due_on else 0


def _times(weekday: int, after: date, until: date) -> int:
    """How often a weekday falls on the days after a date, up to and including another."""
    span = (until - after).days
    first = (weekday - after.weekday() - 1) % 7 + 1
    return 0 if first > span else (span - first) // 7 + 1


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
