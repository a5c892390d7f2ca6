"""Holds: a member waits for a title, or for one copy of it; and what may be done with a hold until it ends."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from lib.access.once import fingerprint, recall, remember
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.fields import read_reason
from lib.audit.trail import record
from lib.circulation.acts import CANCEL_HOLD, HOLD, note_act
from lib.circulation.capture import Offer, end_hold, lock_hold
from lib.circulation.checkout import accept
from lib.circulation.decision import Decision, Reason, ReasonKind, conclude
from lib.circulation.errors import CannotHold, HoldIsOver, HoldIsReady, refuse
from lib.circulation.facts import lock_member
from lib.circulation.hold_decision import Wish, decide_hold
from lib.circulation.hold_models import HoldState
from lib.circulation.hold_notices import CANCELLED, tell
from lib.circulation.hold_queue import QueuedHold, append, find_hold, lock_copies, lock_queue, move, snapshot
from lib.circulation.hold_wishes import read_wish, wait_of
from lib.circulation.policy import EffectiveRule
from lib.circulation.waits import Wait
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import Fault, Invalid, NotFound

LONGEST_SUSPENSION = timedelta(days=366)
ONE_HOLD = ("uq_hold_member_title", "hold.account_id, hold.title_id")
_SUSPEND = Statement(
    "UPDATE hold SET suspended_until = :until, version = version + 1 WHERE id = :hold_id AND state = 'waiting'"
)
_LIVE_OF_TITLE = Statement(
    "SELECT id FROM hold WHERE title_id = :title_id AND state IN ('waiting', 'ready') ORDER BY id LIMIT 5000"
)


@dataclass(frozen=True, slots=True)
class HoldReceipt:
    """A hold that was placed: where it stands in the queue, and how long it will probably wait."""

    hold_id: int
    title_id: int
    title: str
    position: int
    wait: Wait | None
    act_id: int


@dataclass(frozen=True, slots=True)
class CancelReceipt:
    """A hold that was cancelled. `freed_copy_id`: the copy that lay on the hold shelf for it; `offer`: for whom it
    lies there now (for the desk only), None where it may go back to its place."""

    hold_id: int
    title_id: int
    title: str
    act_id: int
    freed_copy_id: int | None = None
    offer: Offer | None = None


def place_hold(
    uow: UnitOfWork,
    *,
    title_id: int,
    member_id: int | None = None,
    copy_id: int | None = None,
    override: str | None = None,
    key: str | None = None,
) -> HoldReceipt:
    """Puts a member (oneself unless told otherwise) at the end of a title's queue; with `copy_id` this copy alone
    will do. `override` is the desk's written reason against blocks; the same `key` again gives the same receipt.

    Raises:
        NotFound: no such title, member, or copy of this title. CannotHold: with every reason.
        Forbidden, Invalid: about the override.
    """
    who = _who(uow, member_id)
    lock_member(uow, who)
    asked = fingerprint("hold", title_id, who, copy_id, override) if key else ""
    if key and (done := recall(uow, key, asked)):
        return HoldReceipt(**done | {"wait": Wait(**done["wait"]) if done["wait"] else None})
    lock_queue(uow, title_id)
    borrower, wish, terms = read_wish(uow, title_id, who, copy_id)
    why = accept(uow, decide_hold(borrower, wish, terms), override, CannotHold, member_id=who)
    hold_id, position = _append(uow, wish, who, terms.rule)
    after = {"position": position}
    act = note_act(uow, HOLD, account_id=who, hold_id=hold_id, before={}, after=after)
    wait = wait_of(
        uow, title_id=title_id, kind_id=wish.kind_id, position=position, copy_id=copy_id,
        loan_days=terms.rule.loan_days, shelf_days=terms.rule.hold_shelf_days,
    )  # fmt: skip
    receipt = HoldReceipt(hold_id, title_id, wish.title, position, wait, act)
    note_hold(uow, "place", hold_id, who, title_id=title_id, position=position, **why)
    if key:
        remember(uow, key, asked, asdict(receipt))
    return receipt


def _who(uow: UnitOfWork, member_id: int | None) -> int:
    own = member_id in (None, uow.actor.account_id)
    uow.require(Permission.BORROW if own else Permission.CIRCULATE)
    found = uow.actor.account_id if own else member_id
    assert found is not None  # whoever may borrow has an account
    return found


def _append(uow: UnitOfWork, wish: Wish, account_id: int, rule: EffectiveRule) -> tuple[int, int]:
    limit_kind = wish.kind_id if "max_holds" in rule.per_kind else None
    try:
        return append(
            uow, title_id=wish.title_id, copy_id=wish.copy_id, account_id=account_id, shelf_days=rule.hold_shelf_days,
            max_holds=rule.max_holds, limit_kind_id=limit_kind,
        )  # fmt: skip
    except IntegrityError as error:
        if broken_constraint(error) not in ONE_HOLD:
            raise
        text = f"This member waits for “{wish.title}” already."
        reason = Reason("already-held", text, ReasonKind.IMPOSSIBLE, {"rule": "one hold of a title"})
        raise refuse(CannotHold, conclude([reason], None)) from error


def note_hold(uow: UnitOfWork, verb: str, hold_id: int, account_id: int | None, **facts: Any) -> None:
    """For this room: what was done with a hold, in the audit trail. Own acts name the account alone: who erases their
    history must not stay readable here."""
    if uow.actor.account_id == account_id and "override" not in facts:
        record(uow, f"hold.self-{verb}", "account", account_id)
    else:
        record(uow, f"hold.{verb}", "hold", hold_id, **facts)


def consider_hold(
    uow: UnitOfWork, *, title_id: int, member_id: int | None = None, copy_id: int | None = None
) -> Decision:
    """What `place_hold` would say now; changes nothing.

    Raises:
        NotFound: no such title, member, or copy of this title.
    """
    return decide_hold(*read_wish(uow, title_id, _who(uow, member_id), copy_id))


def expected_wait(
    uow: UnitOfWork, *, title_id: int, member_id: int | None = None, copy_id: int | None = None
) -> Wait | None:
    """How long a hold placed now would probably wait; None where no copy could serve it.

    Raises:
        NotFound: no such title, member, or copy of this title.
    """
    _, wish, terms = read_wish(uow, title_id, _who(uow, member_id), copy_id)
    return wait_of(
        uow, title_id=title_id, kind_id=wish.kind_id, position=10**9, copy_id=copy_id,
        loan_days=terms.rule.loan_days, shelf_days=terms.rule.hold_shelf_days,
    )  # fmt: skip


def cancel_hold(uow: UnitOfWork, hold_id: int, *, reason: str = "", key: str | None = None) -> CancelReceipt:
    """Ends a hold: one's own, or at the desk anybody's, for a written reason that the holder is told. A copy that lay
    on the hold shelf for it is offered to the next at once.

    Raises:
        NotFound: no such hold, or not one's own. HoldIsOver: it has ended. Invalid: the desk's reason is missing.
    """
    hold = own_hold(uow, hold_id)
    own = hold.account_id == uow.actor.account_id
    why = "" if own else read_reason(reason)
    asked = fingerprint("cancel-hold", hold_id, why) if key else ""
    if key and (done := recall(uow, key, asked)):
        return CancelReceipt(**done)
    if hold.account_id is not None:
        lock_member(uow, hold.account_id)
    receipt = _cancel(uow, live_hold(uow, hold_id), why, own=own)
    if key:
        remember(uow, key, asked, asdict(receipt) | {"offer": None})
    return receipt


def _cancel(uow: UnitOfWork, hold: QueuedHold, why: str, *, own: bool) -> CancelReceipt:
    was = snapshot(hold)
    offer = end_hold(uow, hold, HoldState.CANCELLED, why)
    if not own:
        tell(uow, CANCELLED, hold, reason=why)
    freed = hold.shelf_copy_id if hold.state is HoldState.READY else None
    after = {"offered": offer.hold_id if offer else None}
    act = note_act(uow, CANCEL_HOLD, account_id=hold.account_id, hold_id=hold.id, before=was, after=after)
    note_hold(uow, "cancel", hold.id, hold.account_id, title_id=hold.title_id, before=hold.state.value, copy_id=freed)
    return CancelReceipt(hold.id, hold.title_id, hold.title, act, freed, None if own else offer)


def cancel_all_holds(uow: UnitOfWork, *, title_id: int, reason: str) -> int:
    """Ends every live hold on a title (at most 5,000), for a written reason that each holder is told; tells how many.
    Before a title or its last copy leaves the collection.

    Raises:
        Invalid: no reason.
    """
    uow.require(Permission.CIRCULATE)
    why = read_reason(reason)
    ids = [row[0] for row in _LIVE_OF_TITLE.rows(uow.connection, title_id=title_id)]
    lock_copies(uow, [], ids)
    lock_queue(uow, title_id)
    found = [hold for hold_id in ids if (hold := find_hold(uow, hold_id)) and hold.live]
    # Those who wait go first: else the copy on the hold shelf would be promised to each of them in turn.
    for hold in sorted(found, key=lambda hold: (hold.state is HoldState.READY, -(hold.position or 0))):
        locked = lock_hold(uow, hold.id)
        if locked is not None and locked.live:
            _cancel(uow, locked, why, own=False)
    return len(found)


def suspend_hold(uow: UnitOfWork, hold_id: int, until: date) -> None:
    """Lets a waiting hold be passed over up to and including a day; it keeps its place.

    Raises:
        NotFound: no such hold, or not one's own. HoldIsOver, HoldIsReady: it does not wait (any more).
        Invalid: the day has passed, or is more than a year away.
    """
    hold = own_hold(uow, hold_id)
    if not uow.today <= until <= uow.today + LONGEST_SUSPENSION:
        raise Invalid(Fault("until", "Choose a day from today on, within a year."))
    _suspend(uow, hold, until)
    note_hold(uow, "suspend", hold_id, hold.account_id, until=until)


def resume_hold(uow: UnitOfWork, hold_id: int) -> None:
    """Lets a suspended hold wait as the others do, from now on, at the place it kept.

    Raises:
        NotFound: no such hold, or not one's own. HoldIsOver, HoldIsReady: it does not wait (any more).
    """
    hold = own_hold(uow, hold_id)
    _suspend(uow, hold, None)
    note_hold(uow, "resume", hold_id, hold.account_id)


def _suspend(uow: UnitOfWork, hold: QueuedHold, until: date | None) -> None:
    waiting_hold(live_hold(uow, hold.id))
    _SUSPEND.count(uow.connection, until=until, hold_id=hold.id)


def move_hold(uow: UnitOfWork, hold_id: int, position: int, reason: str) -> int:
    """Moves a waiting hold to another place of its queue, for a written reason; returns the place it has then.

    Raises:
        NotFound: no such hold. HoldIsOver, HoldIsReady: it does not wait. Invalid: no reason, no place.
    """
    uow.require(Permission.CIRCULATE)
    why = read_reason(reason)
    if position < 1:
        raise Invalid(Fault("position", "Places count from 1."))
    hold = waiting_hold(live_hold(uow, hold_id))
    place = move(uow, hold, position)
    record(
        uow, "hold.move", "hold", hold_id, title_id=hold.title_id, before=hold.position, after=place, reason=why
    )  # fmt: skip
    return place


def own_hold(uow: UnitOfWork, hold_id: int) -> QueuedHold:
    """For this room: a hold that is one's own, or anybody's at the desk.

    Raises:
        NotFound: it is not, or there is none.
    """
    if not uow.actor.may(Permission.CIRCULATE):
        uow.require(Permission.BORROW)
    hold = find_hold(uow, hold_id)
    if hold is None or (hold.account_id != uow.actor.account_id and not uow.actor.may(Permission.CIRCULATE)):
        raise NotFound("hold")
    return hold


def live_hold(uow: UnitOfWork, hold_id: int) -> QueuedHold:
    """For this room: a hold under its locks.

    Raises:
        NotFound: no such hold. HoldIsOver.
    """
    hold = lock_hold(uow, hold_id)
    if hold is None:
        raise NotFound("hold")
    if not hold.live:
        raise HoldIsOver(state=hold.state.value)
    return hold


def waiting_hold(hold: QueuedHold) -> QueuedHold:
    """For this room: the live hold, where it waits.

    Raises:
        HoldIsReady.
    """
    if hold.state is HoldState.READY:
        raise HoldIsReady(title=hold.title, hold_id=hold.id)
    return hold
