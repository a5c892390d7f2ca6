"""The one place that decides about loans: every reason, the facts behind it and the cheapest way out.

The same functions decide, explain and serve the dry run.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from lib.accounts.models import AccountStatus
from lib.accounts.policy import standing_on
from lib.catalogue.models import CopyStatus
from lib.circulation.situation import Borrower, Item, OpenLoan, Terms, owed


class ReasonKind(StrEnum):
    """Impossible for anybody; blocked until a librarian overrides; or only worth knowing."""

    IMPOSSIBLE = "impossible"
    BLOCKED = "blocked"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `facts` holds the numbers, dates and titles behind it and, as `rule`, what it comes from;
    `way_out_action` names the act that would help, where there is one."""

    code: str
    text: str
    kind: ReasonKind
    facts: dict[str, Any]
    way_out: str = ""
    way_out_action: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Every reason at once. `due_on`: when the loan would end; None where it is impossible."""

    reasons: tuple[Reason, ...]
    may: bool
    needs_override: bool
    due_on: date | None

    @property
    def against(self) -> tuple[Reason, ...]:
        """The reasons that stand in the way."""
        return tuple(reason for reason in self.reasons if reason.kind is not ReasonKind.NOTE)


def conclude(reasons: Iterable[Reason], due_on: date | None) -> Decision:
    """Draws the conclusion from the reasons."""
    found = tuple(sorted(reasons, key=lambda reason: _ORDER[reason.kind]))
    impossible = bool(found) and found[0].kind is ReasonKind.IMPOSSIBLE
    blocked = any(reason.kind is ReasonKind.BLOCKED for reason in found)
    return Decision(found, not impossible and not blocked, blocked and not impossible, None if impossible else due_on)


_ORDER = {kind: place for place, kind in enumerate(ReasonKind)}


def decide_issue(borrower: Borrower, item: Item, terms: Terms) -> Decision:
    """Whether this copy may go to this member, and until when."""
    reasons = [*standing_reasons(borrower, terms), *_copy_reasons(borrower, item)]
    reasons += [found for rule in _ISSUE_RULES if (found := rule(borrower, item, terms))]
    due_on = terms.due(terms.today, terms.rule.loan_days, borrower.membership_ends_on)
    ends_on = borrower.membership_ends_on
    if ends_on and terms.today <= ends_on and due_on < terms.due(terms.today, terms.rule.loan_days, None):
        reasons.append(_capped(due_on, ends_on))
    return conclude(reasons, due_on)


def decide_renewal(borrower: Borrower, item: Item, loan: OpenLoan, times: "Times", terms: Terms) -> Decision:
    """Whether an open loan may be renewed, and until when."""
    reasons = list(standing_reasons(borrower, terms))
    if item.status in (CopyStatus.LOST, CopyStatus.WITHDRAWN):
        reasons.append(_unavailable(item))
    if times.renewals >= times.max_renewals:
        reasons.append(_renewals_used(times))
    if debt := _debt(borrower, item, terms):
        reasons.append(debt)
    if waiting := item.missed_by:
        reasons.append(_waited_for(item, loan, waiting))
    start = terms.today if terms.is_overdue(loan.due_on) else loan.due_on
    due_on = terms.due(start, times.loan_days, borrower.membership_ends_on)
    if due_on <= loan.due_on:
        reasons.append(_not_later(loan.due_on))
    return conclude(reasons, due_on)


@dataclass(frozen=True, slots=True)
class Times:
    """How often a loan was renewed, how often it may be, and for how many days each."""

    renewals: int
    max_renewals: int
    loan_days: int


def standing_reasons(borrower: Borrower, terms: Terms) -> list[Reason]:
    """What the member's account itself says against borrowing."""
    found: list[Reason] = []
    status = standing_on(AccountStatus(borrower.status), borrower.suspended_until, terms.today)
    if status is AccountStatus.SUSPENDED:
        found.append(_suspended(borrower))
    elif status is not AccountStatus.ACTIVE:
        found.append(_not_active(borrower))
    if borrower.membership_ends_on is not None and borrower.membership_ends_on < terms.today:
        found.append(_expired(borrower.membership_ends_on))
    return found


def blocking_reasons(borrower: Borrower, terms: Terms) -> list[Reason]:
    """What stands against any further loan of this member, whatever the copy."""
    found = [_limit(borrower, None, terms), _debt(borrower, None, terms), _overdue(borrower, None, terms)]
    return standing_reasons(borrower, terms) + [reason for reason in found if reason]


def long_day(day: date) -> str:
    """ "3 May 2026"."""
    return f"{day.day} {day:%B %Y}"


