"""Taking back that a hold was placed or cancelled: the queue stands as before, and an unsent notice is not sent."""

from lib.access.work import UnitOfWork
from lib.circulation.acts import CANCEL_HOLD, HOLD, Act, Undoing
from lib.circulation.capture import end_hold, lock_hold, why_not_withdrawn, withdraw_offer
from lib.circulation.errors import UndoOvertaken
from lib.circulation.hold_models import HoldState
from lib.circulation.hold_notices import CANCELLED, READY, take_back_notice, tell, was_told
from lib.circulation.hold_queue import QueuedHold, find_hold, restore, served_behind
from lib.kit.database import Statement
from lib.kit.tables import as_day

_OTHER = Statement(
    "SELECT id FROM hold WHERE account_id = :account_id AND title_id = :title_id AND state IN ('waiting', 'ready')"
)
_ARCHIVED = Statement("SELECT archived_at IS NOT NULL FROM title WHERE id = :title_id")
_COPY = Statement("SELECT status FROM copy WHERE id = :copy_id")
_SHELVE = Statement("UPDATE copy SET status = 'on_hold_shelf' WHERE id = :copy_id AND status = 'available'")
_TAKEN_BACK = "taken back"
_ELSEWHERE = "its copy is elsewhere since"
_SET_BACK = (
    "whoever has that copy now would wait again, while another copy went to somebody who waited behind them. Take that"
    " back first"
)


def _placing_overtaken(uow: UnitOfWork, act: Act) -> str:
    hold = find_hold(uow, act.hold_id or 0)
    if hold is None or hold.account_id is None:
        return "the hold is forgotten"
    if hold.state is HoldState.READY:
        return "a copy lies on the hold shelf for it since. Cancel the hold instead"
    return "" if hold.state is HoldState.WAITING else f"the hold was {hold.state.value} since"


def _unplace(uow: UnitOfWork, act: Act) -> str:
    hold = lock_hold(uow, act.hold_id or 0)
    assert hold is not None
    end_hold(uow, hold, HoldState.CANCELLED, _TAKEN_BACK)
    return f"{act.member} no longer waits for “{hold.title}”."


def _cancelling_overtaken(uow: UnitOfWork, act: Act) -> str:
    hold = find_hold(uow, act.hold_id or 0)
    if hold is None or hold.account_id is None:
        return "the hold is forgotten"
    if hold.state is not HoldState.CANCELLED:
        return f"the hold is {hold.state.value} again"
    if _OTHER.row(uow.connection, account_id=hold.account_id, title_id=hold.title_id):
        return "this member waits for the title anew since"
    if _ARCHIVED.row(uow.connection, title_id=hold.title_id)[0]:
        return "its title was archived since"
    if was_told(uow, CANCELLED, hold):
        return "the member has been told that it was cancelled. Place the hold anew"
    return _copy_overtaken(uow, act) if act.before["state"] == HoldState.READY else ""


def _copy_overtaken(uow: UnitOfWork, act: Act) -> str:
    """Whether the copy that lay on the shelf for it can lie there for it again."""
    if (offered := act.after["offered"]) is not None:
        if why_not := why_not_withdrawn(uow, offered):
            return why_not
        return _SET_BACK if served_behind(uow, offered, act.at) else ""
    row = _COPY.row(uow.connection, copy_id=act.before["shelf_copy_id"])
    return "" if row and row[0] == "available" else _ELSEWHERE


def _uncancel(uow: UnitOfWork, act: Act) -> str:
    if act.after["offered"] is not None:
        withdraw_offer(uow, act.after["offered"])
    hold = lock_hold(uow, act.hold_id or 0)
    assert hold is not None
    take_back_notice(uow, CANCELLED, hold)
    ready = act.before["state"] == HoldState.READY
    if ready and not _SHELVE.count(uow.connection, copy_id=act.before["shelf_copy_id"]):
        raise UndoOvertaken(what=_ELSEWHERE)  # another desk was faster while the copy's row was waited for
    restore(uow, act.before)
    return _as_before(uow, act, hold)


def _as_before(uow: UnitOfWork, act: Act, hold: QueuedHold) -> str:
    if act.before["state"] == HoldState.READY:
        if not was_told(uow, READY, hold):
            tell(uow, READY, hold, until=as_day(act.before["shelf_until"]))
        return f"“{hold.title}” lies on the hold shelf for {act.member} again."
    return f"{act.member} waits for “{hold.title}” again."


UNDO_HOLDS: dict[str, Undoing] = {
    HOLD: Undoing(_placing_overtaken, _unplace),
    CANCEL_HOLD: Undoing(_cancelling_overtaken, _uncancel),
}
