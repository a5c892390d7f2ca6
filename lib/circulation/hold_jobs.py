"""Night work on holds: what was not collected in time goes to the next, or back to its place."""

from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.circulation.capture import end_hold
from lib.circulation.hold_models import HoldState
from lib.circulation.hold_notices import EXPIRED, tell
from lib.circulation.hold_queue import QueuedHold, find_hold, lock_copies, lock_queue
from lib.kit.database import Statement

BATCH = 100
_DUE = Statement(
    "SELECT id, title_id, shelf_copy_id FROM hold WHERE state = 'ready' AND shelf_until < :today"
    " ORDER BY shelf_until, id LIMIT :most"
)
# Of those who may not come back to borrow: no copy should lie there for them, and nobody wait behind them.
_OF_THE_GONE = Statement(
    "SELECT h.id, h.title_id, h.shelf_copy_id FROM account a CROSS JOIN hold h WHERE h.account_id = a.id"
    " AND a.status IN ('disabled', 'rejected', 'closed') AND h.state IN ('waiting', 'ready') LIMIT :most"
)
_OF_ONE = Statement(
    "SELECT id, title_id, shelf_copy_id FROM hold WHERE account_id = :account_id AND state IN ('waiting', 'ready')"
)


def expire_holds(uow: UnitOfWork, *, limit: int = BATCH) -> int:
    """Ends holds whose shelf day has passed (at most `limit`, the longest over first), tells their holders, and offers
    each copy to the next at once; and the holds of accounts that were disabled or closed. Returns how many. Call it
    until it gives 0: a second run finds nothing more."""
    uow.require(Permission.RUN_JOBS)
    most = max(1, min(limit, 1000))
    return _end_of_the_gone(uow, most) + _end_overdue(uow, most)


def end_holds_of(uow: UnitOfWork, account_id: int, *, silent: bool = False) -> int:
    """Ends every live hold of somebody who may not come back to borrow, and offers what lay there to the next at once;
    tells how many. `silent`: the audit trail does not say which, for somebody who is being forgotten. No permission is
    asked here; call it with the member locked."""
    return _end(uow, _OF_ONE.rows(uow.connection, account_id=account_id), silent=silent)


def _end_of_the_gone(uow: UnitOfWork, most: int) -> int:
    return _end(uow, _OF_THE_GONE.rows(uow.connection, most=most), silent=False)


def _end(uow: UnitOfWork, found: list[Any], *, silent: bool) -> int:
    _lock_all(uow, found)
    ended = 0
    for hold_id, _, _ in found:
        hold = find_hold(uow, hold_id)
        if hold is not None and hold.live:
            offer = end_hold(uow, hold, HoldState.CANCELLED, "the account is closed")
            if not silent:
                record(
                    uow, "hold.cancel", "hold", hold.id, title_id=hold.title_id, copy_id=hold.shelf_copy_id,
                    offered=offer.hold_id if offer else None, reason="the account is closed",
                )  # fmt: skip
            ended += 1
    return ended


def _end_overdue(uow: UnitOfWork, most: int) -> int:
    due = _DUE.rows(uow.connection, today=uow.today, most=most)
    _lock_all(uow, due)
    ended = 0
    for hold_id, _, _ in due:
        hold = find_hold(uow, hold_id)
        if hold is not None and _is_over(uow, hold):
            _expire(uow, hold)
            ended += 1
    return ended


def _lock_all(uow: UnitOfWork, due: list[Any]) -> None:
    """Every copy before every queue, each kind in the order of its ids: a desk takes a copy, then its queue."""
    lock_copies(uow, {row[2] for row in due if row[2] is not None})
    for title_id in sorted({row[1] for row in due}):
        lock_queue(uow, title_id)


def _is_over(uow: UnitOfWork, hold: QueuedHold) -> bool:
    """Whether it still is what it was when the list was read."""
    return hold.state is HoldState.READY and hold.shelf_until is not None and hold.shelf_until < uow.today


def _expire(uow: UnitOfWork, hold: QueuedHold) -> None:
    offer = end_hold(uow, hold, HoldState.EXPIRED, "not collected")
    tell(uow, EXPIRED, hold, until=hold.shelf_until)
    record(
        uow, "hold.expire", "hold", hold.id, title_id=hold.title_id, copy_id=hold.shelf_copy_id,
        offered=offer.hold_id if offer else None,
    )  # fmt: skip
