"""What the database knows about a loan in question, read in one statement each."""

from typing import Any

from lib.access.work import UnitOfWork
from lib.circulation.closures import calendar_of
from lib.circulation.rules import rule_for
from lib.circulation.settings import CirculationSettings
from lib.circulation.situation import Borrower, Item, OpenLoan, Terms
from lib.kit.database import Statement
from lib.kit.tables import as_day

_MEMBER = "a.id, a.name, a.status, a.status_reason, a.suspended_until, a.membership_type_id, a.membership_ends_on"
_LOANS = "m.id, m.title_id, mt.title, mt.kind_id, m.due_on, m.fine_per_day, m.grace_days, m.fine_cap, m.fine_settled"
_ITEM = "c.id, c.barcode, c.title_id, t.title, t.kind_id, c.status, c.price_minor, p.name, c.shelf"
_THEIR_LOANS = (
    " LEFT JOIN loan m ON m.account_id = a.id AND m.returned_at IS NULL"
    " LEFT JOIN title mt ON mt.id = m.title_id"
)  # fmt: skip
ISSUE = Statement(
    f"SELECT {_MEMBER}, {_ITEM}, o.id, o.account_id, o.due_on, {_LOANS}"
    " FROM account a"
    " LEFT JOIN copy c ON c.barcode = :barcode"
    " LEFT JOIN title t ON t.id = c.title_id"
    " LEFT JOIN location p ON p.id = c.location_id"
    " LEFT JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL"
    f"{_THEIR_LOANS} WHERE a.id = :member_id"
)
# Whether it is open is looked at afterwards: asked for here, SQLite may walk an index of open loans instead.
RENEWAL = Statement(
    f"SELECT {_MEMBER}, {_ITEM}, o.id, o.account_id, o.due_on, {_LOANS},"
    " o.renewals, o.max_renewals, o.loan_days, o.returned_at"
    " FROM loan o JOIN account a ON a.id = o.account_id"
    " JOIN copy c ON c.id = o.copy_id JOIN title t ON t.id = c.title_id JOIN location p ON p.id = c.location_id"
    f"{_THEIR_LOANS} WHERE o.id = :loan_id"
)
MEMBER = Statement(f"SELECT {_MEMBER}, {_LOANS} FROM account a {_THEIR_LOANS} WHERE a.id = :member_id")
_LOCK = Statement("SELECT id FROM account WHERE id = :member_id FOR NO KEY UPDATE")
_LOCK_COPY = Statement("SELECT id FROM copy WHERE barcode = :barcode FOR NO KEY UPDATE")
_ITEM_AT, _OPEN_AT, LOANS_AT = 7, 16, 19


def lock_member(uow: UnitOfWork, member_id: int) -> None:
    """Lets one act at a time count this member's loans. SQLite has one writer anyway."""
    if not uow.installation.is_sqlite:
        _LOCK.row(uow.connection, member_id=member_id)


def lock_copy(uow: UnitOfWork, barcode: str) -> None:
    """Lets one act at a time change this copy. Locks go in one order: member, copy, loan, title, audit."""
    if not uow.installation.is_sqlite:
        _LOCK_COPY.row(uow.connection, barcode=barcode)


def borrower_of(rows: list[Any], loans_at: int) -> Borrower:
    """The member and their open loans, from rows that begin with the member's columns."""
    number, name, status, reason, until, type_id, ends_on = rows[0][:_ITEM_AT]
    loans = tuple(_loan(row[loans_at : loans_at + 9]) for row in rows if row[loans_at] is not None)
    return Borrower(number, name, status, reason, as_day(until), type_id, as_day(ends_on), loans)


def _loan(row: Any) -> OpenLoan:
    loan_id, title_id, title, kind_id, due_on, per_day, grace, cap, settled = row
    day = as_day(due_on)
    assert day is not None
    return OpenLoan(loan_id, title_id, title, kind_id, day, per_day, grace, cap, settled)


def item_of(row: Any) -> Item:
    """The copy and its open loan, from a row of ISSUE or RENEWAL."""
    number, barcode, title_id, title, kind_id, status, price, location, shelf = row[_ITEM_AT:_OPEN_AT]
    loan_id, account_id, due_on = row[_OPEN_AT:LOANS_AT]
    due = as_day(due_on)
    return Item(number, barcode, title_id, title, kind_id, status, price, location, shelf, loan_id, account_id, due)


def issue_facts(uow: UnitOfWork, barcode: str, member_id: int) -> tuple[Borrower | None, Item | None]:
    """The member and the copy; None for what there is not."""
    rows = ISSUE.rows(uow.connection, barcode=barcode, member_id=member_id)
    if not rows:
        return None, None
    return borrower_of(rows, LOANS_AT), None if rows[0][_ITEM_AT] is None else item_of(rows[0])


def terms_for(uow: UnitOfWork, type_id: int | None, kind_id: int | None) -> Terms:
    """Under what a decision is made for this membership type and kind of item, today."""
    library = uow.library
    return Terms(
        uow.today, calendar_of(uow), uow.settings(CirculationSettings), rule_for(uow, type_id, kind_id),
        library.currency, library.locale,
    )  # fmt: skip


TIMES_AT = LOANS_AT + 9
RETURNED_AT = TIMES_AT + 3
LOANS_AT_MEMBER = _ITEM_AT
