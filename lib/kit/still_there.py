"""Whether a PostgreSQL connection from the pool still stands: seen on its socket, without an errand to the server.

A server that ends closes its connections, and the socket of an idle one has something to read then. To ask by a
statement each time cost every act a way to the server and back.
"""

import select
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

ASK_AFTER_S = 30.0  # a network may lose a connection without a word
_ASKED = "asked at"


def watch_connections(engine: Engine) -> None:
    """Lets an engine's pool hand out connections that stand; others are opened anew."""

    @event.listens_for(engine, "checkout")
    def _look(connection: Any, record: Any, _proxy: Any) -> None:
        now = time.monotonic()
        if now - record.info.get(_ASKED, -ASK_AFTER_S) < ASK_AFTER_S and is_quiet(connection):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error
        record.info[_ASKED] = now


def is_quiet(connection: Any) -> bool:
    """Whether an idle connection of psycopg has nothing to read, as one that stands has nothing."""
    if not hasattr(select, "poll"):  # Windows
        return False
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return not poll.poll(0)
