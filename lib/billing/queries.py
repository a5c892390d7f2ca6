"""Reads of money: a member's charges, receipts and statement of account."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.billing.errors import StatementTooLong
from lib.billing.models import ChargeKind, ChargeState, EntryKind, PaymentKind, PaymentMethod
from lib.billing.policy import Posting, merge_growth, receipt_name, refundable_minor
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_day, as_instant

PAGE = 50
MOST_ENTRIES = 5000
_SHOWN = (
    "c.account_id = :account_id AND (c.balance_minor <> 0"
    " OR EXISTS (SELECT 1 FROM ledger_entry x WHERE x.charge_id = c.id))"
)
_OPEN = "c.account_id = :account_id AND c.balance_minor <> 0"
_COLUMNS = "SELECT c.id, c.kind, c.what, c.state, c.made_at, c.loan_id, c.copy_id, c.balance_minor FROM charge c"
_CHARGES = Statement(f"{_COLUMNS} WHERE {_SHOWN} ORDER BY c.id DESC LIMIT :size OFFSET :skip")
_OPEN_CHARGES = Statement(f"{_COLUMNS} WHERE {_OPEN} ORDER BY c.id LIMIT :size OFFSET :skip")
_CHARGES_COUNT = Statement(f"SELECT count(*) FROM charge c WHERE {_SHOWN}")
_OPEN_COUNT = Statement(f"SELECT count(*) FROM charge c WHERE {_OPEN}")
# What a reversal takes back counts where the entry that it takes back counted.
_SUMS = Statement(
    "SELECT e.charge_id,"
    " CAST(sum(CASE WHEN coalesce(r.kind, e.kind) IN ('charge', 'correction') THEN e.amount_minor ELSE 0 END)"
    " AS BIGINT),"
    " CAST(-sum(CASE WHEN e.payment_id IS NOT NULL THEN e.amount_minor ELSE 0 END) AS BIGINT),"
    " CAST(-sum(CASE WHEN coalesce(r.kind, e.kind) = 'waiver' THEN e.amount_minor ELSE 0 END) AS BIGINT)"
    " FROM ledger_entry e LEFT JOIN ledger_entry r ON r.id = e.reverses_id"
    " WHERE e.charge_id IN (:*ids) GROUP BY e.charge_id"
)
_OPENING = Statement(
    "SELECT CAST(coalesce(sum(amount_minor), 0) AS BIGINT) FROM ledger_entry"
    " WHERE account_id = :account_id AND on_date < :first"
)
_POSTINGS = Statement(
    "SELECT e.charge_id, c.kind, c.what, e.kind, e.amount_minor, e.on_date, p.number, e.reason, r.kind"
    " FROM ledger_entry e JOIN charge c ON c.id = e.charge_id LEFT JOIN payment p ON p.id = e.payment_id"
    " LEFT JOIN ledger_entry r ON r.id = e.reverses_id"
    " WHERE e.account_id = :account_id AND e.on_date >= :first AND e.on_date <= :last ORDER BY e.on_date, e.id"
    " LIMIT :most"
)
_PAYMENTS = Statement(
    "SELECT p.id, p.number, p.kind, p.method, p.amount_minor, p.at, p.on_date, p.note, r.number,"
    " (SELECT b.number FROM payment b WHERE b.reverses_id = p.id)"  # apart: see paid.py
    " FROM payment p LEFT JOIN payment r ON r.id = p.reverses_id"
    " WHERE p.account_id = :account_id ORDER BY p.id DESC LIMIT :size OFFSET :skip"
)
_PAYMENTS_COUNT = Statement("SELECT count(*) FROM payment WHERE account_id = :account_id")


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A charge: balance_minor = charged_minor - paid_minor - waived_minor. `refundable_minor` can be given back."""

    id: int
    kind: ChargeKind
    what: str
    state: ChargeState
    made_at: datetime
    loan_id: int | None
    copy_id: int | None
    charged_minor: int
    paid_minor: int
    waived_minor: int
    balance_minor: int
    refundable_minor: int


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of a statement and the balance after it. A running fine that grew day by day is one line, which began
    on `since`. `takes_back`: what kind of entry it takes back. `receipt`: "R-000123", or ""."""

    on_date: date
    since: date
    kind: EntryKind
    takes_back: EntryKind | None
    charge_kind: ChargeKind
    what: str
    amount_minor: int
    balance_minor: int
    receipt: str
    reason: str


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """What a member owed, what came to it, what was paid; from `first` up to and including `last`."""

    account_id: int
    first: date
    last: date
    opening_minor: int
    lines: tuple[StatementLine, ...]
    closing_minor: int


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A receipt of a member. `amount_minor` is below nought where money went out."""

    payment_id: int
    number: str
    kind: PaymentKind
    method: PaymentMethod
    amount_minor: int
    at: datetime
    on_date: date
    note: str
    reverses: str
    reversed_by: str


