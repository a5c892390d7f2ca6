"""A desk in a process of its own: lends the copies it is told to, and says each loan's number after its commit.

Arguments: data folder, database URL ("" for SQLite there), name, first, count (0: without end), people, copies.
Waits for a line before it begins; without an end it takes back what it lent, so that copies never run out.
"""

import gc
import sys
from itertools import count
from pathlib import Path

from bench.lending import Desk, barcode, open_library

_WARM = 8


def main(folder: str, url: str, name: str, first: str, many: str, people: str, copies: str) -> None:
    library = open_library(Path(folder), url=url or None)
    desk = Desk(library, name)
    for _ in range(_WARM):  # connections, prepared statements, caches
        desk.issue(barcode(int(first), int(copies)), 2)
        desk.give_back(barcode(int(first), int(copies)))
    gc.collect()
    gc.freeze()
    _say("ready")
    sys.stdin.readline()
    for number in range(int(first), int(first) + int(many)) if int(many) else count(int(first)):
        code = barcode(number, int(copies))
        loan = desk.issue(code, number % (int(people) - 1) + 2)
        _say(f"issued {loan}")
        if not int(many):
            desk.give_back(code)
            _say(f"returned {loan}")
    library.close()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
