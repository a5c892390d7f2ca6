"""Receipts as they were written: what went to which charge, and what was left owed then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.access.once import act_once
from lib.access.work import UnitOfWork
from lib.billing.models import PaymentKind, PaymentMethod
from lib.billing.policy import receipt_name
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_instant

# Who took it back is asked for apart: joined, SQLite walks every payment once statistics say that few are.
_RECEIPT = Statement(
    "SELECT p.number, p.kind, p.account_id, p.method, p.amount_minor, p.at, p.note, r.number,"
    " (SELECT b.number FROM payment b WHERE b.reverses_id = p.id), p.currency, p.taken_by"
    " FROM payment p LEFT JOIN payment r ON r.id = p.reverses_id"
    " WHERE p.id = :payment_id"
)
# What was set off later is no part of a receipt as it was written; one that takes it back tells the sums.
_PARTS = Statement(
    "SELECT e.charge_id, c.what, CAST(-sum(e.amount_minor) AS BIGINT),"
    " (SELECT CAST(sum(x.amount_minor) AS BIGINT) FROM ledger_entry x WHERE x.charge_id = e.charge_id AND x.id <="
    " (SELECT max(y.id) FROM ledger_entry y WHERE y.payment_id = :payment_id AND y.charge_id = e.charge_id"
    " AND y.kind <> 'set_off'))"
    " FROM ledger_entry e JOIN charge c ON c.id = e.charge_id WHERE e.payment_id = :payment_id AND e.kind <> 'set_off'"
    " GROUP BY e.charge_id, c.what HAVING sum(e.amount_minor) <> 0 ORDER BY max(e.id)"
)


@dataclass(frozen=True, slots=True)
class PaidPart:
    """What of a receipt went to one charge, signed like the receipt, and what was left owed on it then."""

    charge_id: int
    what: str
    amount_minor: int
    left_minor: int


@dataclass(frozen=True, slots=True)
class PaymentReceipt:
    """Money as it changed hands. `amount_minor` is what came into the till: below nought it went out. `number` is
    the receipt's ("R-000123"); `reverses` names the receipt that this one takes back, `reversed_by` the one that
    took this one back; "" where there is none."""

    payment_id: int
    number: str
    account_id: int
    kind: PaymentKind
    amount_minor: int
    currency: str
    method: PaymentMethod
    at: datetime
    taken_by: int | None
    note: str
    reverses: str
    reversed_by: str
    parts: tuple[PaidPart, ...]


def receipt_once(
    uow: UnitOfWork, key: str | None, what: Sequence[Any], act: Callable[[], PaymentReceipt]
) -> PaymentReceipt:
    """What comes of `act`; with a key the same receipt again for the same `what`, and no money moves twice."""
    return act_once(
        uow, key, what, act, lambda receipt: {"payment_id": receipt.payment_id},
        lambda kept: payment_receipt(uow, kept["payment_id"]),
    )  # fmt: skip


def payment_receipt(uow: UnitOfWork, payment_id: int) -> PaymentReceipt:
    """A receipt as it was written, for use cases that have asked for their permission.

    Raises:
        NotFound: no such receipt.
    """
    row = _RECEIPT.row(uow.connection, payment_id=payment_id)
    if row is None:
        raise NotFound("receipt")
    number, kind, account_id, method, amount, at, note, reverses, reversed_by, currency, taken_by = row
    instant = as_instant(at)
    assert instant is not None
    parts = tuple(PaidPart(*part) for part in _PARTS.rows(uow.connection, payment_id=payment_id))
    return PaymentReceipt(
        payment_id, receipt_name(number), account_id, PaymentKind(kind), amount, currency, PaymentMethod(method),
        instant, taken_by, note, receipt_name(reverses) if reverses else "",
        receipt_name(reversed_by) if reversed_by else "", parts,
    )  # fmt: skip
