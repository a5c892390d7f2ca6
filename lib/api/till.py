"""The till: what went through it, counting and closing it, and its closings."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from lib.access.permissions import Permission
from lib.api.answers import Body, Listing, Paging, RowId
from lib.api.callers import Caller, needs, reading
from lib.api.files import PdfResponse, pdf, printing
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.billing.till import DayCloseRow, Till, close_day, day_close, day_closes, till
from lib.billing.till_paper import day_close_pdf
from lib.billing.till_receipts import TillReceipt, till_receipts
from lib.kit.strict import Whole

router = APIRouter(
    prefix="/till", tags=["Money"], route_class=StrictRoute, dependencies=[needs(Permission.TAKE_PAYMENTS)]
)


class Counted(Body):
    """The cash beyond the float as it was counted, in minor units; below nought where more went out than came in."""

    cash_counted_minor: Annotated[Whole, Field(ge=-(10**12), le=10**12)]
    note: str = ""


@router.get("", summary="What should be in the till, by method and by what it was for")
def get_till(actor: Caller) -> Till:
    with reading(actor) as uow:
        return till(uow)


@router.get("/closings", summary="The closings of the till, newest first")
def get_closings(actor: Caller, paging: Paging) -> Listing[DayCloseRow]:
    with reading(actor) as uow:
        return paging.listing(day_closes(uow, page=paging.page, size=paging.size))


@router.post("/closings", summary="Close the till over every receipt since it was closed last", status_code=201,
             response_model=DayCloseRow)  # fmt: skip
def post_closing(actor: Caller, form: Counted, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("till.close", form.model_dump()), lambda uow: close_day(uow, **form.model_dump()), DayCloseRow
    )


@router.get("/closings/{closing_id}", summary="A closing of the till")
def get_closing(actor: Caller, closing_id: RowId) -> DayCloseRow:
    with reading(actor) as uow:
        return day_close(uow, closing_id)


@router.get("/closings/{closing_id}/pdf", summary="A closing of the till to print", response_class=PdfResponse)
def get_closing_pdf(actor: Caller, closing_id: RowId) -> Response:
    with printing(actor) as uow:
        return pdf(day_close_pdf(uow, closing_id), "till-closing")


@router.get("/receipts", summary="The receipts since the till was closed last, or one by its number")
def get_till_receipts(
    actor: Caller,
    paging: Paging,
    number: Annotated[str, Query(max_length=40, description="Of one receipt, whenever it was written: R-000123.")] = "",
) -> Listing[TillReceipt]:
    """They name members: the look is audited."""
    with reading(actor) as uow:
        return paging.listing(till_receipts(uow, number=number, page=paging.page, size=paging.size))
