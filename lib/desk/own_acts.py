"""What readers take back themselves a moment later: a loan from a title's page, a reservation that they cancelled."""

from dataclasses import dataclass
from datetime import datetime, timedelta
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
from lib.kit.tables import as_instant

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


def undo_own(uow: UnitOfWork, act_id: int) -> str:
    """Takes back a loan one made oneself from a title's page, or that one cancelled a reservation, within ten minutes;
    returns the title. The copy counts as never lent, the reservation stands where it stood.

    Raises:
        NotFound: no such act of one's own. AlreadyUndone, UndoTooLate, UndoOvertaken.
        AsMuchAsAllowed: there is no room for the reservation any more.
    """
    uow.require(Permission.BORROW)
    act, _ = take_back(uow, act_id, _against)
    # Names the account alone: a reader who erases their history must not stay readable here.
    record(uow, f"{'loan' if act.kind == ISSUE else 'hold'}.self-undo", "account", uow.actor.account_id)
    return act.title


def _against(uow: UnitOfWork, act: Act) -> RuleBroken | NotFound | None:
    me = uow.actor.account_id
    if act.kind not in KINDS or act.account_id != me or not _did(uow, act):
        return NotFound("act of yours")
    if refusal := too_late(uow, act, MINUTES):
        return refusal
    returns = act.kind == CANCEL_HOLD or "hold" in act.before
    return AsMuchAsAllowed() if returns and me and _full(uow, act.title_id, me) else None


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
