"""The desk's last acts, and taking them back."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from lib.api.answers import Done, Listing, listed
from lib.api.callers import Caller, reading
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.circulation.undo import DeskActRow, desk_acts, undo

router = APIRouter(prefix="/desk", tags=["Desk"], route_class=StrictRoute)


@router.get("/acts", summary="The last acts at the desk, and whether they can be taken back")
def get_acts(actor: Caller, limit: Annotated[int, Query(ge=1, le=100)] = 10) -> Listing[DeskActRow]:
    with reading(actor) as uow:
        return listed(desk_acts(uow, limit=limit))


@router.post("/acts/{act_id}/undo", summary="Take an act back", response_model=Done)
def post_undo(actor: Caller, act_id: int, key: IdempotencyKey = None) -> Any:
    return do_once(actor, key, ("desk.undo", act_id), lambda uow: Done(done=undo(uow, act_id)), Done)
