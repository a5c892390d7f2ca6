"""Library cards to print: private, so they are asked for with the cookie and kept nowhere."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lib.access.opened import opened
from lib.access.work import begin_reading
from lib.accounts.cards import card_pdf
from lib.accounts.sessions import identify, session_of_token
from lib.api.door_numbers import LARGEST_ID
from lib.api.guard_origin import cookie_token
from lib.kit.errors import Forbidden, NotFound


async def card(request: Request) -> Response:
    """GET /files/card/{account_id}: one's own card, or a member's for staff; to all others there is none."""
    token = cookie_token(dict(request.scope), opened().config)
    found = await run_in_threadpool(_typeset, token, request.path_params["account_id"]) if token else None
    if found is None:
        return PlainTextResponse("There is no such card.\n", 404, headers={"cache-control": "no-store"})
    headers = {"cache-control": "no-store", "content-disposition": 'attachment; filename="library-card.pdf"'}
    return Response(found, media_type="application/pdf", headers=headers)


def _typeset(token: str, account_id: int) -> bytes | None:
    library = opened()
    me = identify(library, session_of_token(library, token))
    if me is None or not 0 < account_id <= LARGEST_ID:
        return None
    try:
        with begin_reading(library, me.actor) as uow:  # typesetting takes its time; nobody who writes waits for it
            return card_pdf(uow, account_id)
    except (Forbidden, NotFound):
        return None
