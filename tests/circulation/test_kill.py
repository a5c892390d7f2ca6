"""kill -9 in mid-checkout and mid-return: what was acknowledged is there, and no invariant is broken."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.search_index import rebuild_index
from lib.circulation.hold_queue import append
from lib.circulation.models import Channel
from lib.kit.clock import SystemClock
from lib.ops.integrity import findings
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.steps import rows

HOME = Path(__file__).parents[2]
KILLS = int(os.environ.get("TEST_KILLS", "0")) or 100


class Nursery:
    """Bears children that work in a library, each a process of its own."""

    def __init__(self, library: Installation, module: str) -> None:
        folder = library.config.data_dir
        self.pipe = folder / "told"
        os.mkfifo(self.pipe)
        url = "" if library.is_sqlite else library.engine.url.render_as_string(hide_password=False)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TOME_")}
        words = [sys.executable, "-m", "tests.circulation.nursery", module, str(folder), url]
        self.process = subprocess.Popen(words, cwd=HOME, stdin=subprocess.PIPE, text=True, env=environment)

    def kill_after(self, lines: int, *given: int) -> list[tuple[str, int]]:
        """Lets a child work until it has acknowledged so many acts, kills it at once; gives what it acknowledged."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join([str(self.pipe), *map(str, given)]) + "\n")
        self.process.stdin.flush()
        with self.pipe.open() as told:
            _, child = told.readline().split()
            heard = [told.readline() for _ in range(lines)]
            with suppress(ProcessLookupError):  # it had nothing left to do
                os.kill(int(child), signal.SIGKILL)
            heard += told.readlines()  # to the end: it is gone
        whole = [line.split() for line in heard if line.endswith("\n")]
        return [(word, int(number)) for word, number in whole]


@contextmanager
def nursery(library: Installation, module: str) -> Iterator[Nursery]:
    found = Nursery(library, module)
    try:
        yield found
    finally:
        found.process.kill()
        found.process.wait()
        assert found.process.stdin is not None
        found.process.stdin.close()


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
    with nursery(library, "lending_child") as born:
        for seed in range(kills):
            acknowledged += born.kill_after(chance.randint(1, 25), desk, seed)
            with begin_reading(library, SYSTEM) as uow:
                assert findings(uow) == ()
    there = {row[0]: row[1:] for row in rows(library, "SELECT id, returned_at IS NOT NULL, renewals FROM loan")}
    assert len(acknowledged) >= kills
    for word, loan in acknowledged:
        returned, renewals = there[loan]
        assert word != "returned" or returned
        assert word != "renewed" or renewals == 1


@pytest.mark.slow
def test_a_return_with_a_fine_and_a_hold_is_done_whole_or_not_at_all(library: Installation) -> None:
    """Loan, copy, queue, ledger, notice and audit trail change together, wherever the process is killed."""
    library.clock = SystemClock()
    desk, kills = a_librarian(library).account_id or 0, KILLS if library.is_sqlite else -(-KILLS // 3)
    reader, waits = a_member(library), a_member(library)
    chance = random.Random(2026)
    for _ in range(kills * 8):
        title = a_title(library, loan_count=1)
        a_loan(library, reader, a_copy(library, title), days_ago=40, fine_cap=100, channel=Channel.IMPORT)
        with begin_work(library, SYSTEM) as uow:
            append(uow, title_id=title, copy_id=None, account_id=waits.account_id or 0, shelf_days=7)
    with begin_work(library, SYSTEM) as uow:
        rebuild_index(uow)
    acknowledged: list[int] = []
    with nursery(library, "returning_child") as born:
        for _ in range(kills):
            acknowledged += [loan for _, loan in born.kill_after(chance.randint(1, 5), desk)]
            with begin_reading(library, SYSTEM) as uow:
                assert findings(uow) == ()
    assert len(acknowledged) >= kills
    whole = "SELECT l.id, l.returned_at IS NULL, c.status, h.state, coalesce(sum(g.balance_minor), 0), count(g.id)"
    for loan, is_open, status, state, owed, charged in rows(
        library,
        f"{whole} FROM loan l JOIN copy c ON c.id = l.copy_id JOIN hold h ON h.title_id = l.title_id"
        " LEFT JOIN charge g ON g.loan_id = l.id GROUP BY l.id, l.returned_at, c.status, h.state",
    ):
        if is_open:
            assert (status, state, owed, loan in acknowledged) == ("on_loan", "waiting", 0, False)
        else:
            assert (status, state, owed, charged) == ("on_hold_shelf", "ready", 250, 2)
    told = rows(library, "SELECT count(*) FROM notice WHERE kind = 'hold-ready'")
    assert rows(library, "SELECT count(*) FROM hold WHERE state = 'ready'") == told
