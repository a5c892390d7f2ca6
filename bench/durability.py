"""What durability costs, and that it holds: issues with synchronous=FULL against NORMAL, and desks that are killed.

The two libraries are copies of one file; rounds alternate. Then desks in processes of their own lend without end and
are ended by kill -9 at random moments: every loan they had acknowledged must be there, and every invariant hold.
"""

import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

from bench.children import begin, lender
from bench.lending import Desk, fill, open_library, orders
from bench.measure import ROUNDS, compared, interleaved, machine, table
from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.search_index import rebuild_index
from lib.ops.integrity import findings

NAME = "durability"
SIZES = {"small": (10, 2), "medium": (60, 15), "large": (200, 50)}  # issues a round, kills
SEED = 20260310
_PAST = 2_000
_SPAN = 200  # copies of each desk that is killed: what it left on loan is not the next one's


def run(size: str) -> dict[str, Any]:
    """`rate`: issues a second with FULL as a share of those with NORMAL; `lost`: acknowledged loans that vanished."""
    acts, kills = SIZES[size]
    with tempfile.TemporaryDirectory(prefix="tome-bench-") as place:
        whole, quick = Path(place) / "full", Path(place) / "normal"
        library = open_library(whole)
        people, copies = fill(library, _PAST, copies=acts * (ROUNDS + 1) + kills * _SPAN + 50)
        library.close()  # a file of an open SQLite database must not be read by others of its process: locks would go
        shutil.copytree(whole, quick)
        library, faster = open_library(whole), open_library(quick, synchronous="NORMAL")
        try:
            lend = orders(0, acts * (ROUNDS + 1), people, copies)
            mine, theirs = iter(lend), iter(lend)
            full, normal = Desk(library), Desk(faster)
            times = interleaved(
                {"full": lambda _: full.issue(*next(mine)), "normal": lambda _: normal.issue(*next(theirs))},
                list(range(acts)), ROUNDS,
            )  # fmt: skip
            killed = _killed(library, kills, people, copies, acts * (ROUNDS + 1))
        finally:
            library.close()
            faster.close()
    figures = compared(times["full"], times["normal"])
    rate = round(sum(times["normal"].wall) / sum(times["full"].wall), 3)
    rows = [{"rate": rate, **{name: figures[name] for name in ("p50_ms", "p50_reference_ms", "p95_ms")}, **killed}]
    return {
        "name": NAME, "size": size, "rate": rate, "times": figures, "kills": killed, "table": table(rows),
        "machine": machine(),
    }  # fmt: skip


def _killed(library: Installation, kills: int, people: int, copies: int, first: int) -> dict[str, int]:
    with begin_work(library, SYSTEM) as uow:
        rebuild_index(uow)
        before = len(findings(uow))
    chance = random.Random(SEED)
    heard: list[tuple[str, int]] = []
    for number in range(kills):
        heard += _kill(library.config.data_dir, f"killed-{number}", first + number * _SPAN, people, copies, chance)
    with begin_reading(library, SYSTEM) as uow:
        there = {row[0]: row[1] for row in uow.connection.exec_driver_sql("SELECT id, returned_at FROM loan")}
        broken = len(findings(uow)) - before
    lost = [loan for word, loan in heard if loan not in there or (word == "returned" and there[loan] is None)]
    return {"kills": kills, "acknowledged": len(heard), "lost": len(lost), "broken_invariants": broken}


def _kill(
    folder: Path, name: str, first: int, people: int, copies: int, chance: random.Random
) -> list[tuple[str, int]]:  # fmt: skip
    with lender(folder, "", name, first, 0, people, copies) as child:
        begin(child)
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(chance.randint(1, 40))]
        child.kill()
        lines += child.stdout.readlines()
    whole = [line.split() for line in lines if line.endswith("\n")]
    return [(word, int(number)) for word, number in whole]


if __name__ == "__main__":
    import sys

    result = run(sys.argv[1] if len(sys.argv) > 1 else "small")
    print(result["table"], result["machine"], sep="\n\n")
