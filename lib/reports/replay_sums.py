"""What a replay adds up to: by membership type and by month, with small groups kept out of sight."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import numpy as np

from lib.reports.replay import DEBT, LIMIT, NEVER, OVERDUE, Column, Loans, Replayed

FEWEST = 5  # people; smaller groups are not shown
WIDEST = 60  # days a due date moves; further ones are counted here


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a group of loans in one world. Fines in minor units, `days_…` in days.

    `later`, `earlier`: due dates that differ from those under the rules in force now. `closed`: loans that came back,
    `days_out` how long they were away together and `squares` those days squared. `refused`: loans that would not have
    been made, by reason in `limit`, `debt`, `late_loans` (several may hold); `refused_fines` is what those loans cost.
    """

    loans: int = 0
    overdue: int = 0
    fines: int = 0
    fined: int = 0
    later: int = 0
    earlier: int = 0
    days_later: int = 0
    days_earlier: int = 0
    renewals: int = 0
    renewals_lost: int = 0
    closed: int = 0
    days_out: int = 0
    squares: int = 0
    refused: int = 0
    limit: int = 0
    debt: int = 0
    late_loans: int = 0
    refused_fines: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(*(getattr(self, name) + getattr(other, name) for name in MEASURES))

    @property
    def mean_days_out(self) -> float | None:
        """How long a copy that came back was away, in days."""
        return self.days_out / self.closed if self.closed else None

    @property
    def mean_wait(self) -> float | None:
        """How long somebody waits, in days, who asks on any day for a copy that is out: half the mean of the squared
        days out over their mean, since long loans are met more often."""
        return self.squares / (2 * self.days_out) if self.days_out else None


MEASURES = tuple(one.name for one in fields(Outcome))


@dataclass(frozen=True, slots=True)
class Group:
    """One group of readers or of loans. `key` is the membership type's id or the month's first day, None for all that
    is too small to be shown. `people`: known readers; `touched`: those for whom the proposed rules change a due
    date, a fine, a renewal or a refusal against the rules in force now, None where there are fewer than five."""

    key: int | date | None
    people: int
    touched: int | None
    recorded: Outcome
    current: Outcome
    proposed: Outcome


@dataclass(slots=True)
class Tally:
    """Sums of a replay as it goes on; people are kept by number alone, to be counted."""

    sums: dict[tuple[Any, Any], list[Outcome]] = field(default_factory=dict)
    readers: dict[Any, set[int]] = field(default_factory=dict)
    changed: dict[Any, set[int]] = field(default_factory=dict)
    unknown: dict[Any, int] = field(default_factory=dict)
    shifts: dict[int, int] = field(default_factory=dict)

    def add(self, loans: Loans, worlds: Sequence[tuple[Replayed, Column]]) -> None:
        """Adds the counted loans: what really was, under the rules in force, as proposed; with what was refused."""
        mine = np.flatnonzero(loans.counted)
        if not len(mine):
            return
        measured = [_measures(loans, outcome, against, worlds[1][0].due) for outcome, against in worlds]
        months = _month_of(loans.issued)
        pairs, place = np.unique(np.stack((months[mine], loans.type_id[mine])), axis=1, return_inverse=True)
        found = [
            [np.bincount(place, column[mine], minlength=pairs.shape[1]).astype(np.int64) for column in columns]
            for columns in measured
        ]
        for at, (month, type_id) in enumerate(pairs.T.tolist()):
            key = (_first_of(month), type_id)
            new = [Outcome(*(int(column[at]) for column in columns)) for columns in found]
            self.sums[key] = [a + b for a, b in zip(self.sums.get(key, [Outcome()] * 3), new, strict=True)]
        self._people(loans, mine, months, measured)

    def _people(self, loans: Loans, mine: Column, months: Column, measured: list[list[Column]]) -> None:
        changed = np.zeros(len(loans), np.bool_)
        for name in ("later", "earlier", "fines", "renewals_lost", "refused"):
            at = MEASURES.index(name)
            changed |= measured[2][at] != measured[1][at]
        shift = measured[2][MEASURES.index("days_later")] - measured[2][MEASURES.index("days_earlier")]
        days, counts = np.unique(np.clip(shift[mine], -WIDEST, WIDEST), return_counts=True)
        for day, count in zip(days.tolist(), counts.tolist(), strict=True):
            self.shifts[day] = self.shifts.get(day, 0) + count
        known, nobody = mine[loans.account[mine] > 0], mine[loans.account[mine] == 0]
        for key in (*loans.type_id[nobody].tolist(), *map(_first_of, months[nobody].tolist())):
            self.unknown[key] = self.unknown.get(key, 0) + 1
        for kept, which in ((self.readers, known), (self.changed, known[changed[known]])):
            _note(kept, loans.type_id[which], loans.account[which], int)
            _note(kept, months[which], loans.account[which], _first_of)

    def by_type(self) -> tuple[Group, ...]:
        """Groups by membership type, small ones as one, the largest first."""
        return _groups(self, 1)

    def by_month(self) -> tuple[Group, ...]:
        """Groups by month of issue, small ones as one, the earliest first."""
        return tuple(sorted(_groups(self, 0), key=lambda group: group.key or date.max))

    @property
    def people(self) -> int:
        """Known readers of the period."""
        return len(set().union(*self.readers.values()))

    @property
    def heads(self) -> int:
        """Known readers, and the loans of which nobody knows whose they were."""
        return self.people + self.unknown.get(0, 0)

    def whole(self) -> list[Outcome]:
        """All loans of the period in each world."""
        return _together(self.sums.values())


