"""Past loans under other rules: pure arithmetic on columns of many loans at once.

Due days, lateness and fines come from the functions that lend (`policy.due_day`, `OpenDays.days_late`,
`policy.effective_rule`): each is asked once for every different question, then spread over the column. Days are
ordinals (`date.toordinal`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from lib.circulation.calendar import OpenDays
from lib.circulation.policy import EffectiveRule, Line, due_day, effective_rule
from lib.circulation.settings import ClosedDayMode

Column = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
NEVER = 10**7  # later than every day there is
NO_PRICE = 10**15
MOST_RENEWALS = 50  # more than these count as these
_BASE = 1 << 22


class Behaviour(StrEnum):
    """What is assumed of readers: they return on the day they really did, or as early or late in proportion to the
    new period as they did to the old one, on the next open day."""

    AS_THEY_DID = "as they did"
    IN_PROPORTION = "in proportion"


@dataclass(frozen=True, slots=True)
class Loans:
    """Columns of loans in the order of issue.

    `ended`: the day of return, NEVER while it is out; `stands`: the day up to which lateness counts. `account` and
    `type_id` are 0 where the reader is no longer known; `price` is NO_PRICE, `membership_ends` and `claimed` NEVER
    where there is none. `imported`: the loan's own numbers are not those it was made under. `counted`: of the period.
    `tried`: proposed rules are tried on it; others stay under those that they are compared with.
    """

    issued: Column
    due: Column
    ended: Column
    stands: Column
    renewals: Column
    loan_days: Column
    account: Column
    type_id: Column
    kind_id: Column
    price: Column
    membership_ends: Column
    claimed: Column
    imported: Mask
    counted: Mask
    tried: Mask

    def __len__(self) -> int:
        return len(self.issued)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of each loan. Fines in minor units; `late` are overdue open days."""

    due: Column
    ended: Column
    late: Column
    fine: Column
    renewals_lost: Column


@dataclass(slots=True)
class Ground:
    """The calendar and the settings under which loans are replayed; remembers what it worked out."""

    calendar: OpenDays
    mode: ClosedDayMode
    today: int
    caps_due: bool = True
    overdue_blocks: bool = True
    _dues: dict[int, int] = field(default_factory=dict)
    _late: dict[int, int] = field(default_factory=dict)
    _missed: dict[int, int] = field(default_factory=dict)

    def due(self, start: Column, days: Column) -> Column:
        """`policy.due_day` of each start and number of days."""
        return _each(start * _BASE + days, self._dues, lambda key: self._due(*divmod(key, _BASE)))

    def _due(self, start: int, days: int) -> int:
        return due_day(date.fromordinal(start), days, self.calendar, self.mode).toordinal()

    def open_from(self, day: Column) -> Column:
        """Each day, or the next open one."""
        found, place = np.unique(day, return_inverse=True)
        opened = [self.calendar.next_open(date.fromordinal(one)).toordinal() for one in found.tolist()]
        return np.array(opened, np.int64)[place]

    def days_late(self, due: Column, day: Column) -> Column:
        """`OpenDays.days_late` of each due day and day."""
        found = np.zeros(len(due), np.int64)
        after = day > due
        found[after] = _each(due[after] * _BASE + day[after], self._late, lambda key: self.late_of(*divmod(key, _BASE)))
        return found

    def late_of(self, due: int, day: int) -> int:
        """The same for one."""
        return self.calendar.days_late(date.fromordinal(due), date.fromordinal(day))

    def missed_until(self, day: int) -> int:
        """`OpenDays.missed_until`, remembered."""
        if day not in self._missed:
            self._missed[day] = self.calendar.missed_until(date.fromordinal(day)).toordinal()
        return self._missed[day]

    def capped(self, start: Column, due: Column, ends: Column) -> Column:
        """Due days cut to the end of the membership as `policy.due_day` does it."""
        found = due.copy()
        mode = ClosedDayMode.IGNORE if self.mode is ClosedDayMode.IGNORE else ClosedDayMode.ROLL
        for place in np.flatnonzero(due > ends).tolist():
            first, span, last = int(start[place]), int(due[place] - start[place]), date.fromordinal(int(ends[place]))
            cut = due_day(date.fromordinal(first), span, self.calendar, mode, membership_ends_on=last)
            found[place] = cut.toordinal()
        return found


