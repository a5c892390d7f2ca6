"""Columns of loans give what the rules of lending give loan by loan."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.circulation import policy
from lib.circulation.calendar import OpenDays
from lib.circulation.decision import decide_issue
from lib.circulation.policy import DEFAULTS, EffectiveRule, Line, due_day, effective_rule
from lib.circulation.settings import CirculationSettings, ClosedDayMode
from lib.circulation.situation import Borrower, Item, OpenLoan, Terms
from lib.reports.replay import (
    DEBT,
    LIMIT,
    NEVER,
    NO_PRICE,
    OVERDUE,
    Behaviour,
    Ground,
    Hands,
    Loans,
    Replayed,
    Rules,
    fines,
    replayed,
)
from lib.reports.replay_sums import FEWEST, Outcome, hidden

TODAY = date(2026, 3, 10)
SUNDAYS = OpenDays(frozenset({6}))
ROLL = ClosedDayMode.ROLL


def loans_of(*rows: dict[str, Any]) -> Loans:
    """Columns from rows that name only what matters; days as dates."""
    usual: dict[str, Any] = {
        "issued": date(2026, 1, 5), "due": date(2026, 1, 26), "ended": None, "renewals": 0, "loan_days": 21,
        "account": 1, "type_id": 1, "kind_id": 1, "price": None, "membership_ends": None, "claimed": None,
        "imported": False, "counted": True, "tried": True,
    }  # fmt: skip
    table = [usual | row for row in rows]
    for row in table:
        row["stands"] = min(row["ended"] or TODAY, row["claimed"] or TODAY, TODAY)
    missing = {"ended": NEVER, "membership_ends": NEVER, "claimed": NEVER, "price": NO_PRICE}

    def number(name: str, value: Any) -> Any:
        if value is None:
            return missing[name]
        return value.toordinal() if isinstance(value, date) else value

    columns = {
        name: np.array(
            [number(name, row[name]) for row in table], bool if name in ("imported", "counted", "tried") else np.int64
        )
        for name in Loans.__dataclass_fields__
    }
    return Loans(**columns)


def rules_of(*lines: Line, **values: int) -> Rules:
    return Rules([Line(None, None, dict(DEFAULTS) | values), *lines])


def ground(calendar: OpenDays = OpenDays(), mode: ClosedDayMode = ROLL, **given: bool) -> Ground:
    return Ground(calendar, mode, TODAY.toordinal(), **given)


def run(loans: Loans, rules: Rules, on: Ground | None = None, behaviour: Behaviour = Behaviour.AS_THEY_DID) -> Replayed:
    return replayed(loans, rules, on or ground(), behaviour)


def days(values: Any) -> list[date | None]:
    return [None if value == NEVER else date.fromordinal(value) for value in values.tolist()]


JAN = {day: date(2026, 1, day) for day in range(1, 32)}
FEB = {day: date(2026, 2, day) for day in range(1, 29)}
DUE = [
    # what the loan was,                                        rules,                              due
    ({}, {"loan_days": 28}, FEB[2]),
    ({}, {"loan_days": 14}, JAN[19]),
    ({}, {}, JAN[26]),
    ({"renewals": 1, "due": FEB[16]}, {"loan_days": 28}, date(2026, 3, 2)),  # renewed once: two periods
    ({"renewals": 2, "due": date(2026, 3, 9)}, {"max_renewals": 1}, FEB[16]),  # the second is not allowed any more
    ({"renewals": 1, "due": FEB[20]}, {"loan_days": 28}, date(2026, 3, 6)),  # four days by a late renewal: again
    ({"due": JAN[28]}, {}, JAN[28]),  # moved by hand, same rules: as it was
    ({"due": JAN[19], "imported": True}, {}, JAN[26]),  # made under other rules elsewhere
    ({"membership_ends": JAN[30]}, {"loan_days": 28}, JAN[30]),
    ({"membership_ends": JAN[20]}, {"loan_days": 28}, FEB[2]),  # ended before it was due: not the cap of that time
    ({"due": date(2026, 2, 16), "renewals": 2000}, {"loan_days": 1, "max_renewals": 3}, JAN[9]),
]  # fmt: skip


@pytest.mark.parametrize(("was", "values", "due"), DUE)
def test_a_loan_would_have_been_due(was: dict[str, Any], values: dict[str, int], due: date) -> None:
    assert days(run(loans_of(was), rules_of(**values)).due) == [due]


def test_a_membership_caps_nothing_where_the_library_does_not_want_it() -> None:
    loans = loans_of({"membership_ends": JAN[30]})
    assert days(run(loans, rules_of(loan_days=28), ground(caps_due=False)).due) == [FEB[2]]


RETURNS = [
    # returned, new period, in proportion
    (JAN[26], 42, FEB[16]),  # on the day
    (JAN[15], 42, JAN[25] + timedelta(days=1)),  # 10 of 21 days; 20 of 42 is a Sunday, so Monday
    (FEB[2], 42, date(2026, 3, 2)),  # a third of the period late
    (JAN[5], 42, JAN[5]),  # the same day
    (JAN[26], 21, JAN[26]),
    (FEB[23], 42, None),  # would come back after today
    (None, 42, None),
]


@pytest.mark.parametrize(("ended", "period", "then"), RETURNS)
def test_readers_return_in_proportion_to_the_new_period(ended: date | None, period: int, then: date | None) -> None:
    outcome = run(loans_of({"ended": ended}), rules_of(loan_days=period), ground(SUNDAYS), Behaviour.IN_PROPORTION)
    assert days(outcome.ended) == [then]


def test_readers_return_as_they_did_unless_told_otherwise() -> None:
    assert days(run(loans_of({"ended": JAN[20]}), rules_of(loan_days=7)).ended) == [JAN[20]]


FINES = [
    # what the loan was,                        rules,                                             late, fine
    ({"ended": FEB[24]}, {"fine_per_day": 100, "fine_cap": 10**6}, 29, 2900),
    ({"ended": FEB[24]}, {"fine_per_day": 100}, 29, 500),
    ({"ended": FEB[24], "price": 300}, {"fine_per_day": 100}, 29, 300),
    ({"ended": JAN[27]}, {"fine_per_day": 100}, 1, 0),
    ({"ended": JAN[28]}, {"fine_per_day": 100, "fine_cap": 10**6}, 2, 200),
    ({"ended": JAN[26]}, {"fine_per_day": 100}, 0, 0),
    ({"ended": None}, {"grace_days": 43}, 43, 0),  # still out today
    ({"ended": None}, {"grace_days": 42, "fine_per_day": 1}, 43, 43),
    ({"ended": None, "claimed": JAN[30]}, {"fine_per_day": 1}, 4, 4),  # stands still since they said so
    ({"renewals": 2, "due": date(2026, 3, 9), "ended": FEB[20]}, {"max_renewals": 1, "fine_per_day": 1}, 4, 4),
]


@pytest.mark.parametrize(("was", "values", "late", "fine"), FINES)
def test_a_loan_would_have_cost(was: dict[str, Any], values: dict[str, int], late: int, fine: int) -> None:
    outcome = run(loans_of(was), rules_of(**values))
    assert (outcome.late.tolist(), outcome.fine.tolist()) == ([late], [fine])


def test_renewals_that_are_no_longer_allowed_are_counted() -> None:
    loans = loans_of({"renewals": 3}, {"renewals": 1}, {"renewals": 0})
    assert run(loans, rules_of(max_renewals=1)).renewals_lost.tolist() == [2, 0, 0]


_day = st.dates(date(2024, 1, 1), date(2026, 3, 1))
_calendars = st.builds(
    OpenDays,
    st.frozensets(st.integers(0, 6), max_size=4),
    st.frozensets(st.tuples(st.integers(1, 12), st.integers(1, 28)), max_size=5),
    st.dictionaries(_day, st.booleans(), max_size=5),
)
_values = st.fixed_dictionaries(
    {},
    optional={
        "loan_days": st.integers(1, 90), "max_renewals": st.integers(0, 3), "fine_per_day": st.integers(0, 300),
        "grace_days": st.integers(0, 20), "fine_cap": st.integers(0, 2000), "max_loans": st.integers(0, 4),
        "debt_block": st.integers(0, 1500),
    },
)  # fmt: skip
_lines = st.lists(
    st.builds(Line, st.none() | st.integers(1, 3), st.none() | st.integers(1, 3), _values), max_size=4
).map(lambda lines: [Line(None, None, DEFAULTS), *lines])


@st.composite
def _loan(draw: st.DrawFn) -> dict[str, Any]:
    issued = draw(_day)
    return {
        "issued": issued, "due": issued + timedelta(days=draw(st.integers(0, 120))),
        "ended": draw(st.none() | st.integers(0, 200).map(lambda n: min(issued + timedelta(days=n), TODAY))),
        "renewals": draw(st.integers(0, 4)), "loan_days": draw(st.integers(1, 60)), "account": draw(st.integers(0, 3)),
        "type_id": draw(st.integers(0, 3)), "kind_id": draw(st.integers(1, 3)),
        "price": draw(st.none() | st.integers(0, 3000)),
        "membership_ends": draw(st.none() | _day),
        "claimed": draw(st.none() | st.integers(0, 150).map(lambda n: min(issued + timedelta(days=n), TODAY))),
        "imported": draw(st.booleans()),
    }  # fmt: skip


_modes = st.sampled_from(ClosedDayMode)


@given(st.lists(st.tuples(*[st.integers(0, 900), *[st.integers(0, 500)] * 3]), min_size=1))
def test_fines_of_a_column_are_the_fines_of_each(rows: Sequence[tuple[int, int, int, int]]) -> None:
    late, per_day, grace, cap = (np.array(one, np.int64) for one in zip(*rows, strict=True))
    by_hand = [policy.fine(a, per_day=b, grace_days=c, cap=d) for a, b, c, d in rows]
    assert fines(late, per_day, grace, cap).tolist() == by_hand


@given(_calendars, _modes, st.lists(st.tuples(_day, st.integers(0, 400)), min_size=1))
def test_due_days_and_lateness_of_a_column_are_those_of_each(
    calendar: OpenDays, mode: ClosedDayMode, rows: Sequence[tuple[date, int]]
) -> None:
    on = ground(calendar, mode)
    start, span = np.array([row[0].toordinal() for row in rows]), np.array([row[1] for row in rows])
    assert days(on.due(start, span)) == [due_day(day, n, calendar, mode) for day, n in rows]
    late = on.days_late(start, start + span - 3)
    assert late.tolist() == [calendar.days_late(day, day + timedelta(days=n - 3)) for day, n in rows]
    for day, n in rows:
        ends, due = day + timedelta(days=n // 2), due_day(day, n, calendar, mode)
        cut = on.capped(*(np.array([one.toordinal()]) for one in (day, due, ends)))
        assert days(cut) == [due_day(day, n, calendar, mode, membership_ends_on=ends)]


def _alone(loan: dict[str, Any], lines: list[Line], on: Ground) -> tuple[date, int, int]:
    """Due day, overdue days and fine of one loan, straight from the rules; readers return as they did."""
    rule = effective_rule(lines, loan["type_id"] or None, loan["kind_id"])
    due = _due_alone(loan, rule, on)
    last = min(loan["ended"] or TODAY, loan["claimed"] or TODAY, TODAY)
    late = on.calendar.days_late(due, last)
    cap = policy.fine_cap(rule.fine_cap, loan["price"])
    return due, late, policy.fine(late, per_day=rule.fine_per_day, grace_days=rule.grace_days, cap=cap)


def _due_alone(loan: dict[str, Any], rule: EffectiveRule, on: Ground) -> date:
    allowed = min(loan["renewals"], rule.max_renewals)
    due, old = loan["issued"], loan["issued"]
    for _ in range(allowed + 1):
        due = due_day(due, rule.loan_days, on.calendar, on.mode)
    for _ in range(loan["renewals"] + 1):
        old = due_day(old, loan["loan_days"], on.calendar, on.mode)
    if not loan["imported"] and allowed == loan["renewals"]:
        beside = loan["due"] - old
        if rule.loan_days == loan["loan_days"]:
            due = loan["due"]
        elif beside:
            due = due_day(max(loan["issued"], due + beside), 0, on.calendar, on.mode)
    ends = loan["membership_ends"]
    if ends is None or ends < loan["due"] or due <= ends:
        return due
    capped = ends if on.mode is ClosedDayMode.IGNORE else on.calendar.previous_open(ends)
    return max(loan["issued"], capped)


@settings(deadline=None)
@given(_calendars, _modes, _lines, st.lists(_loan(), min_size=1, max_size=12))
def test_a_replay_of_many_loans_is_the_replay_of_each(
    calendar: OpenDays, mode: ClosedDayMode, lines: list[Line], rows: list[dict[str, Any]]
) -> None:
    on = ground(calendar, mode)
    outcome = run(loans_of(*rows), Rules(lines), on)
    found = list(zip(days(outcome.due), outcome.late.tolist(), outcome.fine.tolist(), strict=True))
    assert found == [_alone(row, lines, on) for row in rows]


@settings(deadline=None)
@given(_calendars, _modes, st.lists(_loan(), min_size=1, max_size=8), st.sampled_from(Behaviour))
def test_the_numbers_a_loan_was_made_under_change_nothing(
    calendar: OpenDays, mode: ClosedDayMode, rows: list[dict[str, Any]], behaviour: Behaviour
) -> None:
    loans = loans_of(*[row | {"imported": False, "loan_days": 21, "renewals": 1} for row in rows])
    outcome = run(loans, rules_of(max_renewals=1), ground(calendar, mode), behaviour)
    assert outcome.due.tolist() == loans.due.tolist()
    assert outcome.ended.tolist() == loans.ended.tolist()


_CODES = {"limit-reached": LIMIT, "owes-too-much": DEBT, "has-overdue": OVERDUE}


def _decided(rows: list[dict[str, Any]], lines: list[Line], on: Ground) -> list[int]:
    """What the one decision of lending says of each loan, given what its reader had at home then."""
    at_home: dict[int, list[tuple[dict[str, Any], OpenLoan]]] = {}
    found = []
    for number, row in enumerate(rows, 1):
        account, day = row["account"], row["issued"]
        rule = effective_rule(lines, row["type_id"] or None, row["kind_id"])
        due = _due_alone(row, rule, on)
        held = [one for one in at_home.get(account, []) if one[0]["ended"] is None or one[0]["ended"] > day]
        borrower = Borrower(account, "", "active", None, None, row["type_id"], None, tuple(one[1] for one in held))
        item = Item(number, "", number, "", row["kind_id"], "available", None, "", "")
        terms = Terms(day, on.calendar, CirculationSettings(overdue_blocks=on.overdue_blocks), rule, "EUR", "en")
        codes = {reason.code for reason in decide_issue(borrower, item, terms).reasons}
        against = sum(_CODES.get(code, 0) for code in codes)
        found.append(against if account else 0)
        if account and not against:
            cap = policy.fine_cap(rule.fine_cap, row["price"])
            loan = OpenLoan(number, number, "", row["kind_id"], due, rule.fine_per_day, rule.grace_days, cap, 0)
            held.append((row, loan))
        at_home[account] = held
    return found


@settings(deadline=None)
@given(_calendars, _lines, st.lists(_loan(), min_size=1, max_size=15), st.booleans())
def test_a_loan_is_refused_as_the_desk_would_refuse_it(
    calendar: OpenDays, lines: list[Line], rows: list[dict[str, Any]], overdue_blocks: bool
) -> None:
    on = ground(calendar, overdue_blocks=overdue_blocks)
    ordered = sorted((row | {"claimed": None} for row in rows), key=lambda row: row["issued"])
    loans, rules = loans_of(*ordered), Rules(lines)
    assert Hands(rules, on).lend(loans, run(loans, rules, on)).tolist() == _decided(ordered, lines, on)


def refusals(rules: Rules, *rows: dict[str, Any]) -> list[int]:
    loans = loans_of(*rows)
    return Hands(rules, ground()).lend(loans, run(loans, rules)).tolist()


def test_a_refused_loan_does_not_count_afterwards() -> None:
    three = [{"issued": JAN[day], "due": JAN[day + 21], "ended": JAN[day + 5]} for day in (5, 6, 7)]
    assert refusals(rules_of(max_loans=1), *three) == [0, LIMIT, LIMIT]
    later = {"issued": JAN[10], "due": JAN[31]}  # what was lent on the 5th came back on the 10th
    assert refusals(rules_of(max_loans=1), *three, later) == [0, LIMIT, LIMIT, 0]


def test_a_loan_before_the_period_is_at_home_but_is_not_refused_itself() -> None:
    first = {"issued": JAN[5], "counted": False}
    assert refusals(rules_of(max_loans=1), first, first, {"issued": JAN[6]}) == [0, 0, LIMIT]


def test_a_limit_of_none_refuses_the_first_loan_too_and_the_unknown_are_never_refused() -> None:
    assert refusals(rules_of(max_loans=0), {}, {"account": 0}) == [LIMIT, 0]


def test_what_they_say_they_returned_blocks_nothing_and_costs_no_more() -> None:
    late = {"issued": JAN[5], "due": JAN[26], "claimed": JAN[28]}
    again = {"issued": FEB[20], "due": date(2026, 3, 13)}
    assert refusals(rules_of(debt_block=20), late, again) == [0, 0]
    assert refusals(rules_of(debt_block=19), late, again) == [0, DEBT]
    assert refusals(rules_of(debt_block=10**6), late | {"claimed": None}, again) == [0, OVERDUE]


def test_who_has_nothing_at_home_any_more_is_forgotten() -> None:
    hands = Hands(rules := rules_of(max_loans=1), ground())
    loans = loans_of({"ended": JAN[20]}, {"account": 2})
    hands.lend(loans, run(loans, rules))
    hands.forget(FEB[1].toordinal())
    assert list(hands._held) == [2]


HIDDEN = [
    # people of each group,            hidden
    ({1: 5, 2: 90}, set()),
    ({1: 4, 2: 90, 3: 50}, {1, 3}),  # alone, subtraction would tell it: the next smallest goes too
    ({1: 2, 2: 2, 3: 50}, {1, 2, 3}),  # four people together are still too few
    ({1: 2, 2: 3, 3: 50}, {1, 2}),
    ({1: 2}, {1}),
    ({}, set()),
]


@pytest.mark.parametrize(("people", "small"), HIDDEN)
def test_groups_under_five_people_are_not_shown_nor_to_be_found_out(people: dict[int, int], small: set[int]) -> None:
    assert hidden(people) == small
    assert FEWEST == 5


def test_a_mean_is_told_only_where_something_came_back() -> None:
    assert (Outcome().mean_days_out, Outcome().mean_wait) == (None, None)
    two = Outcome(closed=2, days_out=30, squares=10 * 10 + 20 * 20)
    assert (two.mean_days_out, two.mean_wait) == (15, 500 / 60)