def titles_of(loans: Iterable[OpenLoan], most: int = 3) -> str:
    """ "“Dune”, “Emma” or 2 more"."""
    names = [f"“{loan.title}”" for loan in loans]
    shown = names[:most]
    return ", ".join(shown) + (f" or {len(names) - most} more" if len(names) > most else "")


def _suspended(borrower: Borrower) -> Reason:
    until = borrower.suspended_until
    end = f" until {long_day(until)}" if until else ""
    why = f": {borrower.status_reason}" if borrower.status_reason else "."
    return Reason(
        "member-suspended", f"The membership is suspended{end}{why}", ReasonKind.IMPOSSIBLE,
        {"rule": "standing", "reason": borrower.status_reason, "until": until},
        "Reactivate the account once the reason is gone.", "reactivate",
    )  # fmt: skip


_STANDINGS = {
    AccountStatus.UNVERIFIED: ("The e-mail address is not confirmed yet.", "Confirm it by the link in the mail.", None),
    AccountStatus.PENDING: ("The registration waits for approval.", "Approve the registration.", "approve"),
    AccountStatus.DISABLED: ("The account is disabled.", "Reactivate the account.", "reactivate"),
    AccountStatus.REJECTED: ("The registration was rejected.", "Register anew.", None),
    AccountStatus.CLOSED: ("The account is closed.", "Register anew.", None),
}


def _not_active(borrower: Borrower) -> Reason:
    text, way_out, action = _STANDINGS[AccountStatus(borrower.status)]
    facts = {"rule": "standing", "status": borrower.status}
    return Reason("member-not-active", text, ReasonKind.IMPOSSIBLE, facts, way_out, action)


def _expired(ended: date) -> Reason:
    return Reason(
        "membership-expired", f"The membership ended on {long_day(ended)}.", ReasonKind.IMPOSSIBLE,
        {"rule": "membership", "ended_on": ended}, "Renew the membership.", "renew-membership",
    )  # fmt: skip


_STATES = {
    CopyStatus.WITHDRAWN: ("copy-withdrawn", "This copy was withdrawn from the collection.", "Take another copy."),
    CopyStatus.LOST: ("copy-lost", "This copy is marked as lost.", "Return it first: it has been found."),
    CopyStatus.IN_REPAIR: ("copy-in-repair", "This copy is in repair.", "Take another copy, or end the repair."),
    CopyStatus.ON_ORDER: ("copy-on-order", "This copy is on order.", "Mark it as arrived, or take another copy."),
}


def _unavailable(item: Item) -> Reason:
    code, text, way_out = _STATES[CopyStatus(item.status)]
    action = "return-first" if code == "copy-lost" else None
    facts = {"rule": "copy", "status": item.status, "barcode": item.barcode}
    return Reason(code, text, ReasonKind.IMPOSSIBLE, facts, way_out, action)


def _copy_reasons(borrower: Borrower, item: Item) -> list[Reason]:
    found = [_unavailable(item)] if item.status in _STATES else []
    if item.loan_id is None:
        return found
    facts = {"rule": "copy", "loan_id": item.loan_id, "due_on": item.loan_due_on, "barcode": item.barcode}
    until = f" until {long_day(item.loan_due_on)}" if item.loan_due_on else ""
    if item.loan_account_id == borrower.id:
        text = f"This member has this very copy{until}."
        found.append(Reason("already-theirs", text, ReasonKind.IMPOSSIBLE, facts, "Renew the loan.", "renew"))
    else:
        text = f"This copy is on loan to somebody else{until}."
        way_out = "Return it first, then issue it."
        found.append(Reason("copy-on-loan", text, ReasonKind.IMPOSSIBLE, facts, way_out, "return-first"))
    return found


def _limit(borrower: Borrower, item: Item | None, terms: Terms) -> Reason | None:
    rule = terms.rule
    of_kind = item is not None and "max_loans" in rule.per_kind
    counted = [loan for loan in borrower.loans if not of_kind or (item and loan.kind_id == item.kind_id)]
    if len(counted) < rule.max_loans:
        return None
    what = "loans of this kind" if of_kind else "loans"
    facts = {
        "rule": "max_loans", "line": rule.lines.get("max_loans"), "limit": rule.max_loans, "open": len(counted),
        "titles": [loan.title for loan in counted[:20]],
    }  # fmt: skip
    way_out = f"Return one of {titles_of(counted)}." if counted else "Change the lending policy."
    return Reason(
        "limit-reached", f"The limit of {rule.max_loans} {what} is reached.", ReasonKind.BLOCKED, facts, way_out,
        "return" if counted else None,
    )  # fmt: skip


