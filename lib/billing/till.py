"""The till: what went through it since it was closed last, counting it, and the closings."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from lib.access.once import act_once
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.billing.errors import NothingToClose, TillJustClosed
from lib.billing.models import ChargeKind, PaymentKind, PaymentMethod
from lib.billing.policy import receipt_name
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.money import LARGEST
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_day, as_instant
from lib.kit.text import one_line

LONGEST_NOTE = 500
_LOCK = Statement("SELECT last FROM receipt_number WHERE id = 1 FOR UPDATE")
_LAST_CLOSE = Statement("SELECT last_payment_id, closed_at FROM day_close ORDER BY last_payment_id DESC LIMIT 1")
_SUMS = Statement(
    "SELECT method, kind, CAST(sum(amount_minor) AS BIGINT), count(*), min(id), max(id) FROM payment"
    " WHERE id > :after AND id <= :last GROUP BY method, kind ORDER BY method, kind"
)
_TAKEN_FOR = Statement(
    "SELECT c.kind, CAST(-sum(e.amount_minor) AS BIGINT) FROM ledger_entry e JOIN charge c ON c.id = e.charge_id"
    " WHERE e.payment_id > :after AND e.payment_id <= :last GROUP BY c.kind ORDER BY c.kind"
)
_CLOSE = Statement(
    "INSERT INTO day_close (on_date, closed_at, closed_by, first_payment_id, last_payment_id, totals,"
    " cash_expected_minor, cash_counted_minor, note) VALUES (:today, :now, :by, :first, :last, :totals, :expected,"
    " :counted, :note) RETURNING id"
)
_COLUMNS = (
    "SELECT d.id, d.on_date, d.closed_at, d.closed_by, a.name, f.number, l.number, d.totals, d.cash_expected_minor,"
    " d.cash_counted_minor, d.note, d.first_payment_id, d.last_payment_id FROM day_close d"
    " JOIN payment f ON f.id = d.first_payment_id JOIN payment l ON l.id = d.last_payment_id"
    " LEFT JOIN account a ON a.id = d.closed_by"
)
_CLOSES = Statement(f"{_COLUMNS} ORDER BY d.id DESC LIMIT :size OFFSET :skip")
_ONE_CLOSE = Statement(f"{_COLUMNS} WHERE d.id = :close_id")
_HOW_MANY = Statement("SELECT count(*) FROM day_close")
ONE_CLOSE = ("uq_day_close_last", "day_close.last_payment_id")
NO_END = 2**62

Totals = dict[PaymentMethod, dict[PaymentKind, int]]


@dataclass(frozen=True, slots=True)
class Till:
    """What went through the till since it was closed last (`since`; None: never). `totals` are minor units by method
    and kind, below nought where money went out; `taken_for` the same sum by what the money was for. `count` receipts.
    """

    since: datetime | None
    totals: Totals
    taken_for: dict[ChargeKind, int]
    cash_expected_minor: int
    count: int


@dataclass(frozen=True, slots=True)
class DayCloseRow:
    """A till as it was counted. `difference_minor`: counted less expected; below nought cash is missing."""

    id: int
    on_date: date
    closed_at: datetime
    closed_by: int
    closer: str
    first_receipt: str
    last_receipt: str
    count: int
    totals: Totals
    taken_for: dict[ChargeKind, int]
    cash_expected_minor: int
    cash_counted_minor: int
    difference_minor: int
    note: str


def till(uow: UnitOfWork) -> Till:
    """What should be in the till now, beyond the float that stays in it."""
    uow.require(Permission.TAKE_PAYMENTS)
    after, since = _last_close(uow)
    sums = _SUMS.rows(uow.connection, after=after, last=NO_END)
    totals = _totals(sums)
    return Till(since, totals, _taken_for(uow, after, NO_END), _cash(totals), sum(row[3] for row in sums))


def close_day(
    uow: UnitOfWork, *, cash_counted_minor: int, note: str = "", key: str | None = None
) -> DayCloseRow:  # fmt: skip
    """Closes the till over every receipt since it was closed last. `cash_counted_minor` is the cash beyond the float,
    below nought when more was given back than taken. The same `key` again gives the same closing.

    Raises:
        NothingToClose: no receipt since. TillJustClosed: another desk was faster. Invalid: the amount or the note.
    """
    uow.require(Permission.TAKE_PAYMENTS)
    return act_once(
        uow, key, ("close-day", cash_counted_minor, note), lambda: _close_counted(uow, cash_counted_minor, note),
        lambda closed: {"close_id": closed.id}, lambda kept: day_close(uow, kept["close_id"]),
    )  # fmt: skip


def _close_counted(uow: UnitOfWork, cash_counted_minor: int, note: str) -> DayCloseRow:
    text = one_line(note, "note")
    if len(text) > LONGEST_NOTE:
        raise Invalid(Fault("note", f"Keep the note to {LONGEST_NOTE} characters."))
    if abs(cash_counted_minor) > LARGEST:
        raise Invalid(Fault("cash_counted", "This is not an amount of cash."))
    if not uow.installation.is_sqlite:  # closings take turns, between two payments
        _LOCK.row(uow.connection)
    return _close(uow, cash_counted_minor, text)


def _close(uow: UnitOfWork, counted: int, note: str) -> DayCloseRow:
    after, since = _last_close(uow)
    sums = _SUMS.rows(uow.connection, after=after, last=NO_END)
    if not sums:
        raise NothingToClose(since=since)
    totals = _totals(sums)
    expected = _cash(totals)
    try:
        row = _CLOSE.row(
            uow.connection, today=uow.today, now=uow.now, by=uow.actor.account_id, first=min(r[4] for r in sums),
            last=max(r[5] for r in sums), totals=json.dumps(totals), expected=expected, counted=counted, note=note,
        )  # fmt: skip
    except IntegrityError as error:
        if broken_constraint(error) in ONE_CLOSE:
            raise TillJustClosed from error
        raise
    closed = day_close(uow, row[0])
    record(
        uow, "till.close", "day-close", closed.id, receipts=closed.count, expected_minor=expected,
        counted_minor=counted,
    )  # fmt: skip
    return closed


def _last_close(uow: UnitOfWork) -> tuple[int, datetime | None]:
    row = _LAST_CLOSE.row(uow.connection)
    return (row[0], as_instant(row[1])) if row else (0, None)


def _totals(sums: list[Any]) -> Totals:
    totals: Totals = {}
    for method, kind, amount, *_ in sums:
        totals.setdefault(PaymentMethod(method), {})[PaymentKind(kind)] = amount
    return totals


def _cash(totals: Totals) -> int:
    return sum(totals.get(PaymentMethod.CASH, {}).values())


def _taken_for(uow: UnitOfWork, after: int, last: int) -> dict[ChargeKind, int]:
    return {ChargeKind(kind): amount for kind, amount in _TAKEN_FOR.rows(uow.connection, after=after, last=last)}


def day_closes(uow: UnitOfWork, *, page: int = 1, size: int = 30) -> Page[DayCloseRow]:
    """The closings of the till, newest first."""
    uow.require(Permission.TAKE_PAYMENTS)
    number, most = clamp(page, size)
    rows = _CLOSES.rows(uow.connection, size=most, skip=(number - 1) * most)
    (total,) = _HOW_MANY.row(uow.connection)
    return Page(tuple(_row(uow, row) for row in rows), total, number, most)


def day_close(uow: UnitOfWork, close_id: int) -> DayCloseRow:
    """One closing of the till.

    Raises:
        NotFound: there is no such closing.
    """
    uow.require(Permission.TAKE_PAYMENTS)
    row = _ONE_CLOSE.row(uow.connection, close_id=close_id)
    if row is None:
        raise NotFound("closing of the till")
    return _row(uow, row)


def _row(uow: UnitOfWork, row: Any) -> DayCloseRow:
    number, on_date, closed_at, closed_by, closer, first, last, totals, expected, counted, note, first_id, last_id = row
    day, instant = as_day(on_date), as_instant(closed_at)
    assert day is not None
    assert instant is not None
    kept = json.loads(totals) if isinstance(totals, str) else totals
    named = {
        PaymentMethod(method): {PaymentKind(kind): amount for kind, amount in by_kind.items()}
        for method, by_kind in kept.items()
    }
    return DayCloseRow(
        number, day, instant, closed_by, closer or "", receipt_name(first), receipt_name(last), last - first + 1,
        named, _taken_for(uow, first_id - 1, last_id), expected, counted, counted - expected, note,
    )  # fmt: skip
