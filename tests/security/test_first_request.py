"""On a server that has not served anything yet, the first request for any page meets the gate."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from lib.access.installation import open_installation
from lib.kit.config import Config, Mode
from lib.ui.navigation import ENTRIES, Entry
from tests.live_server import PATIENCE_S, ROOT
from tests.streamlit_client import Screen

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="fresh servers are forked")]
PRIVATE = [entry for entry in ENTRIES if entry.permission is not None]


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator["subprocess.Popen[str]"]:
    """The program that makes fresh servers."""
    folder = tmp_path_factory.mktemp("fresh")
    shutil.copy(sqlite_template, folder / "library.db")
    open_installation(Config(mode=Mode.DEMO, data_dir=folder)).close()
    env = os.environ | {"TOME_DATA_DIR": str(folder), "TOME_MODE": "demo", "PYTHONPATH": str(ROOT)}
    with (folder / "log").open("w") as said, subprocess.Popen(
        [sys.executable, "-m", "tests.security.fresh_servers"], cwd=ROOT, env=env, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
    ) as program:  # fmt: skip
        yield program
        assert program.stdin is not None
        program.stdin.close()


@pytest.fixture
def fresh_server(nursery: "subprocess.Popen[str]") -> Iterator[str]:
    """The address of a server that has served nothing but its health."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write("one more\n")
    nursery.stdin.flush()
    port, number = map(int, nursery.stdout.readline().split())
    url = f"http://127.0.0.1:{port}"
    try:
        assert httpx2.get(f"{url}/healthz", timeout=PATIENCE_S).status_code == 200
        yield url
    finally:
        os.kill(number, signal.SIGKILL)


@pytest.mark.parametrize("entry", PRIVATE, ids=lambda entry: entry.url_path)
def test_the_first_request_of_all_meets_the_gate(fresh_server: str, entry: Entry) -> None:
    with Screen(fresh_server) as screen:
        told = screen.run(entry.url_path).text()
    assert "Please sign in" in told
    assert entry.title not in told


@pytest.mark.parametrize("name", ["staff/desk", "pages/staff/desk.py", "../../pages/staff/desk", "doorway"])
def test_the_first_request_for_a_file_by_its_name_opens_none(fresh_server: str, name: str) -> None:
    with Screen(fresh_server) as screen:
        told = screen.run(name).text()
    assert "Signed in as" not in told
    assert not [entry.title for entry in PRIVATE if f"# {entry.title}" in told]
    assert "Please sign in" in told or screen.page == screen.pages[""]


def test_the_first_message_may_be_a_widgets_and_still_does_nothing(fresh_server: str) -> None:
    with Screen(fresh_server) as screen:
        told = screen.run("settings", pressed="$$ID-0000-save", values={"$$ID-0000-name": "Owned"}).text()
    assert "Please sign in" in told
