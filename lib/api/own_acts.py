"""What the caller did a moment ago and may still take back: a loan of one's own, a hold that one cancelled."""

from typing import Any

from fastapi import APIRouter

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.api.answers import Done, Listing, RowId, listed
from lib.api.callers import Caller, needs, reading
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.desk.own_acts import OwnAct, own_acts, undo_own, undone_words

router = APIRouter(prefix="/me/acts", tags=["My account"], route_class=StrictRoute)
READER = [needs(Permission.BORROW)]


@router.get("", dependencies=READER, summary="What the caller did in the last ten minutes and may still take back")
def get_own_acts(actor: Caller) -> Listing[OwnAct]:
    """Loans made with `POST /me/loans`, and holds that were cancelled; the latest first, each with its last moment."""
    with reading(actor) as uow:
        return listed(own_acts(uow))


@router.post("/{act_id}/undo", dependencies=READER, summary="Take an act of one's own back", response_model=Done)
def post_own_undo(actor: Caller, act_id: RowId, key: IdempotencyKey = None) -> Any:
    """The loan counts as never made; the hold stands where it stood."""

    def act(uow: UnitOfWork) -> Done:
        return Done(done=undone_words(undo_own(uow, act_id), uow.words))

    return do_once(actor, key, ("own.undo", act_id), act, Done)
