"""What stands before every request: identity, limits, headers, and the doors that stay shut.

Pure ASGI, so that it sees WebSockets too. It alone turns a cookie into a session id, and strips every
X-Tome-* header that a client sends.
"""

import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from lib.access.opened import opened
from lib.access.permissions import Permission
from lib.accounts.sessions import identify, session_of_token
from lib.api.door_metrics import count_request, count_socket
from lib.api.guard_headers import with_security
from lib.api.guard_limits import BodyTooLarge, Receive, body_limit, limited, small_messages
from lib.api.guard_origin import Scope, client_address, cookie_token, header, is_https, same_origin
from lib.kit.logs import current_request_id, log, request_id

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
OWN_HEADERS = b"x-tome-"
SHUT = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")
UPLOADS = "/_stcore/upload_file"
STREAM = "/_stcore/stream"
POLICY_VIOLATION = 1008
PLAIN = b"text/plain; charset=utf-8"


class Guard:
    """The middleware itself."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        cleaned = _cleaned(scope)
        with request_id():
            if scope["type"] == "websocket":
                await self._socket(cleaned, receive, send)
            else:
                await self._request(cleaned, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A WebSocket comes from a page of ours, and carries the session id of its cookie."""
        config = opened().config
        if not same_origin(scope, config):
            log().warning("socket refused", origin=header(scope, b"origin"), host=header(scope, b"host"))
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        scope["headers"].append((b"x-tome-address", scope["client"][0].encode("latin-1")))
        session = await _session(scope)
        if session is not None:
            scope["headers"].append((b"x-tome-sid", str(session).encode()))
        with count_socket():
            await self.app(scope, small_messages(receive, send), send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A plain request: shut doors, limits, and an answer that always carries the headers."""
        path, limit = scope["path"], body_limit(scope["path"])
        answer = _Answer(send, path, https=scope["scheme"] == "https")
        started = time.perf_counter()
        try:
            if path.startswith(SHUT):
                await answer.refuse(404, "There is nothing here.")
            elif _length(scope) > limit:
                await answer.refuse(413, "That is too large.")
            elif path.startswith(UPLOADS) and scope["method"] != "OPTIONS" and not await _uploads(scope):
                await answer.refuse(401, "Please sign in first, as somebody who may bring files.")
            else:
                await self.app(scope, limited(receive, limit), answer.send)
        except BodyTooLarge:
            await answer.refuse(413, "That is too large.")
        except Exception as error:  # noqa: BLE001  # the last line of defence: nothing passes without headers
            log().error("request failed", path=path, kind=type(error).__name__, exc_info=error)
            await answer.refuse(500, f"Something went wrong on our side. Incident {answer.request_id}.")
        finally:
            count_request(scope["method"], path, answer.status, time.perf_counter() - started)


class _Answer:
    """The way back to the client: adds the headers, and knows whether an answer has begun."""

    def __init__(self, send: Send, path: str, *, https: bool) -> None:
        self.request_id = current_request_id()
        self.status = 0
        self._send, self._https = send, https
        self._for_programs = path.startswith("/api/")

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = with_security(list(message["headers"]), https=self._https, request_id=self.request_id)
            message = dict(message) | {"headers": headers}
        await self._send(message)

    async def refuse(self, status: int, text: str) -> None:
        """A short plain answer, unless one has begun already."""
        if self.status:
            return
        media, body = _problem(status, text, self.request_id) if self._for_programs else (PLAIN, f"{text}\n".encode())
        fixed = [
            (b"content-type", media),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": fixed})
        await self.send({"type": "http.response.body", "body": body})


def guarded() -> list[Middleware]:
    """The guard as st.App takes it."""
    return [Middleware(Guard)]


async def _session(scope: Scope) -> int | None:
    """The live sign-in session of the request's cookie."""
    library = opened()
    token = cookie_token(scope, library.config)
    return await run_in_threadpool(session_of_token, library, token) if token else None


async def _uploads(scope: Scope) -> bool:
    """Whether whoever asks may bring files. They wait in memory, so that readers, of whom there is no end, may not."""
    me = await run_in_threadpool(identify, opened(), await _session(scope))
    return me is not None and (me.actor.may(Permission.IMPORT) or me.actor.may(Permission.EDIT_CATALOGUE))


def _cleaned(scope: Scope) -> Scope:
    """The scope with what the guard alone may say: no X-Tome-* of the client, the browser's own address and scheme."""
    config = opened().config
    headers = [pair for pair in scope["headers"] if not _ours(pair[0])]
    port = (scope.get("client") or ("", 0))[1]
    secure = is_https(scope, config)
    scheme = {"http": "https", "ws": "wss"}.get(scope["scheme"], scope["scheme"]) if secure else scope["scheme"]
    return dict(scope) | {"headers": headers, "client": (client_address(scope, config.proxies), port), "scheme": scheme}


def _problem(status: int, text: str, incident: str) -> tuple[bytes, bytes]:
    """What a program gets in place of a sentence (RFC 9457)."""
    code = {401: "not-signed-in", 404: "not-found", 413: "too-large"}.get(status, "internal-error")
    said = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code,
            "detail": text, "incident": incident, "facts": {}, "faults": []}  # fmt: skip
    return b"application/problem+json", json.dumps(said).encode()


def _ours(name: bytes) -> bool:
    return name.lower().replace(b"_", b"-").startswith(OWN_HEADERS)


def _length(scope: Scope) -> int:
    """Content-Length; a garbled one counts as far too large."""
    text = header(scope, b"content-length")
    if text is None:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 1 << 62
