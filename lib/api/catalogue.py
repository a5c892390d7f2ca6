"""Titles: read, add, edit, archive, delete; citations and what is related."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from lib.api.answers import Body, Done, Listing, Made, listed
from lib.api.callers import Caller, PageNumber, PageSize, reading, working
from lib.api.repeats import IdempotencyKey, IfMatch, do_once, seen_version, tag
from lib.api.strictness import StrictRoute
from lib.catalogue.citations import cite
from lib.catalogue.forms import TitleForm
from lib.catalogue.queries import Related, Shelf, related, shelf, title
from lib.catalogue.rows import TitleCard, TitleDetail
from lib.catalogue.search import search
from lib.catalogue.search_query import SearchQuery, Sort
from lib.catalogue.titles import add_title, bulk_edit, edit_title
from lib.circulation.availability import Availability, availability
from lib.circulation.withdrawal import archive_title, delete_title, restore_title

router = APIRouter(prefix="/titles", tags=["Titles"], route_class=StrictRoute)


class Style(StrEnum):
    """How a title is cited."""

    APA = "apa"
    MLA = "mla"
    CHICAGO = "chicago"


class Citation(Body):
    """A citation, as plain text."""

    style: Style
    text: str


class BulkEdit(Body):
    """What to add to and take from many titles at once."""

    title_ids: list[int]
    add_sections: list[int] = Field(default_factory=list)
    remove_sections: list[int] = Field(default_factory=list)
    add_genres: list[str] = Field(default_factory=list)
    remove_genres: list[str] = Field(default_factory=list)
    add_tags: list[str] = Field(default_factory=list)
    remove_tags: list[str] = Field(default_factory=list)


@router.get("/shelves/{which}", summary="A shelf of titles")
def get_shelf(
    actor: Caller, which: Shelf, size: Annotated[int, Query(ge=1, le=60)] = 12, section_id: int | None = None
) -> Listing[TitleCard]:
    with reading(actor) as uow:
        return listed(shelf(uow, which, size=size, section_id=section_id))


@router.get("", summary="Every title, by its name")
def get_titles(actor: Caller, page: PageNumber = 1, size: PageSize = 25) -> Listing[TitleCard]:
    with reading(actor) as uow:
        found = search(uow, SearchQuery(sort=Sort.TITLE, page=page, size=min(size, 100)))
    return Listing(items=list(found.cards), total=found.total, page=found.page, pages=found.pages, size=min(size, 100))


@router.post("", summary="Add a title", status_code=201, response_model=Made)
def post_title(actor: Caller, form: TitleForm, key: IdempotencyKey = None) -> Any:
    return do_once(actor, key, ("title.add", form.model_dump()), lambda uow: Made(id=add_title(uow, form)), Made)


@router.post("/bulk-edit", summary="Edit sections, genres and tags of many titles", response_model=Done)
def post_bulk_edit(actor: Caller, form: BulkEdit, key: IdempotencyKey = None) -> Any:
    changes = form.model_dump(exclude={"title_ids"})
    return do_once(
        actor, key, ("title.bulk", form.model_dump()),
        lambda uow: Done(done=f"{bulk_edit(uow, form.title_ids, **changes)} titles changed."), Done,
    )  # fmt: skip


@router.get("/{title_id}", summary="A title with its copies")
def get_title(actor: Caller, title_id: int, response: Response) -> TitleDetail:
    with reading(actor) as uow:
        found = title(uow, title_id)
    tag(response, found.version)
    return found


@router.put("/{title_id}", summary="Edit a title")
def put_title(
    actor: Caller, title_id: int, form: TitleForm, response: Response, if_match: IfMatch = None
) -> TitleDetail:
    version = seen_version(if_match)
    with working(actor) as uow:
        edit_title(uow, title_id, form, seen_version=version)
        found = title(uow, title_id)
    tag(response, found.version)
    return found


@router.delete("/{title_id}", summary="Delete a title that has no history")
def remove_title(actor: Caller, title_id: int) -> Done:
    with working(actor) as uow:
        delete_title(uow, title_id)
    return Done(done="The title was deleted.")


@router.post(
    "/{title_id}/archive", summary="Take a title out of the catalogue, keeping its history", response_model=Done
)
def post_archive(actor: Caller, title_id: int, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Done:
        archive_title(uow, title_id)
        return Done(done="The title was archived.")

    return do_once(actor, key, ("title.archive", title_id), act, Done)


@router.post("/{title_id}/restore", summary="Put an archived title back", response_model=Done)
def post_restore(actor: Caller, title_id: int, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Done:
        restore_title(uow, title_id)
        return Done(done="The title is back in the catalogue.")

    return do_once(actor, key, ("title.restore", title_id), act, Done)


@router.get("/{title_id}/availability", summary="How many copies are in, where, and when the next is due")
def get_availability(actor: Caller, title_id: int) -> Availability:
    with reading(actor) as uow:
        title(uow, title_id)
        return availability(uow, [title_id])[title_id]


@router.get("/{title_id}/related", summary="By the same author or in the same series")
def get_related(actor: Caller, title_id: int) -> Related:
    with reading(actor) as uow:
        title(uow, title_id)
        return related(uow, title_id)


@router.get("/{title_id}/citation", summary="A citation of the title")
def get_citation(actor: Caller, title_id: int, style: Style = Style.APA) -> Citation:
    with reading(actor) as uow:
        return Citation(style=style, text=cite(title(uow, title_id), style.value))
