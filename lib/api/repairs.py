"""Copies in repair, and what might leave the collection."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from lib.access.permissions import Permission
from lib.api.answers import Body, Listing, Paging, RowId
from lib.api.callers import Caller, needs, reading
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.catalogue.models import Condition
from lib.circulation.repairs import RepairReceipt, RepairRow, end_repair, repair_queue
from lib.circulation.weeding import MOST_YEARS, WeedingRow, weeding_list

router = APIRouter(tags=["Copies"], route_class=StrictRoute)


class Mended(Body):
    """How a mended copy looks; the note replaces the copy's note."""

    condition: Condition
    note: str = ""


@router.get(
    "/repairs", dependencies=[needs(Permission.CIRCULATE)],
    summary="Copies in repair, those first for which most readers wait",
)  # fmt: skip
def get_repairs(actor: Caller, paging: Paging) -> Listing[RepairRow]:
    with reading(actor) as uow:
        return paging.listing(repair_queue(uow, page=paging.page, size=paging.size))


@router.post(
    "/copies/{copy_id}/mend", dependencies=[needs(Permission.CIRCULATE)],
    summary="A copy is mended: to its shelf, or to who waits for it", response_model=RepairReceipt,
)  # fmt: skip
def post_mend(actor: Caller, copy_id: RowId, form: Mended, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("copy.mend", copy_id, form.model_dump(mode="json")),
        lambda uow: end_repair(uow, copy_id=copy_id, condition=form.condition, note=form.note), RepairReceipt,
    )  # fmt: skip


@router.get(
    "/weeding", dependencies=[needs(Permission.EDIT_CATALOGUE)],
    summary="Copies on the shelf that nobody borrowed for years, or that are worn",
)  # fmt: skip
def get_weeding_list(
    actor: Caller,
    paging: Paging,
    years: Annotated[int, Query(ge=0, le=MOST_YEARS, description="Not borrowed for so many; 0: however lately.")] = 5,
    worn: Annotated[bool, Query(description="Worn or damaged ones alone.")] = False,
) -> Listing[WeedingRow]:
    with reading(actor) as uow:
        return paging.listing(weeding_list(uow, years=years, worn=worn, page=paging.page, size=paging.size))