def _debt(borrower: Borrower, _item: Item | None, terms: Terms) -> Reason | None:
    amount, block = owed(borrower, terms), terms.rule.debt_block
    if amount <= block:
        return None
    return Reason(
        "owes-too-much", f"{terms.money(amount)} is owed; borrowing stops above {terms.money(block)}.",
        ReasonKind.BLOCKED,
        {"rule": "debt_block", "line": terms.rule.lines.get("debt_block"), "owed_minor": amount, "block_minor": block},
        f"Settle {terms.money(amount - block)} or more.", "pay",
    )  # fmt: skip


def _overdue(borrower: Borrower, _item: Item | None, terms: Terms) -> Reason | None:
    if not terms.settings.overdue_blocks:
        return None
    late = [loan for loan in borrower.loans if loan.claimed_on is None and terms.is_overdue(loan.due_on)]
    if not late:
        return None
    text = "One loan is overdue." if len(late) == 1 else f"{len(late)} loans are overdue."
    facts = {"rule": "overdue_blocks", "titles": [loan.title for loan in late[:20]], "loan_ids": [x.id for x in late]}
    return Reason("has-overdue", text, ReasonKind.BLOCKED, facts, f"Return or renew {titles_of(late)}.", "return")


def _same_title(borrower: Borrower, item: Item, _terms: Terms) -> Reason | None:
    same = next((loan for loan in borrower.loans if loan.title_id == item.title_id and loan.id != item.loan_id), None)
    if same is None:
        return None
    text = f"Another copy of “{item.title}” is on loan to this member already."
    facts = {"rule": "one copy of a title", "loan_id": same.id, "due_on": same.due_on}
    return Reason("same-title", text, ReasonKind.BLOCKED, facts, "Renew that loan, or return that copy.", "renew")


def _on_hold_shelf(borrower: Borrower, item: Item, _terms: Terms) -> Reason | None:
    if item.status != CopyStatus.ON_HOLD_SHELF or item.queue.shelf_for == borrower.id:
        return None
    return Reason(
        "on-hold-shelf", "This copy waits on the hold shelf for somebody else.", ReasonKind.BLOCKED,
        {"rule": "hold shelf", "barcode": item.barcode, "hold_id": item.queue.shelf_id},
        "Take another copy, or place a hold.", "hold",
    )  # fmt: skip


def _others_wait(_borrower: Borrower, item: Item, _terms: Terms) -> Reason | None:
    """A walk-in may take what stands on the shelf; the desk should know that somebody will wait longer."""
    if not item.queue.waiting or item.queue.own_id or item.status != CopyStatus.AVAILABLE:
        return None
    waiting = item.queue.waiting
    text = "One reader waits for this title." if waiting == 1 else f"{waiting} readers wait for this title."
    return Reason("others-wait", text, ReasonKind.NOTE, {"rule": "holds", "waiting": waiting})


_ISSUE_RULES: tuple[Callable[[Borrower, Item, Terms], Reason | None], ...] = (
    _limit, _debt, _overdue, _on_hold_shelf, _same_title, _others_wait,
)  # fmt: skip


def _capped(due_on: date, ends_on: date) -> Reason:
    text = f"The loan ends with the membership on {long_day(due_on)}."
    if due_on < ends_on:
        text = f"The loan ends on {long_day(due_on)}: the library is closed from then until the membership ends."
    facts = {"rule": "membership_caps_due", "due_on": due_on, "membership_ends_on": ends_on}
    return Reason("due-capped", text, ReasonKind.NOTE, facts, "Renew the membership first for a full loan.", None)


def _renewals_used(times: Times) -> Reason:
    used = "It was renewed once already" if times.renewals == 1 else f"It was renewed {times.renewals} times already"
    text = f"{used}; no more renewals are left." if times.renewals else "Loans of this kind are not renewed."
    facts = {"rule": "max_renewals", "limit": times.max_renewals, "renewals": times.renewals}
    return Reason("renewals-used", text, ReasonKind.BLOCKED, facts, "Return the copy, then issue it anew.", "return")


def _waited_for(item: Item, loan: OpenLoan, waiting: int) -> Reason:
    """No override beats a hold."""
    who = "Somebody else waits" if waiting == 1 else f"{waiting} others wait"
    text = f"{who} for “{item.title}”, and no other copy on the shelf can serve them."
    facts = {"rule": "holds", "waiting": waiting, "free": len(item.queue.free), "due_on": loan.due_on}
    way_out = f"Bring it back by {long_day(loan.due_on)}, then place a hold to have it again."
    return Reason("waited-for", text, ReasonKind.IMPOSSIBLE, facts, way_out, "return")


def _not_later(due_on: date) -> Reason:
    """Nothing but the end of the membership holds a new date back."""
    text = f"Renewing would not move the due date, {long_day(due_on)}."
    facts = {"rule": "due date", "due_on": due_on}
    return Reason("not-later", text, ReasonKind.IMPOSSIBLE, facts, "Renew the membership first.", "renew-membership")
