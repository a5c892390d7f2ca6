"""A night in a process of its own, as the timer starts it. Arguments: data folder, days after the library's first.

Waits for a line before it begins; says "over" at its end, then for how many milliseconds of processor time it kept the
turn to write, each time, as JSON.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from bench.lending import open_library
from lib.kit.clock import SetClock
from lib.kit.database import BUSY_MS, FairLock
from lib.ops.night import run_night


class TimedTurns(FairLock):
    """Notes how long each turn was."""

    def __init__(self, like: FairLock) -> None:
        super().__init__(like.among)
        self.took_ms: list[float] = []

    @contextmanager
    def held(self, timeout_s: float = BUSY_MS / 1000) -> Iterator[None]:
        with super().held(timeout_s):
            start = time.thread_time()
            yield
            self.took_ms.append(round((time.thread_time() - start) * 1000, 3))


def main(folder: str, days: str) -> None:
    library = open_library(Path(folder))
    assert isinstance(library.clock, SetClock)
    library.clock.forward(timedelta(days=int(days)))
    turns = library.write_turn = TimedTurns(library.write_turn)
    _say("ready")
    sys.stdin.readline()
    (outcome,) = run_night(library, only=["fines"])
    assert not outcome.failed, outcome.failed
    library.close()
    _say("over")
    _say(json.dumps(turns.took_ms))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
