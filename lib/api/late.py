"""Parts of the door that are built when they are first asked for, or once the library is open: whichever comes first.

The API's models and routes take longer to make than everything else of a start. A request that comes before they are
there waits for them, off the event loop; however many come at once, they are built once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Late:
    """An ASGI application that is there as soon as `make` has made it, in a thread of its own."""

    def __init__(self, make: Callable[[], Application]) -> None:
        self._make = make
        self._begun = Lock()
        self._coming: Future[Application] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers a request.

        Raises:
            Exception: the application could not be made; the next request has it tried again.
        """
        coming = self._begin()
        made = coming.result() if coming.done() else await asyncio.shield(asyncio.wrap_future(coming))
        await made(scope, receive, send)

    def made(self) -> Application:
        """The application; waits until it is there.

        Raises:
            Exception: it could not be made.
        """
        return self._begin().result()

    def _begin(self) -> Future[Application]:
        with self._begun:
            if self._coming is None or (self._coming.done() and self._coming.exception() is not None):
                maker = ThreadPoolExecutor(1, "late")
                self._coming = maker.submit(self._make)
                maker.shutdown(wait=False)
            return self._coming
