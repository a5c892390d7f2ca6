"""A lending library of any size on either database, those who lend in it, and the bare statements of comparison.

The bare statements do the least that could be called an issue, a renewal, a return: one joined read, the loan, the
copy's status, with the same durability. Ours decide with every reason, keep the title's count, the book of acts, the
audit chain and the idempotency key besides.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation, open_installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.circulation.checkout import check_out, consider_check_out
from lib.circulation.renewals import renew
from lib.circulation.returns import check_in
from lib.kit.clock import SetClock
from lib.kit.config import Config, Mode
from lib.kit.database import Statement, make_engine, sqlite_module
from lib.ops.schema import prepare_database

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
_TODAY, _DUE = date(2026, 3, 10), date(2026, 3, 31)
_AT = "2026-03-10 12:00:00.000000"
_BATCH = 20_000
_PEOPLE = Statement(
    "INSERT INTO account (id, username, username_key, email_key, name, sort_name, card_number, role, status,"
    " membership_type_id, language, keep_history, preferences, note, registered_at, version) VALUES"
    " (:id, :name, :name, :email, :name, :name, :card, :role, 'active', 1, 'en', true, '{}', '', :at, 1)"
)
_TITLES = Statement(
    "INSERT INTO title (id, kind_id, title, subtitle, original_title, sort_title, match_key, publisher, edition,"
    " language, volume, description, series_number, call_number, rating_sum, rating_count, rating_rank, loan_count,"
    " added_at, changed_at, version)"
    " VALUES (:id, 1, :title, '', '', :key, :key, '', '', 'en', '', '', '', '', 0, 0, 0, 0, :at, :at, 1)"
)
_COPIES = Statement(
    "INSERT INTO copy (id, title_id, barcode, location_id, shelf, condition, status, note, added_at, version)"
    " VALUES (:id, :title, :barcode, 1, 'B-12', 'good', 'available', '', :at, 1)"
)
_PAST = Statement(
    "INSERT INTO loan (copy_id, title_id, account_id, issued_at, issued_on, due_on, returned_at, returned_on, renewals,"
    " channel, loan_days, max_renewals, fine_per_day, grace_days, fine_cap, fine_settled) VALUES (:copy, :title,"
    " :who, :issued_at, :issued, :due, :back_at, :back, 0, 'desk', 21, 2, 10, 1, 500, 0)"
)
READ = (
    "SELECT c.id, c.title_id, c.status, o.id, a.status,"
    " (SELECT count(*) FROM loan WHERE account_id = a.id AND returned_at IS NULL)"
    " FROM copy c JOIN account a ON a.id = ? LEFT JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL"
    " WHERE c.barcode = ?"
)
LEND = (
    "INSERT INTO loan (copy_id, title_id, account_id, issued_at, issued_on, due_on, renewals, channel, loan_days,"
    " max_renewals, fine_per_day, grace_days, fine_cap, fine_settled)"
    " VALUES (?, ?, ?, ?, ?, ?, 0, 'desk', 21, 2, 10, 1, 500, 0)"
)
TAKE = "UPDATE copy SET status = 'on_loan' WHERE id = ?"
_OPEN = (
    "SELECT o.id, c.id, o.due_on, o.fine_per_day FROM copy c"
    " JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL WHERE c.barcode = ?"
)


def open_library(folder: Path, *, url: str | None = None, synchronous: str = "FULL") -> Installation:
    """A library in this folder, at noon of a Tuesday, with the durability that is asked for (SQLite)."""
    given: Any = {"database_url": url} if url else {}
    library = open_installation(Config(mode=Mode.DEMO, data_dir=folder, **given), SetClock(NOW))
    if synchronous != "FULL":
        library.engine.dispose()
        library.engine = make_engine(library.config.url, synchronous=synchronous)
    return library


def fill(library: Installation, loans: int, copies: int = 0) -> tuple[int, int]:
    """Members, titles, two copies each, past loans: as many as make sense together, but this many copies or more.
    Returns how many people (the first a librarian) and copies there are."""
    prepare_database(library.engine)
    people = max(300, loans // 30, copies // 3)  # nobody reaches the limit of their loans
    titles = max(600, loans // 10, -(-copies // 2))
    people += titles % (people - 1) == 0  # or both copies of a title would go to the same member
    with begin_work(library, SYSTEM) as uow:
        for statement, rows in (
            (_PEOPLE, (_person(number) for number in range(1, people + 1))),
            (_TITLES, ({"id": n, "title": f"Title {n}", "key": f"t {n}", "at": NOW} for n in range(1, titles + 1))),
            (_COPIES, (_copy(number) for number in range(1, titles * 2 + 1))),
            (_PAST, (_past(number, people, titles) for number in range(loans))),
        ):
            while batch := list(islice(rows, _BATCH)):
                statement.many(uow.connection, batch)
        uow.connection.exec_driver_sql("ANALYZE")
    settle(library)
    return people, titles * 2


def settle(library: Installation) -> None:
    """Moves everything from SQLite's log into the file, so that it can be copied."""
    if library.is_sqlite:
        with library.engine.connect().execution_options(read_only=True) as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def barcode(number: int, copies: int) -> str:
    """The barcode of the number-th copy in an order that jumps about the shelves; different up to `copies`. First one
    copy of each title, then the other."""
    titles = copies // 2
    return f"B{number * 7919 % titles * 2 + number // titles % 2 + 1:09d}"


