"""The rules of lending as pure functions of values: which line counts, when a loan ends, what lateness costs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from lib.circulation.calendar import OpenDays
from lib.circulation.settings import ClosedDayMode

DEFAULTS: Mapping[str, int] = {
    "loan_days": 21, "max_loans": 5, "max_renewals": 2, "fine_per_day": 10, "grace_days": 1, "fine_cap": 500,
    "max_holds": 5, "hold_shelf_days": 7, "debt_block": 500,
}  # fmt: skip
VALUES = tuple(DEFAULTS)
LIMITS = ("max_loans", "max_holds")
BOUNDS: Mapping[str, tuple[int, int]] = {
    "loan_days": (1, 3650), "max_loans": (0, 10_000), "max_renewals": (0, 1000), "fine_per_day": (0, 10**9),
    "grace_days": (0, 365), "fine_cap": (0, 10**9), "max_holds": (0, 10_000), "hold_shelf_days": (1, 365),
    "debt_block": (0, 10**9),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the policy for (membership type × item kind); None means any. Unset values are left out."""

    type_id: int | None
    kind_id: int | None
    values: Mapping[str, int]
    label: str = "any × any"


@dataclass(frozen=True, slots=True)
class EffectiveRule:
    """The values in force for one membership type and item kind. Days, counts, and minor units.

    `lines` names the line each value came from; `per_kind` holds the values that a line for this very kind of
    item set. `apart`: of each limit, the kinds of item for which a line of their own sets it. `excepted`: the values
    that hold otherwise for one member.
    """

    loan_days: int
    max_loans: int
    max_renewals: int
    fine_per_day: int
    grace_days: int
    fine_cap: int
    max_holds: int
    hold_shelf_days: int
    debt_block: int
    lines: Mapping[str, str] = field(default_factory=dict)
    per_kind: frozenset[str] = frozenset()
    apart: Mapping[str, frozenset[int]] = field(default_factory=dict)
    excepted: frozenset[str] = frozenset()

    def counts(self, limit: str, wanted: int | None, kind_id: int) -> bool:
        """Whether a loan or hold of one kind counts towards a limit that was found for the kind `wanted`.

        A limit of that kind counts that kind alone, a general one all kinds without a limit of their own: so it does
        not matter in which order they are borrowed.
        """
        if wanted is not None and limit in self.per_kind:
            return kind_id == wanted
        return kind_id not in self.apart.get(limit, frozenset())


def effective_rule(lines: Iterable[Line], type_id: int | None, kind_id: int | None) -> EffectiveRule:
    """Finds each value by itself: type + kind, then type + any, any + kind, any + any."""
    known = tuple(lines)
    found = _setting(known, type_id, kind_id)
    values, labels = dict(DEFAULTS), dict.fromkeys(VALUES, "default")
    for name, line in found.items():
        values[name], labels[name] = line.values[name], line.label
    per_kind = frozenset(name for name, line in found.items() if line.kind_id is not None)
    apart = _apart(known, type_id)
    return EffectiveRule(**values, lines=labels, per_kind=per_kind, apart=apart, excepted=frozenset())


def _setting(lines: Iterable[Line], type_id: int | None, kind_id: int | None) -> dict[str, Line]:
    """The line that sets each value, for the values that a line sets."""
    fitting = [line for line in lines if line.type_id in (None, type_id) and line.kind_id in (None, kind_id)]
    fitting.sort(key=lambda line: (line.type_id is None, line.kind_id is None))
    found = {name: next((line for line in fitting if name in line.values), None) for name in VALUES}
    return {name: line for name, line in found.items() if line is not None}


def _apart(lines: Iterable[Line], type_id: int | None) -> dict[str, frozenset[int]]:
    """The kinds that a limit for them sets apart from the general one, of each limit."""
    known = tuple(lines)
    kinds = sorted({line.kind_id for line in known if line.kind_id is not None})
    found = {kind: _setting(known, type_id, kind) for kind in kinds}
    return {
        limit: frozenset(kind for kind in kinds if limit in found[kind] and found[kind][limit].kind_id is not None)
        for limit in LIMITS
    }


@dataclass(frozen=True, slots=True)
class DueSteps:
    """How a due date comes about: counted from `start`, rolled over closed days, cut to the membership's end.

    `counted` is where the days end, `rolled` the open day after it, `due_on` what holds. `capped_by` is the end of the
    membership where that came first, else None.
    """

    start: date
    days: int
    mode: ClosedDayMode
    counted: date
    rolled: date
    capped_by: date | None
    due_on: date


def due_day(
    start: date, days: int, calendar: OpenDays, mode: ClosedDayMode, *, membership_ends_on: date | None = None
) -> date:
    """The last day of a loan of `days` days that starts (or is renewed) on `start`.

    A date after the end of the membership is cut to it and rolls back to an open day, never before `start`.
    """
    return due_steps(start, days, calendar, mode, membership_ends_on=membership_ends_on).due_on


def due_steps(
    start: date, days: int, calendar: OpenDays, mode: ClosedDayMode, *, membership_ends_on: date | None = None
) -> DueSteps:
    """The steps that lead to `due_day`."""
    plain = start + timedelta(days=days)
    counted = calendar.after_open_days(start, days) if mode is ClosedDayMode.SKIP else plain
    rolled = calendar.next_open(plain) if mode is ClosedDayMode.ROLL else counted
    if membership_ends_on is None or rolled <= membership_ends_on:
        return DueSteps(start, days, mode, counted, rolled, None, rolled)
    capped = membership_ends_on if mode is ClosedDayMode.IGNORE else calendar.previous_open(membership_ends_on)
    return DueSteps(start, days, mode, counted, rolled, membership_ends_on, max(start, capped))


def fine(days_late: int, *, per_day: int, grace_days: int, cap: int) -> int:
    """What so many overdue open days cost: nothing within the grace, else every day, cut at the cap (minor units)."""
    return 0 if days_late <= grace_days else min(days_late * per_day, cap)


def fine_cap(cap: int, price_minor: int | None) -> int:
    """A fine never exceeds the price of the copy."""
    return cap if price_minor is None else min(cap, price_minor)