def _each(keys: Column, known: dict[int, int], work: Callable[[int], int]) -> Column:
    """The answer to each key, worked out once for every different one and remembered."""
    found, place = np.unique(keys, return_inverse=True)
    answers = np.empty(len(found), np.int64)
    for at, key in enumerate(found.tolist()):
        answer = known.get(key)
        if answer is None:
            answer = known[key] = work(key)
        answers[at] = answer
    return answers[place]


class Rules:
    """The rules that result from a set of lines, as columns of values; `untried` are those for loans on which these
    are not tried."""

    def __init__(self, lines: Iterable[Line], untried: "Rules | None" = None) -> None:
        self._lines = tuple(lines)
        self._untried = untried
        self._known: dict[tuple[int, int], EffectiveRule] = {}

    def of(self, type_id: int, kind_id: int, *, tried: bool = True) -> EffectiveRule:
        """The rule for a membership type (0: unknown) and a kind of item."""
        if self._untried is not None and not tried:
            return self._untried.of(type_id, kind_id)
        pair = (type_id, kind_id)
        if pair not in self._known:
            self._known[pair] = effective_rule(self._lines, type_id or None, kind_id)
        return self._known[pair]

    def columns(self, loans: Loans, names: Iterable[str]) -> dict[str, Column]:
        """Values of the rule of each loan."""
        keys = (loans.type_id * _BASE + loans.kind_id) * 2 + loans.tried
        found, place = np.unique(keys, return_inverse=True)
        rules = [self.of(*divmod(key // 2, _BASE), tried=bool(key % 2)) for key in found.tolist()]
        return {name: np.array([getattr(rule, name) for rule in rules], np.int64)[place] for name in names}


def fines(late: Column, per_day: Column, grace: Column, cap: Column) -> Column:
    """`policy.fine` of each loan."""
    return np.where(late <= grace, 0, np.minimum(late * per_day, cap))


def replayed(loans: Loans, rules: Rules, ground: Ground, behaviour: Behaviour) -> Replayed:
    """The loans as they would have been under these rules, each looked at by itself."""
    values = rules.columns(loans, ("loan_days", "max_renewals", "fine_per_day", "grace_days", "fine_cap"))
    had = np.minimum(loans.renewals, MOST_RENEWALS)
    allowed = np.minimum(had, values["max_renewals"])
    due = _new_due(loans, values["loan_days"], had, allowed, ground)
    ended = loans.ended if behaviour is Behaviour.AS_THEY_DID else _in_proportion(loans, due, ground)
    moved = ended != loans.ended
    late = ground.days_late(due, np.where(moved, np.minimum(ended, ground.today), loans.stands))
    cap = np.minimum(values["fine_cap"], loans.price)
    fine = fines(late, values["fine_per_day"], values["grace_days"], cap)
    return Replayed(due, ended, late, fine, loans.renewals - np.minimum(loans.renewals, values["max_renewals"]))


def _new_due(loans: Loans, days: Column, had: Column, allowed: Column, ground: Ground) -> Column:
    """Due days under other periods. What a late renewal, a closure or a hand had moved is moved as far again."""
    new = _chain(loans.issued, days, allowed, ground)
    old = _chain(loans.issued, loans.loan_days, had, ground)
    beside = np.where(loans.imported | (allowed != had), 0, loans.due - old)
    aside = np.flatnonzero(beside)
    new[aside] = ground.due(np.maximum(loans.issued[aside], (new + beside)[aside]), np.zeros(len(aside), np.int64))
    as_it_was = ~loans.imported & (allowed == had) & (days == loans.loan_days)
    new = np.where(as_it_was, loans.due, new)
    if not ground.caps_due:
        return new
    # A membership that ended before the loan was due is no cap of that time: it was renewed or shortened since.
    return ground.capped(loans.issued, new, np.where(loans.membership_ends < loans.due, NEVER, loans.membership_ends))


def _chain(start: Column, days: Column, renewals: Column, ground: Ground) -> Column:
    """The due day after so many renewals, each counted from the due day before it."""
    due = ground.due(start, days)
    for turn in range(1, int(renewals.max(initial=0)) + 1):
        again = np.flatnonzero(renewals >= turn)
        due[again] = ground.due(due[again], days[again])
    return due


def _in_proportion(loans: Loans, due: Column, ground: Ground) -> Column:
    """Days of return moved with the period; what would come back after today is still out."""
    moved = np.flatnonzero((due != loans.due) & (loans.ended < NEVER))
    ended = loans.ended.copy()
    span = np.maximum(loans.due[moved] - loans.issued[moved], 1)
    kept = (loans.ended[moved] - loans.issued[moved]) * (due[moved] - loans.issued[moved])
    back = ground.open_from(loans.issued[moved] + (2 * kept + span) // (2 * span))
    ended[moved] = np.where(back > ground.today, NEVER, back)
    return ended


LIMIT, DEBT, OVERDUE = 1, 2, 4
_Held = tuple[int, int, int, int, EffectiveRule, int]  # ended, due, kind, claimed, rule, highest fine


class Hands:
    """What readers have at home, loan by loan in the order of issue, and which loan the rules would have refused.

    A refused loan does not count afterwards. Fines count while the copy is out, as paid when it comes back; what
    comes back on a day is back before anything is lent on it.
    """

    def __init__(self, rules: Rules, ground: Ground) -> None:
        self._rules, self._ground = rules, ground
        self._held: dict[int, list[_Held]] = {}

    def lend(self, loans: Loans, outcome: Replayed) -> Column:
        """For each loan the reasons against it as a sum of LIMIT, DEBT, OVERDUE; 0: none. Loans before the period
        and those of readers no longer known are not refused."""
        found = np.zeros(len(loans), np.int64)
        rows = zip(
            loans.account.tolist(), loans.type_id.tolist(), loans.kind_id.tolist(), loans.issued.tolist(),
            loans.counted.tolist(), outcome.ended.tolist(), outcome.due.tolist(), loans.claimed.tolist(),
            loans.price.tolist(), loans.tried.tolist(), strict=True,
        )  # fmt: skip
        for place, (account, type_id, kind, day, counted, ended, due, claimed, price, tried) in enumerate(rows):
            if not account:
                continue
            rule = self._rules.of(type_id, kind, tried=tried)
            held = self._held.get(account)
            if held:
                held[:] = [one for one in held if one[0] > day]
                if counted and (against := self._against(held, rule, kind, day)):
                    found[place] = against
                    continue
            elif rule.max_loans == 0 and counted:
                found[place] = LIMIT
                continue
            if ended > day:
                one = (ended, due, kind, claimed, rule, min(rule.fine_cap, price))
                self._held.setdefault(account, []).append(one)
        return found

    def _against(self, held: list[_Held], rule: EffectiveRule, kind: int, day: int) -> int:
        many = sum(1 for one in held if rule.counts("max_loans", kind, one[2]))
        against = LIMIT if many >= rule.max_loans else 0
        late = [one for one in held if one[1] < day]
        if not late:
            return against
        if sum(self._owed(one, day) for one in late) > rule.debt_block:
            against |= DEBT
        missed = self._ground.missed_until(day)
        if self._ground.overdue_blocks and any(one[1] <= missed and one[3] == NEVER for one in late):
            against |= OVERDUE
        return against

    def _owed(self, one: _Held, day: int) -> int:
        _, due, _, claimed, rule, cap = one
        last = min(day, claimed)
        late = self._ground.late_of(due, last) if last > due else 0
        return 0 if late <= rule.grace_days else min(late * rule.fine_per_day, cap)

    def forget(self, day: int) -> None:
        """Drops who has nothing at home that is still out on this day."""
        still = {who: kept for who, held in self._held.items() if (kept := [one for one in held if one[0] > day])}
        self._held = still


def column(values: Iterable[Any], missing: int) -> Column:
    """Numbers as a column; None becomes `missing`."""
    return np.array([missing if value is None else value for value in values], np.int64)


def day_column(values: Iterable[Any], missing: int = NEVER) -> Column:
    """Days as databases give them ("2026-03-10" or a date) as ordinals; None becomes `missing`."""
    days = np.array(list(values), "datetime64[D]")
    found = days.astype(np.int64) + date(1970, 1, 1).toordinal()
    return np.where(np.isnat(days), missing, found)
