"""Membership types: the kinds of reader for whom rules are made."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from lib.access.permissions import Permission
from lib.accounts.membership_types import MembershipTypeRow, list_types, save_type
from lib.api.answers import Body, Listing, Made, RowId, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.kit.strict import Whole, YesNo

router = APIRouter(prefix="/members/types", tags=["Members"], route_class=StrictRoute)


class TypeForm(Body):
    """A membership type; without `months` a membership lasts for good; `retired` ones are given to nobody new."""

    code: Annotated[str, Field(examples=["student"])]
    name: Annotated[str, Field(examples=["Student"])]
    months: Annotated[Whole | None, Field(ge=1, le=1200)] = None
    retired: YesNo = False


@router.get("", summary="Membership types")
def get_types(
    actor: Caller, retired: Annotated[bool, Query(description="Those of old as well.")] = False
) -> Listing[MembershipTypeRow]:
    with reading(actor) as uow:
        return listed(list_types(uow, retired=retired))


@router.post(
    "", dependencies=[needs(Permission.MANAGE_POLICY)], summary="Add a membership type", status_code=201,
    response_model=Made,
)  # fmt: skip
def post_type(actor: Caller, form: TypeForm, key: IdempotencyKey = None) -> Any:
    values = form.model_dump()
    return do_once(actor, key, ("type.add", values), lambda uow: Made(id=save_type(uow, **values)), Made)


@router.put("/{type_id}", dependencies=[needs(Permission.MANAGE_POLICY)], summary="Change a membership type")
def put_type(actor: Caller, type_id: RowId, form: TypeForm) -> MembershipTypeRow:
    with working(actor) as uow:
        save_type(uow, **form.model_dump(), type_id=type_id)
        return next(row for row in list_types(uow, retired=True) if row.id == type_id)
