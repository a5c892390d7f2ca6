"""The one place that decides about lending: every reason, the facts behind it and the cheapest way out.

The same functions decide, explain and serve the dry run. Renewals and holds are decided next door, in the same words.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.accounts.models import AccountStatus
from lib.accounts.policy import standing_on
from lib.catalogue.models import CopyStatus
from lib.circulation.situation import Borrower, Item, OpenLoan, Terms, owed
from lib.kit.reasons import Reason as Reason  # what decides and what it says are had in one place
from lib.kit.reasons import ReasonKind as ReasonKind


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


def decide_issue(borrower: Borrower, item: Item, terms: Terms, *, by_themselves: bool = False) -> Decision:
    """Whether this copy may go to this member, and until when. `by_themselves`: no librarian stands by, so that a copy
    for which others wait stays where it is; the item holds their claims then."""
    reasons = [*standing_reasons(borrower, terms), *_copy_reasons(borrower, item, terms)]
    reasons += [found for rule in _ISSUE_RULES if (found := rule(borrower, item, terms))]
    if waiting := _kept_for_others(item, terms) if by_themselves else _others_wait(item):
        reasons.append(waiting)
    due_on = terms.due(terms.today, terms.rule.loan_days, borrower.membership_ends_on)
    ends_on = borrower.membership_ends_on
    if ends_on and terms.today <= ends_on and due_on < terms.due(terms.today, terms.rule.loan_days, None):
        reasons.append(_capped(due_on, ends_on, terms))
    return conclude(reasons, due_on)


def standing_reasons(borrower: Borrower, terms: Terms) -> list[Reason]:
    """What the member's account itself says against borrowing."""
    found: list[Reason] = []
    status = standing_on(AccountStatus(borrower.status), borrower.suspended_until, terms.today)
    if status is AccountStatus.SUSPENDED:
        found.append(_suspended(borrower, terms))
    elif status is not AccountStatus.ACTIVE:
        found.append(_not_active(borrower))
    if borrower.membership_ends_on is not None and borrower.membership_ends_on < terms.today:
        found.append(_expired(borrower.membership_ends_on, terms))
    return found


def blocking_reasons(borrower: Borrower, terms: Terms) -> list[Reason]:
    """What stands against any further loan of this member, whatever the copy."""
    found = [_limit(borrower, None, terms), debt_reason(borrower, None, terms), _overdue(borrower, None, terms)]
    return standing_reasons(borrower, terms) + [reason for reason in found if reason]


def titles_of(loans: Iterable[OpenLoan], most: int = 3) -> str:
    """ "“Dune”, “Emma” or 2 more"."""
    names = [f"“{loan.title}”" for loan in loans]
    shown = names[:most]
    return ", ".join(shown) + (f" or {len(names) - most} more" if len(names) > most else "")


