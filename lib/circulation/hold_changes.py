"""What may be changed of a hold while it lives: the last day on the hold shelf, and which copy would do."""

from datetime import date

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.fields import read_reason
from lib.audit.trail import record
from lib.circulation.closure_entries import calendar_of
from lib.circulation.decision import conclude
from lib.circulation.errors import CannotHold, HoldNotReady, refuse
from lib.circulation.facts import lock_member
from lib.circulation.hold_decision import gone_reason
from lib.circulation.hold_models import HoldState
from lib.circulation.hold_notices import READY, take_back_notice, tell
from lib.circulation.hold_wishes import read_wish
from lib.circulation.holds import live_hold, note_hold, own_hold, waiting_hold
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid

MOST_TIMES = 2  # so often the days of the rule, counted from today
_EXTEND = Statement(
    "UPDATE hold SET shelf_until = :until, version = version + 1 WHERE id = :hold_id AND state = 'ready'"
)
_CHOOSE = Statement(
    "UPDATE hold SET copy_id = :copy_id, version = version + 1 WHERE id = :hold_id AND state = 'waiting'"
)


def last_shelf_day(uow: UnitOfWork, shelf_days: int) -> date:
    """The latest day to which a hold that was made for so many days on the shelf may be extended today."""
    return calendar_of(uow).after_open_days(uow.today, MOST_TIMES * shelf_days)


def extend_shelf_day(uow: UnitOfWork, hold_id: int, until: date, reason: str) -> date:
    """Lets a ready hold lie on the shelf up to and including another day, later or earlier, for a written reason; the
    reader is told the new day. At most twice the open days of the rule it was made under, from today. Returns the
    day that it had before.

    Raises:
        NotFound: no such hold. HoldIsOver, HoldNotReady. Invalid: no reason; a day that has passed, is too late, or on
        which the library is closed.
    """
    uow.require(Permission.CIRCULATE)
    why = read_reason(reason)
    hold = live_hold(uow, hold_id)
    if hold.state is not HoldState.READY or hold.shelf_until is None:
        raise HoldNotReady(title=hold.title)
    last = last_shelf_day(uow, hold.shelf_days)
    if not uow.today <= until <= last:
        raise Invalid(Fault("until", f"Choose a day from today up to {uow.words.day(last)}."))
    if not calendar_of(uow).is_open(until):
        raise Invalid(Fault("until", "The library is closed on that day."))
    if until != hold.shelf_until:
        _EXTEND.count(uow.connection, until=until, hold_id=hold_id)
        take_back_notice(uow, READY, hold)
        tell(uow, READY, hold, until=until)
        record(
            uow, "hold.extend", "hold", hold_id, title_id=hold.title_id, before=hold.shelf_until, after=until,
            reason=why,
        )  # fmt: skip
    return hold.shelf_until


def choose_copy(uow: UnitOfWork, hold_id: int, copy_id: int | None) -> None:
    """Lets a waiting hold, one's own or at the desk anybody's, be served by this copy of its title alone, or (None) by
    any; it keeps its place.

    Raises:
        NotFound: no such hold, or not one's own; no such copy of its title. HoldIsOver, HoldIsReady: it does not wait.
        CannotHold: the copy does not come back.
    """
    seen = own_hold(uow, hold_id)
    if seen.account_id is not None:
        lock_member(uow, seen.account_id)
    hold = waiting_hold(live_hold(uow, hold_id))
    assert hold.account_id is not None  # live holds say whose they are
    if copy_id is not None:
        gone = gone_reason(read_wish(uow, hold.title_id, hold.account_id, copy_id)[1])
        if gone:
            raise refuse(CannotHold, conclude([gone], None))
    if copy_id != hold.copy_id:
        _CHOOSE.count(uow.connection, copy_id=copy_id, hold_id=hold_id)
        note_hold(
            uow, "choose-copy", hold_id, hold.account_id, title_id=hold.title_id, before=hold.copy_id, after=copy_id
        )
