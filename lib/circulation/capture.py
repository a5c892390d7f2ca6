"""Holds and copies meet here: the only way onto the hold shelf, and every way off it.

A copy is offered when somebody has it in hand: at a return, when it was found, mended, came or is back in stock, and
when the hold it lay there for has ended. Its status is "available" then, and its row is locked.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.access.permissions import Role
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.circulation.closure_entries import calendar_of
from lib.circulation.hold_models import FITS, WAITS_NOW, HoldState
from lib.circulation.hold_notices import DELAYED, READY, take_back_notice, tell, was_told
from lib.circulation.hold_queue import (
    QueuedHold,
    find_hold,
    hold_on_shelf,
    lock_queue,
    make_ready,
    put_back,
    put_back_at,
    restore,
    snapshot,
    take_out,
)
from lib.kit.database import Statement
from lib.kit.errors import Busy

# The first in the queue who is not suspended and whom this copy can serve; nobody where it is not in hand.
_NEXT = Statement(
    f"SELECT h.id FROM hold h WHERE h.title_id = :title_id AND {WAITS_NOW} AND {FITS.format(copy=':copy_id')}"
    " AND EXISTS (SELECT 1 FROM copy c JOIN title t ON t.id = c.title_id WHERE c.id = :copy_id"
    " AND c.title_id = :title_id AND c.status = 'available' AND t.archived_at IS NULL) ORDER BY h.position LIMIT 1"
)
_SHELVE = Statement("UPDATE copy SET status = 'on_hold_shelf' WHERE id = :copy_id AND status = 'available'")
_FREE = Statement("UPDATE copy SET status = 'available' WHERE id = :copy_id AND status = 'on_hold_shelf'")
_SET = Statement("UPDATE copy SET status = :status WHERE id = :copy_id")
_ANEW = Statement(
    "SELECT id FROM hold WHERE account_id = :account_id AND title_id = :title_id AND state IN ('waiting', 'ready')"
)
_LOCK_COPY = Statement("SELECT id FROM copy WHERE id = :copy_id FOR NO KEY UPDATE")


@dataclass(frozen=True, slots=True)
class Offer:
    """For whom a copy lies on the hold shelf now, and until the end of which day."""

    hold_id: int
    account_id: int
    name: str
    shelf_until: date


@dataclass(frozen=True, slots=True)
class Fulfilled:
    """A hold that was collected. `was`: how it stood, for undoing. `freed_copy_id`: another copy that lay there for
    it, `offer`: whom that copy goes to, None where it is on the shelf again."""

    hold_id: int
    was: dict[str, Any]
    freed_copy_id: int | None = None
    offer: Offer | None = None


def offer_copy(uow: UnitOfWork, *, copy_id: int, title_id: int) -> Offer | None:
    """Gives a copy that is in hand (status available, its row locked) to the first hold that it can serve: the copy
    lies on the hold shelf then, and one notice is owed. None: nobody waits for it, it may stand on the shelf."""
    lock_queue(uow, title_id)
    row = _NEXT.row(uow.connection, title_id=title_id, copy_id=copy_id, today=uow.today)
    hold = find_hold(uow, row[0]) if row else None
    if hold is None or not _SHELVE.count(uow.connection, copy_id=copy_id):
        return None
    until = calendar_of(uow).after_open_days(uow.today, hold.shelf_days)
    made = make_ready(uow, hold, copy_id=copy_id, until=until)
    assert made  # the queue is locked
    assert hold.account_id is not None
    name = tell(uow, READY, hold, until=until)
    _note(uow, "ready", hold, copy_id=copy_id, shelf_until=until)
    return Offer(hold.id, hold.account_id, name, until)


def _note(uow: UnitOfWork, verb: str, hold: QueuedHold, **facts: Any) -> None:
    """What a member's own act does to holds names their account alone: the queue would tell what they read."""
    if uow.actor.role is Role.MEMBER:
        record(uow, f"hold.self-{verb}", "account", uow.actor.account_id)
    else:
        record(uow, f"hold.{verb}", "hold", hold.id, **facts)