def _suspended(borrower: Borrower, terms: Terms) -> Reason:
    """The reason that was written down is staff's; they find it among the facts."""
    until = borrower.suspended_until
    end = f" until {terms.day(until)}" if until else ""
    return Reason(
        "member-suspended", f"The membership is suspended{end}.", ReasonKind.IMPOSSIBLE,
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


def _expired(ended: date, terms: Terms) -> Reason:
    return Reason(
        "membership-expired", f"The membership ended on {terms.day(ended)}.", ReasonKind.IMPOSSIBLE,
        {"rule": "membership", "ended_on": ended}, "Renew the membership.", "renew-membership",
    )  # fmt: skip


_STATES = {
    CopyStatus.WITHDRAWN: ("copy-withdrawn", "This copy was withdrawn from the collection.", "Take another copy."),
    CopyStatus.LOST: ("copy-lost", "This copy is marked as lost.", "Return it first: it has been found."),
    CopyStatus.IN_REPAIR: ("copy-in-repair", "This copy is in repair.", "Take another copy, or end the repair."),
    CopyStatus.ON_ORDER: ("copy-on-order", "This copy is on order.", "Mark it as arrived, or take another copy."),
}


def unavailable(item: Item) -> Reason:
    """What the copy's own state says: it is lost, withdrawn, in repair or on order."""
    code, text, way_out = _STATES[CopyStatus(item.status)]
    action = "return-first" if code == "copy-lost" else None
    facts = {"rule": "copy", "status": item.status, "barcode": item.barcode}
    return Reason(code, text, ReasonKind.IMPOSSIBLE, facts, way_out, action)


def _copy_reasons(borrower: Borrower, item: Item, terms: Terms) -> list[Reason]:
    found = [unavailable(item)] if item.status in _STATES else []
    if item.loan_id is None:
        return found
    facts = {"rule": "copy", "loan_id": item.loan_id, "due_on": item.loan_due_on, "barcode": item.barcode}
    until = f" until {terms.day(item.loan_due_on)}" if item.loan_due_on else ""
    if item.loan_account_id == borrower.id:
        text = f"This member has this very copy{until}."
        found.append(Reason("already-theirs", text, ReasonKind.IMPOSSIBLE, facts, "Renew the loan.", "renew"))
    else:
        text = f"This copy is on loan to somebody else{until}."
        way_out = "Return it first, then issue it."
        found.append(Reason("copy-on-loan", text, ReasonKind.IMPOSSIBLE, facts, way_out, "return-first"))
    return found


def _limit(borrower: Borrower, item: Item | None, terms: Terms) -> Reason | None:
    rule, kind = terms.rule, item.kind_id if item else None
    counted = [loan for loan in borrower.loans if rule.counts("max_loans", kind, loan.kind_id)]
    if len(counted) < rule.max_loans:
        return None
    facts = {
        "rule": "max_loans", "line": rule.lines.get("max_loans"), "limit": rule.max_loans, "open": len(counted),
        "titles": [loan.title for loan in counted[:20]],
    } | not_counted(terms, "max_loans", len(borrower.loans) - len(counted))  # fmt: skip
    if not rule.max_loans:
        return Reason("limit-reached", not_lent(terms), ReasonKind.BLOCKED, facts, _NOT_LENT_WAY_OUT)
    text = limit_text(terms, "max_loans", "loans", facts)
    return Reason(
        "limit-reached", text, ReasonKind.BLOCKED, facts, f"Return one of {titles_of(counted)}.", "return"
    )  # fmt: skip


def not_counted(terms: Terms, limit: str, others: int) -> dict[str, int]:
    """What a reason's facts say of loans or holds that a general limit leaves to limits of their own."""
    return {"not_counted": others} if others and limit not in terms.rule.per_kind else {}


def limit_text(terms: Terms, limit: str, what: str, facts: dict[str, Any]) -> str:
    """ "The limit of 2 loans of this kind is reached." """
    of_kind = " of this kind" if limit in terms.rule.per_kind else ""
    apart = "; kinds with a limit of their own do not count" if "not_counted" in facts else ""
    return f"The limit of {facts['limit']} {what}{of_kind} is reached{apart}."


_NOT_LENT_WAY_OUT = "Use it in the library."


def not_lent(terms: Terms) -> str:
    """Why a limit of no loans at all lets nothing out."""
    if "max_loans" in terms.rule.excepted:
        return "Nothing is lent to this member for the time being."
    if "max_loans" in terms.rule.per_kind:
        return "Items of this kind are not lent to this type of member."
    return "Nothing is lent to this type of member."


def debt_reason(borrower: Borrower, _item: Item | None, terms: Terms) -> Reason | None:
    """That more is owed than the rule allows."""
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
    way_out = f"Return {titles_of(late)}, or renew what may be renewed."
    if debt_reason(borrower, None, terms) or standing_reasons(borrower, terms):
        way_out = f"Return {titles_of(late)}."
    return Reason("has-overdue", text, ReasonKind.BLOCKED, facts, way_out, "return")


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


def _others_wait(item: Item) -> Reason | None:
    """A walk-in may take what stands on the shelf; the desk should know that somebody will wait longer."""
    if not item.queue.waiting or item.queue.own_id or item.status != CopyStatus.AVAILABLE:
        return None
    waiting = item.queue.waiting
    text, facts = f"{_waiters(waiting)} for this title.", {"rule": "holds", "waiting": waiting}
    return Reason("others-wait", text, ReasonKind.NOTE, facts)


def _kept_for_others(item: Item, terms: Terms) -> Reason | None:
    """Who serves themselves does not walk past those who would get this very copy; but who has another one on the
    hold shelf leaves that one to them."""
    free = item.status == CopyStatus.AVAILABLE and not item.queue.own_ready
    waiting = item.missed_by if free and not terms.settings.self_issue_past_holds else 0
    if not waiting:
        return None
    text = f"{_waiters(waiting)} for this title, and this copy is to go to them."
    facts = {"rule": "self_issue_past_holds", "waiting": waiting}
    way_out = "Reserve it: you get a copy when it is your turn."
    return Reason("others-wait", text, ReasonKind.BLOCKED, facts, way_out, "hold")


def _waiters(number: int) -> str:
    return "One reader waits" if number == 1 else f"{number} readers wait"


_ISSUE_RULES: tuple[Callable[[Borrower, Item, Terms], Reason | None], ...] = (
    _limit, debt_reason, _overdue, _on_hold_shelf, _same_title,
)  # fmt: skip


def _capped(due_on: date, ends_on: date, terms: Terms) -> Reason:
    text = f"The loan ends with the membership on {terms.day(due_on)}."
    if due_on < ends_on:
        text = f"The loan ends on {terms.day(due_on)}: the library is closed from then until the membership ends."
    facts = {"rule": "membership_caps_due", "due_on": due_on, "membership_ends_on": ends_on}
    return Reason("due-capped", text, ReasonKind.NOTE, facts, "Renew the membership first for a full loan.", None)
