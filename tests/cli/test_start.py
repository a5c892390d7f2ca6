"""A start as a whole, in a process of its own: `run` over a library that is there, its first visitor, its end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.house.code import ROOT
from tests.live_server import PATIENCE_S, free_port

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="ends by signals")]


@pytest.fixture
def started(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A server that was just started as manage.py starts it, and its address."""
    (tmp_path / "library.db").write_bytes(sqlite_template.read_bytes())
    port = str(free_port())
    env = {name: value for name, value in os.environ.items() if not name.startswith("TOME_")} | {
        "PYTHONPATH": str(ROOT), "TOME_DATA_DIR": str(tmp_path), "TOME_MODE": "production",
        "TOME_ADMIN_EMAIL": "ada@town.example", "TOME_ADMIN_PASSWORD": "a long walk to the library",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "lib.cli", "run", "--port", port],
        cwd=tmp_path, env=env, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    yield process, f"http://127.0.0.1:{port}"
    process.kill()
    process.communicate()


def _read_to(process: "subprocess.Popen[str]", words: str) -> str:
    """What is said up to a line with these words; all of it, if the line never comes."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if words in line:
            break
    return said


def test_it_opens_answers_the_api_at_once_and_ctrl_c_closes_it(
    started: tuple["subprocess.Popen[str]", str],
) -> None:
    process, url = started
    said = _read_to(process, "The library is open")
    assert f"The library is open: {url.replace('127.0.0.1', 'localhost')}" in said
    library = httpx2.get(f"{url}/api/v1/library", timeout=PATIENCE_S)
    assert library.status_code == 200
    assert library.headers["content-type"] == "application/json"
    assert httpx2.get(url, timeout=PATIENCE_S).status_code == 200
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode in (0, 1), (
        "as Streamlit ends: 0 once its loop answers the signal, 1 where the loop is cut short"
    )
    assert "library closed" in rest
    assert "Traceback" not in said + rest


def test_a_request_to_end_is_obeyed_as_by_any_program(started: tuple["subprocess.Popen[str]", str]) -> None:
    process, _ = started
    _read_to(process, "The library is open")
    process.terminate()
    rest = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == -signal.SIGTERM
    assert "library closed" in rest
