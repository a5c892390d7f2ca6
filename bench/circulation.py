"""Lending: a whole issue, dry run, renewal and return against the bare sqlite3 statements that would do the least.

The reference runs on its own copy of the same database, through the same SQLite, with the same durability
(synchronous=FULL), and commits: one joined read, the loan, the copy's status. Ours decides with every reason, keeps
the title's count, the book of acts, the audit chain and the idempotency key besides.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from bench.measure import ROUNDS, compared, interleaved, machine, table
from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation, open_installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.circulation.checkout import check_out, consider_check_out
from lib.circulation.renewals import renew
from lib.circulation.returns import check_in
from lib.kit.clock import SetClock
from lib.kit.config import Config, Mode
from lib.kit.database import sqlite_module
from lib.ops.schema import prepare_database

NAME = "circulation"
SIZES = {"small": 2_000, "medium": 10_000, "large": 1_000_000}  # past loans
_ACTS = 40
_NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
_TODAY, _DUE = date(2026, 3, 10), date(2026, 3, 31)
_READ = (
    "SELECT c.id, c.title_id, c.status, o.id, a.status,"
    " (SELECT count(*) FROM loan WHERE account_id = a.id AND returned_at IS NULL)"
    " FROM copy c JOIN account a ON a.id = ? LEFT JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL"
    " WHERE c.barcode = ?"
)
_LEND = (
    "INSERT INTO loan (copy_id, title_id, account_id, issued_at, issued_on, due_on, renewals, channel, loan_days,"
    " max_renewals, fine_per_day, grace_days, fine_cap, fine_settled)"
    " VALUES (?, ?, ?, ?, ?, ?, 0, 'desk', 21, 2, 10, 1, 500, 0)"
)
_OPEN = (
    "SELECT o.id, c.id, o.due_on, o.fine_per_day FROM copy c"
    " JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL WHERE c.barcode = ?"
)
_PEOPLE = (
    "INSERT INTO account (id, username, username_key, email_key, name, sort_name, card_number, role, status,"
    " membership_type_id, language, keep_history, preferences, note, registered_at, version) VALUES"
    " (?, ?, ?, ?, ?, ?, ?, ?, 'active', 1, 'en', 1, '{}', '', ?, 1)"
)
_TITLES = (
    "INSERT INTO title (id, kind_id, title, subtitle, original_title, sort_title, match_key, publisher, edition,"
    " language, volume, description, series_number, call_number, rating_sum, rating_count, rating_rank, loan_count,"
    " added_at, changed_at, version) VALUES (?, 1, ?, '', '', ?, ?, '', '', 'en', '', '', '', '', 0, 0, 0, 0, ?, ?, 1)"
)
_COPIES = (
    "INSERT INTO copy (id, title_id, barcode, location_id, shelf, condition, status, note, added_at, version)"
    " VALUES (?, ?, ?, 1, 'B-12', 'good', 'available', '', ?, 1)"
)
_PAST = (
    "INSERT INTO loan (copy_id, title_id, account_id, issued_at, issued_on, due_on, returned_at, returned_on, renewals,"
    " channel, loan_days, max_renewals, fine_per_day, grace_days, fine_cap, fine_settled)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 'desk', 21, 2, 10, 1, 500, 0)"
)


class _Bare:
    """The least that could be called an issue, a renewal and a return."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite_module().connect(str(path))
        self.connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
            self.connection.execute(f"PRAGMA {pragma}")

    def issue(self, barcode: str, member: int) -> None:
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        copy, title, *_ = run(_READ, (member, barcode)).fetchone()
        run(_LEND, (copy, title, member, "2026-03-10 12:00:00.000000", _TODAY.isoformat(), _DUE.isoformat()))
        run("UPDATE copy SET status = 'on_loan' WHERE id = ?", (copy,))
        run("COMMIT")

    def decide(self, barcode: str, member: int) -> None:
        self.connection.execute(_READ, (member, barcode)).fetchone()

    def renew(self, barcode: str) -> None:
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        loan, *_ = run(_OPEN, (barcode,)).fetchone()
        run("UPDATE loan SET due_on = ?, renewals = renewals + 1 WHERE id = ?", ("2026-04-21", loan))
        run("COMMIT")

    def give_back(self, barcode: str) -> None:
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        loan, copy, *_ = run(_OPEN, (barcode,)).fetchone()
        values = ("2026-03-10 12:00:00.000000", _TODAY.isoformat(), loan)
        run("UPDATE loan SET returned_at = ?, returned_on = ? WHERE id = ?", values)
        run("UPDATE copy SET status = 'available' WHERE id = ?", (copy,))
        run("COMMIT")


