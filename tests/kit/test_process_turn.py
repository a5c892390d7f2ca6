import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation, open_installation
from lib.access.work import begin_work
from lib.kit.database import FairLock
from lib.kit.errors import Busy
from lib.kit.process_turn import ENDS, ProcessTurn

pytest.importorskip("fcntl")
HOLD = """
import sys, time
from pathlib import Path
from lib.kit.process_turn import ProcessTurn
turn = ProcessTurn(Path(sys.argv[1]))
turn.take(time.monotonic() + 30)
print("held", flush=True)
sys.stdin.readline()
turn.give_back()
print("given", flush=True)
sys.stdin.readline()
"""


def soon() -> float:
    return time.monotonic() + 30


@contextmanager
def another_process(database: Path) -> Iterator["subprocess.Popen[str]"]:
    """One that holds the turn until it is told to give it back."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "held\n"
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


def test_who_waits_gets_the_turn_before_the_one_who_has_just_written(tmp_path: Path) -> None:
    """The night asks again at once; a desk that waits keeps the next turn all the same."""
    night, desk = FairLock(ProcessTurn(tmp_path / "a.db")), FairLock(ProcessTurn(tmp_path / "a.db"))
    order: list[str] = []
    assert night.among is not None
    night.among.take(soon())

    def lend() -> None:
        with desk.held():
            order.append("desk")

    thread = threading.Thread(target=lend)
    thread.start()
    watcher = ProcessTurn(tmp_path / "a.db")
    while not _is_waited_for(watcher):
        pass
    night.among.give_back()
    with night.held():
        order.append("night")
    thread.join(30)
    assert order == ["desk", "night"]


def _is_waited_for(turn: ProcessTurn) -> bool:
    import fcntl

    turn._files = turn._files or turn._opened()
    try:
        fcntl.flock(turn._files[1], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(turn._files[1], fcntl.LOCK_UN)
    return False


def test_a_turn_held_elsewhere_for_too_long_is_refused_and_had_afterwards(tmp_path: Path) -> None:
    lock = FairLock(ProcessTurn(tmp_path / "a.db"))
    with another_process(tmp_path / "a.db") as child:
        with pytest.raises(Busy), lock.held(0.01):
            pass
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
        with lock.held(30):
            pass


def test_the_turn_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    lock = FairLock(ProcessTurn(tmp_path / "a.db"))
    with another_process(tmp_path / "a.db") as child:
        child.kill()
        with lock.held(30):
            pass


def test_where_no_file_can_be_made_the_library_writes_without(tmp_path: Path) -> None:
    with FairLock(ProcessTurn(tmp_path / "nowhere" / "a.db")).held(0.01):
        pass


def test_a_closed_turn_opens_its_files_anew(tmp_path: Path) -> None:
    turn = ProcessTurn(tmp_path / "a.db")
    for _ in range(2):
        turn.take(soon())
        turn.give_back()
        turn.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"a.db{end}" for end in ENDS)


def test_two_openings_of_one_library_take_turns(sqlite_library: Installation) -> None:
    other = open_installation(sqlite_library.config)
    other.write_turn.held = lambda: FairLock.held(other.write_turn, 0.01)  # type: ignore[method-assign]
    try:
        with begin_work(sqlite_library, SYSTEM), pytest.raises(Busy), begin_work(other, SYSTEM):
            pass
        with begin_work(other, SYSTEM):
            pass
    finally:
        other.close()


class Counted(ProcessTurn):
    """A turn that counts how often it was taken."""

    taken = 0

    def take(self, until: float) -> None:
        super().take(until)
        self.taken += 1


def test_threads_of_one_process_hand_its_turn_on(tmp_path: Path) -> None:
    turn = Counted(tmp_path / "a.db")
    lock, order = FairLock(turn, keep_s=30), list[int]()

    def write(number: int) -> None:
        with lock.held(30):
            order.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    with lock.held(30):
        for waiting, thread in enumerate(threads):
            thread.start()
            while len(lock._queue) == waiting:
                pass
    for thread in threads:
        thread.join(30)
    assert (order, turn.taken) == (list(range(8)), 1)
    with FairLock(ProcessTurn(tmp_path / "a.db")).held(0.01):
        pass


def test_threads_that_never_stop_let_another_process_in(tmp_path: Path) -> None:
    busy, other = FairLock(ProcessTurn(tmp_path / "a.db")), FairLock(ProcessTurn(tmp_path / "a.db"))
    over, until = threading.Event(), time.monotonic() + 10

    def write() -> None:
        while not over.is_set():
            with busy.held(30):
                while not busy._queue and not over.is_set():  # somebody of the same process waits always
                    pass

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        while not busy._queue:
            pass
        with other.held(until - time.monotonic()):
            pass
    finally:
        over.set()
        for thread in threads:
            thread.join(30)