def release(uow: UnitOfWork, hold: QueuedHold) -> Offer | None:
    """Frees the copy that lay on the hold shelf for a hold that is no longer ready, and offers it anew."""
    if hold.state is not HoldState.READY or hold.shelf_copy_id is None:
        return None
    if not _FREE.count(uow.connection, copy_id=hold.shelf_copy_id):
        return None  # it is not there any more: issued, or declared lost
    return offer_copy(uow, copy_id=hold.shelf_copy_id, title_id=hold.title_id)


def end_hold(uow: UnitOfWork, hold: QueuedHold, state: HoldState, reason: str = "") -> Offer | None:
    """Ends a live hold; a copy that lay on the shelf for it is offered at once. Call under `lock_hold`."""
    if not take_out(uow, hold, state, reason):
        return None
    take_back_notice(uow, READY, hold)
    return release(uow, hold)


def fulfil(uow: UnitOfWork, *, hold_id: int, copy_id: int) -> Fulfilled | None:
    """The holder has a copy now, this one or another than lay on the shelf for them (which is offered anew); also a
    hold that still waited. None where the hold has ended meanwhile."""
    hold = lock_hold(uow, hold_id)
    if hold is None or not hold.live:
        return None
    was = snapshot(hold) | {"copy_id": copy_id}
    take_out(uow, hold, HoldState.COLLECTED)
    take_back_notice(uow, READY, hold)
    _note(uow, "collect", hold, copy_id=copy_id, title_id=hold.title_id)
    if hold.shelf_copy_id in (None, copy_id):
        return Fulfilled(hold.id, was)
    return Fulfilled(hold.id, was, hold.shelf_copy_id, release(uow, hold))


def unfulfil(uow: UnitOfWork, was: dict[str, Any]) -> None:
    """Undoes `fulfil`, from its `was`: the hold waits where it waited, or is ready again on its copy, which is then on
    the hold shelf; a copy that went on to somebody else meanwhile stays there, and the hold waits in its order.
    A hold that is forgotten, or whose holder waits for the title anew, stays as it is.
    """
    hold = lock_hold(uow, was["hold_id"])
    if hold is None or hold.state is not HoldState.COLLECTED or hold.account_id is None:
        return
    if _ANEW.row(uow.connection, account_id=hold.account_id, title_id=hold.title_id):
        return
    if was["state"] == HoldState.WAITING:
        restore(uow, was)
    elif _lies_again(uow, was):
        restore(uow, was)
        _tell_ready_again(uow, hold, was)
    else:
        put_back(uow, hold.id)
    _note(uow, "uncollect", hold, title_id=hold.title_id)


def _lies_again(uow: UnitOfWork, was: dict[str, Any]) -> bool:
    if was["shelf_copy_id"] == was["copy_id"]:
        return bool(_SET.count(uow.connection, status="on_hold_shelf", copy_id=was["copy_id"]))
    return bool(_SHELVE.count(uow.connection, copy_id=was["shelf_copy_id"]))


def displace(uow: UnitOfWork, *, copy_id: int) -> int | None:
    """The copy goes to somebody else by an override (or is lost, or mended) although it lay on the hold shelf: its
    hold waits again at the first place, and its holder is told. Returns the hold's id. The copy keeps its status."""
    hold = hold_on_shelf(uow, copy_id)
    if hold is None:
        return None
    lock_queue(uow, hold.title_id)
    sent = was_told(uow, READY, hold)
    take_back_notice(uow, READY, hold)
    put_back_at(uow, hold.id, 1)
    if sent:
        tell(uow, DELAYED, hold)
    record(uow, "hold.displace", "hold", hold.id, copy_id=copy_id, title_id=hold.title_id)
    return hold.id


