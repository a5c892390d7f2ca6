"""Engines: SQLite that is safe to lend from, and PostgreSQL; the fair write lock; raw statements."""

import json
import re
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError

from lib.kit.errors import Busy
from lib.kit.process_turn import ProcessTurn
from lib.kit.still_there import watch_connections
from lib.kit.tables import stamp

BUSY_MS = 10_000
KEEP_TURN_S = 0.002
_LIST = re.compile(r"IN \(:\*(\w+)\)")
_SOME = 1000
_PREPARED = 1000  # of the driver's own 100 those of the start keep their places, and the desk's would be prepared anew
FIXED_BRANCHES = {(3, 50): 7, (3, 44): 6}


def sqlite_module() -> ModuleType:
    """The newest SQLite to be had: pysqlite3's bundled one, else Python's own."""
    try:
        from pysqlite3 import dbapi2  # noqa: PLC0415  # absent on platforms without a wheel
    except ImportError:
        import sqlite3 as dbapi2  # noqa: PLC0415
    module: ModuleType = dbapi2
    return module


def wal_is_safe(version: str) -> bool:
    """Whether this SQLite is free of the WAL corruption of 3.7.0-3.51.2 (fixed in 3.51.3, 3.50.7 and 3.44.6)."""
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    if (major, minor, patch) >= (3, 51, 3):
        return True
    return patch >= FIXED_BRANCHES.get((major, minor), 10**6)


def make_engine(url: str, *, synchronous: str = "FULL") -> Engine:
    """An engine for SQLite or PostgreSQL with the settings under which the library's promises hold.

    On SQLite a connection begins with BEGIN IMMEDIATE unless its execution option `read_only` is set.
    """
    if make_url(url).get_backend_name() != "sqlite":
        distant = create_engine(url, pool_size=10, max_overflow=20, isolation_level="READ COMMITTED",
                                hide_parameters=True)  # fmt: skip  # personal data and hashes stay out of the log
        watch_connections(distant)
        return distant
    module = sqlite_module()
    module.register_adapter(datetime, stamp)
    module.register_adapter(date, date.isoformat)
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, module=module, pool_size=20, max_overflow=40, hide_parameters=True, pool_use_lifo=True,
                           connect_args={"timeout": BUSY_MS / 1000, "cached_statements": _PREPARED})  # fmt: skip
    journal = "WAL" if wal_is_safe(module.sqlite_version) else "DELETE"

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"journal_mode={journal}", f"synchronous={synchronous}", "foreign_keys=ON", f"busy_timeout={BUSY_MS}",
            "cache_size=-65536", "mmap_size=1073741824", "temp_store=MEMORY", "trusted_schema=OFF",
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        begin = _BEGIN if connection.get_execution_options().get("read_only") else _BEGIN_IMMEDIATE
        begin.count(connection)

    return engine


def process_turn(engine: Engine) -> ProcessTurn | None:
    """The turn among processes to write to an engine's SQLite file; None where there is no file."""
    path = engine.url.database
    on_disk = engine.dialect.name == "sqlite" and path and path != ":memory:"
    return ProcessTurn(Path(path)) if on_disk and path else None


class FairLock:
    """First come, first served. SQLite's own busy handler lets late writers starve early ones.

    `among` keeps the order among processes. Threads of one process hand its turn on from one to the next for `keep_s`
    seconds at most: to give it back and ask anew lets other threads in each time, which cost a tenth of what eight
    write. Then any process that waits goes first.
    """

    def __init__(self, among: ProcessTurn | None = None, keep_s: float = KEEP_TURN_S) -> None:
        self.among = among
        self._keep_s = keep_s
        self._guard = threading.Lock()
        self._queue: deque[threading.Lock] = deque()
        self._taken = False
        self._turn_since: float | None = None  # when this process took its turn, while it has it

    @contextmanager
    def held(self, timeout_s: float = BUSY_MS / 1000) -> Iterator[None]:
        """Holds the lock.

        Raises:
            Busy: the turn did not come in time.
        """
        until = time.monotonic() + timeout_s
        self._acquire(timeout_s)
        try:
            if self.among is not None and self._turn_since is None:
                self.among.take(until)
                self._turn_since = time.monotonic()
            yield
        finally:
            self._release()

    def _acquire(self, timeout_s: float) -> None:
        with self._guard:
            if not self._taken and not self._queue:
                self._taken = True
                return
            turn = threading.Lock()  # an Event would cost three times as much
            turn.acquire()
            self._queue.append(turn)
        if turn.acquire(timeout=timeout_s):
            return
        with self._guard:
            if turn in self._queue:
                self._queue.remove(turn)
                raise Busy

    def _release(self) -> None:
        with self._guard:
            if self._turn_since is not None and not (
                self._queue and time.monotonic() < self._turn_since + self._keep_s
            ):
                self._turn_since = None
                assert self.among is not None
                self.among.give_back()
            if self._queue:
                self._queue.popleft().release()
            else:
                self._taken = False