def orders(first: int, many: int, people: int, copies: int) -> list[tuple[str, int]]:
    """So many (barcode, member id), each copy once while `first + many` does not exceed the copies."""
    return [(barcode(n, copies), n % (people - 1) + 2) for n in range(first, first + many)]


def _person(number: int) -> dict[str, Any]:
    name = f"reader{number}"
    return {
        "id": number, "name": name, "email": f"{name}@example.org", "card": f"29{number:011d}", "at": NOW,
        "role": "librarian" if number == 1 else "member",
    }  # fmt: skip


def _copy(number: int) -> dict[str, Any]:
    return {"id": number, "title": (number + 1) // 2, "barcode": f"B{number:09d}", "at": NOW}


def _past(number: int, people: int, titles: int) -> dict[str, Any]:
    copy = number * 7919 % (titles * 2) + 1
    issued = date(2025, 1, 1) + timedelta(days=number % 400)
    back = issued + timedelta(days=number % 30)
    return {
        "copy": copy, "title": (copy + 1) // 2, "who": number * 104729 % people + 1,
        "issued": issued, "issued_at": datetime(issued.year, issued.month, issued.day, 12, tzinfo=UTC),
        "due": issued + timedelta(days=21), "back": back,
        "back_at": datetime(back.year, back.month, back.day, 12, tzinfo=UTC),
    }  # fmt: skip


class Bare:
    """The bare statements on SQLite, through a connection of its own."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite_module().connect(str(path))
        self.connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
            self.connection.execute(f"PRAGMA {pragma}")

    def issue(self, code: str, member: int) -> None:
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        copy, title, *_ = run(READ, (member, code)).fetchone()
        run(LEND, (copy, title, member, _AT, _TODAY.isoformat(), _DUE.isoformat()))
        run(TAKE, (copy,))
        run("COMMIT")

    def decide(self, code: str, member: int) -> None:
        self.connection.execute(READ, (member, code)).fetchone()

    def renew(self, code: str) -> None:
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        loan, *_ = run(_OPEN, (code,)).fetchone()
        run("UPDATE loan SET due_on = ?, renewals = renewals + 1 WHERE id = ?", ("2026-04-21", loan))
        run("COMMIT")

    def give_back(self, code: str) -> None:
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        loan, copy, *_ = run(_OPEN, (code,)).fetchone()
        run("UPDATE loan SET returned_at = ?, returned_on = ? WHERE id = ?", (_AT, _TODAY.isoformat(), loan))
        run("UPDATE copy SET status = 'available' WHERE id = ?", (copy,))
        run("COMMIT")


class BarePostgres:
    """The bare issue on PostgreSQL: psycopg, prepared statements as it makes them, the copy's row locked."""

    def __init__(self, url: str) -> None:
        import psycopg

        self.connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        self.read, self.lend, self.take = (text.replace("?", "%s") for text in (READ, LEND, TAKE))

    def issue(self, code: str, member: int) -> None:
        with self.connection.transaction(), self.connection.cursor() as cursor:
            row = cursor.execute(self.read + " FOR UPDATE OF c", (member, code)).fetchone()
            assert row is not None
            cursor.execute(self.lend, (row[0], row[1], member, NOW, _TODAY, _DUE))
            cursor.execute(self.take, (row[0],))


class Desk:
    """The use cases, as the desk calls them. `name` keeps the keys of several desks apart."""

    def __init__(self, library: Installation, name: str = "desk") -> None:
        self.library, self.actor = library, Actor(1, Role.LIBRARIAN)
        self.loans: dict[str, int] = {}
        self.keys: Iterator[str] = (f"{name}-{number}" for number in count())

    def issue(self, code: str, member: int) -> int:
        with begin_work(self.library, self.actor) as uow:
            receipt = check_out(uow, barcode=code, member_id=member, key=next(self.keys))
        self.loans[code] = receipt.loan_id
        return receipt.loan_id

    def decide(self, code: str, member: int) -> None:
        with begin_reading(self.library, self.actor) as uow:
            consider_check_out(uow, barcode=code, member_id=member)

    def renew(self, code: str) -> None:
        with begin_work(self.library, self.actor) as uow:
            renew(uow, loan_id=self.loans[code], key=next(self.keys))

    def give_back(self, code: str) -> None:
        with begin_work(self.library, self.actor) as uow:
            check_in(uow, barcode=code, key=next(self.keys))


def open_loans(library: Installation) -> tuple[int, int]:
    """How many loans are open, and how many copies are out; the second is smaller if a copy was lent twice."""
    with begin_reading(library, SYSTEM) as uow:
        found: Sequence[int] = uow.connection.exec_driver_sql(
            "SELECT count(*), count(DISTINCT copy_id) FROM loan WHERE returned_at IS NULL"
        ).one()
    return found[0], found[1]
