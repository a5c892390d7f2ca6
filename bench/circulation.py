"""Lending: a whole issue, dry run, renewal and return against the bare sqlite3 statements that would do the least.

The reference runs on its own copy of the same database, through the same SQLite, with the same durability
(synchronous=FULL), and commits. `growth` compares our own issue in this library with that in a small one, turn about.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.lending import Bare, Desk, fill, open_library, orders
from bench.measure import ROUNDS, Times, compared, interleaved, machine, table

NAME = "circulation"
SIZES = {"small": 2_000, "medium": 10_000, "large": 1_000_000}  # past loans
SMALLER = {"small": 1_000, "medium": 1_000, "large": 10_000}  # what growth is measured against
_ACTS = 40
Order = tuple[str, int]


def run(size: str) -> dict[str, Any]:
    """p50 and p95 of each act for a library of a size of SIZES, ours and bare; `rate` is ours as a share of bare."""
    with tempfile.TemporaryDirectory(prefix="tome-bench-") as place:
        folder, small = Path(place) / "library", Path(place) / "smaller"
        library, smaller = open_library(folder), open_library(small)
        try:
            start = time.perf_counter()
            people, copies = fill(library, SIZES[size])
            loading = round(time.perf_counter() - start, 2)
            library.close()
            shutil.copy(folder / "library.db", folder / "bare.db")
            lend = orders(0, _ACTS * (ROUNDS + 1), people, copies)
            bare = Bare(folder / "bare.db")
            found = _measured(Desk(library), bare, lend)
            bare.connection.close()
            few, fewer = fill(smaller, SMALLER[size])
            used = len(lend)
            growth = _growth(
                Desk(library, "again"), orders(used, used, people, copies),
                Desk(smaller), orders(0, used, few, fewer),
            )  # fmt: skip
        finally:
            library.close()
            smaller.close()
    rows = [{"act": name} | {key: str(value) for key, value in figures.items()} for name, figures in found.items()]
    note = f"issue p50, {SIZES[size]:,} against {SMALLER[size]:,} loans: {growth['p50_ratio']}"
    return {
        "name": NAME, "size": size, "loans": SIZES[size], "loaded_in_s": loading, "acts": found, "growth": growth,
        "table": table(rows) + "\n" + note, "machine": machine(),
    }  # fmt: skip


def _measured(ours: Desk, bare: Bare, lend: Sequence[Order]) -> dict[str, dict[str, float]]:
    return {
        "decide": _compare(lambda act: ours.decide(*act), lambda act: bare.decide(*act), lend),
        "issue": _compare(lambda act: ours.issue(*act), lambda act: bare.issue(*act), lend),
        "renew": _compare(lambda act: ours.renew(act[0]), lambda act: bare.renew(act[0]), lend),
        "return": _compare(lambda act: ours.give_back(act[0]), lambda act: bare.give_back(act[0]), lend),
    }


def _compare(ours: Callable[[Order], Any], bare: Callable[[Order], Any], acts: Sequence[Order]) -> dict[str, float]:
    times = _taking_turns(ours, acts, bare, acts)
    figures = compared(times["ours"], times["other"])
    return figures | {"rate": round(1 / figures["p50_ratio"], 3)}


def _growth(ours: Desk, acts: Sequence[Order], smaller: Desk, fewer: Sequence[Order]) -> dict[str, float]:
    times = _taking_turns(lambda act: ours.issue(*act), acts, lambda act: smaller.issue(*act), fewer)
    return compared(times["ours"], times["other"])


def _taking_turns(
    ours: Callable[[Order], Any], acts: Sequence[Order], other: Callable[[Order], Any], others: Sequence[Order]
) -> dict[str, Times]:
    mine, theirs = iter(acts), iter(others)
    return interleaved(
        {"ours": lambda _: ours(next(mine)), "other": lambda _: other(next(theirs))}, list(range(_ACTS)), ROUNDS
    )


if __name__ == "__main__":
    import sys

    result = run(sys.argv[1] if len(sys.argv) > 1 else "small")
    print(result["table"], result["machine"], sep="\n\n")
