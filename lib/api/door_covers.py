"""The picture of a title: the uploaded one, else one typeset by us."""

import hashlib

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lib.access.actor import GUEST, Actor
from lib.access.opened import opened
from lib.access.work import begin_reading
from lib.accounts.sessions import identify, session_of_token
from lib.api.door_numbers import LARGEST_ID
from lib.api.guard_origin import cookie_token
from lib.catalogue.covers import cover_of

SHUT_IN = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


async def cover(request: Request) -> Response:
    """GET /files/cover/{title_id}: the picture, kept by browsers for an hour and asked for again by its ETag.

    Pictures of archived titles are for staff, and kept by nobody.
    """
    title_id, keep = request.path_params["title_id"], "public, max-age=3600"
    found = await run_in_threadpool(_picture, GUEST, title_id)
    if found is None and (token := cookie_token(dict(request.scope), opened().config)):
        found, keep = await run_in_threadpool(_picture_for, token, title_id), "no-store"
    if found is None:
        return PlainTextResponse("There is no such title.\n", 404, headers={"cache-control": "no-store"})
    content, media = found
    mark = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"etag": mark, "cache-control": keep, "content-security-policy": SHUT_IN}
    if mark in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media, headers=headers)


def _picture(actor: Actor, title_id: int) -> tuple[bytes, str] | None:
    if not 0 < title_id <= LARGEST_ID:
        return None
    with begin_reading(opened(), actor) as uow:
        return cover_of(uow, title_id)


def _picture_for(token: str, title_id: int) -> tuple[bytes, str] | None:
    me = identify(opened(), session_of_token(opened(), token))
    return _picture(me.actor, title_id) if me else None
