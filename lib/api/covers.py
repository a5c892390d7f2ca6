"""Covers of titles: read, set, taken away."""

from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from lib.access.permissions import Permission
from lib.api.answers import Done, RowId
from lib.api.callers import Caller, needs, reading, working
from lib.api.files import file_body, received, require_media
from lib.api.strictness import FileRoute
from lib.catalogue.covers import cover_of, remove_cover, set_cover
from lib.catalogue.pictures import kept_picture
from lib.kit.errors import NotFound

router = APIRouter(prefix="/titles/{title_id}/cover", tags=["Titles"], route_class=FileRoute)
LARGEST = 5_000_000
PICTURES = ("image/jpeg", "image/png", "image/webp")
SHUT_IN = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


class Picture(Response):
    """A cover: JPEG, PNG or WebP as uploaded, SVG as typeset."""

    media_type = "image/svg+xml"


@router.get("", summary="The cover: the uploaded picture, else one typeset by the library", response_class=Picture)
def get_cover(actor: Caller, title_id: RowId) -> Response:
    with reading(actor) as uow:
        found = cover_of(uow, title_id)
    if found is None:
        raise NotFound("title")
    return Picture(found[0], media_type=found[1], headers={"Content-Security-Policy": SHUT_IN})


@router.put(
    "", dependencies=[needs(Permission.EDIT_CATALOGUE)], summary="Give a title a cover; the body is the picture",
    openapi_extra=file_body(*PICTURES),
)  # fmt: skip
async def put_cover(actor: Caller, title_id: RowId, request: Request) -> Done:
    """Up to 5 MB. The picture is drawn anew and bounded; what else the file holds is dropped."""
    require_media(request, *PICTURES)
    async with received(request, LARGEST) as path:
        await run_in_threadpool(_set, actor, title_id, path)
    return Done(done="The cover was set.")


@router.delete(
    "", dependencies=[needs(Permission.EDIT_CATALOGUE)], summary="Take the uploaded cover away; the typeset one shows"
)
def delete_cover(actor: Caller, title_id: RowId) -> Done:
    with working(actor) as uow:
        remove_cover(uow, title_id)
    return Done(done="The uploaded cover was taken away.")


def _set(actor: Caller, title_id: int, picture: Path) -> None:
    drawn = kept_picture(picture.read_bytes())
    with working(actor) as uow:
        set_cover(uow, title_id, drawn)