class Statement:
    """One SQL text with :names for both databases, run straight through the driver's cursor.

    For hot paths only: it skips SQLAlchemy's compiling and result rows (a third of the time). Results are
    plain tuples; pass Instant and Date columns through `as_instant` and `as_day`. `IN (:*names)` takes a list.
    """

    def __init__(self, sql: str) -> None:
        self._lists = tuple(_LIST.findall(sql))
        self.sqlite = _LIST.sub(r"IN (SELECT value FROM json_each(:\1))", sql)
        named = _LIST.sub(r"= ANY(:\1)", sql)
        self.postgres = re.sub(r"(?<![:\w]):(\w+)", r"%(\1)s", named.replace("%", "%%"))

    def rows(self, connection: Connection, **values: Any) -> list[Any]:
        """Every row, as tuples."""
        cursor = self._run(connection, values)
        found: list[Any] = cursor.fetchall()
        cursor.close()
        return found

    def named(self, connection: Connection, most: int, **values: Any) -> tuple[list[dict[str, Any]], int]:
        """The first `most` rows by the names of their columns, and how many rows there are."""
        cursor = self._run(connection, values)
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(most)]
        total = len(found)
        while more := cursor.fetchmany(_SOME):
            total += len(more)
        cursor.close()
        return found, total

    def row(self, connection: Connection, **values: Any) -> Any:
        """The first row as a tuple, or None."""
        cursor = self._run(connection, values)
        found = cursor.fetchone()
        cursor.close()
        return found

    def count(self, connection: Connection, **values: Any) -> int:
        """Runs a change and tells how many rows it touched."""
        cursor = self._run(connection, values)
        touched: int = cursor.rowcount
        cursor.close()
        return touched

    def many(self, connection: Connection, values: Sequence[dict[str, Any]]) -> None:
        """Runs a change once for each set of values."""
        if values:
            self._run(connection, values).close()

    def _run(self, connection: Connection, values: dict[str, Any] | Sequence[dict[str, Any]]) -> Any:
        driver: Any = connection.connection.dbapi_connection
        cursor = driver.cursor()
        dialect = connection.dialect
        if self._lists and isinstance(values, dict):
            packed = json.dumps if dialect.name == "sqlite" else list
            values = values | {name: packed(list(values[name])) for name in self._lists}
        try:
            run = cursor.execute if isinstance(values, dict) else cursor.executemany
            run(self.sqlite if dialect.name == "sqlite" else self.postgres, values)
        except dialect.loaded_dbapi.IntegrityError as error:
            raise IntegrityError(self.sqlite, None, error) from error
        except dialect.loaded_dbapi.OperationalError as error:
            raise OperationalError(self.sqlite, None, error) from error
        return cursor


_BEGIN, _BEGIN_IMMEDIATE = Statement("BEGIN"), Statement("BEGIN IMMEDIATE")

# Deadlock, lock not to be had, two changes that exclude one another: who tries again may get through.
_PASSING = frozenset({"40P01", "55P03", "40001"})


def was_busy(error: OperationalError) -> bool:
    """Whether the database refused only because others were at it: trying again may help."""
    text = str(error.orig)
    return getattr(error.orig, "sqlstate", None) in _PASSING or "locked" in text or "busy" in text


def broken_constraint(error: IntegrityError) -> str:
    """The name of the constraint or index that refused, or the columns as SQLite names them
    ("loan.copy_id"); empty when the driver does not tell."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name or "")
    text = str(error.orig)
    if found := re.search(r"index '([^']+)'", text):
        return found.group(1)
    return text.partition("constraint failed: ")[2] or text
