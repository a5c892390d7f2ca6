"""The receipts that went through the till: since it was closed last, or found by their number."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.billing.models import PaymentKind, PaymentMethod
from lib.billing.policy import receipt_name
from lib.kit.database import Statement
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_instant

PAGE = 25
LONGEST_NUMBER = 18
_DIGITS = re.compile(r"[0-9]+")
_AFTER = Statement("SELECT coalesce(max(last_payment_id), 0) FROM day_close")
_COLUMNS = (
    "SELECT p.id, p.number, p.kind, p.method, p.amount_minor, p.at, p.account_id, a.name, s.name, p.note, r.number,"
    " (SELECT b.number FROM payment b WHERE b.reverses_id = p.id), p.id <= :after"
    " FROM payment p JOIN account a ON a.id = p.account_id LEFT JOIN account s ON s.id = p.taken_by"
    " LEFT JOIN payment r ON r.id = p.reverses_id"
)
_SINCE = Statement(f"{_COLUMNS} WHERE p.id > :after ORDER BY p.id DESC LIMIT :size OFFSET :skip")
_NUMBERED = Statement(f"{_COLUMNS} WHERE p.number = :number")
_HOW_MANY = Statement("SELECT count(*) FROM payment WHERE id > :after")


@dataclass(frozen=True, slots=True)
class TillReceipt:
    """A receipt, whose it is and who wrote it. `amount_minor` is below nought where money went out; `closed`: the
    till was closed over it; `can_take_back`: it takes none back itself, and nobody took it back."""

    payment_id: int
    number: str
    kind: PaymentKind
    method: PaymentMethod
    amount_minor: int
    at: datetime
    account_id: int
    member: str
    taken_by: str
    note: str
    reverses: str
    reversed_by: str
    closed: bool

    @property
    def can_take_back(self) -> bool:
        return self.kind is not PaymentKind.REVERSAL and not self.reversed_by


def till_receipts(uow: UnitOfWork, *, number: str = "", page: int = 1, size: int = PAGE) -> Page[TillReceipt]:
    """The receipts since the till was closed last, newest first; with a `number` ("R-000123", or "123") that one
    alone, whenever it was written. They name members: the look is audited."""
    uow.require(Permission.TAKE_PAYMENTS)
    at, most = clamp(page, size)
    (after,) = _AFTER.row(uow.connection)
    if number.strip():
        digits = "".join(_DIGITS.findall(number))[:LONGEST_NUMBER]
        rows = _NUMBERED.rows(uow.connection, after=after, number=int(digits or 0))
        total, at = len(rows), 1
    else:
        rows = _SINCE.rows(uow.connection, after=after, size=most, skip=(at - 1) * most)
        (total,) = _HOW_MANY.row(uow.connection, after=after)
    if rows:
        uow.afterwards.append(lambda later: record(later, "till.list", "library", None, page=at))
    return Page(tuple(map(_row, rows)), total, at, most)


def _row(row: Any) -> TillReceipt:
    payment_id, number, kind, method, amount, at, account_id, member, taker, note, reverses, reversed_by, closed = row
    instant = as_instant(at)
    assert instant is not None
    return TillReceipt(
        payment_id, receipt_name(number), PaymentKind(kind), PaymentMethod(method), amount, instant, account_id,
        member, taker or "", note, receipt_name(reverses) if reverses else "",
        receipt_name(reversed_by) if reversed_by else "", bool(closed),
    )  # fmt: skip
