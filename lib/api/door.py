"""The small routes beside the screens: coming and going, health, metrics, assets and covers."""

import json
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from lib.access.opened import opened
from lib.accounts.sessions import redeem_ticket, session_of_token, sign_out
from lib.api.door_covers import cover
from lib.api.door_metrics import metrics
from lib.api.door_offline import offline_routes
from lib.api.door_papers import paper_routes
from lib.api.guard_origin import cookie_name, cookie_token, is_https, sent_by_our_page
from lib.api.late import Application, Late
from lib.kit.logs import log

NO_STORE = {"cache-control": "no-store"}
MEDIA = {".woff2": "font/woff2", ".svg": "image/svg+xml", ".png": "image/png", ".txt": "text/plain; charset=utf-8"}


def _api() -> Application:
    app: Application = import_module("lib.api.app").api  # FastAPI, and more than two hundred models
    return app


api = Late(_api)


def door_routes(assets: Path) -> list[BaseRoute]:
    """Every route of ours; st.App puts them before its own."""
    return [
        Route("/healthz", healthz),
        Route("/metrics", metrics),
        Route("/auth/session", come_in, methods=["POST"]),
        Route("/auth/sign-out", go_out, methods=["POST"]),
        Route("/files/cover/{title_id:row}", cover),
        *paper_routes(),
        Route("/assets/{path:path}", _asset_route(assets)),
        *offline_routes(),
        Mount("/api/v1", app=api),
    ]


async def healthz(_request: Request) -> Response:
    """200 while the database answers, else 503."""
    try:
        await run_in_threadpool(_ask_database)
    except (SQLAlchemyError, OSError) as error:
        log().error("the database does not answer", kind=type(error).__name__, exc_info=error)
        return JSONResponse({"ok": False, "database": "does not answer"}, 503, headers=NO_STORE)
    return JSONResponse({"ok": True, "database": "answers"}, headers=NO_STORE)


def _ask_database() -> None:
    with opened().engine.connect().execution_options(read_only=True) as connection:
        connection.execute(text("SELECT 1"))


async def come_in(request: Request) -> Response:
    """Exchanges a one-time ticket for the cookie.

    Only a page of ours can send it: the Origin must be this host, and the custom header needs a script.
    """
    if not _from_our_page(request):
        return _no("This must come from the library's own page.")
    redeemed = await run_in_threadpool(redeem_ticket, opened(), await _ticket(request))
    if redeemed is None:
        return _no("This sign-in has expired. Please sign in again.")
    https = is_https(dict(request.scope), opened().config)
    answer = Response(status_code=204, headers=NO_STORE)
    answer.set_cookie(
        cookie_name(https), redeemed.token, max_age=redeemed.max_age_s if redeemed.keep else None,
        path="/", secure=https, httponly=True, samesite="lax",
    )  # fmt: skip
    return answer


async def go_out(request: Request) -> Response:
    """Ends the session of the cookie and drops the cookie; also without one, so that it can be repeated."""
    if not _from_our_page(request):
        return _no("This must come from the library's own page.")
    library, scope = opened(), dict(request.scope)
    token = cookie_token(scope, library.config)
    session = await run_in_threadpool(session_of_token, library, token) if token else None
    if session is not None:
        await run_in_threadpool(sign_out, library, session)
    https = is_https(scope, library.config)
    answer = Response(status_code=204, headers=NO_STORE | {"clear-site-data": '"cache"'})
    answer.delete_cookie(cookie_name(https), path="/", secure=https, httponly=True, samesite="lax")
    return answer


def _from_our_page(request: Request) -> bool:
    return sent_by_our_page(dict(request.scope), opened().config)


async def _ticket(request: Request) -> str:
    """The ticket in the body; "" where the body is no such thing."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        return ""
    found = body.get("ticket") if isinstance(body, dict) else None
    return found if isinstance(found, str) and found.isascii() and len(found) <= 128 else ""


def _no(words: str) -> Response:
    return PlainTextResponse(words + "\n", 403, headers=NO_STORE)


def _asset_route(folder: Path) -> Callable[[Request], Awaitable[Response]]:
    root = folder.resolve()

    async def asset(request: Request) -> Response:
        """A font or a picture of the product itself."""
        path = (root / request.path_params["path"]).resolve()
        media = MEDIA.get(path.suffix)
        if media is None or not path.is_relative_to(root) or not path.is_file():
            return PlainTextResponse("There is nothing here.\n", 404)
        keep = "public, max-age=31536000, immutable" if path.suffix == ".woff2" else "public, max-age=86400"
        return FileResponse(path, media_type=media, headers={"cache-control": keep})

    return asset
