"""The night of a city: the running fines of 100,000 overdue loans, against the bare set-based SQL that does the least.

The reference runs on its own copy of the database through the same SQLite, with the same durability: one transaction a
night, every day late costs the same, no closed days, no member's or loan's row looked at. Ours counts open days with
the calendar, leaves alone what was paid or forgiven, writes the audit chain, and lets desks go between its batches.
`again` is a second run of the same night as a share of the first; `beside` what issues at a desk take while it runs in
a process of its own, as it does where a timer starts it; `turn` for how much processor time the night keeps that desk
from writing, commit and all, which says the same on a busy machine.
"""

import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from bench.children import begin, nighter
from bench.lending import NOW, Desk, fill, open_library, orders, settle
from bench.measure import machine, percentile, table
from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.kit.clock import SetClock
from lib.kit.database import Statement, sqlite_module
from lib.ops.night import run_night

NAME = "night"
SIZES = {"small": 500, "medium": 100_000, "large": 1_000_000}  # overdue loans
BESIDE = 3  # nights beside which a desk lends
NIGHTS = 3  # after the first, in which every fine begins
_IDLE = {"small": 40, "medium": 400, "large": 400}  # issues with nothing beside them
_OVERDUE = Statement(
    "INSERT INTO loan (copy_id, title_id, account_id, issued_at, issued_on, due_on, renewals, channel, loan_days,"
    " max_renewals, fine_per_day, grace_days, fine_cap, fine_settled) SELECT id, title_id, id % :readers + 2, :at,"
    " :issued, :due, 0, 'desk', 21, 2, 10, 1, 1000000, 0 FROM copy WHERE id > :first AND id <= :last"
)
_OUT = Statement("UPDATE copy SET status = 'on_loan' WHERE id <= :last")
_FINE = "(julianday(:today) - julianday(l.due_on)) * l.fine_per_day"
_LATE = "l.returned_at IS NULL AND l.due_on < :today AND julianday(:today) - julianday(l.due_on) > l.grace_days"
_BEGIN = (
    "INSERT INTO charge (account_id, kind, state, loan_id, copy_id, what, balance_minor, made_at)"
    f" SELECT l.account_id, 'fine', 'accruing', l.id, l.copy_id, 'Fine', min({_FINE}, l.fine_cap), :now FROM loan l"
    f" WHERE {_LATE} AND NOT EXISTS (SELECT 1 FROM charge g WHERE g.loan_id = l.id AND g.state = 'accruing')"
)
_ENTER = (
    "INSERT INTO ledger_entry (charge_id, account_id, kind, amount_minor, currency, at, on_date, reason)"
    f" SELECT g.id, g.account_id, 'charge', min({_FINE}, l.fine_cap) - :known * g.balance_minor, 'EUR', :now, :today,"
    " ''"
    " FROM charge g JOIN loan l ON l.id = g.loan_id WHERE g.state = 'accruing'"
)
_GROW = (
    f"UPDATE charge SET balance_minor = (SELECT min({_FINE}, l.fine_cap) FROM loan l WHERE l.id = charge.loan_id)"
    " WHERE state = 'accruing'"
)


def run(size: str) -> dict[str, Any]:
    """Seconds of a night with so many overdue loans of SIZES, ours and bare, and what desks notice of it."""
    with tempfile.TemporaryDirectory(prefix="tome-bench-") as place:
        library = open_library(Path(place) / "library")
        try:
            free = overdue_library(library, SIZES[size], _IDLE[size] * 8)
            library.close()
            shutil.copy(Path(place) / "library" / "library.db", Path(place) / "bare.db")
            figures = _nights(library, Path(place) / "bare.db", size)
            figures |= _beside(library, Path(place) / "library", free, _IDLE[size])
            owed = balances(library)
        finally:
            library.close()
    rows = [{"figure": name, "value": value} for name, value in figures.items()]
    return {
        "name": NAME, "size": size, "overdue": SIZES[size], "owed_minor": owed, "figures": figures,
        "table": table(rows), "machine": machine(),
    }  # fmt: skip


def overdue_library(library: Installation, overdue: int, free: int) -> list[tuple[str, int]]:
    """A library with so many overdue loans of half its readers; who of the others could borrow what."""
    people, copies = fill(library, 1000, copies=overdue + free)
    readers, days = people // 2, 40
    with begin_work(library, SYSTEM) as uow:
        for day in range(days):  # as many due on each of the last forty days
            due = NOW.date() - timedelta(days=day + 1)
            _OVERDUE.count(
                uow.connection, readers=readers, at=NOW - timedelta(days=day + 22), issued=due - timedelta(days=21),
                due=due, first=overdue * day // days, last=overdue * (day + 1) // days,
            )  # fmt: skip
        _OUT.count(uow.connection, last=overdue)
        uow.connection.exec_driver_sql("ANALYZE")
    settle(library)
    others = people - readers - 2
    out = {f"B{number:09d}" for number in range(1, overdue + 1)}
    there = [code for code, _ in orders(0, copies, people, copies) if code not in out]
    return [(code, readers + 3 + number % (others - 1)) for number, code in enumerate(there)]


