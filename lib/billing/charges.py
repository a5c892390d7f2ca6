"""Charges made by hand: damage, and whatever else a library asks money for."""

from lib.access.once import fingerprint, recall, remember
from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.billing.ledger import open_charge
from lib.billing.models import ChargeKind
from lib.billing.policy import positive
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.text import one_line

BY_HAND = (ChargeKind.DAMAGE, ChargeKind.OTHER)  # the others come from loans
LONGEST_WHAT = 200
_PERSON = Statement("SELECT id FROM account WHERE id = :account_id AND role <> :machine AND status <> 'closed'")


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
        NotFound: no such member, or they left. Invalid: the amount, the words, or a kind that comes from loans.
    """
    uow.require(Permission.TAKE_PAYMENTS)
    asked = fingerprint("charge", account_id, kind, amount_minor, what, copy_id) if key else ""
    if key and (done := recall(uow, key, asked)):
        return int(done["charge_id"])
    if kind not in BY_HAND:
        raise Invalid(Fault("kind", "By hand, damage and other things are charged; fines come from loans."))
    positive(amount_minor)
    words = _what(what)
    if _PERSON.row(uow.connection, account_id=account_id, machine=Role.TERMINAL.value) is None:
        raise NotFound("member")
    charge_id = open_charge(
        uow, account_id=account_id, kind=ChargeKind(kind), amount_minor=amount_minor, what=words, copy_id=copy_id
    )
    record(
        uow, "charge.add", "charge", charge_id, account_id=account_id, kind=ChargeKind(kind).value,
        amount_minor=amount_minor,
    )  # fmt: skip
    if key:
        remember(uow, key, asked, {"charge_id": charge_id})
    return charge_id


def _what(text: str) -> str:
    words = one_line(text, "what")
    if not 3 <= len(words) <= LONGEST_WHAT:
        raise Invalid(Fault("what", f"Say what it is for (3 to {LONGEST_WHAT} characters)."))
    return words
