"""A member's credits set off against their debts: money moves from one charge to another and stays that of its receipt.

Each move is a pair of entries with the payment's id that add up to nought. So a receipt's entries still add up to what
it says, what was paid on a charge goes along, and taking the receipt back takes its moves back too.
"""

from collections.abc import Sequence

from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.billing.ledger import enter
from lib.billing.models import ChargeState, EntryKind
from lib.billing.policy import Credit, Share, set_off
from lib.kit.database import Statement

_CREDIT = Statement(
    "SELECT id FROM charge WHERE account_id = :account_id AND balance_minor <> 0 AND balance_minor < 0 LIMIT 1"
)
_UNSETTLED = (
    "SELECT id, balance_minor, state FROM charge WHERE account_id = :account_id AND balance_minor <> 0"
    " ORDER BY id LIMIT 1000"
)
_READ, _LOCK = Statement(_UNSETTLED), Statement(f"{_UNSETTLED} FOR NO KEY UPDATE")
# What of each receipt lies on a charge. Refunds are not looked at: a credit is never above what is left of them.
_MONEY = Statement(
    "SELECT e.payment_id, e.charge_id, CAST(-sum(e.amount_minor) AS BIGINT) FROM ledger_entry e"
    " WHERE e.charge_id IN (:*ids) AND e.kind IN ('payment', 'set_off')"
    " AND NOT EXISTS (SELECT 1 FROM payment r WHERE r.reverses_id = e.payment_id)"
    " GROUP BY e.payment_id, e.charge_id HAVING sum(e.amount_minor) < 0 ORDER BY e.charge_id, e.payment_id DESC"
)


def settle_credits(
    uow: UnitOfWork, account_id: int, *, running: bool = True, last: Sequence[int] = ()
) -> int:  # fmt: skip
    """Pays what a member owes from what the library owes them, the oldest first but `last` after all others; returns
    the amount in minor units. Without `running`, fines that still grow are left alone. Asks for no permission.
    """
    if _CREDIT.row(uow.connection, account_id=account_id) is None:
        return 0
    found = (_READ if uow.installation.is_sqlite else _LOCK).rows(uow.connection, account_id=account_id)
    standing = [Share(row[0], row[1]) for row in found if running or row[2] == ChargeState.FINAL]
    owed = sorted(
        (share for share in standing if share.amount_minor > 0), key=lambda share: (share.charge_id in last)
    )  # fmt: skip
    due = [Share(share.charge_id, -share.amount_minor) for share in standing if share.amount_minor < 0]
    if not owed or not due:
        return 0
    money = [Credit(*row) for row in _MONEY.rows(uow.connection, ids=[share.charge_id for share in due])]
    moves = set_off(due, money, owed)
    for move in moves:
        for charge_id, amount in ((move.from_id, move.amount_minor), (move.to_id, -move.amount_minor)):
            enter(uow, charge_id, EntryKind.SET_OFF, amount, payment_id=move.payment_id)
    total = sum(move.amount_minor for move in moves)
    if total:
        record(
            uow, "charge.set-off", "account", account_id, amount_minor=total,
            charges=sorted({one for move in moves for one in (move.from_id, move.to_id)}),
        )  # fmt: skip
    return total
