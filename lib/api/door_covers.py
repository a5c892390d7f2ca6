"""The picture of a title: the uploaded one, else one typeset by us."""

import hashlib

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lib.access.actor import GUEST
from lib.access.opened import opened
from lib.access.work import begin_reading
from lib.catalogue.cover_art import typeset_cover
from lib.catalogue.covers import cover_of
from lib.catalogue.queries import cards
from lib.kit.errors import NotFound

SVG = "image/svg+xml"
SHUT_IN = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
LARGEST_ID = 2**63 - 1


async def cover(request: Request) -> Response:
    """GET /files/cover/{title_id}: the picture, kept by browsers for an hour and asked for again by its ETag."""
    found = await run_in_threadpool(_picture, request.path_params["title_id"])
    if found is None:
        return PlainTextResponse("There is no such title.\n", 404)
    content, media = found
    mark = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"etag": mark, "cache-control": "public, max-age=3600", "content-security-policy": SHUT_IN}
    if mark in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media, headers=headers)


def _picture(title_id: int) -> tuple[bytes, str] | None:
    if not 0 < title_id <= LARGEST_ID:
        return None
    with begin_reading(opened(), GUEST) as uow:
        try:
            uploaded = cover_of(uow, title_id)
        except NotFound:
            return None
        if uploaded is not None:
            return uploaded
        card = cards(uow, [title_id]).get(title_id)
    if card is None:
        return None
    authors = "; ".join(author.name for author in card.authors)
    return typeset_cover(card.title, authors, seed=title_id, kind=card.kind).encode(), SVG
