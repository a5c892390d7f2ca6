"""Whether an open loan may be renewed, and until when: every reason at once, as for a loan."""

from dataclasses import dataclass
from datetime import date, timedelta

from lib.catalogue.models import CopyStatus
from lib.circulation.decision import (
    Decision,
    Reason,
    ReasonKind,
    conclude,
    debt_reason,
    standing_reasons,
    unavailable,
)
from lib.circulation.situation import Borrower, Item, OpenLoan, Terms

MAX_RENEWALS = "max_renewals"


@dataclass(frozen=True, slots=True)
class Times:
    """How often a loan was renewed, how often it may be, and for how many days each. `from_days`: at the earliest so
    many days before it is due; 0: at any time."""

    renewals: int
    max_renewals: int
    loan_days: int
    from_days: int = 0


def most_renewals(borrower: Borrower, of_loan: int) -> int:
    """How often a loan may be renewed: as it was made, or as an exception that holds today grants, whichever is more.

    Its other numbers stay those it was made under.
    """
    return max([of_loan, *(found.amount for found in borrower.exceptions if found.name == MAX_RENEWALS)])


def decide_renewal(borrower: Borrower, item: Item, loan: OpenLoan, times: Times, terms: Terms) -> Decision:
    """Whether an open loan may be renewed, and until when."""
    reasons = list(standing_reasons(borrower, terms))
    if item.status in (CopyStatus.LOST, CopyStatus.WITHDRAWN):
        reasons.append(unavailable(item))
    if loan.claimed_on is not None:
        reasons.append(_claimed(loan, loan.claimed_on, terms))
    if times.renewals >= times.max_renewals:
        reasons.append(_renewals_used(times, loan, terms))
    if debt := debt_reason(borrower, item, terms):
        reasons.append(debt)
    if waiting := item.missed_by:
        reasons.append(_waited_for(item, loan, waiting, terms))
    start = terms.today if terms.is_overdue(loan.due_on) else loan.due_on
    due_on = terms.due(start, times.loan_days, borrower.membership_ends_on)
    if due_on <= loan.due_on:
        reasons.append(_not_later(loan.due_on, terms))
    if not reasons and (early := _too_early(loan, times, terms)):
        reasons.append(early)
    return conclude(reasons, due_on)


def _too_early(loan: OpenLoan, times: Times, terms: Terms) -> Reason | None:
    """Said alone: a day from which it is possible is a promise, where nothing else stands against it."""
    first = loan.due_on - timedelta(days=times.from_days)
    if not times.from_days or terms.today >= first:
        return None
    text = f"It can be renewed from {terms.day(first)}."
    facts = {"rule": "renew_from_days", "days": times.from_days, "from": first, "due_on": loan.due_on}
    return Reason("renew-later", text, ReasonKind.BLOCKED, facts)


def _claimed(loan: OpenLoan, day: date, terms: Terms) -> Reason:
    text = f"This member said that they returned it on {terms.day(day)}."
    facts = {"rule": "claim", "claimed_on": day, "loan_id": loan.id, "due_on": loan.due_on}
    way_out = "Clear the claim first, if it is with them after all."
    return Reason("claimed-returned", text, ReasonKind.IMPOSSIBLE, facts, way_out, "clear-claim")


def _renewals_used(times: Times, loan: OpenLoan, terms: Terms) -> Reason:
    used = "It was renewed once already" if times.renewals == 1 else f"It was renewed {times.renewals} times already"
    text = f"{used}; no more renewals are left." if times.renewals else "Loans of this kind are not renewed."
    facts = {
        "rule": MAX_RENEWALS, "limit": times.max_renewals, "renewals": times.renewals, "due_on": loan.due_on,
        "overdue": terms.is_overdue(loan.due_on),
    }  # fmt: skip
    return Reason("renewals-used", text, ReasonKind.BLOCKED, facts, "Return the copy, then issue it anew.", "return")


def _waited_for(item: Item, loan: OpenLoan, waiting: int, terms: Terms) -> Reason:
    """No override beats a hold."""
    who = "Somebody else waits" if waiting == 1 else f"{waiting} others wait"
    text = f"{who} for “{item.title}”, and no other copy on the shelf can serve them."
    facts = {"rule": "holds", "waiting": waiting, "free": len(item.queue.free), "due_on": loan.due_on}
    by = terms.day(loan.due_on)
    bring = f"It was due on {by}: bring it back" if terms.is_overdue(loan.due_on) else f"Bring it back by {by}"
    way_out = f"{bring}, then place a hold to have it again."
    return Reason("waited-for", text, ReasonKind.IMPOSSIBLE, facts, way_out, "return")


def _not_later(due_on: date, terms: Terms) -> Reason:
    """Nothing but the end of the membership holds a new date back."""
    text = f"Renewing would not move the due date, {terms.day(due_on)}."
    facts = {"rule": "due date", "due_on": due_on}
    return Reason("not-later", text, ReasonKind.IMPOSSIBLE, facts, "Renew the membership first.", "renew-membership")
