"""Opening days and closures."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from lib.access.permissions import Permission
from lib.api.answers import Body, Done, Listing, Made, Number, Paging, RowId, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.circulation.closure_entries import ClosureRow, new_entries
from lib.circulation.models import ClosureKind
from lib.closures.changes import TakenBack, apply_change, preview_change, preview_take_back, take_back_change
from lib.closures.opening_days import ChangeRow, add_closure, closure_changes, list_closures, open_days, remove_closure
from lib.closures.preview import Effect
from lib.closures.reach import CalendarChange
from lib.kit.strict import Day, Whole, YesNo

router = APIRouter(prefix="/calendar", tags=["Calendar"], route_class=StrictRoute)


class ClosureForm(Body):
    """A weekly (`weekday`, 0 is Monday), yearly (`month` and `day`) or single closure (kind `day`: `first`, perhaps to
    `last`); `is_open` makes a single day open against the patterns. With a pattern, `first` is the day from which it
    holds: what was open before stays open, and the fines of that time with it. Without it, it holds always."""

    kind: ClosureKind
    weekday: Annotated[Whole | None, Field(ge=0, le=6)] = None
    month: Annotated[Whole | None, Field(ge=1, le=12)] = None
    day: Annotated[Whole | None, Field(ge=1, le=31)] = None
    first: Day | None = None
    last: Day | None = None
    is_open: YesNo = False
    reason: Annotated[str, Field(max_length=200)] = ""


class DayState(Body):
    """Whether the library is open on a day, and why not."""

    on: date
    is_open: bool
    reason: str


class ChangeForm(Body):
    """Entries to add and ids of entries to take out, in one step."""

    add: Annotated[list[ClosureForm], Field(max_length=20, default_factory=list)]
    remove: Annotated[list[Number], Field(max_length=1000, default_factory=list)]

    def change(self) -> CalendarChange:
        entries = [entry for form in self.add for entry in new_entries(**form.model_dump())]
        return CalendarChange(tuple(entries), tuple(self.remove))


class Ids(Body):
    """What was added."""

    ids: list[int]


@router.get("/days", summary="Open or closed, day by day")
def get_days(
    actor: Caller, first: date, last: Annotated[date, Query(description="At most 366 days after first.")]
) -> Listing[DayState]:
    with reading(actor) as uow:
        days = open_days(uow, first, last)
        return listed(tuple(DayState(on=on, is_open=is_open, reason=why) for on, is_open, why in days))


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


@router.post(
    "/changes/preview",
    dependencies=[needs(Permission.MANAGE_CLOSURES)],
    summary="What a change of the calendar would do",
)
def post_change_preview(actor: Caller, form: ChangeForm) -> Effect:
    """Which due days, shelf days and fines it touches; changes nothing. Amounts in minor units."""
    with reading(actor) as uow:
        uow.require(Permission.MANAGE_CLOSURES)
        return preview_change(uow, form.change())


@router.post(
    "/changes",
    dependencies=[needs(Permission.MANAGE_CLOSURES)],
    summary="Change the calendar and move the dates it touches",
    status_code=201,
    response_model=Made,
)
def post_change(actor: Caller, form: ChangeForm, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("closure.change", form.model_dump(mode="json")),
        lambda uow: Made(id=apply_change(uow, form.change())), Made,
    )  # fmt: skip


@router.get(
    "/changes", dependencies=[needs(Permission.MANAGE_CLOSURES)], summary="Changes of the calendar, newest first"
)
def get_changes(actor: Caller, paging: Paging) -> Listing[ChangeRow]:
    with reading(actor) as uow:
        return paging.listing(closure_changes(uow, page=paging.page, size=paging.size))


@router.post(
    "/changes/{change_id}/take-back/preview",
    dependencies=[needs(Permission.MANAGE_CLOSURES)],
    summary="What taking a change back would move now; changes nothing",
)
def post_take_back_preview(actor: Caller, change_id: RowId) -> TakenBack:
    with reading(actor) as uow:
        return preview_take_back(uow, change_id)


@router.post(
    "/changes/{change_id}/take-back",
    dependencies=[needs(Permission.MANAGE_CLOSURES)],
    summary="Take a change of the calendar back, whole",
    response_model=TakenBack,
)
def post_take_back(actor: Caller, change_id: RowId, key: IdempotencyKey = None) -> Any:
    """Dates that were changed otherwise since keep what they are; how many is told."""
    return do_once(
        actor, key, ("closure.take-back", change_id), lambda uow: take_back_change(uow, change_id), TakenBack
    )
