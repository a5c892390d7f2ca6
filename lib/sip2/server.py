"""The connections: one task each, one message at a time, the database's work in a few threads beside.

A client that is slow, silent, too chatty or speaks nonsense is dropped; the others do not notice.
"""

import asyncio
import contextlib
import signal
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from lib.access.installation import Installation
from lib.kit.logs import log
from lib.sip2.conversation import Conversation
from lib.sip2.framing import Frames, Overrun

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
CHUNK = 4096


class PlainText(Exception):
    """Card numbers and PINs must not cross a network as plain text."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what clients may take; times in seconds.

    `login_s`: to log in. `idle_s`: silence between messages. `message_s`: from the first byte of a message to its
    last, to agree on encryption, and for the client to take an answer. `ending_s`: for work under way once the process
    is asked to stop.
    """

    connections: int = 200
    from_one_address: int = 100
    threads: int = 8
    login_s: float = 30
    idle_s: float = 900
    message_s: float = 15
    ending_s: float = 9


def require_protection(host: str, certificate: str | None) -> None:
    """Lets a place to listen through: with TLS any, without it this machine alone.

    Raises:
        PlainText.
    """
    if certificate is None and host not in LOOPBACK:
        raise PlainText


def tls(certificate: str, key: str | None) -> ssl.SSLContext:
    """A server's context: TLS 1.2 or newer.

    Raises:
        OSError, ssl.SSLError: the files cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


@dataclass
class Server:
    """Serves an installation until `stop` is called. `port` 0 takes a free one; `address` has it once it listens."""

    installation: Installation
    host: str = "127.0.0.1"
    port: int = 0
    context: ssl.SSLContext | None = None
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        require_protection(self.host, "given" if self.context else None)
        self._open: dict[asyncio.Task[None], str] = {}
        self._at_work: set[asyncio.Task[None]] = set()
        self._ending = asyncio.Event()
        self._pool = ThreadPoolExecutor(self.limits.threads, thread_name_prefix="sip2")
        self.address: tuple[str, int] = ("", 0)

    async def run(self, listening: Callable[[tuple[str, int]], None] | None = None) -> None:
        """Listens until `stop`; then lets what is under way finish, for at most `ending_s` seconds."""
        server = await asyncio.start_server(self._client, self.host, self.port, limit=CHUNK, backlog=128)
        self.address = server.sockets[0].getsockname()[:2]
        if listening:
            listening(self.address)
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(self._pool.shutdown, wait=False, cancel_futures=True)
            await self._ending.wait()
            server.close()
            await self._end_talks()

    def stop(self) -> None:
        """Takes no more messages and ends once those under way are answered. From the loop's own thread."""
        self._ending.set()

    async def _end_talks(self) -> None:
        for task in set(self._open) - self._at_work:
            task.cancel()
        if self._open:
            _, late = await asyncio.wait(set(self._open), timeout=self.limits.ending_s)
            for task in late:
                log().error("sip2 talk cut off at the end")
                task.cancel()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        address = str((writer.get_extra_info("peername") or ("unknown",))[0])
        if self._ending.is_set() or self._is_full(address):
            writer.close()
            return
        self._open[task] = address
        try:
            if self.context:  # only now, so that who begins to encrypt and never ends takes a place like anybody
                await writer.start_tls(self.context, ssl_handshake_timeout=self.limits.message_s)
            await self._talk(reader, writer, address, task)
        except (OSError, TimeoutError, Overrun, ssl.SSLError, asyncio.IncompleteReadError) as error:
            log().info("sip2 connection dropped", why=type(error).__name__, address=address)
        except asyncio.CancelledError:
            pass  # the process ends
        finally:
            self._at_work.discard(task)
            writer.close()
            with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(writer.wait_closed(), 1)
            self._open.pop(task, None)

    def _is_full(self, address: str) -> bool:
        theirs = sum(1 for other in self._open.values() if other == address)
        if len(self._open) < self.limits.connections and theirs < self.limits.from_one_address:
            return False
        log().warning("sip2 connection refused: too many", address=address, open=len(self._open))
        return True

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, task: "asyncio.Task[None]"
    ) -> None:
        talk, frames = Conversation(self.installation, address), Frames()
        loop = asyncio.get_running_loop()
        until_login, message_began = loop.time() + self.limits.login_s, 0.0
        while not talk.over and not self._ending.is_set():
            patience = self._patience(talk, frames, until_login - loop.time(), message_began, loop.time())
            data = await asyncio.wait_for(reader.read(CHUNK), max(patience, 0.001))
            if not data:
                return
            was_waiting = frames.waiting
            whole = frames.feed(data)
            if frames.waiting and (whole or not was_waiting):
                message_began = loop.time()
            for frame in whole:
                if talk.over or self._ending.is_set():
                    return
                await self._answer(talk, frame, writer, task)

    def _patience(self, talk: Conversation, frames: Frames, login_left: float, began: float, now: float) -> float:
        """How long to wait for more bytes."""
        waits = [self.limits.idle_s] if talk.logged_in else [login_left]
        if frames.waiting:
            waits.append(began + self.limits.message_s - now)
        return min(waits)

    async def _answer(
        self, talk: Conversation, frame: bytes, writer: asyncio.StreamWriter, task: "asyncio.Task[None]"
    ) -> None:
        self._at_work.add(task)
        try:
            answer = await asyncio.get_running_loop().run_in_executor(self._pool, talk.answer, frame)
            writer.write(answer)
            await asyncio.wait_for(writer.drain(), self.limits.message_s)
        finally:
            self._at_work.discard(task)


async def serve(server: Server, listening: Callable[[tuple[str, int]], None]) -> None:
    """Runs until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C ends it there
            loop.add_signal_handler(name, server.stop)
    await server.run(listening)