def require_own_or_till(uow: UnitOfWork, account_id: int) -> None:
    """One's own money needs an account; anybody else's the till's permission, or the desk's.

    Raises:
        NotSignedIn, Forbidden.
    """
    if account_id == uow.actor.account_id:
        uow.require(Permission.USE_ACCOUNT)
    elif not uow.actor.may(Permission.TAKE_PAYMENTS):
        uow.require(Permission.CIRCULATE)


def charges_of(
    uow: UnitOfWork, account_id: int, *, open_only: bool = False, page: int = 1, size: int = PAGE
) -> Page[ChargeRow]:
    """A member's charges, newest first; `open_only`: those with a balance, oldest first, as a payment fills them."""
    require_own_or_till(uow, account_id)
    number, most = clamp(page, size)
    wanted, counted = (_OPEN_CHARGES, _OPEN_COUNT) if open_only else (_CHARGES, _CHARGES_COUNT)
    rows = wanted.rows(uow.connection, account_id=account_id, size=most, skip=(number - 1) * most)
    (total,) = counted.row(uow.connection, account_id=account_id)
    found = _SUMS.rows(uow.connection, ids=[row[0] for row in rows]) if rows else []
    sums = {row[0]: row[1:] for row in found}
    return Page(tuple(_charge(row, sums.get(row[0], (0, 0, 0))) for row in rows), total, number, most)


def _charge(row: Any, sums: Any) -> ChargeRow:
    number, kind, what, state, made_at, loan_id, copy_id, balance = row
    charged, paid, waived = sums
    instant = as_instant(made_at)
    assert instant is not None
    return ChargeRow(
        number, ChargeKind(kind), what, ChargeState(state), instant, loan_id, copy_id, charged, paid, waived, balance,
        refundable_minor(paid_minor=paid, balance_minor=balance),
    )  # fmt: skip


def statement(uow: UnitOfWork, account_id: int, *, first: date, last: date) -> AccountStatement:
    """A member's account from one day of the library to another, both included.

    Raises:
        Invalid: it ends before it begins. StatementTooLong: more than 5,000 entries.
    """
    require_own_or_till(uow, account_id)
    if last < first:
        raise Invalid(Fault("last", "The last day lies before the first."))
    (opening,) = _OPENING.row(uow.connection, account_id=account_id, first=first)
    rows = _POSTINGS.rows(uow.connection, account_id=account_id, first=first, last=last, most=MOST_ENTRIES + 1)
    if len(rows) > MOST_ENTRIES:
        raise StatementTooLong(entries=MOST_ENTRIES)
    balance, lines = opening, []
    for posting in merge_growth([_posting(row) for row in rows]):
        balance += posting.amount_minor
        lines.append(_line(posting, balance))
    return AccountStatement(account_id, first, last, opening, tuple(lines), balance)


def _posting(row: Any) -> Posting:
    charge_id, charge_kind, what, kind, amount, on_date, number, reason, taken_back = row
    day = as_day(on_date)
    assert day is not None
    return Posting(
        charge_id, ChargeKind(charge_kind), what, EntryKind(kind), amount, day, day,
        receipt_name(number) if number else "", reason, EntryKind(taken_back) if taken_back else None,
    )  # fmt: skip


def _line(posting: Posting, balance: int) -> StatementLine:
    return StatementLine(
        posting.on_date, posting.since, posting.kind, posting.takes_back, posting.charge_kind, posting.what,
        posting.amount_minor, balance, posting.receipt, posting.reason,
    )  # fmt: skip


def payments_of(uow: UnitOfWork, account_id: int, *, page: int = 1, size: int = PAGE) -> Page[PaymentRow]:
    """A member's receipts, newest first."""
    require_own_or_till(uow, account_id)
    number, most = clamp(page, size)
    rows = _PAYMENTS.rows(uow.connection, account_id=account_id, size=most, skip=(number - 1) * most)
    (total,) = _PAYMENTS_COUNT.row(uow.connection, account_id=account_id)
    return Page(tuple(map(_payment, rows)), total, number, most)


def _payment(row: Any) -> PaymentRow:
    payment_id, number, kind, method, amount, at, on_date, note, reverses, reversed_by = row
    instant, day = as_instant(at), as_day(on_date)
    assert instant is not None
    assert day is not None
    return PaymentRow(
        payment_id, receipt_name(number), PaymentKind(kind), PaymentMethod(method), amount, instant, day, note,
        receipt_name(reverses) if reverses else "", receipt_name(reversed_by) if reversed_by else "",
    )  # fmt: skip
