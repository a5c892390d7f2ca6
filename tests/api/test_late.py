"""What the door makes late: nothing of it at the start, everything for whoever asks first, once."""

import asyncio
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lib.api.late import Application, Late
from tests.house.code import ROOT

PATIENCE_S = 30
FIRST_REQUESTS = """
import sys, threading
from pathlib import Path
import app
early = {"fastapi", "lib.api.app", "pandas", "pyarrow", "streamlit_authenticator"} & set(sys.modules)
assert not early, early
from lib.access.opened import opened
from lib.api.door import door_routes
from lib.ops.schema import prepare_database
from starlette.applications import Starlette
from starlette.testclient import TestClient
prepare_database(opened().engine)
client = TestClient(Starlette(routes=door_routes(Path("."))))
asked = [("GET", "/api/v1/library"), ("POST", "/offline-desk/acts"), ("GET", "/api/v1/library")]
said = [None] * len(asked)
def ask(place):
    said[place] = client.request(*asked[place])
people = [threading.Thread(target=ask, args=(place,)) for place in range(len(asked))]
for one in people: one.start()
for one in people: one.join()
print(*[(answer.status_code, answer.headers["content-type"]) for answer in said], sep="\\n")
"""


async def _echo(scope: Any, _receive: Any, send: Any) -> None:
    await send(scope["path"])


class Making:
    """Makes an application when it is let, and counts how often."""

    def __init__(self) -> None:
        self.times, self.let = 0, threading.Event()

    def __call__(self) -> Application:
        self.times += 1
        assert self.let.wait(PATIENCE_S), "whoever should let it through was kept waiting"
        return _echo


async def _ask(late: Late, path: str) -> list[str]:
    said: list[str] = []

    async def send(words: str) -> None:
        said.append(words)

    await late({"path": path}, None, send)
    return said


def test_many_first_requests_have_it_made_once_and_nobody_else_waits() -> None:
    making = Making()
    late = Late(making)

    async def day() -> list[list[str]]:
        asking = [asyncio.create_task(_ask(late, f"/{number}")) for number in range(50)]
        asyncio.get_running_loop().call_soon(making.let.set)  # only a loop that goes on comes to this
        return await asyncio.gather(*asking)

    assert asyncio.run(day()) == [[f"/{number}"] for number in range(50)]
    assert asyncio.run(_ask(late, "/later")) == ["/later"]
    assert making.times == 1


def test_who_goes_away_while_waiting_stops_it_for_nobody_else() -> None:
    making = Making()
    late = Late(making)

    async def day() -> list[str]:
        gone, stays = asyncio.create_task(_ask(late, "/gone")), asyncio.create_task(_ask(late, "/stays"))
        asyncio.get_running_loop().call_soon(gone.cancel)
        with suppress(asyncio.CancelledError):
            await gone
        making.let.set()
        return await stays

    assert asyncio.run(day()) == ["/stays"]
    assert making.times == 1


def test_the_start_and_a_visitor_have_it_made_once() -> None:
    making = Making()
    late = Late(making)
    start = threading.Thread(target=late.made)
    start.start()
    making.let.set()
    assert asyncio.run(_ask(late, "/")) == ["/"]
    start.join(PATIENCE_S)
    assert making.times == 1


def test_what_could_not_be_made_is_told_and_tried_again() -> None:
    tried = []

    def make() -> Application:
        tried.append(1)
        if len(tried) < 3:
            raise OSError("no disk today")
        return _echo

    late = Late(make)
    with pytest.raises(OSError, match="no disk today"):
        late.made()
    with pytest.raises(OSError, match="no disk today"):
        asyncio.run(_ask(late, "/"))
    assert asyncio.run(_ask(late, "/")) == ["/"]


def test_a_start_loads_little_and_the_first_requests_of_all_are_answered(tmp_path: Path) -> None:
    env = {"PYTHONPATH": str(ROOT), "TOME_DATA_DIR": str(tmp_path), "TOME_MODE": "demo"}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_REQUESTS], cwd=ROOT, env=env, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "(200, 'application/json')", "(403, 'application/problem+json')", "(200, 'application/json')",
    ], done.stderr  # fmt: skip
