"""Issue: a copy goes to a member, at the desk or by a machine. The hot path: few statements, no ORM."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from lib.access.once import fingerprint, recall, remember
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.fields import read_reason
from lib.audit.trail import record
from lib.catalogue.policy import barcode_of
from lib.circulation.acts import ISSUE, note_act
from lib.circulation.channels import permission_of
from lib.circulation.collecting import lock_both, meet_holds
from lib.circulation.decision import Decision, Reason, ReasonKind, conclude, decide_issue
from lib.circulation.errors import (
    CannotLend,
    IssueBeforeReturn,
    IssueInFuture,
    NoSuchCopy,
    refuse,
)
from lib.circulation.facts import issue_facts, lock_member, terms_of, with_claims
from lib.circulation.four_eyes import by_somebody_else
from lib.circulation.models import Channel
from lib.circulation.policy import fine_cap
from lib.circulation.situation import Borrower, Item, Terms
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import NotFound
from lib.kit.tables import as_instant

_LEND = Statement(
    "INSERT INTO loan (copy_id, title_id, account_id, issued_at, issued_on, due_on, renewals, channel, issued_by,"
    " loan_days, max_renewals, fine_per_day, grace_days, fine_cap, fine_settled, max_loans, limit_kind_id)"
    " VALUES (:copy_id, :title_id, :account_id, :now, :today, :due_on, 0, :channel, :issued_by,"
    " :loan_days, :max_renewals, :fine_per_day, :grace_days, :fine_cap, 0, :max_loans, :limit_kind_id)"
    " RETURNING id"
)
_TAKE = Statement("UPDATE copy SET status = 'on_loan' WHERE id = :copy_id AND status = :status")
_LAST_BACK = Statement("SELECT max(returned_at) FROM loan WHERE copy_id = :copy_id AND undone_at IS NULL")
_COUNT = Statement("UPDATE title SET loan_count = loan_count + 1 WHERE id = :title_id")
BY_THEMSELVES = (Channel.SELF, Channel.SELF_CHECK)
OPEN_COPY = ("uq_loan_open_copy", "loan.copy_id")


@dataclass(frozen=True, slots=True)
class IssueReceipt:
    """What was issued, until when, and where the copy stands. `hold_id`: the member's hold that was collected with
    it; `note`: what the desk should do about another copy that lay on the hold shelf for them."""

    loan_id: int
    title_id: int
    title: str
    barcode: str
    member_id: int
    due_on: date
    location: str
    shelf: str
    act_id: int
    hold_id: int | None = None
    note: str = ""


class CopyJustGone(CannotLend):
    """Somebody else was faster; the database said so."""


def check_out(
    uow: UnitOfWork,
    *,
    barcode: str,
    member_id: int,
    override: str | None = None,
    key: str | None = None,
    channel: Channel = Channel.DESK,
    issued_at: datetime | None = None,
) -> IssueReceipt:
    """Issues a copy to a member. `override` is the written reason for lending against blocks; the same `key`
    again gives the same receipt and lends nothing more. `issued_at` (an aware instant) is when it really happened,
    for what was recorded offline: the decision is made, and the due date counted, as of that day.

    Raises:
        NoSuchCopy, NotFound: no such barcode, no such member. CannotLend: with every reason.
        Forbidden: an override without its permission. Invalid: an override without words.
        IssueInFuture, IssueBeforeReturn: about `issued_at`.
    """
    uow.require(permission_of(channel))
    assert issued_at is None or channel is Channel.OFFLINE
    lock_member(uow, member_id)
    asked = fingerprint("check-out", barcode, member_id, override) if key else ""
    if key and (done := recall(uow, key, asked)):
        return receipt_of(done, member_id)
    then = uow if issued_at is None else replace(uow, now=issued_at)
    borrower, item, terms = situation_of(then, barcode, member_id)
    decision = decide_for(uow, borrower, item, terms, channel)
    why = accept(uow, decision, override, CannotLend, member_id=member_id)
    if issued_at is not None:
        _check_moment(uow, item, issued_at)
        why |= {"issued_at": issued_at.isoformat()}
    receipt = lend(uow, borrower, item, terms, decision, channel, then.now)
    record(
        uow, "loan.issue", "loan", receipt.loan_id, copy_id=item.id, due_on=receipt.due_on, channel=channel.value,
        **why,
    )  # fmt: skip
    if key:
        remember(uow, key, asked, kept_receipt(receipt))
    return receipt


def decide_for(uow: UnitOfWork, borrower: Borrower, item: Item, terms: Terms, channel: Channel) -> Decision:
    """Who serves themselves does not walk past who waits; a librarian may see why they should."""
    if channel not in BY_THEMSELVES:
        return decide_issue(borrower, item, terms)
    return decide_issue(borrower, with_claims(uow, item, borrower.id), terms, by_themselves=True)


def consider_check_out(uow: UnitOfWork, *, barcode: str, member_id: int) -> Decision:
    """What `check_out` would say now; changes nothing.

    Raises:
        NoSuchCopy, NotFound: no such barcode, no such member.
    """
    uow.require(Permission.CIRCULATE)
    return decide_issue(*situation_of(uow, barcode, member_id))


def accept(
    uow: UnitOfWork, decision: Decision, override: str | None, kind: type[Any], *, member_id: int
) -> dict[str, Any]:
    """Lets a decision about a member pass, or its override; returns what the audit trail should say of the override.

    Raises:
        `kind` (CannotLend, CannotRenew), Forbidden, Invalid. ForOneself: nobody overrides their own blocks.
    """
    if decision.may:
        return {}
    if override is None or not decision.needs_override:
        raise refuse(kind, decision)
    uow.require(Permission.OVERRIDE_BLOCKS)
    by_somebody_else(uow, member_id, "blocks")
    return {"override": read_reason(override, "override"), "overridden": [reason.code for reason in decision.against]}


def situation_of(uow: UnitOfWork, barcode: str, member_id: int) -> tuple[Borrower, Item, Terms]:
    """Who, what, and under which terms.

    Raises:
        NoSuchCopy, NotFound: no such barcode, no such member.
    """
    borrower, item = issue_facts(uow, barcode_of(barcode), member_id)
    if borrower is None:
        raise NotFound("member")
    if item is None:
        raise NoSuchCopy(barcode)
    return borrower, item, terms_of(uow, borrower, item.kind_id)


def _check_moment(uow: UnitOfWork, item: Item, issued_at: datetime) -> None:
    if issued_at > uow.now:
        raise IssueInFuture(issued_at=issued_at)
    back = as_instant(_LAST_BACK.row(uow.connection, copy_id=item.id)[0])
    if back is not None and issued_at < back:
        raise IssueBeforeReturn(returned_at=back)


def lend(
    uow: UnitOfWork, borrower: Borrower, item: Item, terms: Terms, decision: Decision, channel: Channel, at: datetime
) -> IssueReceipt:
    """The loan itself, once it was decided: the copy goes out, holds are met, the act is noted.

    Raises:
        CopyJustGone.
    """
    assert decision.due_on is not None
    rule = terms.rule
    lock_both(uow, item)
    if not _TAKE.count(uow.connection, copy_id=item.id, status=item.status):
        raise _just_gone()
    try:
        row = _LEND.row(
            uow.connection, copy_id=item.id, title_id=item.title_id, account_id=borrower.id, now=at,
            today=terms.today, due_on=decision.due_on, channel=channel.value, issued_by=uow.actor.account_id,
            loan_days=rule.loan_days, max_renewals=rule.max_renewals, fine_per_day=rule.fine_per_day,
            grace_days=rule.grace_days, fine_cap=fine_cap(rule.fine_cap, item.price_minor), max_loans=rule.max_loans,
            limit_kind_id=item.kind_id if "max_loans" in rule.per_kind else None,
        )  # fmt: skip
    except IntegrityError as error:
        if broken_constraint(error) in OPEN_COPY:
            raise _just_gone() from error
        raise
    collected = meet_holds(uow, borrower, item, overridden=decision.needs_override)
    if collected is None:
        raise _just_gone()
    _COUNT.count(uow.connection, title_id=item.title_id)
    act = note_act(
        uow, ISSUE, loan_id=row[0], copy_id=item.id, account_id=borrower.id, hold_id=collected.hold_id,
        before={"copy_status": item.status} | collected.before, after={"due_on": decision.due_on.isoformat()},
    )  # fmt: skip
    return IssueReceipt(
        row[0], item.title_id, item.title, item.barcode, borrower.id, decision.due_on, item.location, item.shelf, act,
        collected.hold_id, collected.note,
    )  # fmt: skip


def _just_gone() -> CannotLend:
    text = "Somebody else has just taken this copy."
    reason = Reason("copy-on-loan", text, ReasonKind.IMPOSSIBLE, {"rule": "copy"}, "Take another copy.")
    return refuse(CopyJustGone, conclude([reason], None))  # type: ignore[return-value]


def kept_receipt(receipt: IssueReceipt) -> dict[str, Any]:
    """What stays with an idempotency key: all but who it was, whom the next asker names anyway."""
    kept = {name: getattr(receipt, name) for name in IssueReceipt.__slots__ if name != "member_id"}
    return kept | {"due_on": receipt.due_on.isoformat()}


def receipt_of(kept: dict[str, Any], member_id: int) -> IssueReceipt:
    """The receipt that was kept with an idempotency key."""
    return IssueReceipt(**kept | {"due_on": date.fromisoformat(kept["due_on"]), "member_id": member_id})
