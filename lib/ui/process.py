"""The life of the web process: opens the library, warms up, keeps memory tidy off the screens' path, closes."""

import asyncio
import gc
import importlib
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import streamlit.config

from lib.access.installation import Installation
from lib.access.opened import close_opened, opened
from lib.kit.errors import Refusal
from lib.kit.logs import log, set_up_logs
from lib.ops.schema import schema_state

COLLECT_EVERY_S = 60
FIRST_USED = ("pandas", "pyarrow", "babel.dates", "streamlit_authenticator", "streamlit.elements.arrow")


class CannotServe(SystemExit):
    """The library cannot be served; the message says what to do."""


def found_config(home: Path) -> None:
    """Has Streamlit find .streamlit/config.toml beside app.py also when another server than its own starts it."""
    if streamlit.config._main_script_path is None:
        streamlit.config._main_script_path = str(home / "app.py")


@asynccontextmanager
async def serving(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """From start to stop.

    Raises:
        CannotServe: the database is not of this code's schema.
    """
    send_at_once(asyncio.get_running_loop())
    library = opened()
    set_up_logs(library.config.log_level, as_json=library.config.log_json)
    _refuse_foreign_schema(library)
    streamlit.config.set_option("server.cookieSecret", library.keys.cookie)
    await asyncio.to_thread(_warm_up)
    collecting = asyncio.create_task(_collect_now_and_then())
    log().info("library open", mode=str(library.config.mode), database=library.engine.dialect.name)
    try:
        yield {}
    finally:
        collecting.cancel()
        with suppress(asyncio.CancelledError):
            await collecting
        gc.unfreeze()
        close_opened()
        log().info("library closed")


def send_at_once(loop: asyncio.AbstractEventLoop) -> None:
    """Has servers of this loop send small messages without waiting for the acknowledgement of the one before.

    asyncio does so only for sockets made with proto=IPPROTO_TCP, and Streamlit's is not: every second message of a
    screen waited some 40 ms (Nagle's algorithm against delayed acknowledgements). Connections inherit the option.
    """
    usual = loop.create_server

    async def create_server(*given: Any, sock: socket.socket | None = None, **named: Any) -> Any:
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return await usual(*given, sock=sock, **named)

    with suppress(AttributeError):  # a loop of another make that cannot be changed
        loop.create_server = create_server  # type: ignore[method-assign]


def _refuse_foreign_schema(library: Installation) -> None:
    fault = schema_fault(library)
    if fault:
        log().error("cannot serve", reason=fault)
        raise CannotServe(fault)


def schema_fault(library: Installation) -> str | None:
    """Why this code cannot serve this database, with what to do about it; None where it can."""
    try:
        state = schema_state(library.engine)
    except Refusal as refusal:
        return str(refusal)
    if state.found is None:
        return (
            "The database is empty. Make a library with: python3 manage.py init (or try one: python3 manage.py demo)."
        )
    if state.pending:
        return f"The database is at step {state.found} of {state.newest}. Bring it up with: python3 manage.py migrate."
    return None


def _warm_up() -> None:
    """Imports what the first visitor would wait for, and takes it out of the garbage collector's rounds."""
    outside = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    outside.setLevel(logging.ERROR)  # libraries that declare components complain of being imported outside a run
    for name in FIRST_USED:
        importlib.import_module(name)
    outside.setLevel(logging.NOTSET)
    gc.collect()
    gc.freeze()


async def _collect_now_and_then() -> None:
    """Full collections on a timer; Streamlit's own after every run are off (runner.postScriptGC)."""
    while True:
        await asyncio.sleep(COLLECT_EVERY_S)
        await asyncio.to_thread(gc.collect)
