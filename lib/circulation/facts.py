"""What the database knows about a loan in question, read in one statement each."""

from dataclasses import replace
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.circulation.closure_entries import calendar_of
from lib.circulation.hold_models import FITS, WAITS_NOW
from lib.circulation.hold_policy import Claim
from lib.circulation.renewal_decision import Times, most_renewals
from lib.circulation.rules import rule_for
from lib.circulation.settings import CirculationSettings
from lib.circulation.situation import NOBODY, Borrower, Exempt, Item, OpenLoan, Queue, Terms, except_for
from lib.kit.database import Statement
from lib.kit.tables import as_day

_MEMBER = (
    "a.id, a.name, a.status, a.status_reason, a.suspended_until, a.membership_type_id, a.membership_ends_on,"
    " (SELECT coalesce(sum(g.balance_minor), 0) FROM charge g WHERE g.account_id = a.id AND g.balance_minor <> 0),"
    " (SELECT count(*) FROM member_exception x WHERE x.account_id = a.id AND x.ended_at IS NULL)"
)
# What the ledger holds of a loan's running fine, whatever was paid or forgiven of it.
_ACCRUED = (
    "(SELECT sum(n.amount_minor) FROM charge g JOIN ledger_entry n ON n.charge_id = g.id"
    " LEFT JOIN ledger_entry r ON r.id = n.reverses_id"
    " WHERE g.loan_id = m.id AND g.state = 'accruing' AND coalesce(r.kind, n.kind) IN ('charge', 'correction'))"
)
_LOANS = (
    "m.id, m.title_id, mt.title, mt.kind_id, m.due_on, m.fine_per_day, m.grace_days, m.fine_cap, m.fine_settled,"
    f" {_ACCRUED}, m.claimed_on"
)
_ITEM = "c.id, c.barcode, c.title_id, t.title, t.kind_id, c.status, c.price_minor, p.name, c.shelf"
_THEIR_LOANS = (
    " LEFT JOIN loan m ON m.account_id = a.id AND m.returned_at IS NULL"
    " LEFT JOIN title mt ON mt.id = m.title_id"
)  # fmt: skip
WAITING = (
    f"(SELECT count(*) FROM hold h WHERE h.title_id = c.title_id AND {WAITS_NOW} AND h.account_id <> a.id"
    f" AND {FITS.format(copy='c.id')})"
)
# The barcode hides in a SELECT: after an ANALYZE, SQLite would compare the bare value with its samples of barcodes and
# plan the statement anew for each, which takes ten times as long as the statement itself.
ISSUE = Statement(
    f"SELECT {_MEMBER}, {_ITEM}, o.id, o.account_id, o.due_on, h.id, h.state, s.id, s.account_id, {WAITING},"
    f" {_LOANS}"
    " FROM account a"
    " LEFT JOIN copy c ON c.barcode = (SELECT :barcode)"
    " LEFT JOIN title t ON t.id = c.title_id"
    " LEFT JOIN location p ON p.id = c.location_id"
    " LEFT JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL"
    " LEFT JOIN hold h ON h.account_id = a.id AND h.title_id = c.title_id AND h.state IN ('waiting', 'ready')"
    " LEFT JOIN hold s ON s.shelf_copy_id = c.id AND s.state = 'ready'"
    f"{_THEIR_LOANS} WHERE a.id = :member_id"
)
# Whether it is open is looked at afterwards: asked for here, SQLite may walk an index of open loans instead.
RENEWAL = Statement(
    f"SELECT {_MEMBER}, {_ITEM}, o.id, o.account_id, o.due_on, NULL, NULL, NULL, NULL, {WAITING},"
    f" {_LOANS}, o.renewals, o.max_renewals, o.loan_days, o.returned_at"
    " FROM loan o JOIN account a ON a.id = o.account_id"
    " JOIN copy c ON c.id = o.copy_id JOIN title t ON t.id = c.title_id JOIN location p ON p.id = c.location_id"
    f"{_THEIR_LOANS} WHERE o.id = :loan_id"
)
MEMBER = Statement(f"SELECT {_MEMBER}, {_LOANS} FROM account a {_THEIR_LOANS} WHERE a.id = :member_id")
_CLAIMS = Statement(
    f"SELECT h.id, h.copy_id, h.position FROM hold h WHERE h.title_id = :title_id AND {WAITS_NOW}"
    " AND h.account_id <> :member_id ORDER BY h.position LIMIT :most"
)
_FREE = Statement(
    "SELECT id FROM copy WHERE title_id = :title_id AND status = 'available' AND id <> :copy_id ORDER BY id LIMIT :most"
)
_PLACE = Statement("SELECT position FROM hold WHERE id = :hold_id")
MOST_CLAIMS = 1000
_EXCEPTIONS = Statement(
    "SELECT name, amount, until FROM member_exception"
    " WHERE account_id = :member_id AND ended_at IS NULL AND until >= :today ORDER BY name"
)
_LOCK = Statement("SELECT id FROM account WHERE id = :member_id FOR NO KEY UPDATE")
_LOCK_COPY = Statement("SELECT id FROM copy WHERE barcode = :barcode FOR NO KEY UPDATE")
_ITEM_AT = 9
_OPEN_AT, _HOLDS_AT, LOANS_AT = _ITEM_AT + 9, _ITEM_AT + 12, _ITEM_AT + 17
_LOAN_WIDE = 11
TIMES_AT = LOANS_AT + _LOAN_WIDE
RETURNED_AT = TIMES_AT + 3
LOANS_AT_MEMBER = _ITEM_AT


def lock_member(uow: UnitOfWork, member_id: int) -> None:
    """Lets one act at a time count this member's loans. SQLite has one writer anyway."""
    if not uow.installation.is_sqlite:
        _LOCK.row(uow.connection, member_id=member_id)


