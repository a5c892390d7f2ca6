"""Two years of loans in the demo library: seasons, favourites, renewals, latecomers. The same for the same day."""

from bisect import bisect
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from lib.circulation.bulk import PastLoan
from lib.circulation.calendar import OpenDays
from lib.circulation.policy import EffectiveRule, due_day, fine, fine_cap
from lib.circulation.settings import ClosedDayMode
from lib.ops.demo_library.stock import Shelved

DAYS = 730
A_DAY = 6.4  # loans on an ordinary day
_SEASONS = (1.15, 1.1, 1.05, 0.95, 0.85, 0.8, 0.9, 0.75, 1.0, 1.15, 1.25, 1.05)
_WEEKDAYS = (0.9, 0.95, 1.05, 0.95, 1.1, 1.5, 0.4)
_OPEN_HOURS = (9, 18)
_TRIES = 12
_FORGOTTEN_DAYS = 40


@dataclass(slots=True)
class Reader:
    """A member who borrows; `rule` holds for them; `until`: borrows no more after that day."""

    account_id: int
    language: str
    is_child: bool
    since: date
    keenness: float
    rule: EffectiveRule
    until: date
    out: list[tuple[date, int]] = field(default_factory=list)  # (back on, title) of what they have


@dataclass(frozen=True, slots=True)
class House:
    """The library's days: today, the instant it is, its zone and its calendar."""

    today: date
    now: datetime
    zone: ZoneInfo
    calendar: OpenDays

    def at(self, day: date, minute: int) -> datetime:
        """A minute of a local day, as UTC."""
        moment = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=self.zone)
        return moment.astimezone(UTC)

    def due(self, start: date, days: int) -> date:
        """When a loan of so many days ends."""
        return due_day(start, days, self.calendar, ClosedDayMode.ROLL)


class Years:
    """The simulation. Copies in `kept` are lent to nobody."""

    def __init__(self, house: House, readers: list[Reader], shelves: list[Shelved], kept: set[int], chance: Random):
        self.house, self.readers, self.shelves, self.chance = house, readers, shelves, chance
        self.free_from = {copy: shelf.since for shelf in shelves for copy in shelf.copies if copy not in kept}
        self._keen = list(accumulate(reader.keenness for reader in readers))
        weights = [shelf.fame**2.2 for shelf in shelves]
        self._for = {
            (language, child): list(accumulate(
                weight * (9 if shelf.language == language != "en" else 1 if shelf.language == "en" else 0.12)
                * (6 if shelf.for_children == child and child else 1)
                for weight, shelf in zip(weights, shelves, strict=True)
            ))
            for language, child in {(reader.language, reader.is_child) for reader in readers}
        }  # fmt: skip

    def run(self) -> list[PastLoan]:
        """Every loan, in the order in which they were made."""
        loans: list[PastLoan] = []
        for ago in range(DAYS, -1, -1):
            day = self.house.today - timedelta(days=ago)
            if not self.house.calendar.is_open(day):
                continue
            busy = A_DAY * _SEASONS[day.month - 1] * _WEEKDAYS[day.weekday()]
            count = max(0, round(self.chance.gauss(busy, busy**0.5)))
            first, last = (60 * hour for hour in _OPEN_HOURS)
            for minute in sorted(self.chance.randrange(first, last) for _ in range(count)):
                if loan := self._lend(day, minute):
                    loans.append(loan)
        return loans

    def _lend(self, day: date, minute: int) -> PastLoan | None:
        issued = self.house.at(day, minute)
        reader = self._pick_reader(day)
        if reader is None or issued > self.house.now:
            return None
        found = self._pick_copy(reader, day)
        if found is None:
            return None
        shelf, copy_id = found
        return self._loan(reader, shelf, copy_id, issued, day)

    def _pick_reader(self, day: date) -> Reader | None:
        for _ in range(_TRIES):
            at = bisect(self._keen, self.chance.random() * self._keen[-1])
            reader = self.readers[min(at, len(self.readers) - 1)]
            reader.out = [entry for entry in reader.out if entry[0] >= day]
            if reader.since <= day <= reader.until and len(reader.out) < min(reader.rule.max_loans, 6):
                return reader
        return None

    def _pick_copy(self, reader: Reader, day: date) -> tuple[Shelved, int] | None:
        weights = self._for[reader.language, reader.is_child]
        for _ in range(_TRIES):
            shelf = self.shelves[min(bisect(weights, self.chance.random() * weights[-1]), len(self.shelves) - 1)]
            if any(title == shelf.title_id for _, title in reader.out):
                continue
            copy = next((copy for copy in shelf.copies if self.free_from.get(copy, date.max) < day), None)
            if copy is not None:
                return shelf, copy
        return None

    def _loan(self, reader: Reader, shelf: Shelved, copy_id: int, issued: datetime, day: date) -> PastLoan:
        house, rule = self.house, reader.rule
        due, renewals = house.due(day, rule.loan_days), 0
        while renewals < rule.max_renewals and self.chance.random() < 0.16 and due < house.today:
            due, renewals = house.due(due, rule.loan_days), renewals + 1
        late = self.chance.random() < 0.07
        if timedelta(1) < house.today - due < timedelta(_FORGOTTEN_DAYS) and self.chance.random() < 0.045:
            return self._keep(reader, shelf, copy_id, issued, due, renewals)
        wanted = due + timedelta(days=1 + int(self.chance.expovariate(1 / 7))) if late else (
            due - timedelta(days=int(abs(self.chance.gauss(0, rule.loan_days * 0.35))))
        )  # fmt: skip
        back = house.calendar.next_open(max(wanted, day + timedelta(days=1)))
        returned = house.at(back, self.chance.randrange(9 * 60, 18 * 60))
        if returned > house.now:
            return self._keep(reader, shelf, copy_id, issued, due, renewals)
        reader.out.append((back, shelf.title_id))
        self.free_from[copy_id] = back
        owed = fine(
            house.calendar.days_late(due, back), per_day=rule.fine_per_day, grace_days=rule.grace_days,
            cap=fine_cap(rule.fine_cap, 500),
        )  # fmt: skip
        return PastLoan(copy_id, reader.account_id, issued, due, returned, renewals, owed)

    def _keep(
        self, reader: Reader, shelf: Shelved, copy_id: int, issued: datetime, due: date, renewals: int
    ) -> PastLoan:  # fmt: skip
        """A loan that is still out."""
        reader.out.append((date.max, shelf.title_id))
        self.free_from[copy_id] = date.max
        return PastLoan(copy_id, reader.account_id, issued, due, None, renewals)
