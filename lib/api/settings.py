"""The library's settings: typed groups, each version kept."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from lib.access.permissions import Permission
from lib.api.answers import Body, Listing, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.repeats import IfMatch, seen_version, tag
from lib.api.strictness import StrictRoute
from lib.audit.preferences import GroupChange, GroupState, group_history, group_state, groups
from lib.ops.preferences import change_settings

router = APIRouter(prefix="/settings", tags=["Settings"], route_class=StrictRoute)
GroupName = Annotated[str, Path(max_length=60, examples=["circulation"])]


class Values(Body):
    """The values to save; what is left out keeps its value."""

    values: Annotated[dict[str, Any], Field(examples=[{"self_issue": True}])]


@router.get("", dependencies=[needs(Permission.MANAGE_SETTINGS)], summary="Every group of settings")
def get_groups(actor: Caller) -> Listing[GroupState]:
    with reading(actor) as uow:
        return listed(tuple(groups(uow)))


@router.get("/{group}", dependencies=[needs(Permission.MANAGE_SETTINGS)], summary="A group of settings")
def get_group(actor: Caller, group: GroupName, response: Response) -> GroupState:
    with reading(actor) as uow:
        found = group_state(uow, group)
    tag(response, found.version)
    return found


@router.put("/{group}", dependencies=[needs(Permission.MANAGE_SETTINGS)], summary="Change settings of a group")
def put_group(
    actor: Caller, group: GroupName, form: Values, response: Response, if_match: IfMatch = None
) -> GroupState:
    version = seen_version(if_match)
    with working(actor) as uow:
        change_settings(uow, group, form.values, seen_version=version)
        found = group_state(uow, group)
    tag(response, found.version)
    return found


@router.get(
    "/{group}/history",
    dependencies=[needs(Permission.MANAGE_SETTINGS)],
    summary="Who changed what, and when",
)
def get_group_history(
    actor: Caller, group: GroupName, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> Listing[GroupChange]:
    with reading(actor) as uow:
        return listed(tuple(group_history(uow, group, limit=limit)))
