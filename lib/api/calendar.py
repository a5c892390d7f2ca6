"""Opening days and closures."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from lib.access.permissions import Permission
from lib.api.answers import Body, Done, Listing, RowId, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.circulation.closure_entries import ClosureRow
from lib.circulation.closures import add_closure, list_closures, open_days, remove_closure
from lib.circulation.models import ClosureKind

router = APIRouter(prefix="/calendar", tags=["Calendar"], route_class=StrictRoute)


class ClosureForm(Body):
    """A weekly (`weekday`, 0 is Monday), yearly (`month` and `day`) or single closure (`first`, perhaps to `last`);
    `is_open` makes a single day open against the patterns."""

    kind: ClosureKind
    weekday: Annotated[int | None, Field(ge=0, le=6)] = None
    month: Annotated[int | None, Field(ge=1, le=12)] = None
    day: Annotated[int | None, Field(ge=1, le=31)] = None
    first: date | None = None
    last: date | None = None
    is_open: bool = False
    reason: Annotated[str, Field(max_length=200)] = ""


class DayState(Body):
    """Whether the library is open on a day, and why not."""

    on: date
    is_open: bool
    reason: str


class Ids(Body):
    """What was added."""

    ids: list[int]


@router.get("/days", summary="Open or closed, day by day")
def get_days(
    actor: Caller, first: date, last: Annotated[date, Query(description="At most 366 days after first.")]
) -> list[DayState]:
    with reading(actor) as uow:
        return [DayState(on=on, is_open=is_open, reason=why) for on, is_open, why in open_days(uow, first, last)]


@router.get("/closures", summary="Patterns and single days")
def get_closures(actor: Caller, since: date | None = None) -> Listing[ClosureRow]:
    with reading(actor) as uow:
        return listed(list_closures(uow, since=since))


@router.post(
    "/closures",
    dependencies=[needs(Permission.MANAGE_CLOSURES)],
    summary="Add a closure",
    status_code=201,
    response_model=Ids,
)
def post_closure(actor: Caller, form: ClosureForm, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("closure.add", form.model_dump(mode="json")),
        lambda uow: Ids(ids=list(add_closure(uow, **form.model_dump()))), Ids,
    )  # fmt: skip


@router.delete("/closures/{closure_id}", dependencies=[needs(Permission.MANAGE_CLOSURES)], summary="Take a closure out")
def remove_one_closure(actor: Caller, closure_id: RowId) -> Done:
    with working(actor) as uow:
        remove_closure(uow, closure_id)
    return Done(done="The closure was taken out of the calendar.")
