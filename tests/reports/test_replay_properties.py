"""Whatever the calendar, the policy and the loans: columns give what the rules of lending give loan by loan."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.circulation import policy
from lib.circulation.calendar import OpenDays
from lib.circulation.decision import decide_issue
from lib.circulation.policy import DEFAULTS, EffectiveRule, Line, due_day, effective_rule
from lib.circulation.settings import CirculationSettings, ClosedDayMode
from lib.circulation.situation import Borrower, Item, OpenLoan, Terms
from lib.reports.replay import DEBT, LIMIT, OVERDUE, Behaviour, Ground, Hands, Rules, fines
from tests.reports.replay_steps import TODAY, days, ground, loans_of, rules_of, run

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
