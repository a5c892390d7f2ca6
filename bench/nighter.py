"""A night in a process of its own, as the timer starts it. Arguments: data folder, days after the library's first.

Waits for a line before it begins; says "over" at its end.
"""

import sys
from datetime import timedelta
from pathlib import Path

from bench.lending import open_library
from lib.kit.clock import SetClock
from lib.ops.night import run_night


def main(folder: str, days: str) -> None:
    library = open_library(Path(folder))
    assert isinstance(library.clock, SetClock)
    library.clock.forward(timedelta(days=int(days)))
    _say("ready")
    sys.stdin.readline()
    (outcome,) = run_night(library, only=["fines"])
    assert not outcome.failed, outcome.failed
    library.close()
    _say("over")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
