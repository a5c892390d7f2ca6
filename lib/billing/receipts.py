"""Receipts and statements of account on paper."""

from datetime import date
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.billing.models import EntryKind, PaymentKind
from lib.billing.paid import PaidPart, PaymentReceipt, payment_receipt
from lib.billing.paper import METHODS, day, moment, money, typeset
from lib.billing.queries import StatementLine, statement
from lib.kit.database import Statement
from lib.kit.errors import NotFound

_PERSON = Statement("SELECT name, card_number FROM account WHERE id = :account_id")
_TITLES = {
    PaymentKind.PAYMENT: "Receipt", PaymentKind.REFUND: "Refund",
    PaymentKind.REVERSAL: "Receipt taken back",
}  # fmt: skip
_ENTRIES = {
    EntryKind.CHARGE: "", EntryKind.CORRECTION: "Corrected: ", EntryKind.PAYMENT: "Paid: ",
    EntryKind.WAIVER: "Waived: ", EntryKind.REFUND: "Given back: ",
    EntryKind.SET_OFF: "Set off: ",
}  # fmt: skip
_TAKEN_BACK = {
    EntryKind.CHARGE: "Charge taken back: ", EntryKind.CORRECTION: "Correction taken back: ",
    EntryKind.PAYMENT: "Payment taken back: ", EntryKind.WAIVER: "Waiver taken back: ",
    EntryKind.REFUND: "Refund taken back: ", EntryKind.SET_OFF: "Set-off taken back: ",
}  # fmt: skip


def receipt_of(uow: UnitOfWork, payment_id: int) -> PaymentReceipt:
    """A receipt, one's own or a member's by staff.

    Raises:
        NotFound: there is no such receipt, or it is somebody else's.
    """
    staff = uow.actor.may(Permission.TAKE_PAYMENTS)
    if not staff:
        uow.require(Permission.USE_ACCOUNT)
    receipt = payment_receipt(uow, payment_id)
    if not staff and receipt.account_id != uow.actor.account_id:
        raise NotFound("receipt")
    return receipt


def receipt_pdf(uow: UnitOfWork, payment_id: int) -> bytes:
    """A receipt to print, one's own or a member's by staff: 80 mm wide, as high as it needs to be.

    Raises:
        NotFound: as `receipt_of`.
    """
    receipt = receipt_of(uow, payment_id)
    name, card = _person(uow, receipt.account_id)
    out = receipt.amount_minor < 0
    by = ("By" if out else "Paid by", METHODS[receipt.method])
    about = [("Date", moment(uow, receipt.at)), ("Member", name), ("Card", card), by]
    return typeset(
        uow, "receipt", title=_TITLES[receipt.kind], number=receipt.number, remark=_remark(receipt),
        about=[pair for pair in about if pair[1]], parts=[_part(uow, receipt, part) for part in receipt.parts],
        total=money(uow, abs(receipt.amount_minor)), note=receipt.note, closing="Thank you.",
        **{"total-words": "Given back to you" if out else "Paid"},
    )  # fmt: skip


def _person(uow: UnitOfWork, account_id: int) -> tuple[str, str]:
    row = _PERSON.row(uow.connection, account_id=account_id)
    if row is None:
        raise NotFound("member")
    return row[0], row[1] or ""


def _remark(receipt: PaymentReceipt) -> str:
    if receipt.reverses:
        return f"This takes back receipt {receipt.reverses}."
    if receipt.reversed_by:
        return f"Not valid any more: taken back by {receipt.reversed_by}."
    return "Money was given back." if receipt.kind is PaymentKind.REFUND else ""


def _part(uow: UnitOfWork, receipt: PaymentReceipt, part: PaidPart) -> dict[str, str]:
    left = f"still owed: {money(uow, part.left_minor)}" if part.left_minor > 0 else ""
    settled = "settled" if part.left_minor == 0 and receipt.amount_minor > 0 else ""
    return {"what": part.what, "amount": money(uow, abs(part.amount_minor)), "left": left or settled}


def statement_pdf(uow: UnitOfWork, account_id: int, first: date, last: date) -> bytes:
    """A member's statement of account on A4, one's own or a member's by staff.

    Raises:
        NotFound: no such member. Invalid, StatementTooLong: the days.
    """
    found = statement(uow, account_id, first=first, last=last)
    name, card = _person(uow, account_id)
    return typeset(
        uow, "statement", title="Statement of account", name=name, number=card,
        span=f"{day(uow, first)} – {day(uow, last)}",
        about=[pair for pair in (("Member", name), ("Card", card), ("Printed", moment(uow, uow.now))) if pair[1]],
        heads=["Day", "What", "Amount", "Balance"], opening=["Balance before", money(uow, found.opening_minor)],
        lines=[_line(uow, line) for line in found.lines],
        ending=["Balance after", money(uow, found.closing_minor)], closing=_closing(uow, found.closing_minor),
    )  # fmt: skip


def _line(uow: UnitOfWork, line: StatementLine) -> dict[str, Any]:
    words = _TAKEN_BACK[line.takes_back] if line.takes_back else _ENTRIES[line.kind]
    grown = f"since {day(uow, line.since)}" if line.since < line.on_date else ""
    return {
        "day": day(uow, line.on_date), "what": words + line.what, "amount": money(uow, line.amount_minor),
        "balance": money(uow, line.balance_minor),
        "more": " · ".join(word for word in (line.receipt, grown, line.reason) if word),
    }  # fmt: skip


def _closing(uow: UnitOfWork, balance: int) -> str:
    if balance > 0:
        return f"You owe the library {money(uow, balance)}."
    return f"The library owes you {money(uow, -balance)}." if balance else "Nothing is owed."
