"""Charges made by hand: damage, and whatever else a library asks money for."""

from lib.access.once import number_once
from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork
from lib.accounts.closing import has_left
from lib.audit.trail import record
from lib.billing.ledger import open_charge
from lib.billing.models import ChargeKind
from lib.billing.policy import positive
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.text import one_line

BY_HAND = (ChargeKind.DAMAGE, ChargeKind.OTHER)  # the others come from loans
LONGEST_WHAT = 200
# As much as the settings let a lost copy cost. More is a slip: a barcode of eight digits where an amount was asked for
# is beyond it in a currency with cents.
MOST_CHARGED = 10**9
_PERSON = Statement("SELECT id FROM account WHERE id = :account_id AND role <> :machine")


def add_charge(
    uow: UnitOfWork,
    *,
    account_id: int,
    kind: ChargeKind,
    amount_minor: int,
    what: str,
    copy_id: int | None = None,
    key: str | None = None,
) -> int:
    """Charges a member for damage or something else; returns the charge's id. `what` (3 to 200 characters) stands on
    receipts. The same `key` again charges nothing more.

    Raises:
        NotFound: no such member, or they left. Invalid: the amount (`chargeable`), the words, or a kind that comes
        from loans.
    """
    uow.require(Permission.TAKE_PAYMENTS)

    def add() -> int:
        if kind not in BY_HAND:
            raise Invalid(Fault("kind", "By hand, damage and other things are charged; fines come from loans."))
        chargeable(uow, amount_minor)
        words = _what(what)
        person = _PERSON.row(uow.connection, account_id=account_id, machine=Role.TERMINAL.value)
        if person is None or has_left(uow, account_id):
            raise NotFound("member")
        charge_id = open_charge(
            uow, account_id=account_id, kind=ChargeKind(kind), amount_minor=amount_minor, what=words, copy_id=copy_id
        )
        record(
            uow, "charge.add", "charge", charge_id, account_id=account_id, kind=ChargeKind(kind).value,
            amount_minor=amount_minor,
        )  # fmt: skip
        return charge_id

    return number_once(uow, key, ("charge", account_id, kind, amount_minor, what, copy_id), add, "charge_id")


def chargeable(uow: UnitOfWork, amount_minor: int, field: str = "amount") -> int:
    """An amount that may be charged by hand, in minor units: above nought, at most `MOST_CHARGED`.

    Raises:
        Invalid: about `field`.
    """
    positive(amount_minor, field)
    if amount_minor > MOST_CHARGED:
        most, this = uow.words.money(MOST_CHARGED), uow.words.money(amount_minor)
        raise Invalid(Fault(field, f"At most {most} is charged at once; this is {this}. Look at the amount again."))
    return amount_minor


def _what(text: str) -> str:
    words = one_line(text, "what")
    if not 3 <= len(words) <= LONGEST_WHAT:
        raise Invalid(Fault("what", f"Say what it is for (3 to {LONGEST_WHAT} characters)."))
    return words
