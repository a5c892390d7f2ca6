"""Losses and claims: a copy counts as lost; or the member says that they returned it."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from lib.access.permissions import Permission
from lib.api.answers import Body, Listing, Paging, RowId
from lib.api.callers import Caller, needs, reading
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.circulation.claims import ClaimReceipt, ClaimRow, claim_returned, claims, clear_claim
from lib.circulation.losses import LossCost, LostReceipt, consider_loss, declare_lost
from lib.circulation.not_there import NotThereReceipt, not_there
from lib.kit.strict import Day

router = APIRouter(tags=["Loans"], route_class=StrictRoute)
DESK = [needs(Permission.CIRCULATE)]


class Loss(Body):
    """Why the copy counts as lost, where there is more to say."""

    reason: Annotated[str, Field(examples=["Left on the night train to Halden."])] = ""


class Missed(Body):
    """The copy that is not on its shelf."""

    barcode: Annotated[str, Field(min_length=1, max_length=64, examples=["3100000000071"])]


class Claim(Body):
    """On which day the member says they returned it; without one today."""

    on: Day | None = None


@router.post("/loans/{loan_id}/lost/dry-run", dependencies=DESK, summary="What a loss would cost; changes nothing")
def dry_run_loss(actor: Caller, loan_id: RowId) -> LossCost:
    with reading(actor) as uow:
        return consider_loss(uow, loan_id=loan_id)


@router.post(
    "/loans/{loan_id}/lost", dependencies=DESK,
    summary="Declare a copy on loan lost: its fine stops, replacing it is charged", response_model=LostReceipt,
)  # fmt: skip
def post_loss(actor: Caller, loan_id: RowId, form: Loss | None = None, key: IdempotencyKey = None) -> Any:
    """When the copy is taken back later (`POST /returns`), what was charged for it is given back."""
    reason = form.reason if form else ""
    return do_once(
        actor, key, ("loan.lost", loan_id, reason), lambda uow: declare_lost(uow, loan_id=loan_id, reason=reason),
        LostReceipt,
    )  # fmt: skip


@router.post(
    "/copies/not-there", dependencies=DESK,
    summary="Note that a copy is not on its shelf: it counts as lost until it is scanned",
    response_model=NotThereReceipt, tags=["Copies"],
)  # fmt: skip
def post_not_there(actor: Caller, form: Missed, key: IdempotencyKey = None) -> Any:
    """Who it was kept for on the hold shelf waits again, at the first place, and is told."""
    return do_once(
        actor, key, ("copy.not-there", form.barcode), lambda uow: not_there(uow, barcode=form.barcode), NotThereReceipt
    )


@router.get("/claims", dependencies=DESK, summary="Copies that members say they returned, the oldest claim first")
def get_claims(actor: Caller, paging: Paging) -> Listing[ClaimRow]:
    with reading(actor) as uow:
        return paging.listing(claims(uow, page=paging.page, size=paging.size))


@router.post(
    "/loans/{loan_id}/claim", dependencies=DESK,
    summary="Note that the member says they returned it: the fine stands still", response_model=ClaimReceipt,
)  # fmt: skip
def post_claim(actor: Caller, loan_id: RowId, form: Claim | None = None, key: IdempotencyKey = None) -> Any:
    on = form.on if form else None
    return do_once(
        actor, key, ("loan.claim", loan_id, on), lambda uow: claim_returned(uow, loan_id=loan_id, on=on), ClaimReceipt
    )


@router.post(
    "/loans/{loan_id}/claim/clear", dependencies=DESK,
    summary="End a claim: the fine counts as if it had never stood still", response_model=ClaimReceipt,
)  # fmt: skip
def post_claim_clear(actor: Caller, loan_id: RowId, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("loan.clear-claim", loan_id), lambda uow: clear_claim(uow, loan_id=loan_id), ClaimReceipt
    )
