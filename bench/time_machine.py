"""The policy time machine: every past loan replayed under a proposed policy, against plain Python doing less of it.

The reference reads the same loans with bare sqlite3 and asks the rules of lending loan by loan: the due day, the
overdue days and the fine under one set of rules, nothing else. Ours does that twice (the rules in force and the
proposed ones), follows what every reader has at home, and adds up by membership type and by month. `memory` is how
peak memory grows when the loans are three times as many.
"""

import tempfile
import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

from bench.lending import NOW, fill, open_library
from bench.measure import compared, interleaved, machine, table
from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading
from lib.circulation.calendar import OpenDays
from lib.circulation.policy import DEFAULTS, due_day, fine
from lib.circulation.policy_changes import ProposedLine
from lib.circulation.settings import ClosedDayMode
from lib.kit.database import sqlite_module
from lib.reports.replay import Behaviour
from lib.reports.time_machine import Replay, replay_policy

NAME = "time_machine"
SIZES = {"small": 2_000, "medium": 45_000, "large": 1_000_000}  # past loans
ROUNDS = {"small": 1, "medium": 5, "large": 1}
_PROPOSED = dict(DEFAULTS) | {"loan_days": 28, "fine_per_day": 20, "max_loans": 4}
_FIRST, _LAST, _TODAY = date(2025, 1, 1), date(2026, 1, 31), NOW.date()  # whole months, as a replay goes
_ROWS = "SELECT issued_on, due_on, returned_on FROM loan WHERE issued_on >= ? AND issued_on <= ? ORDER BY issued_on, id"


def run(size: str) -> dict[str, Any]:
    """Seconds for all loans under each assumption about returns, and their ratio to the reference."""
    with tempfile.TemporaryDirectory(prefix="tome-bench-") as place:
        library = open_library(Path(place) / "library")
        try:
            fill(library, SIZES[size])
            figures = {str(one): _measured(library, one, size) for one in Behaviour}
            peak = _peak(library)
        finally:
            library.close()
        third = open_library(Path(place) / "third")
        try:
            fill(third, SIZES[size] // 3)
            memory = round(peak / _peak(third), 2)
        finally:
            third.close()
    rows = [{"readers return": name} | {key: str(value) for key, value in one.items()} for name, one in figures.items()]
    return {
        "name": NAME, "size": size, "loans": SIZES[size], "figures": figures, "peak_mib": round(peak / 2**20, 1),
        "memory": memory, "table": f"{table(rows)}\npeak {peak / 2**20:.0f} MiB, {memory} × that of a third",
        "machine": machine(),
    }  # fmt: skip


def _measured(library: Installation, behaviour: Behaviour, size: str) -> dict[str, float]:
    contenders = {"ours": lambda _: replay(library, behaviour), "plain": lambda _: plain(library)}
    times = interleaved(contenders, ["all"], ROUNDS[size])
    found = compared(times["ours"], times["plain"])
    seconds = times["ours"].wall[0] / 1000
    return {
        "seconds": round(seconds, 2), "loans_a_second": round(SIZES[size] / seconds), "ratio": found["p50_ratio"],
        "cpu_ratio": found["p50_cpu_ratio"],
    }  # fmt: skip


def replay(library: Installation, behaviour: Behaviour) -> Replay:
    """Every loan of the library under the proposed policy."""
    with begin_reading(library, Actor(1, Role.ADMIN)) as uow:
        return replay_policy(
            uow, first=_FIRST, last=_LAST, lines=[ProposedLine(None, None, _PROPOSED)], behaviour=behaviour
        )


def plain(library: Installation) -> tuple[int, int, int]:
    """Loans, how many of them were overdue, and fines under the proposed policy, loan by loan."""
    connection = sqlite_module().connect(str(library.config.data_dir / "library.db"))
    calendar, loans, overdue, fines = OpenDays(), 0, 0, 0
    for issued, _, returned in connection.execute(_ROWS, (_FIRST.isoformat(), _LAST.isoformat())):
        due = due_day(date.fromisoformat(issued), _PROPOSED["loan_days"], calendar, ClosedDayMode.ROLL)
        late = calendar.days_late(due, date.fromisoformat(returned) if returned else _TODAY)
        loans += 1
        overdue += late > 0
        fines += fine(
            late, per_day=_PROPOSED["fine_per_day"], grace_days=_PROPOSED["grace_days"], cap=_PROPOSED["fine_cap"]
        )
    connection.close()
    return loans, overdue, fines


def _peak(library: Installation) -> int:
    tracemalloc.start()
    replay(library, Behaviour.AS_THEY_DID)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


if __name__ == "__main__":
    import sys

    result = run(sys.argv[1] if len(sys.argv) > 1 else "small")
    print(result["table"], result["machine"], sep="\n\n")