class _Ours:
    """The use cases, as the desk calls them."""

    def __init__(self, library: Installation, desk: int) -> None:
        self.library, self.desk = library, Actor(desk, Role.LIBRARIAN)
        self.loans: dict[str, int] = {}
        self.keys = count()

    def issue(self, barcode: str, member: int) -> None:
        with begin_work(self.library, self.desk) as uow:
            receipt = check_out(uow, barcode=barcode, member_id=member, key=f"k{next(self.keys)}")
        self.loans[barcode] = receipt.loan_id

    def decide(self, barcode: str, member: int) -> None:
        with begin_reading(self.library, self.desk) as uow:
            consider_check_out(uow, barcode=barcode, member_id=member)

    def renew(self, barcode: str) -> None:
        with begin_work(self.library, self.desk) as uow:
            renew(uow, loan_id=self.loans[barcode], key=f"k{next(self.keys)}")

    def give_back(self, barcode: str) -> None:
        with begin_work(self.library, self.desk) as uow:
            check_in(uow, barcode=barcode, key=f"k{next(self.keys)}")


def run(size: str) -> dict[str, Any]:
    """p50 and p95 of each act for a library of a size of SIZES, ours and bare; `rate` is ours as a share of bare."""
    with tempfile.TemporaryDirectory(prefix="tome-bench-") as folder:
        library = open_installation(Config(mode=Mode.DEMO, data_dir=Path(folder)), SetClock(_NOW))
        try:
            loading = _fill(library, SIZES[size])
            found = _measured(library, Path(folder))
        finally:
            library.close()
    rows = [{"act": name} | {key: str(value) for key, value in figures.items()} for name, figures in found.items()]
    return {
        "name": NAME, "size": size, "loans": SIZES[size], "loaded_in_s": loading, "acts": found, "table": table(rows),
        "machine": machine(),
    }  # fmt: skip


def _fill(library: Installation, loans: int) -> float:
    """Members, titles, two copies each, past loans: as many as make sense together."""
    start = time.perf_counter()
    prepare_database(library.engine)
    people, titles = max(300, loans // 30), max(600, loans // 10)
    at, day = "2025-01-01 12:00:00.000000", date(2025, 1, 1)
    with begin_work(library, SYSTEM) as uow:
        driver: Any = uow.connection.connection.dbapi_connection
        driver.executemany(_PEOPLE, (_person(n, at) for n in range(1, people + 1)))
        driver.executemany(_TITLES, ((n, f"Title {n}", f"t {n}", f"t {n}", at, at) for n in range(1, titles + 1)))
        driver.executemany(_COPIES, ((n, (n + 1) // 2, f"B{n:09d}", at) for n in range(1, titles * 2 + 1)))
        past = (_past(n, people, titles, day) for n in range(loans))
        driver.executemany(_PAST, past)
        driver.execute("ANALYZE")
    return round(time.perf_counter() - start, 2)


def _person(number: int, at: str) -> tuple[Any, ...]:
    role = "librarian" if number == 1 else "member"
    name = f"reader{number}"
    return (number, name, name, f"{name}@example.org", name, name, f"29{number:011d}", role, at)


def _past(number: int, people: int, titles: int, day: date) -> tuple[Any, ...]:
    copy = number * 7919 % (titles * 2) + 1
    issued = day + timedelta(days=number % 400)
    back = issued + timedelta(days=number % 30)
    at = f"{back} 12:00:00.000000"
    return (
        copy, (copy + 1) // 2, number * 104729 % people + 1, f"{issued} 12:00:00.000000", issued.isoformat(),
        (issued + timedelta(days=21)).isoformat(), at, back.isoformat(),
    )  # fmt: skip


def _measured(library: Installation, folder: Path) -> dict[str, dict[str, float]]:
    with library.engine.connect().execution_options(read_only=True) as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        people, copies = connection.exec_driver_sql("SELECT (SELECT max(id) FROM account), max(id) FROM copy").one()
    shutil.copy(folder / "library.db", folder / "bare.db")
    ours, bare = _Ours(library, 1), _Bare(folder / "bare.db")
    lend = [(f"B{n * 13 % copies + 1:09d}", n % (people - 1) + 2) for n in range(_ACTS * (ROUNDS + 1))]
    found = {
        "decide": _compare(lambda act: ours.decide(*act), lambda act: bare.decide(*act), lambda: iter(lend * 2)),
        "issue": _compare(lambda act: ours.issue(*act), lambda act: bare.issue(*act), lambda: iter(lend)),
        "renew": _compare(lambda act: ours.renew(act[0]), lambda act: bare.renew(act[0]), lambda: iter(lend)),
        "return": _compare(lambda act: ours.give_back(act[0]), lambda act: bare.give_back(act[0]), lambda: iter(lend)),
    }
    bare.connection.close()
    return found


def _compare(
    ours: Callable[[Any], None], bare: Callable[[Any], None], acts: Callable[[], Iterator[Any]]
) -> dict[str, float]:
    mine, theirs = acts(), acts()
    times = interleaved(
        {"ours": lambda _: ours(next(mine)), "bare": lambda _: bare(next(theirs))}, list(range(_ACTS)), ROUNDS
    )
    figures = compared(times["ours"], times["bare"])
    return figures | {"rate": round(1 / figures["p50_ratio"], 3)}


if __name__ == "__main__":
    import sys

    result = run(sys.argv[1] if len(sys.argv) > 1 else "small")
    print(result["table"], result["machine"], sep="\n\n")
