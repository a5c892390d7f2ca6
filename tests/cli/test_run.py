"""`run`: what is checked and made before the server starts, and how the process is handed over."""

import gc
import http.server
import os
import runpy
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import open_installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.first_admin import has_admin
from lib.accounts.models import AccountStatus
from lib.cli import ready
from lib.cli.run import addresses
from lib.kit.config import Config, Mode, load_config
from lib.ops.first_run import DEMO_LOGINS, keep_demo_mode
from lib.ops.schema import prepare_database
from tests.builders import a_member
from tests.cli.conftest import Command

HandedOver = list[list[str]]


@pytest.fixture
def handed_over(monkeypatch: pytest.MonkeyPatch) -> HandedOver:
    """The module that this process would have run as a server, and the words it would have been given."""
    found: HandedOver = []

    def run_module(module: str, **_: Any) -> None:
        found.append([module, *sys.argv])
        raise SystemExit(0)

    monkeypatch.setattr(runpy, "run_module", run_module)
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.setattr(os, "chdir", lambda _: None)
    monkeypatch.setattr(gc, "disable", lambda: None)
    for name in ("TOME_HOST", "TOME_PORT"):  # set by the command; set here so that they are taken back
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return found


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _library(**given: Any) -> None:
    library = open_installation(load_config(**given))
    prepare_database(library.engine)
    library.close()


def test_in_production_it_prints_a_link_for_the_first_admin(
    command: Command, handed_over: HandedOver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOME_MODE", "production")
    port = _free_port()
    said = command("run", "--port", port)
    assert said.code == 0, said.text
    assert f"http://localhost:{port}/welcome?token=" in said.text
    assert (folder / "library.db").exists()
    assert handed_over[-1][:3] == ["streamlit", "streamlit", "run"]


def test_the_server_runs_in_this_process_with_everything_it_was_told(
    command: Command, handed_over: HandedOver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOME_MODE", "production")
    port = _free_port()
    command("run", "--port", port, "--host", "127.0.0.1", "--data-dir", str(folder.parent / "other place"))
    words = handed_over[-1]
    assert words[words.index("--server.port") + 1] == port
    assert words[words.index("--server.address") + 1] == "127.0.0.1"
    assert words[words.index("--browser.gatherUsageStats") + 1] == "false"
    assert os.environ["TOME_DATA_DIR"] == str(folder.parent / "other place")
    assert os.environ["TOME_PORT"] == port
    assert (folder.parent / "other place" / "library.db").exists()


def test_the_first_admin_can_come_from_the_configuration(
    command: Command, handed_over: HandedOver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOME_ADMIN_EMAIL", "ada@town.example")
    monkeypatch.setenv("TOME_ADMIN_PASSWORD", "a long walk to the library")
    said = command("run", "--port", _free_port())
    assert said.code == 0, said.text
    assert "welcome" not in said.text
    library = open_installation(load_config())
    with begin_work(library, SYSTEM) as uow:
        assert has_admin(uow)
    library.close()
    assert "welcome" not in command("run", "--port", _free_port()).text


def test_a_weak_password_of_the_first_admin_stops_the_start_and_is_named(
    command: Command, handed_over: HandedOver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOME_ADMIN_EMAIL", "ada@town.example")
    monkeypatch.setenv("TOME_ADMIN_PASSWORD", "password1234")
    said = command("run", "--port", _free_port())
    assert said.code == 1
    assert "TOME_ADMIN_PASSWORD" in said.text
    assert handed_over == []


@pytest.mark.parametrize("status", [AccountStatus.ACTIVE, AccountStatus.SUSPENDED])
def test_demo_accounts_keep_production_shut(
    command: Command, handed_over: HandedOver, folder: Path, monkeypatch: pytest.MonkeyPatch, status: AccountStatus
) -> None:
    monkeypatch.setenv("TOME_MODE", "production")
    _library()
    library = open_installation(load_config())
    reason = "late" if status is AccountStatus.SUSPENDED else None
    a_member(library, role=Role.ADMIN, email=DEMO_LOGINS[0], email_key=DEMO_LOGINS[0], status=status,
             status_reason=reason)  # fmt: skip
    library.close()
    said = command("run", "--port", _free_port())
    assert said.code == 1
    assert DEMO_LOGINS[0] in said.text
    assert "TOME_DATA_DIR" in said.text
    assert handed_over == []


def test_disabled_demo_accounts_harm_nobody(
    command: Command, handed_over: HandedOver, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOME_MODE", "production")
    _library()
    library = open_installation(load_config())
    a_member(library, role=Role.ADMIN)
    a_member(library, email=DEMO_LOGINS[2], email_key=DEMO_LOGINS[2], status=AccountStatus.DISABLED)
    library.close()
    assert command("run", "--port", _free_port()).code == 0


def test_a_folder_once_made_as_a_demo_stays_one(command: Command, handed_over: HandedOver, folder: Path) -> None:
    keep_demo_mode(folder)
    _library()
    library = open_installation(load_config())
    assert library.config.mode is Mode.DEMO
    a_member(library, email=DEMO_LOGINS[0], email_key=DEMO_LOGINS[0])
    library.close()
    said = command("run", "--port", _free_port())
    assert said.code == 0, said.text
    assert all(login in said.text for login in DEMO_LOGINS)
    assert "Everybody who reaches this machine" not in said.text
    on_the_network = command("run", "--port", _free_port(), "--host", "0.0.0.0")
    assert "Everybody who reaches this machine can sign in as its admin" in on_the_network.text


@pytest.mark.parametrize(
    ("host", "shown", "asked"),
    [
        ("127.0.0.1", "http://localhost:9", "http://127.0.0.1:9"),
        ("0.0.0.0", "http://localhost:9", "http://127.0.0.1:9"),
        ("192.0.2.7", "http://192.0.2.7:9", "http://192.0.2.7:9"),
        ("::1", "http://[::1]:9", "http://[::1]:9"),
    ],
)
def test_it_knows_where_it_can_be_found(host: str, shown: str, asked: str) -> None:
    assert addresses(Config(host=host, port=9)) == (shown, asked)


class _Healthy(http.server.BaseHTTPRequestHandler):
    answers: list[int]

    def do_GET(self) -> None:
        self.send_response(self.answers.pop(0) if self.answers else 200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Any:
    """A server that is not ready at first."""
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Healthy,), {"answers": [503, 503]}))
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def test_it_says_where_the_library_is_once_it_answers(server: Any, capfd: pytest.CaptureFixture[str]) -> None:
    with ready.announced("http://localhost:1", f"http://127.0.0.1:{server.server_port}"):
        for thread in threading.enumerate():
            if thread.name == "ready":
                thread.join(30)
    assert "The library is open: http://localhost:1" in capfd.readouterr().err


def test_nothing_is_said_once_the_server_is_gone(server: Any) -> None:
    over = threading.Event()
    over.set()
    assert ready.wait(f"http://127.0.0.1:{server.server_port}", over) is False
