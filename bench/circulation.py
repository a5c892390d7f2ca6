"""Lending: a whole issue, dry run, renewal and return against the bare sqlite3 statements that would do the least.

`late return` is that of a copy that is ten days late and that somebody waits for: its running fine becomes final in the
ledger, the copy goes onto the hold shelf and the reader is told; the bare statements end the loan and no more.

The reference runs on its own copy of the same database, through the same SQLite, with the same durability
(synchronous=FULL), and commits. `growth` compares our own issue in this library with that in a small one, turn about.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.lending import Bare, Desk, fill, open_library, orders
from bench.measure import ROUNDS, Times, compared, interleaved, machine, table
from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.circulation.holds import place_hold
from lib.kit.database import Statement
from lib.ops.night import run_night

NAME = "circulation"
SIZES = {"small": 2_000, "medium": 10_000, "large": 1_000_000}  # past loans
SMALLER = {"small": 1_000, "medium": 1_000, "large": 10_000}  # what growth is measured against
_ACTS = 40
Order = tuple[str, int]
_LATE = Statement("UPDATE loan SET issued_on = :issued, due_on = :due WHERE returned_at IS NULL")
# The other copy of each title is not there, or it could be borrowed at once and nobody would have to wait.
_ELSEWHERE = Statement(
    "UPDATE copy SET status = 'in_repair' WHERE status = 'available'"
    " AND title_id IN (SELECT title_id FROM loan WHERE returned_at IS NULL)"
)
_WANTED = Statement(
    "SELECT c.barcode, c.title_id FROM loan l JOIN copy c ON c.id = l.copy_id WHERE l.returned_at IS NULL"
)


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
            found["late return"] = _late(library, bare, lend)
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
    note = f"issue p50, {SIZES[size]:,} against {SMALLER[size]:,} loans: {growth['p50_ratio']}, "
    note += f"of the processor's time {growth['p50_cpu_ratio']}"
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


def _late(library: Installation, bare: Bare, acts: Sequence[Order]) -> dict[str, float]:
    """Everything is lent once more, becomes late, grows fines, and somebody waits for each title."""
    desk = Desk(library, "late")
    for code, member in acts:
        desk.issue(code, member)
        bare.issue(code, member)
    with begin_work(library, SYSTEM) as uow:
        _LATE.count(uow.connection, issued=uow.today - timedelta(days=31), due=uow.today - timedelta(days=10))
        _ELSEWHERE.count(uow.connection)
    run_night(library, only=["fines"])
    with begin_work(library, desk.actor) as uow:
        titles = dict(tuple(row) for row in _WANTED.rows(uow.connection))
        for code, member in acts:
            place_hold(uow, title_id=titles[code], member_id=member - 1 if member > 2 else member + 1)
    return _compare(lambda act: desk.give_back(act[0]), lambda act: bare.give_back(act[0]), acts)


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
