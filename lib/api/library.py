"""The library itself, and the places where its copies stand."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from lib.access.permissions import Permission
from lib.api.answers import Body, Listing, Made, RowId, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.catalogue.locations import LocationRow, list_locations, save_location
from lib.kit.errors import NotFound

router = APIRouter(tags=["Library"], route_class=StrictRoute)
EDITING = [needs(Permission.EDIT_CATALOGUE)]


class LibraryCard(BaseModel):
    """What a program must know of a library: `currency` is that of every amount, `time_zone` that of every day."""

    name: str
    line: str
    time_zone: str
    currency: str
    locale: str
    contact_email: str
    address: str
    today: Annotated[str, Field(description="The library's calendar day.")]


class LocationForm(Body):
    """A place, with its short code."""

    code: Annotated[str, Field(examples=["EAST-2"])]
    name: Annotated[str, Field(examples=["East wing, second floor"])]


@router.get("/library", summary="Name, time zone and currency")
def get_library(actor: Caller) -> LibraryCard:
    with reading(actor) as uow:
        return LibraryCard(**uow.library.model_dump(), today=uow.today.isoformat())


@router.get("/locations", summary="Where copies stand")
def get_locations(actor: Caller) -> Listing[LocationRow]:
    with reading(actor) as uow:
        return listed(list_locations(uow))


@router.post("/locations", dependencies=EDITING, summary="Add a location", status_code=201, response_model=Made)
def post_location(actor: Caller, form: LocationForm, key: IdempotencyKey = None) -> Any:
    values = form.model_dump()
    return do_once(actor, key, ("location.add", values), lambda uow: Made(id=save_location(uow, **values)), Made)


@router.put("/locations/{location_id}", dependencies=EDITING, summary="Change a location")
def put_location(actor: Caller, location_id: RowId, form: LocationForm) -> LocationRow:
    with working(actor) as uow:
        save_location(uow, **form.model_dump(), location_id=location_id)
        found = next((row for row in list_locations(uow) if row.id == location_id), None)
    if found is None:
        raise NotFound("location")
    return found
