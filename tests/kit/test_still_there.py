"""Connections to PostgreSQL that ended are opened anew, and those that stand are not asked each time."""

from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.kit import still_there
from lib.kit.still_there import is_quiet


def _ask(library: Installation) -> int:
    with begin_reading(library, SYSTEM) as uow:
        return int(uow.connection.scalar(text("SELECT pg_backend_pid()")) or 0)


def _end(library: Installation, pid: int) -> None:
    """The server ends a connection, and its process is gone."""
    url = library.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as other:
        assert other.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,)).fetchone() == (True,)


def _pings(library: Installation, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    asked: list[Any] = []
    ping = library.engine.dialect.do_ping
    monkeypatch.setattr(library.engine.dialect, "do_ping", lambda one: asked.append(one) or ping(one))
    return asked


def test_an_act_after_the_server_ended_the_connection_goes_through(postgres_library: Installation) -> None:
    before = _ask(postgres_library)
    _end(postgres_library, before)
    assert _ask(postgres_library) != before


def test_a_connection_that_stands_is_not_asked_each_time(
    postgres_library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _ask(postgres_library)
    asked = _pings(postgres_library, monkeypatch)
    assert _ask(postgres_library) == before
    assert not asked


def test_one_that_was_silent_for_long_is_asked(postgres_library: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network may lose a connection without a word to either side."""
    before = _ask(postgres_library)
    asked = _pings(postgres_library, monkeypatch)
    monkeypatch.setattr(still_there, "ASK_AFTER_S", 0.0)
    assert _ask(postgres_library) == before
    assert len(asked) == 1


def test_the_socket_tells_whether_the_server_ended_a_connection(postgres_library: Installation) -> None:
    ends: list[Any] = []
    event.listen(postgres_library.engine, "checkin", lambda connection, _record: ends.append(connection))
    pid = _ask(postgres_library)
    assert is_quiet(ends[0])
    _end(postgres_library, pid)
    assert not is_quiet(ends[0])
