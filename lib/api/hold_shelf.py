"""The hold shelf: what lies there, what must come off it, what to fetch for it, and the slips to put into it."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from lib.access.permissions import Permission
from lib.api.answers import AskedNumber, Listing, Paging, RowId, listed
from lib.api.callers import Caller, needs, reading
from lib.api.files import PdfResponse, pdf, printing
from lib.api.strictness import StrictRoute
from lib.circulation.hold_shelf import (
    PullRow,
    ShelfRow,
    TakeOffRow,
    hold_shelf,
    pull_list,
    search_shelf,
    to_take_off,
)
from lib.circulation.pull_paper import pull_list_pdf
from lib.circulation.slips import MOST, new_slips, new_slips_pdf, slip_pdf, slips_pdf

router = APIRouter(prefix="/holds", tags=["Holds"], route_class=StrictRoute)
DESK = [needs(Permission.CIRCULATE)]
Location = Annotated[str | None, Query(max_length=100, description="The code of one location.")]


@router.get("/shelf", dependencies=DESK, summary="What lies on the hold shelf, for whom, until when")
def get_hold_shelf(
    actor: Caller,
    paging: Paging,
    text: Annotated[str, Query(max_length=200, description="A reader's name, a card number or a barcode.")] = "",
) -> Listing[ShelfRow]:
    """In the order of the readers' names; what is searched for, in the order of its last days."""
    with reading(actor) as uow:
        if text.strip():
            return paging.listing(search_shelf(uow, text, page=paging.page, size=paging.size))
        return paging.listing(hold_shelf(uow, page=paging.page, size=paging.size))


@router.get("/take-off", dependencies=DESK, summary="What lies on the hold shelf for nobody any more")
def get_take_off(actor: Caller, paging: Paging) -> Listing[TakeOffRow]:
    with reading(actor) as uow:
        return paging.listing(to_take_off(uow, page=paging.page, size=paging.size))


@router.get("/pull-list", dependencies=DESK, summary="What to fetch from the shelves, in the order of a walk")
def get_pull_list(actor: Caller, paging: Paging, location: Location = None) -> Listing[PullRow]:
    """Taking a copy back (`POST /returns`) puts it onto the hold shelf."""
    with reading(actor) as uow:
        return paging.listing(pull_list(uow, location=location, page=paging.page, size=paging.size))


@router.get(
    "/slips", dependencies=DESK, summary="The slips of several ready holds, to print", response_class=PdfResponse
)
def get_slips(actor: Caller, hold_id: Annotated[list[AskedNumber], Query(min_length=1, max_length=MOST)]) -> Response:
    """Those that are not ready (any more) are left out."""
    with printing(actor) as uow:
        return pdf(slips_pdf(uow, hold_id), "hold-slips")


@router.get("/{hold_id}/slip", dependencies=DESK, summary="The slip of a ready hold, to print",
            response_class=PdfResponse)  # fmt: skip
def get_slip(actor: Caller, hold_id: RowId) -> Response:
    with printing(actor) as uow:
        return pdf(slip_pdf(uow, hold_id), "hold-slip")


@router.get("/pull-list/pdf", dependencies=DESK, summary="What to fetch, to print", response_class=PdfResponse)
def get_pull_list_pdf(actor: Caller, location: Location = None) -> Response:
    with printing(actor) as uow:
        return pdf(pull_list_pdf(uow, location=location), "pull-list")


@router.get("/slips/new", dependencies=DESK, summary="Ready holds without a slip: since all new ones were printed last")
def get_new_slips(actor: Caller) -> Listing[int]:
    with reading(actor) as uow:
        return listed(new_slips(uow))


@router.post("/slips/new", dependencies=DESK, summary="Print all new slips; the next print begins after them",
             response_class=PdfResponse)  # fmt: skip
def post_new_slips(actor: Caller) -> Response:
    """When the answer was lost, print them by their numbers: `GET /holds/slips`."""
    with printing(actor) as uow:
        return pdf(new_slips_pdf(uow), "hold-slips")
