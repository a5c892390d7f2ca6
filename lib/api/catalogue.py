"""Titles: read, add, edit, archive, delete; citations and what is related."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from lib.access.permissions import Permission
from lib.api.answers import AskedId, Body, Done, Listing, Made, Number, Paging, RowId, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.repeats import IdempotencyKey, IfMatch, do_once, seen_version, tag
from lib.api.strictness import StrictRoute
from lib.catalogue.citations import cite
from lib.catalogue.forms import TitleForm
from lib.catalogue.queries import Related, Shelf, related, shelf, title, title_by_isbn
from lib.catalogue.rows import TitleCard, TitleDetail
from lib.catalogue.search import search
from lib.catalogue.search_query import SearchQuery, Sort
from lib.catalogue.titles import add_title, bulk_edit, edit_title, title_for_editing
from lib.circulation.availability import Availability, availability
from lib.circulation.queries import TitleActivity, borrowed_together, title_activity
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

    title_ids: Annotated[list[Number], Field(max_length=1000)]
    add_sections: list[Number] = Field(default_factory=list)
    remove_sections: list[Number] = Field(default_factory=list)
    add_genres: list[str] = Field(default_factory=list)
    remove_genres: list[str] = Field(default_factory=list)
    add_tags: list[str] = Field(default_factory=list)
    remove_tags: list[str] = Field(default_factory=list)


@router.get("/shelves/{which}", summary="A shelf of titles")
def get_shelf(
    actor: Caller, which: Shelf, size: Annotated[int, Query(ge=1, le=60)] = 12, section_id: AskedId = None
) -> Listing[TitleCard]:
    with reading(actor) as uow:
        return listed(shelf(uow, which, size=size, section_id=section_id))


@router.get("", summary="Every title, by its name")
def get_titles(actor: Caller, paging: Paging) -> Listing[TitleCard]:
    with reading(actor) as uow:
        found = search(uow, SearchQuery(sort=Sort.TITLE, page=paging.page, size=paging.size))
    return paging.rows(list(found.cards), found.total, found.page, found.pages, paging.size)


@router.post(
    "", dependencies=[needs(Permission.EDIT_CATALOGUE)], summary="Add a title", status_code=201, response_model=Made
)
def post_title(actor: Caller, form: TitleForm, key: IdempotencyKey = None) -> Any:
    return do_once(actor, key, ("title.add", form.model_dump()), lambda uow: Made(id=add_title(uow, form)), Made)


@router.post(
    "/bulk-edit",
    dependencies=[needs(Permission.EDIT_CATALOGUE)],
    summary="Edit sections, genres and tags of many titles",
    response_model=Done,
)
def post_bulk_edit(actor: Caller, form: BulkEdit, key: IdempotencyKey = None) -> Any:
    changes = form.model_dump(exclude={"title_ids"})
    return do_once(
        actor, key, ("title.bulk", form.model_dump()),
        lambda uow: Done(done=f"{bulk_edit(uow, form.title_ids, **changes)} titles changed."), Done,
    )  # fmt: skip


@router.get("/by-isbn/{isbn}", summary="A title by its ISBN, of ten or thirteen digits")
def get_title_by_isbn(actor: Caller, isbn: Annotated[str, Path(max_length=40)], response: Response) -> TitleDetail:
    with reading(actor) as uow:
        found = title_by_isbn(uow, isbn)
    tag(response, found.version)
    return found


@router.get("/{title_id}", summary="A title with its copies")
def get_title(actor: Caller, title_id: RowId, response: Response) -> TitleDetail:
    with reading(actor) as uow:
        found = title(uow, title_id)
    tag(response, found.version)
    return found


@router.get(
    "/{title_id}/form", dependencies=[needs(Permission.EDIT_CATALOGUE)],
    summary="A title as it is edited: change it and send it back with PUT",
)  # fmt: skip
def get_title_form(actor: Caller, title_id: RowId, response: Response) -> TitleForm:
    with reading(actor) as uow:
        found, version = title_for_editing(uow, title_id)
    tag(response, version)
    return found


@router.put("/{title_id}", dependencies=[needs(Permission.EDIT_CATALOGUE)], summary="Edit a title")
def put_title(
    actor: Caller, title_id: RowId, form: TitleForm, response: Response, if_match: IfMatch = None
) -> TitleDetail:
    version = seen_version(if_match)
    with working(actor) as uow:
        edit_title(uow, title_id, form, seen_version=version)
        found = title(uow, title_id)
    tag(response, found.version)
    return found


@router.delete(
    "/{title_id}", dependencies=[needs(Permission.EDIT_CATALOGUE)], summary="Delete a title that has no history"
)
def remove_title(actor: Caller, title_id: RowId) -> Done:
    with working(actor) as uow:
        delete_title(uow, title_id)
    return Done(done="The title was deleted.")


@router.post(
    "/{title_id}/archive",
    dependencies=[needs(Permission.EDIT_CATALOGUE)],
    summary="Take a title out of the catalogue, keeping its history",
    response_model=Done,
)
def post_archive(actor: Caller, title_id: RowId, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Done:
        archive_title(uow, title_id)
        return Done(done="The title was archived.")

    return do_once(actor, key, ("title.archive", title_id), act, Done)


@router.post(
    "/{title_id}/restore",
    dependencies=[needs(Permission.EDIT_CATALOGUE)],
    summary="Put an archived title back",
    response_model=Done,
)
def post_restore(actor: Caller, title_id: RowId, key: IdempotencyKey = None) -> Any:
    def act(uow: Any) -> Done:
        restore_title(uow, title_id)
        return Done(done="The title is back in the catalogue.")

    return do_once(actor, key, ("title.restore", title_id), act, Done)


@router.get("/{title_id}/availability", summary="How many copies are in, where, and when the next is due")
def get_availability(actor: Caller, title_id: RowId) -> Availability:
    with reading(actor) as uow:
        title(uow, title_id)
        return availability(uow, [title_id])[title_id]


@router.get("/{title_id}/related", summary="By the same author or in the same series")
def get_related(actor: Caller, title_id: RowId) -> Related:
    with reading(actor) as uow:
        title(uow, title_id)
        return related(uow, title_id)


@router.get("/{title_id}/citation", summary="A citation of the title")
def get_citation(actor: Caller, title_id: RowId, style: Style = Style.APA) -> Citation:
    with reading(actor) as uow:
        return Citation(style=style, text=cite(title(uow, title_id), style.value))


@router.get("/{title_id}/borrowed-together", summary="What readers of this title also borrowed")
def get_borrowed_together(actor: Caller, title_id: RowId) -> Listing[TitleCard]:
    with reading(actor) as uow:
        title(uow, title_id)
        return listed(borrowed_together(uow, title_id))


@router.get("/{title_id}/activity", dependencies=[needs(Permission.EDIT_CATALOGUE)], summary="How much a title is lent")
def get_activity(actor: Caller, title_id: RowId) -> TitleActivity:
    with reading(actor) as uow:
        title(uow, title_id)
        return title_activity(uow, title_id)
