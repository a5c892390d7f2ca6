"""Forgiving what is owed, in whole or in part, with a written reason."""

from typing import Any

from lib.access.once import number_once
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.fields import read_reason
from lib.audit.trail import record
from lib.billing.currency import money_words
from lib.billing.errors import NothingOwed, WaiverTooHigh
from lib.billing.ledger import write
from lib.billing.models import EntryKind
from lib.billing.policy import positive
from lib.kit.database import Statement
from lib.kit.errors import NotFound

_BALANCE = Statement("SELECT balance_minor FROM charge WHERE id = :charge_id")
_FORGIVE = Statement(
    "UPDATE charge SET balance_minor = balance_minor - :amount"
    " WHERE id = :charge_id AND balance_minor >= :amount RETURNING account_id"
)


def waive(
    uow: UnitOfWork, *, charge_id: int, amount_minor: int | None, reason: str, key: str | None = None
) -> int:  # fmt: skip
    """Forgives an amount of a charge, or (None) all that is owed on it; returns the entry's id. The same `key` again
    forgives nothing more. It is taken back with `ledger.reverse_entry`.

    Raises:
        WaiverTooHigh, NothingOwed: less is owed. NotFound: no such charge. Invalid: the amount or the reason.
    """
    uow.require(Permission.WAIVE_CHARGES)
    return number_once(
        uow, key, ("waive", charge_id, amount_minor, reason), lambda: _forgive(uow, charge_id, amount_minor, reason),
        "entry_id",
    )  # fmt: skip


def _forgive(uow: UnitOfWork, charge_id: int, amount_minor: int | None, reason: str) -> int:
    why = read_reason(reason)
    amount = _owed(uow, charge_id) if amount_minor is None else positive(amount_minor)
    row = _FORGIVE.row(uow.connection, charge_id=charge_id, amount=amount) if amount > 0 else None
    if row is None:
        raise _refusal(uow, charge_id, amount)
    entry_id = write(uow, charge_id, row[0], EntryKind.WAIVER, -amount, reason=why)
    record(uow, "charge.waive", "charge", charge_id, account_id=row[0], amount_minor=amount, entry_id=entry_id)
    return entry_id


def _owed(uow: UnitOfWork, charge_id: int) -> int:
    row = _BALANCE.row(uow.connection, charge_id=charge_id)
    if row is None:
        raise NotFound("charge")
    return max(0, int(row[0]))


def _refusal(uow: UnitOfWork, charge_id: int, amount_minor: int) -> Exception:
    owed = _owed(uow, charge_id)
    facts: dict[str, Any] = {"amount_minor": amount_minor, "owed_minor": owed} | money_words(uow)
    return WaiverTooHigh(charge_id=charge_id, **facts) if owed else NothingOwed(**facts)
