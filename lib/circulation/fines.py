"""Fines of loans in the ledger: brought up to date while a loan is out, fixed when it is renewed, lost or returned."""

from datetime import date
from typing import Any

from lib.access.work import UnitOfWork
from lib.billing.ledger import accruing_charge, adjust, finalise, open_charge
from lib.billing.models import ChargeKind, ChargeState
from lib.circulation.closure_entries import calendar_of
from lib.circulation.facts import LOANS_AT_MEMBER, MEMBER, borrower_of
from lib.circulation.postings import before, posted, posted_new
from lib.circulation.situation import OpenLoan
from lib.kit.database import Statement

FINE = "Fine for a late return"
_LOCK = Statement(
    "SELECT id FROM loan WHERE account_id = :account_id AND returned_at IS NULL ORDER BY id FOR NO KEY UPDATE"
)
_COPIES = Statement("SELECT id, copy_id FROM loan WHERE account_id = :account_id AND returned_at IS NULL")


def may_cost(loan: OpenLoan, today: date) -> bool:
    """Whether a loan may have a running fine, in the ledger or not yet: only then is the ledger asked."""
    return loan.due_on < today or loan.accrued_minor != 0


def running_on(uow: UnitOfWork, loan: OpenLoan, day: date) -> int:
    """What of a loan's fine is not fixed yet, if it came back on this day (minor units)."""
    return loan.fine_on(day, calendar_of(uow)) - loan.fine_settled


def set_fine(
    uow: UnitOfWork, *, loan_id: int, account_id: int, copy_id: int, running_minor: int, final: bool
) -> list[dict[str, Any]]:
    """Makes the running fine of a loan exactly so much, and `final` fixes it: it may become less than what was paid,
    then the library owes the rest. Nought opens no charge. The caller holds the loan's row.

    Returns what was written, as an act keeps it.
    """
    accruing = accruing_charge(uow, loan_id)
    if accruing is None:
        if not running_minor:
            return []
        charge = open_charge(
            uow, account_id=account_id, kind=ChargeKind.FINE, amount_minor=running_minor, what=FINE, loan_id=loan_id,
            copy_id=copy_id, state=ChargeState.FINAL if final else ChargeState.ACCRUING,
        )  # fmt: skip
        return [posted_new(uow, charge, runs_again=True)]
    charge, gross, _ = accruing
    if gross == running_minor and not final:
        return []
    was = before(uow, charge, ChargeState.ACCRUING)
    adjust(uow, charge, running_minor - gross)
    if final:
        finalise(uow, charge)
    return [posted(uow, was)]


def accrue_member(uow: UnitOfWork, account_id: int) -> int:
    """Brings the running fines of a member's open loans up to today; returns by how much they owe more."""
    if not uow.installation.is_sqlite:
        _LOCK.rows(uow.connection, account_id=account_id)
    rows = MEMBER.rows(uow.connection, member_id=account_id)
    loans = borrower_of(uow, rows, LOANS_AT_MEMBER).loans if rows else ()
    late = [loan for loan in loans if may_cost(loan, uow.today)]
    moved = {loan.id: running_on(uow, loan, uow.today) - loan.accrued_minor for loan in late}
    if any(moved.values()):
        copies = dict(tuple(row) for row in _COPIES.rows(uow.connection, account_id=account_id))
        for loan in late:
            if moved[loan.id]:
                running = loan.accrued_minor + moved[loan.id]
                set_fine(uow, loan_id=loan.id, account_id=account_id, copy_id=copies[loan.id], running_minor=running,
                         final=False)  # fmt: skip
    return sum(moved.values())
