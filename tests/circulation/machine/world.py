"""What the machine sees from outside, an empty library to begin with, and rules written a second time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from lib.access.actor import Actor
from lib.access.installation import Installation, VersionedCache
from lib.access.work import UnitOfWork, begin_reading
from lib.billing.append_only import TABLES, guard_ledger
from lib.circulation.money import owes
from lib.kit.database import Statement, make_engine
from lib.kit.tables import as_day

# In an order in which rows that others name go last; what a library is born with stays.
LIVED_IN = (
    "integrity_finding", "integrity_run", "job_run", "desk_act", "notice", "day_close", "ledger_entry", "payment",
    "charge", "hold", "offline_record", "loan", "once_key", "copy", "title_search", "title", "member_exception",
    "closure", "closure_change", "policy_change", "settings_version", "audit", "terminal",
)  # fmt: skip
_LOANS = Statement(
    "SELECT id, copy_id, account_id, due_on, renewals, claimed_on, fine_settled FROM loan WHERE returned_at IS NULL"
    " ORDER BY id"
)
_COPIES = Statement("SELECT id, status, condition, note FROM copy ORDER BY id")
_WAITING = Statement(
    "SELECT title_id, id, copy_id, CASE WHEN suspended_until >= :today THEN suspended_until END FROM hold"
    " WHERE state = 'waiting' ORDER BY title_id, position"  # a pause that is over is none
)
# Whoever may not borrow is passed over.
_RESTING = Statement(
    "SELECT h.id FROM hold h JOIN account a ON a.id = h.account_id WHERE h.state = 'waiting' AND (a.status = 'disabled'"
    " OR (a.status = 'suspended' AND coalesce(a.suspended_until, :today) >= :today))"
)
_READY = Statement("SELECT id, shelf_copy_id, shelf_until FROM hold WHERE state = 'ready' ORDER BY id")
_ACTS = Statement("SELECT coalesce(max(id), 0) FROM desk_act")
_CLOSURES = Statement("SELECT kind, weekday, month, day, on_date, is_open, since FROM closure")


@dataclass(frozen=True, slots=True)
class World:
    """The library at one moment: open loans, copies, queues (title, hold, only this copy, suspended until), ready
    holds, what each member owes as of today, and the holds of those who may not borrow."""

    loans: tuple[tuple[Any, ...], ...]
    copies: tuple[tuple[Any, ...], ...]
    waiting: tuple[tuple[Any, ...], ...]
    ready: tuple[tuple[Any, ...], ...]
    owed: tuple[int, ...]
    last_act: int
    resting: frozenset[int]

    def same_as(self, other: "World") -> bool:
        """Whether nothing that readers or staff would see differs."""
        mine = (self.loans, self.copies, self.waiting, self.ready, self.owed)
        return mine == (other.loans, other.copies, other.waiting, other.ready, other.owed)

    def queue(self, title_id: int) -> list[int]:
        """The holds that wait for a title, in their order."""
        return [row[1] for row in self.waiting if row[0] == title_id]

    def status(self, copy_id: int) -> str:
        return next(str(row[1]) for row in self.copies if row[0] == copy_id)

    def first_for(self, title_id: int, copy_id: int, today: date) -> int | None:
        """Who should get this copy: the first that is not suspended, may borrow, and whom it can serve."""
        for of, hold_id, only, until in self.waiting:
            if of != title_id or only not in (None, copy_id) or hold_id in self.resting:
                continue
            if not (until and as_day(until) >= today):  # type: ignore[operator]
                return int(hold_id)
        return None


def look(library: Installation, desk: Actor, people: Iterable[Actor]) -> World:
    """Reads the library as it stands."""
    with begin_reading(library, desk) as uow:
        return look_within(uow, people)


def look_within(uow: UnitOfWork, people: Iterable[Actor]) -> World:
    """The same within a transaction."""
    loans, copies, waiting, ready = (
        tuple(tuple(row) for row in statement.rows(uow.connection, **given))
        for statement, given in ((_LOANS, {}), (_COPIES, {}), (_WAITING, {"today": uow.today}), (_READY, {}))
    )
    owed = tuple(owes(uow, reader.account_id or 0) for reader in people)
    resting = frozenset(int(row[0]) for row in _RESTING.rows(uow.connection, today=uow.today))
    return World(loans, copies, waiting, ready, owed, int(_ACTS.row(uow.connection)[0]), resting)


def empty(library: Installation, born_with: dict[str, list[dict[str, Any]]]) -> None:
    """Every life begins in an empty library, so that a life that failed can be lived again."""
    with library.engine.begin() as connection:
        (_forget_all if library.is_sqlite else _truncate)(connection)
        connection.execute(text("UPDATE receipt_number SET last = 0"))
        connection.execute(text("UPDATE audit_lane SET seq = 0, hash = :start"), {"start": "0" * 64})
        for row in born_with["policy_rule"]:
            names = ", ".join(row)
            marks = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO policy_rule ({names}) VALUES ({marks})"), row)
    library.cache = VersionedCache()


def _forget_all(connection: Connection) -> None:
    for table in TABLES:
        for verb in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
    for table in (*LIVED_IN, "account", "policy_rule"):
        connection.execute(text(f"DELETE FROM {table}"))
    guard_ledger(connection)


def _truncate(connection: Connection) -> None:
    """Rows that are deleted a thousand times over would lie about and make every question slower."""
    connection.execute(text(f"TRUNCATE {', '.join((*LIVED_IN, 'account', 'policy_rule'))} RESTART IDENTITY CASCADE"))


def birth(library: Installation) -> dict[str, list[dict[str, Any]]]:
    """What a library begins with and lives may change."""
    with library.engine.connect().execution_options(read_only=True) as connection:
        found = connection.execute(text("SELECT * FROM policy_rule")).mappings().all()
    return {"policy_rule": [dict(row) for row in found]}


def without_waiting_for_the_disk(library: Installation) -> None:
    """A life that ends with its process may lose its last second."""
    url = library.engine.url.render_as_string(hide_password=False)
    library.engine.dispose()
    library.engine = make_engine(url, synchronous="OFF")
    if not library.is_sqlite:
        with library.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'ALTER DATABASE "{library.engine.url.database}" SET synchronous_commit = off'))
        library.engine.dispose()


@dataclass(frozen=True, slots=True)
class PlainCalendar:
    """The calendar asked day by day, without any of the product's arithmetic."""

    weekdays: dict[int, date]
    yearly: dict[tuple[int, int], date]
    days: dict[date, bool]

    def is_open(self, day: date) -> bool:
        if day in self.days:
            return self.days[day]
        weekly, yearly = self.weekdays.get(day.weekday()), self.yearly.get((day.month, day.day))
        return (weekly is None or day < weekly) and (yearly is None or day < yearly)

    def days_late(self, due_on: date, day: date) -> int:
        """Open days after the due day (or the open day it rolls to) up to and including `day`."""
        if day <= due_on:
            return 0
        start = due_on
        while not self.is_open(start):
            start += timedelta(days=1)
        return sum(self.is_open(start + timedelta(days=n)) for n in range(1, (day - start).days + 1))


def plain_calendar(uow: UnitOfWork) -> PlainCalendar:
    rows = _CLOSURES.rows(uow.connection)
    return PlainCalendar(
        {row[1]: as_day(row[6]) or date.min for row in rows if row[0] == "weekly"},
        {(row[2], row[3]): as_day(row[6]) or date.min for row in rows if row[0] == "yearly"},
        {day: bool(row[5]) for row in rows if row[0] == "day" and (day := as_day(row[4]))},
    )


def plain_fine(late: int, *, per_day: int, grace: int, cap: int, settled: int) -> int:
    """What a loan costs in all: grace is all or nothing, the cap is for the whole loan."""
    running = 0 if late <= grace else late * per_day
    return max(settled, min(settled + min(running, cap), cap))
