"""A member's credits set off against their debts: money moves from one charge to another and stays that of its receipt.

Each move is a pair of entries with the payment's id that add up to nought. So a receipt's entries still add up to what
it says, what was paid on a charge goes along, and taking the receipt back takes its moves back too.
"""

from collections.abc import Sequence

from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.billing.ledger import enter
from lib.billing.models import ChargeState, EntryKind
from lib.billing.policy import Credit, SetOff, Share, set_off
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

# What was paid on each charge and neither given back nor taken back since.
_PAID = Statement(
    "SELECT charge_id, CAST(-sum(amount_minor) AS BIGINT) FROM ledger_entry"
    " WHERE charge_id IN (:*ids) AND payment_id IS NOT NULL GROUP BY charge_id"
)


def settle_credits(
    uow: UnitOfWork, account_id: int, *, running: bool = True, last: Sequence[int] = ()
) -> int:  # fmt: skip
    """Pays what a member owes from what the library owes them, the oldest first but `last` after all others; returns
    the amount in minor units. Without `running`, fines that still grow are left alone. Asks for no permission.
    """
    return moved_minor(settle(uow, account_id, running=running, last=last))


def settle(
    uow: UnitOfWork, account_id: int, *, running: bool = True, last: Sequence[int] = ()
) -> tuple[SetOff, ...]:  # fmt: skip
    """`settle_credits`, which tells every move, so that they can be taken back."""
    if _CREDIT.row(uow.connection, account_id=account_id) is None:
        return ()
    moves = _moves(uow, account_id, _READ if uow.installation.is_sqlite else _LOCK, running, last)
    for move in moves:
        _move(uow, move.payment_id, move.from_id, move.to_id, move.amount_minor)
    if moves:
        record(
            uow, "charge.set-off", "account", account_id, amount_minor=moved_minor(moves),
            charges=sorted({one for move in moves for one in (move.from_id, move.to_id)}),
        )  # fmt: skip
    return moves


def to_settle(uow: UnitOfWork, account_id: int) -> int:
    """What `settle` would move now, in minor units; changes nothing. Asks for no permission."""
    return moved_minor(_moves(uow, account_id, _READ, running=True, last=()))


def moved_minor(moves: Sequence[SetOff]) -> int:
    """How much money moves, in minor units."""
    return sum(move.amount_minor for move in moves)


def _moves(
    uow: UnitOfWork, account_id: int, standing: Statement, running: bool, last: Sequence[int]
) -> tuple[SetOff, ...]:  # fmt: skip
    rows = standing.rows(uow.connection, account_id=account_id)
    shares = [Share(row[0], row[1]) for row in rows if running or row[2] == ChargeState.FINAL]
    owed = sorted(
        (share for share in shares if share.amount_minor > 0), key=lambda share: (share.charge_id in last)
    )  # fmt: skip
    due = [Share(share.charge_id, -share.amount_minor) for share in shares if share.amount_minor < 0]
    if not owed or not due:
        return ()
    money = [Credit(*row) for row in _MONEY.rows(uow.connection, ids=[share.charge_id for share in due])]
    return set_off(due, money, owed)


def _move(uow: UnitOfWork, payment_id: int, from_id: int, to_id: int, amount_minor: int) -> None:
    for charge_id, amount in ((from_id, amount_minor), (to_id, -amount_minor)):
        enter(uow, charge_id, EntryKind.SET_OFF, amount, payment_id=payment_id)


def gone_on(uow: UnitOfWork, moves: Sequence[SetOff]) -> bool:
    """Whether money of these moves is not where they brought it any more: given back, moved on, or taken back with its
    receipt."""
    ids = sorted({move.to_id for move in moves})
    lies = {(row[0], row[1]): row[2] for row in _MONEY.rows(uow.connection, ids=ids)}
    paid = dict(map(tuple, _PAID.rows(uow.connection, ids=ids)))
    for move in moves:
        place = (move.payment_id, move.to_id)
        lies[place] = lies.get(place, 0) - move.amount_minor
        paid[move.to_id] = paid.get(move.to_id, 0) - move.amount_minor
    return any(left < 0 for left in (*lies.values(), *paid.values()))


def move_back(uow: UnitOfWork, moves: Sequence[SetOff]) -> None:
    """The opposite of each move, for a caller who has seen that the money is still there and notes it."""
    for move in reversed(moves):
        _move(uow, move.payment_id, move.to_id, move.from_id, move.amount_minor)