def undisplace(uow: UnitOfWork, was: dict[str, Any]) -> Offer | None:
    """Undoes `displace`, from the hold's `snapshot` before it: it is ready again on its copy, which nobody has now.
    Where the hold has moved on since, the copy is offered to the next; that offer is returned."""
    hold, copy_id = lock_hold(uow, was["hold_id"]), was["shelf_copy_id"]
    assert hold is not None
    if hold.state is not HoldState.WAITING:
        _SET.count(uow.connection, status="available", copy_id=copy_id)
        return offer_copy(uow, copy_id=copy_id, title_id=hold.title_id)
    restore(uow, was)
    _SET.count(uow.connection, status="on_hold_shelf", copy_id=copy_id)
    take_back_notice(uow, DELAYED, hold)
    _tell_ready_again(uow, hold, was)
    record(uow, "hold.undisplace", "hold", hold.id, copy_id=copy_id)
    return None


def _tell_ready_again(uow: UnitOfWork, hold: QueuedHold, was: dict[str, Any]) -> None:
    """The notice that was taken back unsent is owed again."""
    if not was_told(uow, READY, hold):
        tell(uow, READY, hold, until=date.fromisoformat(was["shelf_until"]))


def holds_as_before_issue(uow: UnitOfWork, *, copy_id: int, title_id: int, before: dict[str, Any]) -> None:
    """Undoes what an issue did to holds, from its act's `before`, once the loan is closed and the copy has its status
    back. A copy that came from the hold shelf, and is for nobody there any more, is offered to the next."""
    if "hold" in before:
        unfulfil(uow, before["hold"])
    if "displaced" in before:
        undisplace(uow, before["displaced"])
    elif before["copy_status"] == "on_hold_shelf" and hold_on_shelf(uow, copy_id) is None:
        _FREE.count(uow.connection, copy_id=copy_id)
        offer_copy(uow, copy_id=copy_id, title_id=title_id)


def why_not_withdrawn(uow: UnitOfWork, hold_id: int) -> str:
    """What stands against `withdraw_offer`, or nothing."""
    hold = find_hold(uow, hold_id)
    if hold is None or hold.state is not HoldState.READY:
        return "the hold it was put aside for was settled since"
    return "the next reader has been told that it is ready" if was_told(uow, READY, hold) else ""


def withdraw_offer(uow: UnitOfWork, hold_id: int) -> None:
    """Undoes `offer_copy`: the hold waits again, in its order, and its unsent notice goes. The copy is in hand again:
    "available". Ask `why_not_withdrawn` first."""
    hold = lock_hold(uow, hold_id)
    if hold is None or hold.state is not HoldState.READY or hold.shelf_copy_id is None:
        return
    take_back_notice(uow, READY, hold)
    put_back(uow, hold.id)
    _FREE.count(uow.connection, copy_id=hold.shelf_copy_id)
    _note(uow, "withdraw-offer", hold, copy_id=hold.shelf_copy_id)


class _Moved(Exception):
    """The hold became ready, or left the shelf, while its locks were taken."""


def lock_hold(uow: UnitOfWork, hold_id: int) -> QueuedHold | None:
    """A hold with the copy that lies on the shelf for it and its queue locked, in the one order; None: no such hold.
    Whoever changes the holder's other holds too locks the member first."""
    for _ in range(3):
        try:
            with uow.connection.begin_nested():
                return _lock(uow, hold_id)
        except _Moved:
            continue
    raise Busy


def _lock(uow: UnitOfWork, hold_id: int) -> QueuedHold | None:
    seen = find_hold(uow, hold_id)
    if seen is None:
        return None
    if seen.shelf_copy_id is not None and not uow.installation.is_sqlite:
        _LOCK_COPY.row(uow.connection, copy_id=seen.shelf_copy_id)
    lock_queue(uow, seen.title_id)
    hold = find_hold(uow, hold_id)
    if hold is not None and hold.shelf_copy_id != seen.shelf_copy_id:
        raise _Moved  # which gives the locks back
    return hold
