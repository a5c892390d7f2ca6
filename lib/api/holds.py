"""Holds: placed, tried, listed, cancelled, suspended, moved; how long one waits, and a title's queue."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.api.answers import Body, Done, Listing, Number, Paging, RowId, WrittenReason, listed
from lib.api.callers import Caller, needs, reading
from lib.api.loans import known, own_id
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.catalogue.queries import title
from lib.circulation.decision import Decision
from lib.circulation.hold_changes import choose_copy, extend_shelf_day
from lib.circulation.hold_queries import HoldRow, QueueRow, holds_of, past_holds_of, queue_lengths, queue_of, usual_wait
from lib.circulation.holds import (
    CancelReceipt,
    HoldReceipt,
    cancel_all_holds,
    cancel_hold,
    consider_hold,
    expected_wait,
    move_hold,
    place_hold,
    resume_hold,
    suspend_hold,
)
from lib.circulation.waits import Wait
from lib.kit.strict import Day, Whole

router = APIRouter(tags=["Holds"], route_class=StrictRoute)


class OwnHold(Body):
    """Which title the caller waits for; `copy_id` where only that copy will do."""

    title_id: Number
    copy_id: Number | None = None


class HoldCancel(Body):
    """Why a hold is cancelled; nothing where it is one's own."""

    reason: Annotated[str, Field(examples=["The reader has moved away."])] = ""


class MemberHold(OwnHold):
    """For a member, at the desk; `override` is the written reason for placing it against blocks."""

    member_id: Number
    override: Annotated[str | None, Field(examples=["Agreed with the teacher for the whole class."])] = None


class HoldSuspension(Body):
    """Up to and including which day the hold is passed over."""

    until: Day


class HoldMove(Body):
    """The new place in the queue, counted from 1, and why."""

    position: Annotated[Whole, Field(ge=1, le=100_000)]
    reason: Annotated[str, Field(examples=["The reader needs it for an exam on Friday."])]


class ShelfDay(Body):
    """The new last day on the hold shelf, and why."""

    until: Day
    reason: Annotated[str, Field(examples=["The reader is in hospital until Thursday."])]


class CopyChoice(Body):
    """The only copy that will do; empty: any copy of the title."""

    copy_id: Number | None


class Expectation(BaseModel):
    """How long a new hold would probably wait; empty where no copy could serve it."""

    wait: Wait | None


class QueueLength(Expectation):
    """How many wait for a title, and how long somebody who joined them now would probably wait."""

    waiting: int


@router.get("/me/holds", dependencies=[needs(Permission.USE_ACCOUNT)], summary="The caller's live holds")
def get_my_holds(actor: Caller) -> Listing[HoldRow]:
    with reading(actor) as uow:
        return listed(holds_of(uow, own_id(actor)))


@router.get("/me/holds/past", dependencies=[needs(Permission.USE_ACCOUNT)], summary="The caller's ended holds")
def get_my_past_holds(actor: Caller, paging: Paging) -> Listing[HoldRow]:
    with reading(actor) as uow:
        return paging.listing(past_holds_of(uow, own_id(actor), page=paging.page, size=paging.size))


@router.post(
    "/me/holds", dependencies=[needs(Permission.BORROW)], summary="Place a hold", status_code=201,
    response_model=HoldReceipt,
)  # fmt: skip
def post_my_hold(actor: Caller, form: OwnHold, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("hold.place", form.model_dump()),
        lambda uow: place_hold(uow, title_id=form.title_id, copy_id=form.copy_id), HoldReceipt,
    )  # fmt: skip


@router.post(
    "/me/holds/dry-run", dependencies=[needs(Permission.BORROW)],
    summary="Could the caller place this hold? Every reason; changes nothing",
)  # fmt: skip
def dry_run_my_hold(actor: Caller, form: OwnHold) -> Decision:
    with reading(actor) as uow:
        return consider_hold(uow, title_id=form.title_id, copy_id=form.copy_id)


@router.get(
    "/titles/{title_id}/holds/expected-wait", dependencies=[needs(Permission.BORROW)],
    summary="How long a new hold of the caller would probably wait",
)  # fmt: skip
def get_expected_wait(actor: Caller, title_id: RowId) -> Expectation:
    with reading(actor) as uow:
        return Expectation(wait=expected_wait(uow, title_id=title_id))


@router.get("/titles/{title_id}/waiting", summary="How many wait for a title, and how long one usually waits")
def get_waiting(actor: Caller, title_id: RowId) -> QueueLength:
    with reading(actor) as uow:
        title(uow, title_id)
        return QueueLength(waiting=queue_lengths(uow, [title_id])[title_id], wait=usual_wait(uow, title_id))


@router.post(
    "/holds", dependencies=[needs(Permission.CIRCULATE)], summary="Place a hold for a member", status_code=201,
    response_model=HoldReceipt,
)  # fmt: skip
def post_hold(actor: Caller, form: MemberHold, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("hold.place-for", form.model_dump()),
        lambda uow: place_hold(
            uow, title_id=form.title_id, member_id=form.member_id, copy_id=form.copy_id, override=form.override
        ),
        HoldReceipt,
    )  # fmt: skip


@router.post(
    "/holds/dry-run", dependencies=[needs(Permission.CIRCULATE)],
    summary="Could this hold be placed for the member? Every reason; changes nothing",
)  # fmt: skip
def dry_run_hold(actor: Caller, form: MemberHold) -> Decision:
    with reading(actor) as uow:
        return consider_hold(uow, title_id=form.title_id, member_id=form.member_id, copy_id=form.copy_id)


