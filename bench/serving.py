"""Servers in processes of their own: the product over a stocked library, and a bare page with the same settings."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from bench.children import HOME, answers, end, environment
from bench.corpus import fill
from lib.access.actor import SYSTEM
from lib.access.installation import Installation, open_installation
from lib.access.work import begin_work
from lib.accounts.sessions import redeem_ticket
from lib.accounts.sign_in import sign_in
from lib.catalogue.search_index import rebuild_index
from lib.kit.config import Config, Mode
from lib.ops.demo import make_demo
from lib.ops.first_run import DEMO_PASSWORD
from lib.ops.schema import prepare_database


@dataclass(frozen=True, slots=True)
class Stocked:
    """A library in a folder, with words to search for, a title, and cookies of a librarian and a member at work."""

    folder: Path
    words: tuple[str, ...]
    title_id: int
    member_id: int
    cards: tuple[str, ...]
    barcodes: tuple[str, ...]
    cookies: dict[str, str]


def stock(folder: Path, titles: int) -> Stocked:
    """The demo library, and this many invented titles besides."""
    library = open_installation(Config(mode=Mode.DEMO, data_dir=folder))
    try:
        prepare_database(library.engine)
        make_demo(library)
        with begin_work(library, SYSTEM) as uow:
            first = uow.connection.execute(text("SELECT max(id) + 1 FROM title")).scalar_one()
            words = fill(uow.connection, titles, first)
            rebuild_index(uow)
            uow.connection.exec_driver_sql("ANALYZE")
            member, title = uow.connection.execute(text(_AT_THE_DESK)).one()
            cards = uow.connection.scalars(text(_CARDS)).all()
            barcodes = uow.connection.scalars(text(_SHELVED)).all()
        cookies = {role: _cookie(library, f"{role}@demo.example") for role in ("librarian", "member")}
    finally:
        library.close()
    asked = [word for word in words.words if len(word) > 3][::7][:40]
    return Stocked(folder, tuple(asked), title, member, tuple(cards), tuple(barcodes), cookies)


_AT_THE_DESK = (
    "SELECT account_id, min(title_id) FROM loan WHERE returned_at IS NULL GROUP BY account_id"
    " ORDER BY count(*) DESC, account_id LIMIT 1"
)
_CARDS = (
    "SELECT card_number FROM account a WHERE role = 'member' AND status = 'active' AND card_number IS NOT NULL"
    " AND membership_ends_on > date('now', '+60 days')"
    " AND NOT EXISTS (SELECT 1 FROM loan l WHERE l.account_id = a.id AND l.returned_at IS NULL) LIMIT 20"
)
_SHELVED = "SELECT max(barcode) FROM copy WHERE status = 'available' GROUP BY title_id ORDER BY title_id LIMIT 200"


def _cookie(library: Installation, login: str) -> str:
    done = sign_in(library, login=login, password=DEMO_PASSWORD, address="127.0.0.1", device="bench")
    redeemed = redeem_ticket(library, done.ticket)
    assert redeemed is not None
    return f"tome={redeemed.token}"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    url: str
    pid: int


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """The product over the library in this folder."""
    port = free_port()
    env = environment(TOME_DATA_DIR=str(folder), TOME_MODE="demo", TOME_PORT=str(port))
    with _running("app.py", port, env, "/healthz") as server:
        yield server


@contextmanager
def serve_bare() -> Iterator[Server]:
    """The bare page, under the same .streamlit/config.toml."""
    port = free_port()
    with _running("bench/bare/app.py", port, environment(PYTHONPATH=str(HOME)), "/_stcore/health") as server:
        yield server


@contextmanager
def _running(script: str, port: int, env: dict[str, str], sign: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    process = subprocess.Popen(command, cwd=HOME, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        answers(url + sign, process)
        yield Server(url, process.pid)
    finally:
        end(process)
