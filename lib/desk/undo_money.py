"""Taking back what was paid, forgiven, given back, charged or set off: by opposite entries, never by changing one."""

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.billing.ledger import reverse_entry
from lib.billing.models import PaymentKind
from lib.billing.paid import payment_receipt
from lib.billing.payments import reverse_payment
from lib.billing.policy import SetOff
from lib.billing.set_offs import gone_on, move_back
from lib.circulation.acts import CHARGE, PAY, REFUND, SET_OFF, WAIVE, Act, Undoing
from lib.circulation.postings import money_overtaken, take_money_back
from lib.kit.database import Statement

REASON = "Undone at the desk"
_WAIVED = Statement(
    "SELECT (SELECT r.id FROM ledger_entry r WHERE r.reverses_id = w.id),"
    " (SELECT max(e.id) FROM ledger_entry e WHERE e.charge_id = w.charge_id AND e.id > w.id AND e.kind = 'correction'"
    " AND NOT EXISTS (SELECT 1 FROM ledger_entry r WHERE r.reverses_id = e.id))"
    " FROM ledger_entry w WHERE w.id = :entry_id"
)
# A charge of the payment from which money was given back since, so that the rest no longer covers the payment.
_SPENT = Statement(
    "SELECT e.charge_id FROM ledger_entry e WHERE e.payment_id = :payment_id GROUP BY e.charge_id"
    " HAVING -sum(e.amount_minor) > (SELECT coalesce(-sum(x.amount_minor), 0) FROM ledger_entry x"
    " WHERE x.charge_id = e.charge_id AND x.payment_id IS NOT NULL)"
)


def _payment_overtaken(uow: UnitOfWork, act: Act) -> str:
    receipt = payment_receipt(uow, act.after["payment_id"])
    if receipt.reversed_by:
        return f"it was taken back by receipt {receipt.reversed_by} since"
    if receipt.kind is PaymentKind.PAYMENT and _SPENT.row(uow.connection, payment_id=receipt.payment_id):
        return "money of it was given back since"
    return ""


def _undo_payment(uow: UnitOfWork, act: Act) -> str:
    counter = reverse_payment(uow, act.after["payment_id"], reason=REASON)
    if act.kind == PAY:
        return f"{_amount(uow, act)} goes back to {act.member} (receipt {counter.number}) and is owed again."
    return f"{_amount(uow, act)} comes back from {act.member} (receipt {counter.number})."


def _waiver_overtaken(uow: UnitOfWork, act: Act) -> str:
    taken_back, corrected = _WAIVED.row(uow.connection, entry_id=act.after["entry_id"])
    if taken_back:
        return "it was taken back since"
    return "what it was for costs less since" if corrected else ""


def _undo_waiver(uow: UnitOfWork, act: Act) -> str:
    uow.require(Permission.WAIVE_CHARGES)
    reverse_entry(uow, act.after["entry_id"], reason=REASON)
    return f"{_amount(uow, act)} is owed by {act.member} again."


def _undo_charge(uow: UnitOfWork, act: Act) -> str:
    uow.require(Permission.TAKE_PAYMENTS)
    take_money_back(uow, act)
    return f"{_amount(uow, act)} is not charged to {act.member} any more."


def _amount(uow: UnitOfWork, act: Act) -> str:
    return uow.words.money(act.after["amount_minor"])


def _moves(act: Act) -> list[SetOff]:
    return [SetOff(*one) for one in act.after["moves"]]


def _set_off_overtaken(uow: UnitOfWork, act: Act) -> str:
    return "that money was given back or went elsewhere since" if gone_on(uow, _moves(act)) else ""


def _undo_set_off(uow: UnitOfWork, act: Act) -> str:
    uow.require(Permission.TAKE_PAYMENTS)
    move_back(uow, _moves(act))
    amount = _amount(uow, act)
    return f"{act.member} owes {amount} again, and the library owes them {amount}. The night sets off what is final."


UNDO_MONEY: dict[str, Undoing] = {
    PAY: Undoing(_payment_overtaken, _undo_payment),
    REFUND: Undoing(_payment_overtaken, _undo_payment),
    WAIVE: Undoing(_waiver_overtaken, _undo_waiver),
    CHARGE: Undoing(money_overtaken, _undo_charge),
    SET_OFF: Undoing(_set_off_overtaken, _undo_set_off),
}
