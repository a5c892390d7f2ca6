"""Money through the till: taken over one or more charges, given back, or a receipt taken back as a whole.

Each has a receipt with a number; numbers follow one another without gaps, because the number's row stays locked until
the transaction ends and goes back with it. Locks go in one order: receipts taken back, charges by id, the number.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.closing import has_left
from lib.accounts.fields import read_reason
from lib.audit.trail import record
from lib.billing.currency import currency_of, money_words
from lib.billing.errors import (
    AlreadyPaid,
    AlreadyReversed,
    ChargeChanged,
    NothingOwed,
    NotReversible,
    PaysTooMuch,
    RefundTooHigh,
    WouldCostRefund,
)
from lib.billing.ledger import write
from lib.billing.models import EntryKind, PaymentKind, PaymentMethod
from lib.billing.paid import PaymentReceipt as PaymentReceipt  # what this file's verbs return is to be had here too
from lib.billing.paid import payment_receipt, receipt_once
from lib.billing.policy import Share, allocate, net_minor, owed_minor, positive, receipt_name, refundable_minor
from lib.billing.set_offs import settle_credits
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.tables import as_instant
from lib.kit.text import one_line

LONGEST_NOTE = 200
_OWING = Statement(
    "SELECT id, balance_minor FROM charge WHERE account_id = :account_id AND balance_minor > 0 ORDER BY id LIMIT 1000"
)
_CHOSEN = Statement("SELECT id, balance_minor FROM charge WHERE account_id = :account_id AND id IN (:*ids)")
# Compare and set: the database alone says whether it is still owed.
_PAY = Statement(
    "UPDATE charge SET balance_minor = balance_minor - :amount"
    " WHERE id = :charge_id AND account_id = :account_id AND balance_minor >= :amount RETURNING balance_minor"
)
_GIVE_BACK = Statement(
    "UPDATE charge SET balance_minor = balance_minor + :amount"
    " WHERE id = :charge_id AND balance_minor + :amount <= 0 RETURNING account_id"
)
_MOVE = Statement("UPDATE charge SET balance_minor = balance_minor + :delta WHERE id = :charge_id")
_CHARGE = Statement("SELECT account_id, balance_minor FROM charge WHERE id = :charge_id")
_PAID = Statement(
    "SELECT CAST(coalesce(-sum(amount_minor), 0) AS BIGINT) FROM ledger_entry"
    " WHERE charge_id = :charge_id AND payment_id IS NOT NULL"
)
_NUMBER = Statement("UPDATE receipt_number SET last = last + 1 WHERE id = 1 RETURNING last")
_PAYMENT = Statement(
    "INSERT INTO payment (number, kind, account_id, method, amount_minor, currency, at, on_date, taken_by, note,"
    " reverses_id) VALUES (:number, :kind, :account_id, :method, :amount, :currency, :now, :today, :by, :note,"
    " :reverses_id) RETURNING id"
)
_LAST_PAID = Statement(
    "SELECT p.number, p.at FROM ledger_entry e JOIN payment p ON p.id = e.payment_id"
    " WHERE e.charge_id IN (:*ids) AND e.kind IN ('payment', 'set_off') AND e.amount_minor < 0"
    " ORDER BY e.id DESC LIMIT 1"
)
_LOCK = Statement("SELECT id FROM payment WHERE id = :payment_id FOR NO KEY UPDATE")
# Its own entries, and those that moved its money from one charge to another.
_WRITTEN = Statement(
    "SELECT id, charge_id, amount_minor FROM ledger_entry WHERE payment_id = :payment_id ORDER BY charge_id, id"
)
ONE_REVERSAL = ("uq_payment_reverses_id", "payment.reverses_id")


def pay(
    uow: UnitOfWork,
    *,
    account_id: int,
    amount_minor: int,
    method: PaymentMethod,
    charge_ids: Sequence[int] = (),
    note: str = "",
    key: str | None = None,
) -> PaymentReceipt:
    """Takes money for the chosen charges in their order, or for all that is owed, the oldest charge first. The same
    `key` again gives the same receipt and takes nothing more.

    Raises:
        PaysTooMuch, NothingOwed, AlreadyPaid: less is owed. ChargeChanged: another desk was faster.
        NotFound: a charge is not this member's. Invalid: the amount or the note.
    """
    uow.require(Permission.TAKE_PAYMENTS)
    method = PaymentMethod(method)
    what = ("pay", account_id, amount_minor, method.value, list(charge_ids), note)
    return receipt_once(uow, key, what, lambda: take_in(
        uow, account_id=account_id, amount_minor=amount_minor, method=method, charge_ids=charge_ids, note=note
    ))  # fmt: skip


def take_in(
    uow: UnitOfWork,
    *,
    account_id: int,
    amount_minor: int,
    method: PaymentMethod,
    charge_ids: Sequence[int] = (),
    note: str = "",
) -> PaymentReceipt:
    """`pay` for rooms above that have asked for a permission of their own (a machine, a gateway). What the library
    owes the member pays first: charges that were not chosen before those that were."""
    positive(amount_minor)
    text = _note(note)
    settle_credits(uow, account_id, last=charge_ids)
    owing = _owing(uow, account_id, charge_ids)
    if amount_minor > owed_minor(owing):
        raise _too_much(uow, account_id, amount_minor, charge_ids, method)
    parts = allocate(owing, amount_minor)
    for part in sorted(parts, key=lambda part: part.charge_id):
        if not _PAY.row(uow.connection, amount=part.amount_minor, charge_id=part.charge_id, account_id=account_id):
            raise _too_much(uow, account_id, amount_minor, charge_ids, method)
    payment_id = _payment(uow, PaymentKind.PAYMENT, account_id, method, amount_minor, text)
    for part in parts:
        write(uow, part.charge_id, account_id, EntryKind.PAYMENT, -part.amount_minor, payment_id=payment_id)
    return _recorded(uow, "payment.take", payment_id)


def _note(note: str) -> str:
    text = one_line(note, "note")
    if len(text) > LONGEST_NOTE:
        raise Invalid(Fault("note", f"Keep the note to {LONGEST_NOTE} characters."))
    return text


def _owing(uow: UnitOfWork, account_id: int, charge_ids: Sequence[int]) -> list[Share]:
    """What can be paid, in the order in which it is filled."""
    if not charge_ids:
        return [Share(*row) for row in _OWING.rows(uow.connection, account_id=account_id)]
    wanted = list(dict.fromkeys(charge_ids))
    found = dict(map(tuple, _CHOSEN.rows(uow.connection, account_id=account_id, ids=wanted)))
    if len(found) < len(wanted):
        raise NotFound("charge")
    return [Share(number, found[number]) for number in wanted]


def _too_much(
    uow: UnitOfWork, account_id: int, amount_minor: int, charge_ids: Sequence[int], method: PaymentMethod
) -> Exception:
    """The refusal that fits what is owed now, read anew."""
    owing = _owing(uow, account_id, charge_ids)
    owed = owed_minor(owing)
    facts: dict[str, Any] = {"amount_minor": amount_minor, "owed_minor": owed} | money_words(uow)
    if owed >= amount_minor:
        return ChargeChanged(charge_id=owing[0].charge_id, **facts)
    if owed:
        return PaysTooMuch(
            account_id=account_id, charge_ids=list(charge_ids), method=PaymentMethod(method).value, **facts
        )
    paid = _LAST_PAID.row(uow.connection, ids=list(charge_ids)) if charge_ids else None
    if paid is None:
        return NothingOwed(**facts)
    return AlreadyPaid(receipt=receipt_name(paid[0]), paid_at=as_instant(paid[1]), **facts)


def refund(
    uow: UnitOfWork, *, charge_id: int, amount_minor: int, method: PaymentMethod, reason: str, key: str | None = None
) -> PaymentReceipt:
    """Gives money back that a charge does not need any more: at most what was paid on it, and what the library owes.

    Raises:
        RefundTooHigh. NotFound: no such charge. Invalid: the amount or the reason.
    """
    uow.require(Permission.TAKE_PAYMENTS)
    method = PaymentMethod(method)
    what = ("refund", charge_id, amount_minor, method.value, reason)
    return receipt_once(uow, key, what, lambda: _give_back(uow, charge_id, amount_minor, method, reason))


def _give_back(
    uow: UnitOfWork, charge_id: int, amount_minor: int, method: PaymentMethod, reason: str
) -> PaymentReceipt:  # fmt: skip
    positive(amount_minor)
    why = read_reason(reason)
    row = _GIVE_BACK.row(uow.connection, charge_id=charge_id, amount=amount_minor)
    if row is None or _paid(uow, charge_id) < amount_minor:
        raise _refund_too_high(uow, charge_id, amount_minor, method, given=row is not None)
    payment_id = _payment(uow, PaymentKind.REFUND, row[0], method, -amount_minor, why)
    write(uow, charge_id, row[0], EntryKind.REFUND, amount_minor, payment_id=payment_id, reason=why)
    return _recorded(uow, "payment.refund", payment_id)


def _paid(uow: UnitOfWork, charge_id: int) -> int:
    """What was paid on a charge and neither given back nor taken back since."""
    return int(_PAID.row(uow.connection, charge_id=charge_id)[0])


def _refund_too_high(
    uow: UnitOfWork, charge_id: int, amount_minor: int, method: PaymentMethod, *, given: bool
) -> Exception:
    row = _CHARGE.row(uow.connection, charge_id=charge_id)
    if row is None:
        return NotFound("charge")
    balance, paid = row[1] - (amount_minor if given else 0), _paid(uow, charge_id)
    most = refundable_minor(paid_minor=paid, balance_minor=balance)
    nothing: dict[str, Any] = {} if most else {"way_out_action": None}  # a button that gives back nothing helps nobody
    return RefundTooHigh(
        charge_id=charge_id, amount_minor=amount_minor, paid_minor=paid, credit_minor=max(0, -balance),
        most_minor=most, method=method.value, **money_words(uow), **nothing,
    )  # fmt: skip


def reverse_payment(uow: UnitOfWork, payment_id: int, *, reason: str) -> PaymentReceipt:
    """Takes a receipt back as a whole, once: a counter-payment by the same method, and the opposite of each entry.

    Raises:
        NotFound: no such receipt. AlreadyReversed. NotReversible: it takes one back itself, or its account is closed.
        WouldCostRefund: money of it was given back already. Invalid: the reason.
    """
    uow.require(Permission.TAKE_PAYMENTS)
    why = read_reason(reason)
    if not uow.installation.is_sqlite:  # who takes the same receipt back at once waits here, and hears that it was done
        _LOCK.row(uow.connection, payment_id=payment_id)
    receipt = payment_receipt(uow, payment_id)
    if receipt.kind is PaymentKind.REVERSAL:
        raise NotReversible(thing="receipt", way_out="Take the money anew instead.")
    if receipt.reversed_by:
        raise AlreadyReversed(thing="receipt")
    if has_left(uow, receipt.account_id):
        raise NotReversible(thing="receipt", way_out="Its account is closed: nobody would owe the money again.")
    rows = _WRITTEN.rows(uow.connection, payment_id=payment_id)
    for charge_id, amount in net_minor((row[1], -row[2]) for row in rows).items():
        _MOVE.count(uow.connection, charge_id=charge_id, delta=amount)
        if _paid(uow, charge_id) < amount:
            paid = _paid(uow, charge_id)
            raise WouldCostRefund(receipt=receipt.number, charge_id=charge_id, paid_minor=paid, **money_words(uow))
    counter = _payment(
        uow, PaymentKind.REVERSAL, receipt.account_id, receipt.method, -receipt.amount_minor, why, payment_id
    )
    for entry_id, charge_id, amount in sorted(map(tuple, rows)):
        write(
            uow, charge_id, receipt.account_id, EntryKind.REVERSAL, -amount, payment_id=counter, reverses_id=entry_id,
            reason=why,
        )  # fmt: skip
    return _recorded(uow, "payment.reverse", counter)


def _payment(
    uow: UnitOfWork, kind: PaymentKind, account_id: int, method: PaymentMethod, amount_minor: int, note: str,
    reverses_id: int | None = None,
) -> int:  # fmt: skip
    (number,) = _NUMBER.row(uow.connection)
    try:
        row = _PAYMENT.row(
            uow.connection, number=number, kind=kind.value, account_id=account_id, method=PaymentMethod(method).value,
            amount=amount_minor, currency=currency_of(uow), now=uow.now, today=uow.today, by=uow.actor.account_id,
            note=note, reverses_id=reverses_id,
        )  # fmt: skip
    except IntegrityError as error:
        if broken_constraint(error) in ONE_REVERSAL:
            raise AlreadyReversed(thing="receipt") from error
        raise
    return int(row[0])


def _recorded(uow: UnitOfWork, action: str, payment_id: int) -> PaymentReceipt:
    receipt = payment_receipt(uow, payment_id)
    facts: dict[str, Any] = {"reverses": receipt.reverses} if receipt.reverses else {}
    record(
        uow, action, "payment", payment_id, account_id=receipt.account_id, receipt=receipt.number,
        amount_minor=receipt.amount_minor, method=receipt.method.value,
        charges=[part.charge_id for part in receipt.parts], **facts,
    )  # fmt: skip
    return receipt
