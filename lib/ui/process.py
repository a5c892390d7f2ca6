"""The life of the web process: opens the library, warms up, keeps memory tidy off the screens' path, closes."""

import asyncio
import gc
import importlib
import logging
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import streamlit.config

import lib.ops.tables  # noqa: F401  # every table is known before threads ask for some and load others
from lib.access.installation import Installation
from lib.access.opened import close_opened, opened
from lib.kit.logs import log, set_up_logs
from lib.ops.schema import schema_fault

COLLECT_EVERY_S = 60
HEAD_START_S = 1  # for who comes as soon as the door is open; what is loaded next would share a processor with them
FIRST_USED = ("pandas", "pyarrow", "babel.dates", "streamlit_authenticator", "streamlit.elements.arrow")


class CannotServe(SystemExit):
    """The library cannot be served; the message says what to do."""


def found_config(home: Path) -> None:
    """Has Streamlit find .streamlit/config.toml beside app.py also when another server than its own starts it."""
    if streamlit.config._main_script_path is None:
        streamlit.config._main_script_path = str(home / "app.py")


@asynccontextmanager
async def serving(_app: Any, *, later: Sequence[Callable[[], object]] = ()) -> AsyncIterator[dict[str, Any]]:
    """From start to stop. `later`: what else is made ready, in a thread, once the library is open.

    Raises:
        CannotServe: the database is not of this code's schema.
    """
    send_at_once(asyncio.get_running_loop())
    library = opened()
    set_up_logs(library.config.log_level, as_json=library.config.log_json)
    _refuse_foreign_schema(library)
    streamlit.config.set_option("server.cookieSecret", library.keys.cookie)
    tidying = asyncio.create_task(_make_ready_and_tidy(later))
    log().info("library open", mode=str(library.config.mode), database=library.engine.dialect.name)
    try:
        yield {}
    finally:
        tidying.cancel()
        with suppress(asyncio.CancelledError):
            await tidying
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
    fault = schema_fault(library.engine)
    if fault:
        log().error("cannot serve", reason=fault)
        raise CannotServe(fault)


async def _make_ready_and_tidy(later: Sequence[Callable[[], object]]) -> None:
    """Once the library is open: loads what is not needed to open it; then collects garbage on a timer.

    Streamlit's own full collections after every run are off (runner.postScriptGC).
    """
    await asyncio.sleep(HEAD_START_S)
    await make_ready(later)
    while True:
        await asyncio.sleep(COLLECT_EVERY_S)
        await asyncio.to_thread(gc.collect)


async def make_ready(later: Sequence[Callable[[], object]]) -> None:
    """Loads, one after the other, what visitors would otherwise wait for, then settles the memory.

    What cannot be loaded is told in the log and stops nothing else.
    """
    imports = (partial(_import_quietly, name) for name in FIRST_USED)
    steps: list[Callable[[], object]] = [*imports, *later, _settle_memory]
    for step in steps:
        [fault] = await asyncio.gather(asyncio.to_thread(step), return_exceptions=True)
        if isinstance(fault, Exception):
            log().error("a part could not be made ready", exc_info=fault)


def _import_quietly(name: str) -> None:
    """Imports what a visitor would wait for; such as the first to see a table, or to sign in."""
    outside = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    outside.setLevel(logging.ERROR)  # libraries that declare components complain of being imported outside a run
    try:
        importlib.import_module(name)
    finally:
        outside.setLevel(logging.NOTSET)


def _settle_memory() -> None:
    """Takes what is there for good out of the garbage collector's rounds, and lets them begin."""
    gc.collect()
    gc.freeze()
    gc.enable()
