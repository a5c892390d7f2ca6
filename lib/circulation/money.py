"""Money at the desk: what a member owes as of today is taken, forgiven, given back, charged or set off; each can be
undone."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from lib.access.once import number_once
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.billing.charges import add_charge
from lib.billing.currency import money_words
from lib.billing.errors import NothingOwed, NothingToSetOff
from lib.billing.models import ChargeKind, PaymentMethod
from lib.billing.paid import PaymentReceipt, receipt_once
from lib.billing.payments import pay, refund, reverse_payment
from lib.billing.policy import positive
from lib.billing.set_offs import moved_minor, settle, settle_credits, to_settle
from lib.billing.waivers import waive
from lib.circulation.acts import CHARGE, PAY, REFUND, SET_OFF, WAIVE, note_act
from lib.circulation.facts import lock_member, terms_of
from lib.circulation.fines import accrue_member
from lib.circulation.four_eyes import by_somebody_else
from lib.circulation.postings import MONEY, posted_new
from lib.circulation.queries import borrower, require_own_or_desk
from lib.circulation.situation import owed
from lib.kit.database import Statement
from lib.kit.errors import NotFound

_PAYER = Statement("SELECT account_id FROM payment WHERE id = :payment_id")
_OWNER = Statement("SELECT account_id FROM charge WHERE id = :charge_id")
_OWING = Statement(
    "SELECT id, balance_minor FROM charge WHERE account_id = :account_id AND balance_minor > 0 ORDER BY id LIMIT 1000"
)
_AMOUNT = Statement("SELECT -amount_minor FROM ledger_entry WHERE id = :entry_id")


def owes(uow: UnitOfWork, account_id: int) -> int:
    """What a member owes as of today (minor units): the ledger, and what it does not yet hold of running fines. Below
    nought the library owes them.

    Raises:
        NotFound: no such member. NotSignedIn, Forbidden.
    """
    require_own_or_desk(uow, account_id)
    who = borrower(uow, account_id)
    return owed(who, terms_of(uow, who, None))


def take_payment(
    uow: UnitOfWork,
    *,
    member_id: int,
    amount_minor: int,
    method: PaymentMethod,
    charge_ids: Sequence[int] = (),
    note: str = "",
    key: str | None = None,
) -> PaymentReceipt:
    """Takes money at the desk, over the chosen charges or the oldest first; running fines are brought up to today
    before. The same `key` again gives the same receipt and takes nothing more.

    Raises:
        PaysTooMuch, NothingOwed, AlreadyPaid, ChargeChanged, NotFound, Invalid: as `billing.payments.pay`.
    """
    uow.require(Permission.TAKE_PAYMENTS)
    lock_member(uow, member_id)

    def take() -> PaymentReceipt:
        accrue_member(uow, member_id)
        receipt = pay(
            uow, account_id=member_id, amount_minor=amount_minor, method=method, charge_ids=charge_ids, note=note
        )
        _note(uow, PAY, member_id, amount_minor, {"payment_id": receipt.payment_id})
        return receipt

    return receipt_once(uow, key, ("take-payment", member_id, amount_minor, method, list(charge_ids), note), take)


def waive_charge(
    uow: UnitOfWork, *, charge_id: int, amount_minor: int | None, reason: str, key: str | None = None
) -> int:  # fmt: skip
    """Forgives an amount of a charge, or (None) all of it as of today; returns the entry's id.

    Raises:
        WaiverTooHigh, NothingOwed, NotFound, Invalid: as `billing.waivers.waive`. ForOneself: they are one's own.
    """
    uow.require(Permission.WAIVE_CHARGES)
    member_id = _owner(uow, charge_id)
    by_somebody_else(uow, member_id, "charges")
    lock_member(uow, member_id)

    def forgive() -> int:
        accrue_member(uow, member_id)
        entry_id = waive(uow, charge_id=charge_id, amount_minor=amount_minor, reason=reason)
        (amount,) = _AMOUNT.row(uow.connection, entry_id=entry_id)
        _note(uow, WAIVE, member_id, amount, {"entry_id": entry_id})
        return entry_id

    return number_once(uow, key, ("waive-charge", charge_id, amount_minor, reason), forgive, "entry_id")


def waive_charges(
    uow: UnitOfWork,
    *,
    member_id: int,
    charge_ids: Sequence[int] = (),
    amount_minor: int | None = None,
    reason: str,
    key: str | None = None,
) -> int:
    """Forgives what a member owes as of today, of the chosen charges or of all, the oldest first: all of it, or so
    much; returns the amount. Each charge is an act of its own. What the library owes them pays first, as at a payment.

    Raises:
        WaiverTooHigh, NothingOwed, NotFound, Invalid, ForOneself: as `waive_charge`.
    """
    uow.require(Permission.WAIVE_CHARGES)
    by_somebody_else(uow, member_id, "charges")
    lock_member(uow, member_id)

    def forgive() -> int:
        accrue_member(uow, member_id)
        settle_credits(uow, member_id, last=charge_ids)
        owing = {row[0]: row[1] for row in _OWING.rows(uow.connection, account_id=member_id)}
        chosen = [one for one in owing if not charge_ids or one in charge_ids]
        if not chosen or any(_owner(uow, one) != member_id for one in charge_ids):
            raise NothingOwed(amount_minor=amount_minor or 0, owed_minor=0, **money_words(uow))
        left = sum(owing[one] for one in chosen) if amount_minor is None else positive(amount_minor)
        forgiven = left
        for one in chosen:
            part = left if one == chosen[-1] else min(left, owing[one])
            if part:
                waive_charge(uow, charge_id=one, amount_minor=part, reason=reason)
            left -= part
        return forgiven

    what = ("waive-charges", member_id, list(charge_ids), amount_minor, reason)
    return number_once(uow, key, what, forgive, "amount_minor")


def refund_charge(
    uow: UnitOfWork, *, charge_id: int, amount_minor: int, method: PaymentMethod, reason: str, key: str | None = None
) -> PaymentReceipt:
    """Gives money back at the desk that a charge does not need any more.

    Raises:
        RefundTooHigh, NotFound, Invalid: as `billing.payments.refund`. ForOneself: it is one's own.
    """
    uow.require(Permission.TAKE_PAYMENTS)
    member_id = _owner(uow, charge_id)
    by_somebody_else(uow, member_id, "refunds")
    lock_member(uow, member_id)

    def give_back() -> PaymentReceipt:
        receipt = refund(uow, charge_id=charge_id, amount_minor=amount_minor, method=method, reason=reason)
        _note(uow, REFUND, member_id, amount_minor, {"payment_id": receipt.payment_id})
        return receipt

    return receipt_once(uow, key, ("refund-charge", charge_id, amount_minor, method, reason), give_back)


def take_back_receipt(uow: UnitOfWork, *, payment_id: int, reason: str, key: str | None = None) -> PaymentReceipt:
    """Takes a receipt back as a whole, at any time: by a counter-payment, for a written reason. The same `key` again
    gives the same counter-receipt.

    Raises:
        NotFound, AlreadyReversed, NotReversible, WouldCostRefund, Invalid: as `billing.payments.reverse_payment`.
    """
    uow.require(Permission.TAKE_PAYMENTS)
    row = _PAYER.row(uow.connection, payment_id=payment_id)
    if row is None:
        raise NotFound("receipt")
    lock_member(uow, row[0])
    what = ("take-back-receipt", payment_id, reason)
    return receipt_once(uow, key, what, lambda: reverse_payment(uow, payment_id, reason=reason))


def charge_member(
    uow: UnitOfWork,
    *,
    member_id: int,
    kind: ChargeKind,
    amount_minor: int,
    what: str,
    copy_id: int | None = None,
    key: str | None = None,
) -> int:
    """Charges a member by hand, for damage or something else; returns the charge's id.

    Raises:
        NotFound: no such member. Invalid: the amount, the words or the kind.
    """
    uow.require(Permission.TAKE_PAYMENTS)
    lock_member(uow, member_id)

    def charge() -> int:
        charge_id = add_charge(
            uow, account_id=member_id, kind=kind, amount_minor=amount_minor, what=what, copy_id=copy_id
        )  # fmt: skip
        _note(uow, CHARGE, member_id, amount_minor, {MONEY: [posted_new(uow, charge_id)]})
        return charge_id

    return number_once(uow, key, ("charge-member", member_id, kind, amount_minor, what, copy_id), charge, "charge_id")


def could_set_off(uow: UnitOfWork, member_id: int) -> int:
    """How much (minor units) of what a member owes `set_off_now` would pay from what the library owes them."""
    uow.require(Permission.TAKE_PAYMENTS)
    return to_settle(uow, member_id)


def set_off_now(uow: UnitOfWork, *, member_id: int, key: str | None = None) -> int:
    """Pays what a member owes from what the library owes them, as the night does, and fines that still grow too;
    returns the amount in minor units. No money changes hands, and no receipt is written. What running fines cost since
    the last night stays for the next.

    Raises:
        NotFound: no such member. NothingToSetOff.
    """
    uow.require(Permission.TAKE_PAYMENTS)
    lock_member(uow, member_id)

    def move() -> int:
        moves = settle(uow, member_id)
        if not moves:
            raise NothingToSetOff(net_minor=owes(uow, member_id), **money_words(uow))
        amount = moved_minor(moves)
        _note(uow, SET_OFF, member_id, amount, {"moves": [astuple(one) for one in moves]})
        return amount

    return number_once(uow, key, ("set-off", member_id), move, "amount_minor")


def _owner(uow: UnitOfWork, charge_id: int) -> int:
    row = _OWNER.row(uow.connection, charge_id=charge_id)
    if row is None:
        raise NotFound("charge")
    return int(row[0])


def _note(uow: UnitOfWork, kind: str, member_id: int, amount_minor: int, after: dict[str, Any]) -> None:
    note_act(uow, kind, account_id=member_id, before={}, after={"amount_minor": amount_minor} | after)
