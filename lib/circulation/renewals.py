"""Renewal: an open loan gets a later due date, one by one or all of a member's at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.access.once import fingerprint, recall, remember
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.circulation.acts import RENEW, note_act
from lib.circulation.checkout import accept
from lib.circulation.decision import Decision, Reason
from lib.circulation.errors import CannotRenew
from lib.circulation.facts import (
    LOANS_AT,
    RENEWAL,
    RETURNED_AT,
    TIMES_AT,
    borrower_of,
    item_of,
    lock_member,
    terms_of,
    times_of,
    with_claims,
)
from lib.circulation.fines import may_cost, set_fine
from lib.circulation.postings import MONEY
from lib.circulation.renewal_decision import Times, decide_renewal
from lib.circulation.renewal_notice import NOT_RENEWED, tell_renewed
from lib.circulation.situation import Borrower, Item, OpenLoan, Terms
from lib.kit.database import Statement
from lib.kit.errors import NotFound

_OWNER = Statement("SELECT account_id FROM loan WHERE id = :loan_id")
_MOVE = Statement(
    "UPDATE loan SET due_on = :due_on, renewals = renewals + 1, fine_settled = :settled,"
    " max_renewals = :max_renewals"
    " WHERE id = :loan_id AND returned_at IS NULL AND renewals = :renewals AND due_on = :old_due_on"
)
_OPEN = Statement(
    "SELECT id FROM loan WHERE account_id = :member_id AND returned_at IS NULL ORDER BY due_on, id LIMIT 500"
)


@dataclass(frozen=True, slots=True)
class RenewReceipt:
    """The old and the new due date, and how many renewals are left."""

    loan_id: int
    old_due_on: date
    due_on: date
    renewals: int
    renewals_left: int
    act_id: int


@dataclass(frozen=True, slots=True)
class RenewOutcome:
    """What came of one loan: a receipt, or the reasons why not."""

    loan_id: int
    title: str
    receipt: RenewReceipt | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    borrower: Borrower
    item: Item
    loan: OpenLoan
    times: Times
    terms: Terms
    granted: int  # renewals, when it was lent; an exception may grant more by now

    def decide(self) -> Decision:
        return decide_renewal(self.borrower, self.item, self.loan, self.times, self.terms)


def renew(uow: UnitOfWork, *, loan_id: int, override: str | None = None, key: str | None = None) -> RenewReceipt:
    """Renews an own loan, or at the desk anybody's. The fine so far of an overdue loan is settled first: it stays.

    Raises:
        NotFound: no such open loan, or not the member's own. CannotRenew: with every reason.
        Forbidden, Invalid: about the override.
    """
    uow.require(Permission.BORROW)
    asked = fingerprint("renew", loan_id, override) if key else ""
    if key and (done := recall(uow, key, asked)):
        days = {name: date.fromisoformat(done[name]) for name in ("old_due_on", "due_on")}
        return RenewReceipt(**done | days)
    if not uow.installation.is_sqlite:
        lock_member(uow, _owner(uow, loan_id))
    case = _own_case(uow, loan_id)
    receipt = _renew(uow, case, override)
    if key:
        remember(uow, key, asked, {name: getattr(receipt, name) for name in RenewReceipt.__slots__})
    return receipt


def consider_renewal(uow: UnitOfWork, *, loan_id: int) -> Decision:
    """What `renew` would say now; changes nothing.

    Raises:
        NotFound: no such open loan, or not the member's own.
    """
    uow.require(Permission.BORROW)
    return _own_case(uow, loan_id).decide()


def renew_all(uow: UnitOfWork, *, member_id: int) -> tuple[RenewOutcome, ...]:
    """Renews what may be renewed of a member's open loans (at most 500); for each says what happened or why not.

    Raises:
        NotFound: a member asks for somebody else.
    """
    uow.require(Permission.BORROW)
    if member_id != uow.actor.account_id and not uow.actor.may(Permission.CIRCULATE):
        raise NotFound("member")
    lock_member(uow, member_id)
    return tuple(_try(uow, _case(uow, loan_id)) for (loan_id,) in _OPEN.rows(uow.connection, member_id=member_id))


def _try(uow: UnitOfWork, case: _Case) -> RenewOutcome:
    decision = case.decide()
    receipt = _renew(uow, case, None) if decision.may else None
    return RenewOutcome(case.loan.id, case.item.title, receipt, () if receipt else decision.against)


def renew_for_night(uow: UnitOfWork, member_id: int, loan_ids: Sequence[int]) -> int:
    """Renews what may be renewed of these loans of one member, who is told once of each kind and whose row is held;
    returns how many. What must come back is told on the day before. For the night job of this room."""
    renewed, left = [], []
    for loan_id in loan_ids:
        outcome = _try(uow, case := _case(uow, loan_id))
        if outcome.receipt:
            renewed.append((outcome.title, outcome.receipt.due_on))
        elif case.loan.due_on > uow.today:
            left.append((outcome.title, case.loan.due_on))
    if renewed:
        tell_renewed(uow, member_id, renewed)
    if left:
        tell_renewed(uow, member_id, left, kind=NOT_RENEWED)
    return len(renewed)


def _owner(uow: UnitOfWork, loan_id: int) -> int:
    row = _OWNER.row(uow.connection, loan_id=loan_id)
    return _seen(uow, row[0] if row else None)


def _own_case(uow: UnitOfWork, loan_id: int) -> _Case:
    case = _case(uow, loan_id)
    _seen(uow, case.borrower.id)
    return case


def _seen(uow: UnitOfWork, account_id: int | None) -> int:
    """Whose loan it is, if the actor may know: their own, or at the desk anybody's."""
    if account_id is None or (account_id != uow.actor.account_id and not uow.actor.may(Permission.CIRCULATE)):
        raise NotFound("loan")
    return account_id


