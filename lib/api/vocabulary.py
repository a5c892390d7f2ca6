"""What the catalogue is browsed by: authors, genres, series, kinds of item."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from lib.access.permissions import Permission
from lib.api.answers import Body, Done, Listing, Made, Number, Paging, RowId, listed
from lib.api.callers import Caller, needs, reading, working
from lib.api.repeats import IdempotencyKey, do_once
from lib.api.strictness import StrictRoute
from lib.catalogue.authors import merge_authors, rename_author
from lib.catalogue.kinds import add_kind, delete_kind, rename_kind
from lib.catalogue.queries import author, browse_authors, browse_genres, kinds, series
from lib.catalogue.rows import AuthorRef, BrowseRow, KindRow, NamedRef

router = APIRouter(tags=["Browse"], route_class=StrictRoute)
EDITING = [needs(Permission.EDIT_CATALOGUE)]
Typed = Annotated[str, Query(max_length=200, description="The beginning of a word of the name.")]


class NameForm(Body):
    """A name to be given."""

    name: Annotated[str, Field(examples=["Ursula K. Le Guin"])]


class Merge(Body):
    """The records that are the same person; their titles move."""

    other_ids: Annotated[list[Number], Field(max_length=50)]


class KindForm(Body):
    """A kind of item; the code is for programs and files, and stays."""

    code: Annotated[str, Field(examples=["board-game"])]
    name: Annotated[str, Field(examples=["Board game"])]


class KindName(Body):
    """The name to be given to a kind of item."""

    name: Annotated[str, Field(examples=["Board game"])]


@router.get("/authors", summary="Authors with titles, by name")
def get_authors(actor: Caller, paging: Paging, q: Typed = "") -> Listing[BrowseRow]:
    with reading(actor) as uow:
        return paging.listing(browse_authors(uow, q, paging.page, paging.size))


@router.get("/authors/{author_id}", summary="An author; their titles are found with `GET /search?author_id=`")
def get_author(actor: Caller, author_id: RowId) -> AuthorRef:
    with reading(actor) as uow:
        return author(uow, author_id)


@router.put("/authors/{author_id}", dependencies=EDITING, summary="Rename an author, on all their titles")
def put_author(actor: Caller, author_id: RowId, form: NameForm) -> AuthorRef:
    with working(actor) as uow:
        rename_author(uow, author_id, form.name)
        return author(uow, author_id)


@router.post(
    "/authors/{author_id}/merge", dependencies=EDITING, summary="Make several records of one person one",
    response_model=Done,
)  # fmt: skip
def post_merge(actor: Caller, author_id: RowId, form: Merge, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("author.merge", author_id, form.other_ids),
        lambda uow: Done(done=f"{merge_authors(uow, author_id, form.other_ids)} titles moved."), Done,
    )  # fmt: skip


@router.get("/genres", summary="Genres with titles, by name")
def get_genres(actor: Caller, paging: Paging, q: Typed = "") -> Listing[BrowseRow]:
    with reading(actor) as uow:
        return paging.listing(browse_genres(uow, q, paging.page, paging.size))


@router.get("/series/{series_id}", summary="A series; its titles are found with `GET /search?series_id=`")
def get_series(actor: Caller, series_id: RowId) -> NamedRef:
    with reading(actor) as uow:
        return series(uow, series_id)


@router.get("/kinds", summary="Kinds of item")
def get_kinds(actor: Caller) -> Listing[KindRow]:
    with reading(actor) as uow:
        return listed(kinds(uow))


@router.post("/kinds", dependencies=EDITING, summary="Add a kind of item", status_code=201, response_model=Made)
def post_kind(actor: Caller, form: KindForm, key: IdempotencyKey = None) -> Any:
    return do_once(
        actor, key, ("kind.add", form.model_dump()),
        lambda uow: Made(id=add_kind(uow, form.code, form.name)), Made,
    )  # fmt: skip


@router.put("/kinds/{kind_id}", dependencies=EDITING, summary="Rename a kind of item")
def put_kind(actor: Caller, kind_id: RowId, form: KindName) -> KindRow:
    with working(actor) as uow:
        rename_kind(uow, kind_id, form.name)
        return next(row for row in kinds(uow) if row.id == kind_id)


@router.delete("/kinds/{kind_id}", dependencies=EDITING, summary="Delete a kind that nothing is of")
def remove_kind(actor: Caller, kind_id: RowId) -> Done:
    with working(actor) as uow:
        delete_kind(uow, kind_id)
    return Done(done="The kind was deleted.")
