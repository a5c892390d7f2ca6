"""The stage on which the demo library's last weeks are played: its open days, who stands at the desk, and a script.

Every act goes through its use case, at the instant at which it happened and as whoever did it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random

from lib.access.actor import SYSTEM, Actor
from lib.access.permissions import Role
from lib.access.work import UnitOfWork
from lib.circulation.policy import EffectiveRule
from lib.ops.demo_library.lending import House, Reader

Act = Callable[[UnitOfWork], object]
OPENS, CLOSES = 9 * 60, 18 * 60
_WEEKS_SHOWN = 24  # open days


@dataclass(slots=True)
class Stage:
    """Acts are written down with `add` and played in the order of their times with `play`."""

    uow: UnitOfWork
    house: House
    chance: Random
    readers: list[Reader]
    star: Reader
    admin: Actor
    librarian: Actor
    days: list[date] = field(init=False)
    _script: list[tuple[datetime, int, Actor, Act]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.days = open_days(self.house, _WEEKS_SHOWN)

    def add(self, back: int, fraction: float, who: Actor, act: Act) -> None:
        """Writes an act down for the open day so many open days `back`; `fraction` is how much of the day has gone."""
        self._script.append((self.moment(back, fraction), len(self._script), who, act))

    def desk(self, back: int, fraction: float, act: Act) -> None:
        """Writes an act of the librarian down."""
        self.add(back, fraction, self.librarian, act)

    def night(self, back: int, act: Act) -> None:
        """Writes an act of the library itself down, before it opens."""
        self._script.append((self.house.at(self.days[back], 2 * 60), len(self._script), SYSTEM, act))

    def moment(self, back: int, fraction: float) -> datetime:
        """An instant while the library was open, never ahead."""
        start, end = self.house.at(self.days[back], OPENS), self.house.at(self.days[back], CLOSES)
        return start + (min(end, self.house.now) - start) * fraction

    def play(self) -> None:
        """Plays what was written down since the last time."""
        script, self._script = sorted(self._script, key=lambda line: line[:2]), []
        assert self.uow.session  # made here, so that every act shares it
        for moment, _, who, act in script:
            act(replace(self.uow, now=moment, actor=who))
        self.uow.flush()


def open_days(house: House, count: int) -> list[date]:
    """The last open days, newest first; today is one of them once it has been open for half an hour."""
    begun = house.at(house.today, OPENS + 30) <= house.now
    day = house.calendar.previous_open(house.today if begun else house.today - timedelta(days=1))
    days = [day]
    while len(days) < count:
        days.append(house.calendar.previous_open(days[-1] - timedelta(days=1)))
    return days


def member(reader: Reader) -> Actor:
    """A reader, acting."""
    return Actor(reader.account_id, Role.MEMBER)


def issue_day(house: House, rule: EffectiveRule, day: date, late: int) -> date:
    """When a loan was made that was due so many days before `day`; below nought it is due after it."""
    return house.calendar.previous_open(day - timedelta(days=rule.loan_days + late))
