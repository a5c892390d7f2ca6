"""kill -9 in mid-checkout: what was acknowledged is there, and no invariant is broken."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.search_index import rebuild_index
from lib.kit.clock import SystemClock
from lib.ops.integrity import findings
from tests.builders import a_copy, a_librarian, a_member
from tests.circulation.steps import rows

HOME = Path(__file__).parents[2]
KILLS = int(os.environ.get("TEST_KILLS", "0")) or 20


@contextmanager
def _lending(library: Installation, desk: int, seed: int) -> Iterator["subprocess.Popen[str]"]:
    url = "" if library.is_sqlite else library.engine.url.render_as_string(hide_password=False)
    words = [sys.executable, "-m", "tests.circulation.lending_child", str(library.config.data_dir), url, str(desk)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOME_")}
    child = subprocess.Popen([*words, str(seed)], cwd=HOME, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def _kill_after(library: Installation, desk: int, seed: int, lines: int) -> list[tuple[str, int]]:
    """Lets a child lend until it has acknowledged so many acts, kills it at once; gives what it acknowledged."""
    with _lending(library, desk, seed) as child:
        assert child.stdout is not None
        heard = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        heard += child.stdout.readlines()
    whole = [line.split() for line in heard if line.endswith("\n")]
    return [(word, int(number)) for word, number in whole]


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_is_broken(library: Installation) -> None:
    library.clock = SystemClock()
    desk = a_librarian(library).account_id or 0
    for _ in range(12):
        a_copy(library)
    for _ in range(4):
        a_member(library)
    with begin_work(library, SYSTEM) as uow:
        rebuild_index(uow)
    chance = random.Random(2026)
    acknowledged: list[tuple[str, int]] = []
    kills = KILLS if library.is_sqlite else -(-KILLS // 3)
    for seed in range(kills):
        acknowledged += _kill_after(library, desk, seed, chance.randint(1, 25))
        with begin_reading(library, SYSTEM) as uow:
            assert findings(uow) == ()
    there = {row[0]: row[1:] for row in rows(library, "SELECT id, returned_at IS NOT NULL, renewals FROM loan")}
    assert len(acknowledged) >= kills
    for word, loan in acknowledged:
        returned, renewals = there[loan]
        assert word != "returned" or returned
        assert word != "renewed" or renewals == 1
