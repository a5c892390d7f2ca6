"""Running fines of many loans at once: what `ledger.open_charge` and `adjust` do for one, in a few statements."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lib.access.work import UnitOfWork
from lib.billing.currency import currency_of
from lib.billing.ledger import settle_waivers
from lib.billing.models import ChargeKind, ChargeState
from lib.kit.bulk import fetch_in, reserve_ids
from lib.kit.database import Statement

# Told by the index of these few: a fine that has grown for weeks has an entry for each night.
_BESIDE = "e.kind NOT IN ('charge', 'correction')"
_SETTLED = (
    "SELECT e.charge_id, CAST(sum(e.amount_minor) AS BIGINT) FROM ledger_entry e"
    " LEFT JOIN ledger_entry r ON r.id = e.reverses_id"
    f" WHERE {_BESIDE} AND coalesce(r.kind, e.kind) NOT IN ('charge', 'correction') AND e.charge_id IN (:values)"
    " GROUP BY e.charge_id"
)
_FORGIVEN = (
    f"SELECT DISTINCT e.charge_id FROM ledger_entry e WHERE {_BESIDE} AND e.kind = 'waiver'"
    " AND e.charge_id IN (:values) ORDER BY e.charge_id"
)
_COLUMNS = ("charge_id", "account_id", "loan_id", "copy_id", "delta")
# All rows of a batch as one value: a statement with a value for each column of each row takes three times as long.
_ROWS = {
    "sqlite": "WITH x AS MATERIALIZED (SELECT "
    + ", ".join(f"json_extract(value, '$[{at}]') AS {name}" for at, name in enumerate(_COLUMNS))
    + " FROM json_each(:rows)) ",
    "postgresql": "WITH x AS (SELECT "
    + ", ".join(f"CAST(value ->> {at} AS bigint) AS {name}" for at, name in enumerate(_COLUMNS))
    + " FROM json_array_elements(CAST(:rows AS json))) ",
}
_BEGIN, _GROW, _ENTER = (
    {name: Statement(rows + sql) for name, rows in _ROWS.items()}
    for sql in (
        "INSERT INTO charge (id, account_id, kind, state, loan_id, copy_id, what, balance_minor, made_at, made_by)"
        " SELECT charge_id, account_id, :fine, :running, loan_id, copy_id, :what, delta, :now, :by FROM x",
        "UPDATE charge SET balance_minor = balance_minor + x.delta FROM x WHERE charge.id = x.charge_id",
        "INSERT INTO ledger_entry (charge_id, account_id, kind, amount_minor, currency, at, on_date, made_by, reason)"
        " SELECT charge_id, account_id, CASE WHEN delta > 0 THEN 'charge' ELSE 'correction' END, delta, :currency,"
        " :now, :today, :by, '' FROM x",
    )
)


@dataclass(frozen=True, slots=True)
class Accrual:
    """By how much a running fine changes. `charge_id` None: it begins, and its change is above nought."""

    charge_id: int | None
    account_id: int
    loan_id: int
    copy_id: int
    delta_minor: int


def settled_of(uow: UnitOfWork, charge_ids: Iterable[int]) -> dict[int, int]:
    """By how much (minor units, below nought) money, waivers and set-offs changed those of these charges that had any:
    a balance less this is what was charged and corrected."""
    return dict(tuple(row) for row in fetch_in(uow.connection, _SETTLED, charge_ids))


def accrue_all(uow: UnitOfWork, accruals: Sequence[Accrual], what: str) -> int:
    """Writes these changes to the ledger and returns their number. The caller holds the rows of the loans, so that
    nobody else opens or fixes a running fine of them.

    Raises:
        IntegrityError: a loan has a running fine already, or one of the ids is unknown.
    """
    changes = [accrual for accrual in accruals if accrual.delta_minor]
    if not changes:
        return 0
    begun = [accrual for accrual in changes if accrual.charge_id is None]
    ids = iter(reserve_ids(uow.connection, "charge", len(begun)))
    new = [_row(accrual, next(ids)) for accrual in begun]
    old = [_row(accrual, accrual.charge_id) for accrual in changes if accrual.charge_id is not None]
    dialect, by, now = uow.connection.dialect.name, uow.actor.account_id, uow.now
    if new:
        _BEGIN[dialect].count(
            uow.connection, rows=json.dumps(new), fine=ChargeKind.FINE.value, running=ChargeState.ACCRUING.value,
            what=what, now=now, by=by,
        )  # fmt: skip
    if old:
        _GROW[dialect].count(uow.connection, rows=json.dumps(old))
    _ENTER[dialect].count(
        uow.connection, rows=json.dumps(new + old), currency=currency_of(uow), now=now, today=uow.today, by=by
    )
    for (charge_id,) in fetch_in(uow.connection, _FORGIVEN, [row[0] for row in old]) if old else ():
        settle_waivers(uow, charge_id)
    return len(changes)


def _row(accrual: Accrual, charge_id: int | None) -> tuple[int | None, ...]:
    return charge_id, accrual.account_id, accrual.loan_id, accrual.copy_id, accrual.delta_minor
