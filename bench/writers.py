"""Eight who lend at once on SQLite: against one alone, and against SQLite's own queue of writers.

`alone`: one thread issues. `together`: eight threads issue as many between them, through the fair turn of the unit of
work. `busy handler`: the same eight without that turn, so that SQLite alone decides who waits how long. Each issue is
timed from its wish to its commit. Afterwards eight threads race for the same copies: each is lent once.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench.lending import Desk, fill, open_library, open_loans, orders
from bench.measure import machine, percentile, table
from lib.access.installation import Installation
from lib.circulation.errors import CannotLend
from lib.kit.errors import Busy

NAME = "writers"
SIZES = {"small": 40, "medium": 400, "large": 1_600}  # issues a round
ROUNDS = 5
THREADS = 8
_RACES = 30


class _NoTurn:
    """In the place of the fair lock: everybody goes at once, and SQLite's busy handler sorts them out."""

    @contextmanager
    def held(self, timeout_s: float = 0) -> Iterator[None]:
        yield


def run(size: str) -> dict[str, Any]:
    """Rates and waits of the three ways, the median of the rounds; and whether anything went wrong."""
    acts = SIZES[size]
    ways = ("alone", "together", "busy handler")
    with tempfile.TemporaryDirectory(prefix="tome-bench-") as place:
        library = open_library(Path(place))
        try:
            people, copies = fill(library, acts, copies=acts * len(ways) * (ROUNDS + 1) + _RACES)
            rounds: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
            for turn in range(ROUNDS + 1):
                for step, way in enumerate(ways if turn % 2 else reversed(ways)):
                    some = orders((turn * len(ways) + step) * acts, acts, people, copies)
                    figures = _round(library, way, some)
                    if turn:
                        rounds[way].append(figures)
            races = _races(library, orders(copies - _RACES, _RACES, people, copies), people)
        finally:
            library.close()
    found = {way: {name: round(median(one[name] for one in many), 3) for name in many[0]}
             for way, many in rounds.items()}  # fmt: skip
    for way, many in rounds.items():
        found[way]["locked"] = sum(one["locked"] for one in many)
    result = {
        "rate_of_one": round(found["together"]["per_s"] / found["alone"]["per_s"], 3),
        "worst_wait_of_busy_handler": round(found["together"]["worst_ms"] / found["busy handler"]["worst_ms"], 3),
    }
    return {
        "name": NAME, "size": size, "threads": THREADS, "issues": acts, "ways": found, **result, "races": races,
        "table": table([{"way": way} | figures for way, figures in found.items()]) + f"\n{result}\nraces: {races}",
        "machine": machine(),
    }  # fmt: skip


def _round(library: Installation, way: str, acts: Sequence[tuple[str, int]]) -> dict[str, float]:
    turn: Any = _NoTurn() if way == "busy handler" else None
    usual = library.write_turn
    library.write_turn = turn or usual
    threads = 1 if way == "alone" else THREADS
    start = time.perf_counter()
    try:
        waits, locked = _lend(library, [acts[n::threads] for n in range(threads)])
    finally:
        library.write_turn = usual
    spent = time.perf_counter() - start
    return {
        "per_s": len(waits) / spent, "p50_ms": percentile(waits, 0.5), "p95_ms": percentile(waits, 0.95),
        "worst_ms": max(waits), "locked": locked,
    }  # fmt: skip


def _lend(library: Installation, parts: Sequence[Sequence[tuple[str, int]]]) -> tuple[list[float], int]:
    """Every thread lends its part; the milliseconds of each issue, and how many ended as "locked"."""
    waits: list[float] = []
    locked: list[str] = []

    def lend(part: Sequence[tuple[str, int]]) -> None:
        desk = Desk(library, f"{part[0][0]}-{threading.get_ident()}")
        for code, member in part:
            start = time.perf_counter()
            try:
                desk.issue(code, member)
            except Busy:
                locked.append(code)
            waits.append((time.perf_counter() - start) * 1000)

    _at_once([partial(lend, part) for part in parts if part])
    return waits, len(locked)


def _at_once(acts: Sequence[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(len(acts)) as pool:
        for running in [pool.submit(act) for act in acts]:
            running.result()


def _races(library: Installation, acts: Sequence[tuple[str, int]], people: int) -> dict[str, int]:
    """Eight threads want the same copies; counts who was lent one, who was refused, and copies lent twice."""
    won: list[str] = []
    lost: list[str] = []

    def want(name: int) -> None:
        desk = Desk(library, f"race-{name}")
        for code, member in acts:
            try:
                desk.issue(code, (member + name) % (people - 1) + 2)
                won.append(code)
            except CannotLend:
                lost.append(code)

    _at_once([partial(want, name) for name in range(THREADS)])
    loans, out = open_loans(library)
    if len(won) != len(set(won)) or len(won) != len(acts) or loans != out:
        raise AssertionError("a copy was lent twice, or not at all")
    return {"copies": len(acts), "lent": len(won), "refused": len(lost), "lent_twice": loans - out}


if __name__ == "__main__":
    import sys

    result = run(sys.argv[1] if len(sys.argv) > 1 else "small")
    print(result["table"], result["machine"], sep="\n\n")
