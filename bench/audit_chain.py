"""The audit trail's chains: how long it takes to walk them from end to end, against hashing the same bytes alone."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

from bench.lending import open_library
from bench.measure import ROUNDS, compared, interleaved, machine, table
from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.trail import chain_faults, record
from lib.ops.schema import prepare_database

NAME = "audit-chain"
SIZES = {"small": 5_000, "medium": 200_000, "large": 1_000_000}
_BATCH = 10_000


def run(size: str) -> dict[str, Any]:
    """Seconds to check a trail of a size of SIZES, and its ratio to hashing rows of the same length."""
    rows = SIZES[size]
    with tempfile.TemporaryDirectory(prefix="tome-bench-") as place:
        library = open_library(Path(place))
        try:
            prepare_database(library.engine)
            _fill(library, rows)
            rounds = 3 if rows > SIZES["medium"] else ROUNDS
            times = interleaved({"ours": lambda _: _check(library), "bare": lambda _: _hash(rows)}, [0], rounds)
        finally:
            library.close()
    found = compared(times["ours"], times["bare"])
    seconds = round(found["p50_ms"] / 1000, 2)
    shown = [{"rows": f"{rows:,}", "seconds": seconds, "rows a second": f"{round(rows / max(seconds, 0.01)):,}",
              "against hashing alone": found["p50_ratio"]}]  # fmt: skip
    return {"name": NAME, "size": size, "rows": rows, "seconds": seconds, **found, "table": table(shown),
            "machine": machine()}  # fmt: skip


def _fill(library: Installation, rows: int) -> None:
    for first in range(0, rows, _BATCH):
        with begin_work(library, SYSTEM) as uow:
            for number in range(first, min(first + _BATCH, rows)):
                record(uow, "loan.issue", "loan", number, copy_id=number, due_on="2026-03-31", channel="desk")


def _check(library: Installation) -> None:
    with begin_reading(library, SYSTEM) as uow:
        assert list(chain_faults(uow)) == []


def _hash(rows: int) -> None:
    line = b"x" * 320
    for _ in range(rows):
        hashlib.sha256(line).hexdigest()
