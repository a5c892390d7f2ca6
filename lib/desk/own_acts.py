"""What readers take back themselves a moment later: a loan from a title's page, a reservation that they cancelled."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.circulation.acts import CANCEL_HOLD, ISSUE, Act
from lib.circulation.hold_decision import decide_hold
from lib.circulation.hold_wishes import read_wish
from lib.desk.undo import take_back, too_late
from lib.kit.database import Statement
from lib.kit.errors import NotFound, RuleBroken
from lib.kit.tables import as_day, as_instant
from lib.kit.wording import Wording

MINUTES = 10  # as at a machine that could not hand a copy out
KINDS = (ISSUE, CANCEL_HOLD)
_LAST = Statement(
    "SELECT d.id, d.kind, coalesce(l.title_id, h.title_id), t.title, d.at, d.loan_id FROM desk_act d"
    " LEFT JOIN loan l ON l.id = d.loan_id LEFT JOIN hold h ON h.id = d.hold_id"
    " JOIN title t ON t.id = coalesce(l.title_id, h.title_id)"
    " WHERE d.actor_id = :me AND d.account_id = :me AND d.at > :since AND d.undone_at IS NULL"
    " AND (d.kind = 'cancel-hold' OR (d.kind = 'issue' AND l.returned_at IS NULL AND l.channel = 'self'))"
    " ORDER BY d.id DESC LIMIT 20"
)


_HELD = Statement(
    "SELECT position, shelf_until FROM hold"
    " WHERE account_id = :me AND title_id = :title_id AND state IN ('waiting', 'ready')"
)


@dataclass(frozen=True, slots=True)
class OwnUndone:
    """What a reader took back, and how their reservation stands again, where one does: at a place of the queue, or on
    the hold shelf until a day."""

    kind: str
    title: str
    position: int | None
    shelf_until: date | None


@dataclass(frozen=True, slots=True)
class OwnAct:
    """Something a reader did a moment ago. `until`: when the moment is over; `loan_id`: of a loan."""

    act_id: int
    kind: str
    title_id: int
    title: str
    until: datetime
    loan_id: int | None


class AsMuchAsAllowed(RuleBroken):
    """Other titles were reserved since."""

    rule = "max_holds"
    message = "You have reserved as many titles as you may since."
    way_out = "Cancel one of them first."


def own_acts(uow: UnitOfWork) -> tuple[OwnAct, ...]:
    """What whoever asks may still take back, the latest first: at most the last 20 of these minutes."""
    uow.require(Permission.BORROW)
    since = uow.now - timedelta(minutes=MINUTES)
    rows = _LAST.rows(uow.connection, me=uow.actor.account_id, since=since)
    return tuple(map(_row, rows))


def _row(row: Any) -> OwnAct:
    act_id, kind, title_id, title, at, loan_id = row
    instant = as_instant(at)
    assert instant is not None
    return OwnAct(act_id, kind, title_id, title, instant + timedelta(minutes=MINUTES), loan_id)


def undo_own(uow: UnitOfWork, act_id: int) -> OwnUndone:
    """Takes back a loan one made oneself from a title's page, or that one cancelled a reservation, within ten minutes;
    says what stands again. The copy counts as never lent, the reservation stands where it stood.

    Raises:
        NotFound: no such act of one's own. AlreadyUndone, UndoTooLate, UndoOvertaken.
        AsMuchAsAllowed: there is no room for the reservation any more.
    """
    uow.require(Permission.BORROW)
    act, _ = take_back(uow, act_id, _against)
    # Names the account alone: a reader who erases their history must not stay readable here.
    record(uow, f"{'loan' if act.kind == ISSUE else 'hold'}.self-undo", "account", uow.actor.account_id)
    held = _HELD.row(uow.connection, me=uow.actor.account_id, title_id=act.title_id) if _holds_again(act) else None
    position, shelf_until = held or (None, None)
    return OwnUndone(act.kind, act.title, position, as_day(shelf_until))


def _holds_again(act: Act) -> bool:
    return act.kind == CANCEL_HOLD or "hold" in act.before


def undone_words(done: OwnUndone, words: Wording) -> str:
    """What stands again, in a sentence or two."""
    name, said = f"“{done.title}”", []
    if done.kind == ISSUE:
        said, name = [f"{name} is not on loan to you any more."], "It"
    if done.shelf_until:
        said.append(f"{name} lies on the hold shelf for you again, until {words.day(done.shelf_until)}.")
    elif done.position:
        said.append(f"{name} is reserved for you again, at place {done.position} of the queue.")
    return " ".join(said)


def _against(uow: UnitOfWork, act: Act) -> RuleBroken | NotFound | None:
    me = uow.actor.account_id
    if act.kind not in KINDS or act.account_id != me or not _did(uow, act):
        return NotFound("act of yours")
    if refusal := too_late(uow, act, MINUTES):
        return refusal
    return AsMuchAsAllowed() if _holds_again(act) and me and _full(uow, act.title_id, me) else None


_BY = Statement(
    "SELECT d.actor_id FROM desk_act d LEFT JOIN loan l ON l.id = d.loan_id"
    " WHERE d.id = :act_id AND (d.loan_id IS NULL OR l.channel = 'self')"
)


def _did(uow: UnitOfWork, act: Act) -> bool:
    row = _BY.row(uow.connection, act_id=act.id)
    return row is not None and row[0] == uow.actor.account_id


def _full(uow: UnitOfWork, title_id: int, member_id: int) -> bool:
    reasons = decide_hold(*read_wish(uow, title_id, member_id, None)).reasons
    return any(reason.code == "hold-limit-reached" for reason in reasons)
