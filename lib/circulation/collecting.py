"""What an issue does to holds: the member's own is collected, somebody else's on this copy waits again."""

from dataclasses import dataclass, field
from typing import Any

from lib.access.work import UnitOfWork
from lib.catalogue.models import CopyStatus
from lib.circulation.capture import displace, fulfil
from lib.circulation.hold_queue import hold_on_shelf, lock_copies, snapshot
from lib.circulation.situation import Borrower, Item
from lib.kit.database import Statement

_BARCODE = Statement("SELECT barcode FROM copy WHERE id = :copy_id")


@dataclass(frozen=True, slots=True)
class Collected:
    """What came of the holds. `hold_id`: the member's own, collected. `before`: what undoing needs. `note`: what the
    desk should do about another copy that lay on the shelf for them."""

    hold_id: int | None = None
    before: dict[str, Any] = field(default_factory=dict)
    note: str = ""


NOTHING = Collected()


def lock_both(uow: UnitOfWork, item: Item) -> None:
    """Who takes this copy although another lies ready for them leaves that one to the next: both are locked first."""
    queue = item.queue
    if queue.own_id is not None and queue.own_ready and queue.own_id != queue.shelf_id:
        lock_copies(uow, [item.id], [queue.own_id])


def meet_holds(uow: UnitOfWork, borrower: Borrower, item: Item, *, overridden: bool) -> Collected | None:
    """Call with the copy's row locked and already on loan. None: the copy lies on the hold shelf for somebody else by
    now, and nobody has overridden that."""
    before: dict[str, Any] = {}
    if item.status == CopyStatus.ON_HOLD_SHELF:
        lying = hold_on_shelf(uow, item.id)
        if lying is not None and lying.account_id != borrower.id:
            if not overridden:
                return None
            before["displaced"] = snapshot(lying)
            displace(uow, copy_id=item.id)
    if item.queue.own_id is None:
        return Collected(None, before) if before else NOTHING
    done = fulfil(uow, hold_id=item.queue.own_id, copy_id=item.id)
    if done is None:
        return Collected(None, before)
    return Collected(done.hold_id, before | {"hold": done.was}, _freed(uow, done.freed_copy_id, done.offer is not None))


def _freed(uow: UnitOfWork, copy_id: int | None, taken: bool) -> str:
    if copy_id is None:
        return ""
    (barcode,) = _BARCODE.row(uow.connection, copy_id=copy_id)
    if taken:
        return f"Copy {barcode}, which lay on the hold shelf for them, is for the next reader now: print a new slip."
    return f"Copy {barcode}, which lay on the hold shelf for them, can go back to its shelf."
