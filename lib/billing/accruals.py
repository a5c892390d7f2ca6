"""Running fines of many loans at once: what `ledger.open_charge` and `adjust` do for one, in a few statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lib.access.work import UnitOfWork
from lib.billing.currency import currency_of
from lib.billing.models import ChargeKind, ChargeState, EntryKind
from lib.kit.bulk import fetch_in, insert_many, reserve_ids, run_many

_CHARGE = (
    "id", "account_id", "kind", "state", "loan_id", "copy_id", "what", "balance_minor", "made_at", "made_by",
)  # fmt: skip
_ENTRY = ("charge_id", "account_id", "kind", "amount_minor", "currency", "at", "on_date", "made_by", "reason")
_GROSS = (
    "SELECT e.charge_id, e.amount_minor FROM ledger_entry e LEFT JOIN ledger_entry r ON r.id = e.reverses_id"
    " WHERE coalesce(r.kind, e.kind) IN ('charge', 'correction') AND e.charge_id IN (:values)"
)


@dataclass(frozen=True, slots=True)
class Accrual:
    """By how much a running fine changes. `charge_id` None: it begins, and its change is above nought."""

    charge_id: int | None
    account_id: int
    loan_id: int
    copy_id: int
    delta_minor: int


def gross_of(uow: UnitOfWork, charge_ids: Iterable[int]) -> dict[int, int]:
    """What was charged and corrected on each of these charges, whatever was paid or forgiven since."""
    found: dict[int, int] = {}
    for charge_id, amount in fetch_in(uow.connection, _GROSS, charge_ids):
        found[charge_id] = found.get(charge_id, 0) + amount
    return found


def accrue_all(uow: UnitOfWork, accruals: Sequence[Accrual], what: str) -> int:
    """Writes these changes to the ledger and returns their number. The caller holds the rows of the loans, so that
    nobody else opens or fixes a running fine of them.

    Raises:
        IntegrityError: a loan has a running fine already, or one of the ids is unknown.
    """
    changes = [accrual for accrual in accruals if accrual.delta_minor]
    begun = [accrual for accrual in changes if accrual.charge_id is None]
    ids = dict(zip((x.loan_id for x in begun), reserve_ids(uow.connection, "charge", len(begun)), strict=True))
    by, fine, running = uow.actor.account_id, ChargeKind.FINE.value, ChargeState.ACCRUING.value
    insert_many(
        uow.connection, "charge", _CHARGE,
        [(ids[x.loan_id], x.account_id, fine, running, x.loan_id, x.copy_id, what, x.delta_minor, uow.now, by)
         for x in begun],
    )  # fmt: skip
    run_many(
        uow.connection, "UPDATE charge SET balance_minor = balance_minor + ? WHERE id = ?",
        [(x.delta_minor, x.charge_id) for x in changes if x.charge_id is not None],
    )  # fmt: skip
    currency, more, less = currency_of(uow), EntryKind.CHARGE.value, EntryKind.CORRECTION.value
    now, today = uow.now, uow.today
    insert_many(
        uow.connection, "ledger_entry", _ENTRY,
        [(x.charge_id or ids[x.loan_id], x.account_id, more if x.delta_minor > 0 else less, x.delta_minor, currency,
          now, today, by, "") for x in changes],
    )  # fmt: skip
    return len(changes)
