"""Sections of the collection."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from lib.access.permissions import Permission
from lib.api.answers import Body, Done, Listing, Made, RowId, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.repeats import IdempotencyKey, IfMatch, do_once, seen_version, tag
from lib.api.strictness import StrictRoute
from lib.catalogue.queries import sections
from lib.catalogue.rows import SectionRow
from lib.catalogue.sections import add_section, delete_section, edit_section
from lib.kit.errors import NotFound

router = APIRouter(prefix="/sections", tags=["Sections"], route_class=StrictRoute)


class SectionForm(Body):
    """A section's name and description."""

    name: Annotated[str, Field(examples=["Deep Time: History"])]
    description: Annotated[str, Field(examples=["How the world came to be as it is."])] = ""


@router.get("", summary="Every section")
def get_sections(actor: Caller) -> Listing[SectionRow]:
    with reading(actor) as uow:
        return listed(sections(uow))


@router.post(
    "", dependencies=[needs(Permission.EDIT_CATALOGUE)], summary="Add a section", status_code=201, response_model=Made
)
def post_section(actor: Caller, form: SectionForm, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("section.add", form.model_dump()),
        lambda uow: Made(id=add_section(uow, form.name, form.description)), Made,
    )  # fmt: skip


@router.get("/{section_id}", summary="A section")
def get_section(actor: Caller, section_id: RowId, response: Response) -> SectionRow:
    with reading(actor) as uow:
        found = _one(sections(uow), section_id)
    tag(response, found.version)
    return found


@router.put("/{section_id}", dependencies=[needs(Permission.EDIT_CATALOGUE)], summary="Edit a section")
def put_section(
    actor: Caller, section_id: RowId, form: SectionForm, response: Response, if_match: IfMatch = None
) -> SectionRow:
    version = seen_version(if_match)
    with working(actor) as uow:
        edit_section(uow, section_id, form.name, form.description, seen_version=version)
        found = _one(sections(uow), section_id)
    tag(response, found.version)
    return found


@router.delete("/{section_id}", dependencies=[needs(Permission.EDIT_CATALOGUE)], summary="Delete an empty section")
def remove_section(actor: Caller, section_id: RowId) -> Done:
    with working(actor) as uow:
        delete_section(uow, section_id)
    return Done(done="The section was deleted.")


def _one(rows: tuple[SectionRow, ...], section_id: RowId) -> SectionRow:
    found = next((row for row in rows if row.id == section_id), None)
    if found is None:
        raise NotFound("section")
    return found