def _measures(loans: Loans, outcome: Replayed, against: Column, now: Column) -> list[Column]:
    """The columns of `Outcome`, in its order; `now` are the due days under the rules in force now."""
    shift = outcome.due - now
    one = np.ones(len(loans), np.int64)
    closed = (outcome.ended < NEVER).astype(np.int64)
    out = (outcome.ended - loans.issued) * closed
    refused = (against > 0).astype(np.int64)
    return [
        one, (outcome.late > 0) * one, outcome.fine, (outcome.fine > 0) * one, (shift > 0) * one, (shift < 0) * one,
        np.maximum(shift, 0), np.maximum(-shift, 0), loans.renewals - outcome.renewals_lost, outcome.renewals_lost,
        closed, out, out * out, refused, (against & LIMIT > 0) * one, (against & DEBT > 0) * one,
        (against & OVERDUE > 0) * one, outcome.fine * refused,
    ]  # fmt: skip


def _month_of(days: Column) -> Column:
    """Months counted from January 1970."""
    found: Column = (
        (days - date(1970, 1, 1).toordinal()).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    )
    return found


def _first_of(month: int) -> date:
    return date(1970 + month // 12, month % 12 + 1, 1)


def _note(kept: dict[Any, set[int]], keys: Column, people: Column, name: Any) -> None:
    for key in np.unique(keys).tolist():
        kept.setdefault(name(key), set()).update(np.unique(people[keys == key]).tolist())


def _together(rows: Iterable[list[Outcome]]) -> list[Outcome]:
    found = [Outcome()] * 3
    for row in rows:
        found = [a + b for a, b in zip(found, row, strict=True)]
    return found


def _groups(tally: Tally, place: int) -> tuple[Group, ...]:
    keys = {pair[place] for pair in tally.sums}
    weights = {key: len(tally.readers.get(key, ())) + tally.unknown.get(key, 0) for key in keys}
    small = hidden(weights)
    shown = sorted(keys - small, key=lambda key: (-weights[key], str(key)))
    found = [_group(tally, place, key, {key}) for key in shown]
    return (*found, _group(tally, place, None, small)) if small else tuple(found)


def hidden(weights: Mapping[Any, int]) -> set[Any]:
    """The groups that are not shown by themselves: those under five people, and the smallest of the others as long as
    what is hidden could be found out by subtraction. `weights`: known readers, and loans of unknown ones."""
    small = {key for key, weight in weights.items() if weight < FEWEST}
    rest = sorted((key for key in weights if key not in small), key=lambda key: (weights[key], str(key)))
    while small and rest and (sum(weights[key] for key in small) < FEWEST or len(small) < 2):
        small.add(rest.pop(0))
    return small


def _group(tally: Tally, place: int, key: Any, members: set[Any]) -> Group:
    rows = _together(row for pair, row in tally.sums.items() if pair[place] in members)
    people = len(set().union(*(tally.readers.get(one, set()) for one in members)))
    touched = len(set().union(*(tally.changed.get(one, set()) for one in members)))
    return Group(key, people, touched if touched >= FEWEST or not touched else None, *rows)
