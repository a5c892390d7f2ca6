"""A server over a library of a test, in a thread of its own; a terminal, and readers with PINs."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.accounts.models import Account
from lib.accounts.passwords import hash_password
from lib.accounts.terminals import TerminalKind, make_terminal
from lib.ops.integrity import findings
from lib.sip2.server import Limits, Server
from tests.builders import a_member, an_admin

PIN = "4711"
_HASH = hash_password(PIN)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens, and who may log in there."""

    host: str
    port: int
    login: str
    secret: str
    ended: threading.Semaphore  # one more for each connection that has ended and left its place to others


class _Told(Server):
    """A server that says when a connection has ended."""

    ended: threading.Semaphore

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await super()._client(reader, writer)
        finally:
            self.ended.release()


@contextmanager
def serving(library: Installation, *, limits: Limits | None = None, **given: Any) -> Iterator[Place]:
    """Serves until the block ends; the server must end by itself then."""
    _, secret = make_terminal(
        library, an_admin(library), kind=TerminalKind.SIP2, login="hall", name="Hall", takes_returns=True
    )
    ready = threading.Event()
    ended = threading.Semaphore(0)
    server: list[_Told] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        server.append(_Told(library, limits=limits or Limits(), **given))
        server[0].ended = ended
        await server[0].run(lambda _place: ready.set())

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert ready.wait(20)
    host, port = server[0].address
    try:
        yield Place(host, port, "hall", secret, ended)
    finally:
        loops[0].call_soon_threadsafe(server[0].stop)
        thread.join(20)
        assert not thread.is_alive(), "the server did not end"


def a_reader(library: Installation, **given: Any) -> tuple[Actor, str]:
    """A member with a PIN, and the number of their card."""
    actor = a_member(library, **given)
    with begin_work(library, SYSTEM) as uow:
        card = uow.connection.execute(
            update(Account).where(Account.id == actor.account_id).values(pin_hash=_HASH).returning(Account.card_number)
        ).scalar_one()
    return actor, str(card)


# What rows that a builder put there straight do not fit; all else must hold after every conversation.
BUILT = {"every-title-is-indexed", "title-counts-its-loans", "loan-has-audit-row"}


def broken(library: Installation) -> list[str]:
    """What the integrity check finds, but for what builders leave out."""
    with begin_reading(library, SYSTEM) as uow:
        return [str(found) for found in findings(uow) if found.name not in BUILT]