def _case(uow: UnitOfWork, loan_id: int) -> _Case:
    rows = RENEWAL.rows(uow.connection, loan_id=loan_id, today=uow.today)
    if not rows or rows[0][RETURNED_AT] is not None:
        raise NotFound("loan")
    borrower, item = borrower_of(uow, rows, LOANS_AT), with_claims(uow, item_of(rows[0]))
    loan = next(loan for loan in borrower.loans if loan.id == loan_id)
    times = times_of(uow, borrower, *rows[0][TIMES_AT : TIMES_AT + 3])
    return _Case(borrower, item, loan, times, terms_of(uow, borrower, item.kind_id), rows[0][TIMES_AT + 1])


def _renew(uow: UnitOfWork, case: _Case, override: str | None) -> RenewReceipt:
    loan, times, decision = case.loan, case.times, case.decide()
    why = accept(uow, decision, override, CannotRenew, member_id=case.borrower.id)
    assert decision.due_on is not None
    settled = loan.fine_on(case.terms.today, case.terms.calendar)
    if not _MOVE.count(
        uow.connection, due_on=decision.due_on, settled=settled, loan_id=loan.id, renewals=times.renewals,
        old_due_on=loan.due_on, max_renewals=times.max_renewals,
    ):  # fmt: skip
        raise NotFound("loan")
    money = _close_fine(uow, case, settled - loan.fine_settled)
    before: dict[str, Any] = {
        "due_on": loan.due_on.isoformat(), "renewals": times.renewals, "fine_settled": loan.fine_settled,
    }  # fmt: skip
    if times.max_renewals > case.granted:
        before["max_renewals"] = case.granted
    after = {"due_on": decision.due_on.isoformat(), "renewals": times.renewals + 1, "fine_settled": settled}
    act = note_act(
        uow, RENEW, loan_id=loan.id, copy_id=case.item.id, account_id=case.borrower.id, before=before,
        after=after | ({MONEY: money} if money else {}),
    )  # fmt: skip
    action = "loan.renew-override" if why else "loan.renew"
    _record(uow, action, case, before=before, after=after, **why)
    left = max(0, times.max_renewals - times.renewals - 1)
    return RenewReceipt(loan.id, loan.due_on, decision.due_on, times.renewals + 1, left, act)


def _close_fine(uow: UnitOfWork, case: _Case, running_minor: int) -> list[dict[str, Any]]:
    """An overdue renewal settles the fine so far into a charge of its own. The loan's row is held."""
    if not running_minor and not may_cost(case.loan, case.terms.today):
        return []
    return set_fine(
        uow, loan_id=case.loan.id, account_id=case.borrower.id, copy_id=case.item.id, running_minor=running_minor,
        final=True,
    )  # fmt: skip


def _record(uow: UnitOfWork, action: str, case: _Case, **facts: Any) -> None:
    if uow.actor.account_id == case.borrower.id and "override" not in facts:
        # Names the account alone: a reader who erases their history must not stay readable here.
        record(uow, "loan.self-renew", "account", case.borrower.id, due_on=facts["after"]["due_on"])
    else:
        record(uow, action, "loan", case.loan.id, **facts)
