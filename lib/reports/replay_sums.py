"""What a replay adds up to: by membership type and by month, with small groups kept out of sight.

Every figure is a sum over the same cells, a month of issue and one or more membership types, each of five people or
more, whatever is asked: so no two answers differ by one person's loans. See docs/decisions/0018-small-groups.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import numpy as np

from lib.reports.replay import DEBT, LIMIT, NEVER, OVERDUE, Column, Loans, Mask, Replayed

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
    """One group of readers or of loans. `key` is the membership type's id or the month's first day, None for what of
    the types is too small in its month to be shown. `people`: known readers; `touched`: those for whom the proposed
    rules change a due date, a fine, a renewal or a refusal against the rules in force now, None where there are fewer
    than five."""

    key: int | date | None
    people: int
    touched: int | None
    recorded: Outcome
    current: Outcome
    proposed: Outcome


Cell = tuple[date, int]  # the first day of the month of issue, the membership type's id


@dataclass(slots=True)
class Tally:
    """Sums of a replay as it goes on, by cell; people are kept by number alone, to be counted."""

    sums: dict[Cell, list[Outcome]] = field(default_factory=dict)
    readers: dict[Cell, set[int]] = field(default_factory=dict)
    changed: dict[Cell, set[int]] = field(default_factory=dict)
    unknown: dict[Cell, int] = field(default_factory=dict)
    not_tried: dict[Cell, int] = field(default_factory=dict)
    moves: dict[date, dict[int, int]] = field(default_factory=dict)

    def add(self, loans: Loans, worlds: Sequence[tuple[Replayed, Column]]) -> None:
        """Adds the counted loans: what really was, under the rules in force, as proposed; with what was refused."""
        mine = np.flatnonzero(loans.counted)
        if not len(mine):
            return
        measured = [_measures(loans, outcome, against, worlds[1][0].due) for outcome, against in worlds]
        months = month_of(loans.issued)
        pairs, place = np.unique(np.stack((months[mine], loans.type_id[mine])), axis=1, return_inverse=True)
        found = [
            [np.bincount(place, column[mine], minlength=pairs.shape[1]).astype(np.int64) for column in columns]
            for columns in measured
        ]
        changed, shift = _changed(measured), _shift(measured[2])
        for at, (month, type_id) in enumerate(pairs.T.tolist()):
            cell = (_first_of(month), type_id)
            new = [Outcome(*(int(column[at]) for column in columns)) for columns in found]
            self.sums[cell] = [a + b for a, b in zip(self.sums.get(cell, [Outcome()] * 3), new, strict=True)]
            self._note(cell, loans, mine[place == at], changed, shift)

    def _note(self, cell: Cell, loans: Loans, its: Column, changed: Mask, shift: Column) -> None:
        known = its[loans.account[its] > 0]
        self.readers.setdefault(cell, set()).update(np.unique(loans.account[known]).tolist())
        self.changed.setdefault(cell, set()).update(np.unique(loans.account[known[changed[known]]]).tolist())
        self.unknown[cell] = self.unknown.get(cell, 0) + len(its) - len(known)
        self.not_tried[cell] = self.not_tried.get(cell, 0) + int((~loans.tried[its]).sum())
        moves = self.moves.setdefault(cell[0], {})
        days, counts = np.unique(shift[its], return_counts=True)
        for day, count in zip(days.tolist(), counts.tolist(), strict=True):
            moves[day] = moves.get(day, 0) + count

    def months(self) -> dict[date, dict[int, int]]:
        """The heads of each membership type in each month that has five or more: known readers, and the loans of which
        nobody knows whose they were. The other months count nowhere."""
        found: dict[date, dict[int, int]] = {}
        for month, type_id in self.sums:
            cell = (month, type_id)
            found.setdefault(month, {})[type_id] = len(self.readers[cell]) + self.unknown[cell]
        return {month: found[month] for month in sorted(found) if sum(found[month].values()) >= FEWEST}

    def left_out(self) -> tuple[date, ...]:
        """The months in which too few borrowed."""
        return tuple(sorted({month for month, _ in self.sums} - set(self.months())))

    def by_type(self) -> tuple[Group, ...]:
        """Groups by membership type, the largest first; in each month small ones as one, which comes last."""
        cells: dict[int | None, list[Cell]] = {}
        for month, heads in self.months().items():
            small = hidden(heads)
            for type_id in heads:
                cells.setdefault(None if type_id in small else type_id, []).append((month, type_id))
        found = [self._group(key, its) for key, its in cells.items()]
        return tuple(sorted(found, key=lambda group: (group.key is None, -group.people, str(group.key))))

    def by_month(self) -> tuple[Group, ...]:
        """Groups by month of issue, the earliest first."""
        return tuple(
            self._group(month, [(month, type_id) for type_id in heads]) for month, heads in self.months().items()
        )

    def whole(self) -> Group:
        """All loans of the months that count."""
        return self._group(None, [(month, type_id) for month, heads in self.months().items() for type_id in heads])

    def shifts(self) -> tuple[tuple[int, int], ...]:
        """How many due dates move by how many days."""
        found: dict[int, int] = {}
        for month in self.months():
            for days, count in self.moves[month].items():
                found[days] = found.get(days, 0) + count
        return tuple(sorted(found.items()))

    def untried(self) -> int:
        """Loans on which the proposed rules were not tried."""
        months = self.months()
        return sum(count for (month, _), count in self.not_tried.items() if month in months)

    def _group(self, key: int | date | None, cells: Sequence[Cell]) -> Group:
        people = len(set[int]().union(*(self.readers[cell] for cell in cells)))
        touched = len(set[int]().union(*(self.changed[cell] for cell in cells)))
        rows = _together(self.sums[cell] for cell in cells)
        return Group(key, people, touched if touched >= FEWEST or not touched else None, *rows)


def _changed(measured: Sequence[Sequence[Column]]) -> Mask:
    """Whose due date, fine, renewals or refusal differ between the proposed rules and those in force."""
    names = ("later", "earlier", "fines", "renewals_lost", "refused")
    differ = [measured[2][at] != measured[1][at] for at in map(MEASURES.index, names)]
    found: Mask = np.logical_or.reduce(differ)
    return found


def _shift(proposed: Sequence[Column]) -> Column:
    """By how many days each due date moves, further ones as the widest."""
    moved = proposed[MEASURES.index("days_later")] - proposed[MEASURES.index("days_earlier")]
    found: Column = np.clip(moved, -WIDEST, WIDEST)
    return found


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


def month_of(days: Column) -> Column:
    """Months counted from January 1970."""
    found: Column = (
        (days - date(1970, 1, 1).toordinal()).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    )
    return found


def _first_of(month: int) -> date:
    return date(1970 + month // 12, month % 12 + 1, 1)


def _together(rows: Iterable[list[Outcome]]) -> list[Outcome]:
    found = [Outcome()] * 3
    for row in rows:
        found = [a + b for a, b in zip(found, row, strict=True)]
    return found


def hidden(weights: Mapping[Any, int]) -> set[Any]:
    """The groups that are not shown by themselves: those under five people, and the smallest of the others as long as
    what is hidden could be found out by subtraction. `weights`: known readers, and loans of unknown ones."""
    small = {key for key, weight in weights.items() if weight < FEWEST}
    rest = sorted((key for key in weights if key not in small), key=lambda key: (weights[key], str(key)))
    while small and rest and (sum(weights[key] for key in small) < FEWEST or len(small) < 2):
        small.add(rest.pop(0))
    return small
