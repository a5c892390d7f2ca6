"""Copies in repair, and what might leave the collection."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from lib.access.permissions import Permission
from lib.api.answers import AskedNumber, Body, Listing, Paging, RowId
from lib.api.callers import Caller, needs, reading
from lib.api.files import CsvResponse
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.catalogue.models import Condition
from lib.circulation.repairs import RepairReceipt, RepairRow, end_repair, repair_queue
from lib.circulation.weeding import MOST_YEARS, WeedingRow, weeding_list
from lib.ops.weeding_file import weeding_csv

router = APIRouter(tags=["Copies"], route_class=StrictRoute)
Years = Annotated[int, Query(ge=0, le=MOST_YEARS, description="Not borrowed for so many; 0: however lately.")]
Worn = Annotated[bool, Query(description="Worn or damaged ones alone.")]
Location = Annotated[str, Query(max_length=100, description="The code of one location.")]
Section = Annotated[AskedNumber, Query(description="The number of one section; 0: any.")]


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
    actor: Caller, paging: Paging, years: Years = 5, worn: Worn = False, location: Location = "",
    section_id: Section = 0,
) -> Listing[WeedingRow]:  # fmt: skip
    with reading(actor) as uow:
        return paging.listing(
            weeding_list(
                uow, years=years, worn=worn, location=location, section_id=section_id, page=paging.page,
                size=paging.size,
            )
        )  # fmt: skip


@router.get(
    "/weeding/csv", dependencies=[needs(Permission.EDIT_CATALOGUE)],
    summary="The weeding list as CSV, at most 10,000 copies", response_class=CsvResponse,
)  # fmt: skip
def get_weeding_csv(
    actor: Caller, years: Years = 5, worn: Worn = False, location: Location = "", section_id: Section = 0
) -> Response:
    with reading(actor) as uow:
        made = weeding_csv(uow, years=years, worn=worn, location=location, section_id=section_id)
    return CsvResponse([made.decode("utf-8-sig")], "weeding")
