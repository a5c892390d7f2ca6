"""The offline desk's page, which browsers keep, and the door through which it sends what was recorded.

The page holds no data, so that everybody may have it; sending needs the cookie of a librarian, and a page of ours.
"""

import hashlib
import json
from functools import cache
from importlib import import_module
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, request_response

from lib.access.actor import GUEST, Actor
from lib.access.opened import opened
from lib.access.permissions import Permission
from lib.accounts.sessions import identify, session_of_token
from lib.api.guard_origin import cookie_token
from lib.api.late import Application, Late
from lib.kit.assets import TONE

PAGE = "/offline-desk"
_FOLDER = Path(__file__).parent / "offline_desk"
_MEDIA = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}  # fmt: skip
_SHUT_IN = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self';"
    " worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ASSETS = (
    "/assets/favicon.svg", "/assets/fonts/literata-latin-wght-normal.woff2",
    "/assets/fonts/source-sans-3-latin-wght-normal.woff2",
)  # fmt: skip
NO_STORE = {"cache-control": "no-store"}


def offline_routes() -> list[BaseRoute]:
    """The page, its parts, its worker, and what it asks."""
    return [
        Route(PAGE, _page),
        Route(f"{PAGE}/who", who),
        Route(f"{PAGE}/acts", Late(_acts), methods=["POST"]),
        Route(f"{PAGE}/worker.js", _worker),
        Route(f"{PAGE}/{{name}}", _part),
    ]


def _acts() -> Application:
    """POST /offline-desk/acts, which reads its acts with the API's forms and so waits for FastAPI."""
    return request_response(import_module("lib.api.door_offline_acts").take_acts)


def _parts() -> dict[str, Path]:
    return {path.name: path for path in (*sorted(_FOLDER.iterdir()), TONE) if path.suffix in _MEDIA}


def shell() -> tuple[str, ...]:
    """Every address that the browser keeps, so that the page opens without the server."""
    own = (PAGE if name == "index.html" else f"{PAGE}/{name}" for name in _parts() if name != "worker.js")
    return (*own, *_ASSETS)


@cache
def version() -> str:
    """Another one whenever a part of the page is another, so that browsers fetch it anew."""
    digest = hashlib.sha256()
    for name, path in _parts().items():
        digest.update(name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _file(name: str) -> Response:
    path = _parts().get(name)
    if path is None:
        return PlainTextResponse("There is nothing here.\n", 404, headers=NO_STORE)
    return _answer(path.read_bytes(), path.suffix, {})


def _answer(content: bytes, suffix: str, headers: dict[str, str]) -> Response:
    fixed = {"cache-control": "no-cache", "content-security-policy": _SHUT_IN}
    return Response(content, media_type=_MEDIA[suffix], headers=fixed | headers)


async def _page(_request: Request) -> Response:
    return _file("index.html")


async def _part(request: Request) -> Response:
    name = request.path_params["name"]
    return _file("" if name == "index.html" else name)


async def _worker(_request: Request) -> Response:
    """The script that keeps the page; it may answer for the page's own address, which lies above its own."""
    head = f"const VERSION = {json.dumps(version())};\nconst SHELL = {json.dumps(shell())};\n".encode()
    return _answer(head + _parts()["worker.js"].read_bytes(), ".js", {"service-worker-allowed": PAGE})


async def who(request: Request) -> Response:
    """GET /offline-desk/who: whether whoever is signed in here may send acts."""
    actor = await run_in_threadpool(signed_in, request)
    return JSONResponse({"may_send": actor.may(Permission.CIRCULATE)}, headers=NO_STORE)


def signed_in(request: Request) -> Actor:
    """Who is signed in by the cookie; a guest where nobody is."""
    library = opened()
    token = cookie_token(dict(request.scope), library.config)
    me = identify(library, session_of_token(library, token)) if token else None
    return me.actor if me else GUEST