def _nights(library: Installation, bare: Path, size: str) -> dict[str, float]:
    """The first night, then some in which every fine grows; ours and bare turn about, from one day to the next."""
    ours, theirs, again = [], [], []
    with closing(sqlite_module().connect(str(bare), isolation_level=None)) as connection:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
            connection.execute(f"PRAGMA {pragma}")
        for number in range(NIGHTS + 1):
            _forward(library)
            for who in (ours, theirs) if number % 2 else (theirs, ours):
                who.append(_timed(library) if who is ours else _bare_night(connection, library.clock.now().date()))
            again.append(_timed(library))
        (known,) = connection.execute("SELECT sum(balance_minor) FROM charge").fetchone()
    assert known == balances(library), "both nights must come to the same fines"
    return {
        "first_s": round(ours[0], 2), "first_ratio": round(ours[0] / theirs[0], 2),
        "night_s": round(median(ours[1:]), 2), "night_ratio": round(median(ours[1:]) / median(theirs[1:]), 2),
        "again": round(median(again) / median(ours), 3), "fines_a_second": round(SIZES[size] / median(ours[1:])),
    }  # fmt: skip


def _forward(library: Installation) -> None:
    clock = library.clock
    assert isinstance(clock, SetClock)
    clock.forward(timedelta(days=1))


def _timed(library: Installation) -> float:
    start = time.perf_counter()
    (outcome,) = run_night(library, only=["fines"])
    assert not outcome.failed, outcome.failed
    return time.perf_counter() - start


def _bare_night(connection: Any, today: date) -> float:
    given = {"today": today.isoformat(), "now": f"{today} 12:00:00.000000"}
    start = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM charge").fetchone()
    connection.execute(_BEGIN, given)
    if last:
        connection.execute(_ENTER + " AND g.id <= :last", given | {"known": 1, "last": last})
    connection.execute(_ENTER + " AND g.id > :last", given | {"known": 0, "last": last})
    connection.execute(_GROW, given)
    connection.execute("COMMIT")
    return time.perf_counter() - start


def _beside(library: Installation, folder: Path, free: Sequence[tuple[str, int]], idle: int) -> dict[str, float]:
    """What an issue takes with nothing beside it, and while further nights run, in milliseconds."""
    desk, left = Desk(library), iter(free)
    alone = [one for one, _ in zip(_issues(desk, left, threading.Event()), range(idle), strict=False)]
    beside: list[float] = []
    turns: list[float] = []
    for _ in range(BESIDE):
        _forward(library)
        with nighter(folder, (library.clock.now() - NOW).days) as child:
            over = threading.Event()
            waiter = threading.Thread(target=_tell_end, args=(child, over, turns))
            begin(child)
            waiter.start()
            beside += _issues(desk, left, over)
            waiter.join()
    return {
        "issue_p50_ms": round(percentile(alone, 0.5), 2), "issue_p99_ms": round(percentile(alone, 0.99), 2),
        "beside_p50_ms": round(percentile(beside, 0.5), 2), "beside_p99_ms": round(percentile(beside, 0.99), 2),
        "beside_p99_ratio": round(percentile(beside, 0.99) / percentile(alone, 0.99), 2),
        "beside_most_ms": round(max(beside), 2), "beside": len(beside),
        "turn_p50_cpu_ms": round(percentile(turns, 0.5), 2), "turn_p99_cpu_ms": round(percentile(turns, 0.99), 2),
        "turn_most_cpu_ms": round(max(turns), 2), "turns": len(turns),
    }  # fmt: skip


def _tell_end(child: "subprocess.Popen[str]", over: threading.Event, turns: list[float]) -> None:
    assert child.stdout is not None
    said = child.stdout.readline()
    over.set()
    assert said == "over\n", "the night failed"
    turns += json.loads(child.stdout.readline())


def _issues(desk: Desk, left: Iterator[tuple[str, int]], over: threading.Event) -> Iterator[float]:
    """Issues one after the other until it is over; a desk does not scan all the time."""
    for code, member in left:
        start = time.perf_counter()
        desk.issue(code, member)
        yield (time.perf_counter() - start) * 1000
        if over.wait(0.005):
            return


def balances(library: Installation) -> int:
    """What all readers together owe, in minor units."""
    with begin_reading(library, SYSTEM) as uow:
        return int(uow.connection.exec_driver_sql("SELECT coalesce(sum(balance_minor), 0) FROM charge").scalar_one())


if __name__ == "__main__":
    import sys

    result = run(sys.argv[1] if len(sys.argv) > 1 else "small")
    print(result["table"], result["machine"], sep="\n\n")