def lock_copy(uow: UnitOfWork, barcode: str) -> None:
    """Lets one act at a time change this copy. Locks go in one order: member, copy, loan, title, audit."""
    if not uow.installation.is_sqlite:
        _LOCK_COPY.row(uow.connection, barcode=barcode)


def borrower_of(uow: UnitOfWork, rows: list[Any], loans_at: int) -> Borrower:
    """The member and their open loans, from rows that begin with the member's columns."""
    number, name, status, reason, until, type_id, ends_on, balance, exempt = rows[0][:_ITEM_AT]
    loans = tuple(_loan(row[loans_at : loans_at + _LOAN_WIDE]) for row in rows if row[loans_at] is not None)
    exceptions = _exceptions(uow, number) if exempt else ()
    reason = reason if uow.actor.may(Permission.CIRCULATE) else None  # staff wrote it down for staff
    return Borrower(
        number, name, status, reason, as_day(until), type_id, as_day(ends_on), loans, int(balance), exceptions
    )


def _exceptions(uow: UnitOfWork, member_id: int) -> tuple[Exempt, ...]:
    rows = _EXCEPTIONS.rows(uow.connection, member_id=member_id, today=uow.today)
    return tuple(Exempt(name, amount, day) for name, amount, until in rows if (day := as_day(until)))


def _loan(row: Any) -> OpenLoan:
    loan_id, title_id, title, kind_id, due_on, per_day, grace, cap, settled, accrued, claimed_on = row
    day = as_day(due_on)
    assert day is not None
    return OpenLoan(
        loan_id, title_id, title, kind_id, day, per_day, grace, cap, settled, int(accrued or 0), as_day(claimed_on)
    )


def item_of(row: Any) -> Item:
    """The copy, its open loan and its queue, from a row of ISSUE or RENEWAL."""
    number, barcode, title_id, title, kind_id, status, price, location, shelf = row[_ITEM_AT:_OPEN_AT]
    loan_id, account_id, due_on = row[_OPEN_AT:_HOLDS_AT]
    own_id, own_state, shelf_id, shelf_for, waiting = row[_HOLDS_AT:LOANS_AT]
    queue = (
        Queue(own_id, own_state == "ready", shelf_id, shelf_for, waiting)
        if own_id or shelf_id or waiting else NOBODY
    )  # fmt: skip
    return Item(
        number, barcode, title_id, title, kind_id, status, price, location, shelf, loan_id, account_id, as_day(due_on),
        queue,
    )  # fmt: skip


def claims_of(uow: UnitOfWork, title_id: int, *, but: int) -> tuple[Claim, ...]:
    """The holds on a title that may be served now, but those of one member, in their order: the first 1,000."""
    rows = _CLAIMS.rows(uow.connection, title_id=title_id, member_id=but, today=uow.today, most=MOST_CLAIMS)
    return tuple(Claim(row[0], row[1]) for row in rows)


def with_claims(uow: UnitOfWork, item: Item, member_id: int | None = None) -> Item:
    """A copy with who waits for its title and what else stands on the shelf for them: asked for only where this copy
    could serve one of them, and then of the first 1,000. `member_id`: who has it, or would take it from the shelf and
    who, having reserved the title, goes before those behind them."""
    if not item.queue.waiting:
        return item
    who = item.loan_account_id if member_id is None else member_id
    asked = {"title_id": item.title_id, "most": MOST_CLAIMS}
    claims = _CLAIMS.rows(uow.connection, member_id=who, today=uow.today, **asked)
    free = _FREE.rows(uow.connection, copy_id=item.id, **asked)
    own = _PLACE.row(uow.connection, hold_id=item.queue.own_id) if item.queue.own_id else None
    place = own[0] if own and own[0] else None
    before = tuple(Claim(row[0], row[1]) for row in claims if place is None or row[2] < place)
    return replace(item, queue=replace(item.queue, claims=before, free=tuple(row[0] for row in free)))


def issue_facts(uow: UnitOfWork, barcode: str, member_id: int) -> tuple[Borrower | None, Item | None]:
    """The member and the copy; None for what there is not."""
    rows = ISSUE.rows(uow.connection, barcode=barcode, member_id=member_id, today=uow.today)
    if not rows:
        return None, None
    return borrower_of(uow, rows, LOANS_AT), None if rows[0][_ITEM_AT] is None else item_of(rows[0])


def terms_of(uow: UnitOfWork, borrower: Borrower, kind_id: int | None) -> Terms:
    """Under what a decision about this member and kind of item is made today, their exceptions included."""
    terms = terms_for(uow, borrower.type_id, kind_id)
    return except_for(terms, borrower.exceptions) if borrower.exceptions else terms


def terms_for(uow: UnitOfWork, type_id: int | None, kind_id: int | None) -> Terms:
    """Under what decisions are made for this membership type and kind of item, today, without anybody's exceptions."""
    words = uow.words
    return Terms(
        uow.today, calendar_of(uow), uow.settings(CirculationSettings), rule_for(uow, type_id, kind_id),
        words.currency, words.locale,
    )  # fmt: skip


def times_of(uow: UnitOfWork, borrower: Borrower, renewals: int, max_renewals: int, loan_days: int) -> Times:
    """How often and when this loan may be renewed by whoever asks: staff and jobs at any time, readers from so many
    days before it is due."""
    by_staff = uow.actor.may(Permission.CIRCULATE) or uow.actor.may(Permission.RUN_JOBS)
    from_days = 0 if by_staff else uow.settings(CirculationSettings).renew_from_days
    return Times(renewals, most_renewals(borrower, max_renewals), loan_days, from_days)
