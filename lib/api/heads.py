"""HEAD wherever there is GET: the same headers, no body."""

from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send


class Heads:
    """The middleware itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: MutableMapping[str, Any]) -> None:
            await send(dict(message) | {"body": b""} if message["type"] == "http.response.body" else message)

        await self.app(dict(scope) | {"method": "GET"}, receive, without_body)
