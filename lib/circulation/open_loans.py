"""One open loan at hand, with its copy and its member: read under the locks of an act about it."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.access.work import UnitOfWork
from lib.circulation.facts import lock_copy, lock_member
from lib.circulation.situation import OpenLoan
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_day

_WHO = Statement(
    "SELECT o.account_id, c.barcode FROM loan o JOIN copy c ON c.id = o.copy_id"
    " WHERE o.id = :loan_id AND o.account_id IS NOT NULL"
)
_LOCK = Statement("SELECT id FROM loan WHERE id = :loan_id FOR NO KEY UPDATE")
# Whether it is open is looked at afterwards: asked for here, SQLite may walk an index of open loans instead.
_FIND = Statement(
    "SELECT o.id, c.title_id, t.title, t.kind_id, o.due_on, o.fine_per_day, o.grace_days, o.fine_cap, o.fine_settled,"
    " o.claimed_on, o.issued_on, c.id, c.barcode, c.price_minor, a.id, a.name, a.email, a.language,"
    " a.preferences, o.returned_at"
    " FROM loan o JOIN copy c ON c.id = o.copy_id JOIN title t ON t.id = c.title_id"
    " JOIN account a ON a.id = o.account_id WHERE o.id = :loan_id"
)


@dataclass(frozen=True, slots=True)
class LoanAtHand:
    """An open loan, whose it is, and the copy. `loan.accrued_minor` is left at 0: the ledger is asked when needed."""

    loan: OpenLoan
    issued_on: date
    copy_id: int
    barcode: str
    price_minor: int | None
    account_id: int
    name: str
    email: str
    language: str
    preferences: dict[str, Any]


def hold_loan(uow: UnitOfWork, loan_id: int) -> LoanAtHand:
    """Locks a loan's member, its copy and itself, in this order, and reads them.

    Raises:
        NotFound: no such open loan.
    """
    row = _WHO.row(uow.connection, loan_id=loan_id)
    if row is None:
        raise NotFound("loan")
    lock_member(uow, row[0])
    lock_copy(uow, row[1])
    if not uow.installation.is_sqlite:
        _LOCK.row(uow.connection, loan_id=loan_id)
    return find_loan(uow, loan_id)


def find_loan(uow: UnitOfWork, loan_id: int) -> LoanAtHand:
    """Reads an open loan without its locks, for looks.

    Raises:
        NotFound: no such open loan.
    """
    found = _FIND.row(uow.connection, loan_id=loan_id)
    if found is None or found[-1] is not None:
        raise NotFound("loan")
    return _at_hand(found)


def _at_hand(row: Any) -> LoanAtHand:
    loan_id, title_id, title, kind_id, due_on, per_day, grace, cap, settled, claimed_on, issued_on = row[:11]
    due, issued = as_day(due_on), as_day(issued_on)
    assert due is not None
    assert issued is not None
    loan = OpenLoan(loan_id, title_id, title, kind_id, due, per_day, grace, cap, settled, claimed_on=as_day(claimed_on))
    copy_id, barcode, price, account_id, name, email, language, kept = row[11:19]
    preferences = json.loads(kept) if isinstance(kept, str) else kept or {}
    return LoanAtHand(loan, issued, copy_id, barcode, price, account_id, name, email or "", language, preferences)