@router.get("/members/{member_id}/holds", dependencies=[needs(Permission.CIRCULATE)], summary="A member's live holds")
def get_member_holds(actor: Caller, member_id: RowId) -> Listing[HoldRow]:
    with reading(actor) as uow:
        return listed(holds_of(uow, known(uow, member_id)))


@router.get(
    "/members/{member_id}/holds/past", dependencies=[needs(Permission.CIRCULATE)], summary="A member's ended holds"
)
def get_member_past_holds(actor: Caller, member_id: RowId, paging: Paging) -> Listing[HoldRow]:
    with reading(actor) as uow:
        return paging.listing(past_holds_of(uow, known(uow, member_id), page=paging.page, size=paging.size))


@router.get("/titles/{title_id}/holds", dependencies=[needs(Permission.CIRCULATE)], summary="The queue of a title")
def get_queue(actor: Caller, title_id: RowId, paging: Paging) -> Listing[QueueRow]:
    with reading(actor) as uow:
        title(uow, title_id)
        return paging.listing(queue_of(uow, title_id, page=paging.page, size=paging.size))


@router.post(
    "/titles/{title_id}/holds/cancel", dependencies=[needs(Permission.CIRCULATE)],
    summary="Cancel every live hold on a title; each holder is told why", response_model=Done,
)  # fmt: skip
def post_cancel_all(actor: Caller, title_id: RowId, form: WrittenReason, key: IdempotencyKey = None) -> Any:
    def act(uow: UnitOfWork) -> Done:
        title(uow, title_id)
        gone = cancel_all_holds(uow, title_id=title_id, reason=form.reason)
        return Done(done=f"{gone} {'hold was' if gone == 1 else 'holds were'} cancelled.")

    return do_once(actor, key, ("hold.cancel-all", title_id, form.reason), act, Done)


@router.post(
    "/holds/{hold_id}/cancel", dependencies=[needs(Permission.BORROW)],
    summary="Cancel one's own hold, or anybody's at the desk", response_model=CancelReceipt,
)  # fmt: skip
def post_cancel(actor: Caller, hold_id: RowId, form: HoldCancel | None = None, key: IdempotencyKey = None) -> Any:
    """Somebody else's needs a written reason, which they are told."""
    reason = form.reason if form else ""
    return do_once(
        actor, key, ("hold.cancel", hold_id, reason), lambda uow: cancel_hold(uow, hold_id, reason=reason),
        CancelReceipt,
    )  # fmt: skip


@router.post(
    "/holds/{hold_id}/suspend", dependencies=[needs(Permission.BORROW)],
    summary="Let a hold be passed over for a while; it keeps its place", response_model=Done,
)  # fmt: skip
def post_suspend(actor: Caller, hold_id: RowId, form: HoldSuspension, key: IdempotencyKey = None) -> Any:
    def act(uow: UnitOfWork) -> Done:
        suspend_hold(uow, hold_id, form.until)
        return Done(done="The hold keeps its place and is passed over until then.")

    return do_once(actor, key, ("hold.suspend", hold_id, form.until), act, Done)


@router.post(
    "/holds/{hold_id}/resume", dependencies=[needs(Permission.BORROW)], summary="End the suspension of a hold",
    response_model=Done,
)  # fmt: skip
def post_resume(actor: Caller, hold_id: RowId, key: IdempotencyKey = None) -> Any:
    def act(uow: UnitOfWork) -> Done:
        resume_hold(uow, hold_id)
        return Done(done="The hold is served again when its turn comes.")

    return do_once(actor, key, ("hold.resume", hold_id), act, Done)


@router.post(
    "/holds/{hold_id}/move", dependencies=[needs(Permission.CIRCULATE)], summary="Move a hold within its queue",
    response_model=Done,
)  # fmt: skip
def post_move(actor: Caller, hold_id: RowId, form: HoldMove, key: IdempotencyKey = None) -> Any:
    def act(uow: UnitOfWork) -> Done:
        return Done(done=f"The hold stands at place {move_hold(uow, hold_id, form.position, form.reason)} now.")

    return do_once(actor, key, ("hold.move", hold_id, form.position, form.reason), act, Done)


@router.post(
    "/holds/{hold_id}/extend", dependencies=[needs(Permission.CIRCULATE)],
    summary="Give a ready hold another last day on the hold shelf; its reader is told", response_model=Done,
)  # fmt: skip
def post_extend(actor: Caller, hold_id: RowId, form: ShelfDay, key: IdempotencyKey = None) -> Any:
    """Later or earlier: at most twice the days of its rule from today, and never a day on which nobody is there."""

    def act(uow: UnitOfWork) -> Done:
        extend_shelf_day(uow, hold_id, form.until, form.reason)
        return Done(done="The copy lies there up to and including that day.")

    return do_once(actor, key, ("hold.extend", hold_id, form.until, form.reason), act, Done)


@router.post(
    "/holds/{hold_id}/copy", dependencies=[needs(Permission.BORROW)],
    summary="Wait for one copy alone, or for any", response_model=Done,
)  # fmt: skip
def post_copy_choice(actor: Caller, hold_id: RowId, form: CopyChoice, key: IdempotencyKey = None) -> Any:
    """One's own hold, or anybody's at the desk. It keeps its place."""

    def act(uow: UnitOfWork) -> Done:
        choose_copy(uow, hold_id, form.copy_id)
        return Done(done="Any copy will do now." if form.copy_id is None else "Only that copy will do now.")

    return do_once(actor, key, ("hold.copy", hold_id, form.copy_id), act, Done)
