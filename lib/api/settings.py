"""The library's settings: typed groups, each version kept."""

from typing import Any

from fastapi import APIRouter, Response

from lib.api.answers import Body
from lib.api.callers import Caller, reading, working
from lib.api.repeats import IfMatch, seen_version, tag
from lib.api.strictness import StrictRoute
from lib.audit.preferences import GroupState, change_group, group_state, groups

router = APIRouter(prefix="/settings", tags=["Settings"], route_class=StrictRoute)


class Values(Body):
    """The values to save; what is left out keeps its value."""

    values: dict[str, Any]


@router.get("", summary="Every group of settings")
def get_groups(actor: Caller) -> list[GroupState]:
    with reading(actor) as uow:
        return list(groups(uow))


@router.get("/{group}", summary="A group of settings")
def get_group(actor: Caller, group: str, response: Response) -> GroupState:
    with reading(actor) as uow:
        found = group_state(uow, group)
    tag(response, found.version)
    return found


@router.put("/{group}", summary="Change settings of a group")
def put_group(actor: Caller, group: str, form: Values, response: Response, if_match: IfMatch = None) -> GroupState:
    version = seen_version(if_match)
    with working(actor) as uow:
        change_group(uow, group, form.values, seen_version=version)
        found = group_state(uow, group)
    tag(response, found.version)
    return found
