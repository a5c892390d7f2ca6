"""What loans would have been under other rules: due days, returns, fines, and who would have been refused."""

from datetime import date, timedelta
from typing import Any

import pytest

from lib.reports.replay import DEBT, LIMIT, OVERDUE, Behaviour, Hands, Rules
from lib.reports.replay_sums import FEWEST, Outcome, hidden
from tests.reports.replay_steps import FEB, JAN, SUNDAYS, days, ground, loans_of, rules_of, run

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
