"""Every reason against a renewal word for word: what, how grave, the facts, and the way out."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from lib.circulation.decision import Decision, Reason
from lib.circulation.hold_policy import Claim
from lib.circulation.renewal_decision import Times, decide_renewal, most_renewals
from lib.circulation.situation import Exempt, Queue
from tests.circulation.reason_steps import BLOCKED, COPY, IMPOSSIBLE, READER, TERMS, TODAY, a_loan

USED = [
    # renewed, of, what is said
    (0, 0, "Loans of this kind are not renewed."),
    (1, 1, "It was renewed once already; no more renewals are left."),
    (2, 2, "It was renewed 2 times already; no more renewals are left."),
    (3, 2, "It was renewed 3 times already; no more renewals are left."),
]


@pytest.mark.parametrize(("renewed", "most", "text"), USED)
def test_what_is_said_when_no_renewal_is_left(renewed: int, most: int, text: str) -> None:
    loan = a_loan()
    facts: dict[str, Any] = {"rule": "max_renewals", "limit": most, "renewals": renewed}
    facts |= {"due_on": date(2026, 3, 17), "overdue": False}
    used = Reason("renewals-used", text, BLOCKED, facts, "Return the copy, then issue it anew.", "return")
    decision = decide_renewal(
        replace(READER, loans=(loan,)), replace(COPY, status="on_loan"), loan, Times(renewed, most, 21), TERMS
    )
    assert decision == Decision((used,), False, True, date(2026, 4, 7))


WAITED = [
    (1, 0, "Somebody else waits for “Dune”, and no other copy on the shelf can serve them."),
    (3, 1, "2 others wait for “Dune”, and no other copy on the shelf can serve them."),
]


@pytest.mark.parametrize(("waiting", "free", "text"), WAITED)
def test_what_is_said_when_somebody_waits_for_a_loan(waiting: int, free: int, text: str) -> None:
    loan = a_loan()
    facts = {"rule": "holds", "waiting": waiting - free, "free": free, "due_on": date(2026, 3, 17)}
    way_out = "Bring it back by 17 March 2026, then place a hold to have it again."
    claims, others = tuple(Claim(number) for number in range(waiting)), tuple(range(900, 900 + free))
    item = replace(COPY, status="on_loan", queue=Queue(waiting=waiting, claims=claims, free=others))
    assert decide_renewal(replace(READER, loans=(loan,)), item, loan, Times(0, 2, 21), TERMS) == Decision(
        (Reason("waited-for", text, IMPOSSIBLE, facts, way_out, "return"),), False, False, None
    )


def test_what_was_due_is_to_be_brought_back_not_by_a_day_that_has_passed() -> None:
    loan = a_loan(due=-3)
    item = replace(COPY, status="on_loan", queue=Queue(waiting=1, claims=(Claim(1),)))
    waited, used = decide_renewal(replace(READER, loans=(loan,)), item, loan, Times(2, 2, 21), TERMS).reasons
    assert waited.way_out == "It was due on 7 March 2026: bring it back, then place a hold to have it again."
    assert used.facts["overdue"] is True


def test_what_is_said_of_a_loan_that_they_say_is_back() -> None:
    loan = a_loan(claimed_on=TODAY - timedelta(days=1))
    text, way_out = (
        "This member said that they returned it on 9 March 2026.",
        ("Clear the claim first, if it is with them after all."),
    )
    facts = {"rule": "claim", "claimed_on": date(2026, 3, 9), "loan_id": 1, "due_on": date(2026, 3, 17)}
    assert decide_renewal(
        replace(READER, loans=(loan,)), replace(COPY, status="on_loan"), loan, Times(0, 2, 21), TERMS
    ) == Decision((Reason("claimed-returned", text, IMPOSSIBLE, facts, way_out, "clear-claim"),), False, False, None)


EARLY = [
    # days before it is due, from, is it said
    (7, 7, False), (8, 7, True), (8, 0, False), (8, 8, False), (-2, 7, False),
]  # fmt: skip


@pytest.mark.parametrize(("due", "from_days", "said"), EARLY)
def test_what_is_said_of_a_renewal_long_before_the_due_day(due: int, from_days: int, said: bool) -> None:
    loan = a_loan(due=due)
    reader = replace(READER, loans=(loan,))
    times = Times(0, 2, 21, from_days)
    reasons = decide_renewal(reader, replace(COPY, status="on_loan"), loan, times, TERMS).reasons
    first = date(2026, 3, 11)
    facts = {"rule": "renew_from_days", "days": 7, "from": first, "due_on": date(2026, 3, 18)}
    early = Reason("renew-later", "It can be renewed from 11 March 2026.", BLOCKED, facts)
    assert reasons == ((early,) if said else ())


def test_a_day_from_which_it_can_be_renewed_is_said_only_where_nothing_else_is_against_it() -> None:
    loan = a_loan(due=20)
    decision = decide_renewal(replace(READER, loans=(loan,)), replace(COPY, status="on_loan"), loan,
                              Times(2, 2, 21, 7), TERMS)  # fmt: skip
    assert [reason.code for reason in decision.reasons] == ["renewals-used"]


MOST = [([], 2), ([("max_renewals", 4)], 4), ([("max_renewals", 1)], 2), ([("max_loans", 9)], 2)]


@pytest.mark.parametrize(("exceptions", "most"), MOST)
def test_an_exception_grants_renewals_to_loans_that_are_out_and_takes_none(
    exceptions: list[tuple[str, int]], most: int
) -> None:
    found = tuple(Exempt(name, amount, TODAY) for name, amount in exceptions)
    assert most_renewals(replace(READER, exceptions=found), 2) == most


@pytest.mark.parametrize("status", ["lost", "withdrawn"])
def test_what_is_not_there_is_not_renewed(status: str) -> None:
    loan = a_loan()
    decision = decide_renewal(
        replace(READER, loans=(loan,)), replace(COPY, status=status), loan, Times(0, 2, 21), TERMS
    )
    assert [reason.code for reason in decision.reasons] == [f"copy-{status}"]


@pytest.mark.parametrize(("ends", "said"), [(7, ["not-later"]), (8, [])])
def test_what_is_said_when_renewing_would_move_nothing(ends: int, said: list[str]) -> None:
    loan = a_loan()
    reader = replace(READER, loans=(loan,), membership_ends_on=TODAY + timedelta(days=ends))
    decision = decide_renewal(reader, replace(COPY, status="on_loan"), loan, Times(0, 2, 21), TERMS)
    assert [reason.code for reason in decision.reasons] == said
    for reason in decision.reasons:
        text, way_out = "Renewing would not move the due date, 17 March 2026.", "Renew the membership first."
        facts = {"rule": "due date", "due_on": date(2026, 3, 17)}
        assert reason == Reason("not-later", text, IMPOSSIBLE, facts, way_out, "renew-membership")
