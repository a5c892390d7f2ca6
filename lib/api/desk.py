"""The desk's last acts, and taking them back."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from lib.access.permissions import Permission
from lib.api.answers import Done, Listing, RowId, listed
from lib.api.callers import Caller, needs, reading
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.desk.counter import DeskMember, Scan, member_at_desk, read_scan
from lib.desk.undo import DeskActRow, desk_acts, undo

router = APIRouter(prefix="/desk", tags=["Desk"], route_class=StrictRoute)


@router.get(
    "/acts",
    dependencies=[needs(Permission.CIRCULATE)],
    summary="The last acts at the desk, and whether they can be taken back",
)
def get_acts(
    actor: Caller,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
    mine: Annotated[bool, Query(description="The caller's own alone.")] = False,
) -> Listing[DeskActRow]:
    with reading(actor) as uow:
        return listed(desk_acts(uow, limit=limit, actor_id=actor.account_id if mine else None))


@router.post(
    "/acts/{act_id}/undo", dependencies=[needs(Permission.CIRCULATE)], summary="Take an act back", response_model=Done
)
def post_undo(actor: Caller, act_id: RowId, key: IdempotencyKey = None) -> Any:
    return do_once(actor, key, ("desk.undo", act_id), lambda uow: Done(done=undo(uow, act_id)), Done)


@router.get(
    "/scan", dependencies=[needs(Permission.CIRCULATE)],
    summary="What a card, barcode, ISBN or name that was scanned or typed means",
)  # fmt: skip
def get_scan(actor: Caller, text: Annotated[str, Query(max_length=200)]) -> Scan:
    with reading(actor) as uow:
        return read_scan(uow, text)


@router.get(
    "/members/{account_id}", dependencies=[needs(Permission.CIRCULATE)],
    summary="A member at the desk: loans, blocks, money; that it was read is audited",
)  # fmt: skip
def get_desk_member(actor: Caller, account_id: RowId) -> DeskMember:
    with reading(actor) as uow:
        return member_at_desk(uow, account_id)
