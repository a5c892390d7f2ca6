"""How large a body may be, by path, and the receive channel that holds a request to it."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
KIB, MIB = 1024, 1024 * 1024
LIMITS: tuple[tuple[str, int], ...] = (
    ("/_stcore/upload_file/", 51 * MIB),
    ("/api/v1/imports", 51 * MIB),
    ("/api/v1/titles", 6 * MIB),
    ("/api/", 1 * MIB),
    ("/auth/", 8 * KIB),
    ("/offline-desk/", 256 * KIB),
)
OTHERWISE = 64 * KIB
LARGEST_MESSAGE = 2 * MIB  # what a screen sends is kept in its session; files go another way
TOO_BIG = 1009
Send = Callable[[Message], Awaitable[None]]


class BodyTooLarge(HTTPException):
    """The body passed its limit while it was read; routes that know HTTPException answer it themselves."""

    def __init__(self) -> None:
        super().__init__(413, "That is too large.")


def body_limit(path: str) -> int:
    """The most bytes a body may have at this path."""
    return next((size for prefix, size in LIMITS if path.startswith(prefix)), OTHERWISE)


def limited(receive: Receive, limit: int) -> Receive:
    """A receive channel that counts what really comes, whatever Content-Length said.

    Raises (while reading):
        BodyTooLarge: more bytes than the limit.
    """
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                raise BodyTooLarge
        return message

    return counted


def small_messages(receive: Receive, send: Send) -> Receive:
    """A WebSocket's receive channel that hangs up on a message too large for any screen of ours."""

    async def measured() -> Message:
        message = await receive()
        if message["type"] == "websocket.receive":
            size = len(message.get("bytes") or b"") + len(message.get("text") or "")
            if size > LARGEST_MESSAGE:
                await send({"type": "websocket.close", "code": TOO_BIG})
                return {"type": "websocket.disconnect", "code": TOO_BIG}
        return message

    return measured
