"""Engines, the fair write lock, and raw statements that mean the same on both databases."""

import threading
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.models import AuditRow
from lib.catalogue.models import Location
from lib.kit.database import FairLock, Statement, broken_constraint, make_engine, wal_is_safe
from lib.kit.errors import Busy
from lib.kit.tables import as_day, as_instant, stamp
from tests.builders import a_copy, a_loan, a_member


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ("3.40.1", False), ("3.44.5", False), ("3.44.6", True), ("3.45.0", False), ("3.50.6", False), ("3.50.7", True),
        ("3.51.2", False), ("3.51.3", True), ("3.53.4", True), ("4.0.0", True),
    ],
)  # fmt: skip
def test_it_knows_which_sqlite_may_damage_a_database(version: str, safe: bool) -> None:
    assert wal_is_safe(version) is safe


@pytest.mark.parametrize(("version", "journal"), [("3.40.1", "delete"), ("3.53.4", "wal")])
def test_a_sqlite_that_may_damage_a_database_is_used_without_wal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, journal: str
) -> None:
    monkeypatch.setattr("lib.kit.database.wal_is_safe", lambda _: wal_is_safe(version))
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == journal
    engine.dispose()


@pytest.mark.parametrize(
    ("pragma", "value"), [("foreign_keys", 1), ("synchronous", 2), ("busy_timeout", 10_000), ("trusted_schema", 0)]
)
def test_every_sqlite_connection_keeps_the_promises(sqlite_library: Installation, pragma: str, value: int) -> None:
    for _ in range(2):
        with sqlite_library.engine.connect() as connection:
            assert connection.scalar(text(f"PRAGMA {pragma}")) == value


def test_work_takes_the_write_lock_at_once_and_reading_does_not(sqlite_library: Installation) -> None:
    engine = make_engine(sqlite_library.config.url)
    with engine.connect() as writer, writer.begin():
        with engine.connect().execution_options(read_only=True) as reader:
            assert reader.scalar(text("SELECT count(*) FROM location")) == 1
        with engine.connect() as second:
            driver: Any = second.connection.dbapi_connection
            driver.execute("PRAGMA busy_timeout=1")
            with pytest.raises(Exception, match="locked"):
                second.begin()
    engine.dispose()


def test_a_statement_takes_names_on_both_databases(library: Installation) -> None:
    found = Statement("SELECT code, :given || '::x', '50%' FROM location WHERE code = :code AND name LIKE 'Main%'")
    with begin_reading(library, SYSTEM) as uow:
        assert found.rows(uow.connection, code="MAIN", given="a:b") == [("MAIN", "a:b::x", "50%")]
        assert found.row(uow.connection, code="NONE", given="") is None


def test_a_statement_takes_a_list_on_both_databases(library: Installation) -> None:
    found = Statement("SELECT count(*) FROM item_kind WHERE code IN (:*codes)")
    with begin_reading(library, SYSTEM) as uow:
        assert found.row(uow.connection, codes=["book", "map", "nothing"])[0] == 2
        assert found.row(uow.connection, codes=[])[0] == 0


def test_a_statement_tells_how_many_rows_it_changed(library: Installation) -> None:
    renamed = Statement("UPDATE item_kind SET name = :name WHERE code = :code")
    with begin_work(library, SYSTEM) as uow:
        assert renamed.count(uow.connection, name="Tome", code="book") == 1
        assert renamed.count(uow.connection, name="Tome", code="none") == 0
        renamed.many(uow.connection, [{"name": "A", "code": "map"}, {"name": "B", "code": "film"}])
        renamed.many(uow.connection, [])
    with begin_reading(library, SYSTEM) as uow:
        names = Statement("SELECT name FROM item_kind WHERE code IN ('book', 'map', 'film') ORDER BY name")
        assert names.rows(uow.connection) == [("A",), ("B",), ("Tome",)]


def test_instants_and_days_are_the_same_from_a_raw_cursor(library: Installation) -> None:
    member = a_member(library)
    a_loan(library, member, days_ago=3)
    with begin_reading(library, SYSTEM) as uow:
        row = Statement("SELECT issued_at, issued_on, returned_at FROM loan").row(uow.connection)
        assert as_instant(row[0]) == uow.now - timedelta(days=3)
        assert as_day(row[1]) == (uow.now - timedelta(days=3)).date()
        assert as_instant(row[2]) is None


@pytest.mark.parametrize("table", ["location"])
def test_a_broken_constraint_is_told_by_name_from_both_ways_of_asking(library: Installation, table: str) -> None:
    refusals = []
    again = Statement(f"INSERT INTO {table} (code, name) VALUES ('MAIN', 'Again')")
    for act in (
        lambda uow: again.count(uow.connection),
        lambda uow: uow.connection.execute(insert(Location).values(code="MAIN", name="Again")),
    ):
        with pytest.raises(IntegrityError) as refused, begin_work(library, SYSTEM) as uow:
            act(uow)
        refusals.append(broken_constraint(refused.value))
    assert set(refusals) <= {"uq_location_code", "location.code"}


def test_the_database_refuses_a_second_open_loan_and_says_which_rule(library: Installation) -> None:
    barcode = a_copy(library)
    a_loan(library, a_member(library), barcode)
    with pytest.raises(IntegrityError) as refused:
        a_loan(library, a_member(library), barcode)
    assert broken_constraint(refused.value) in ("uq_loan_open_copy", "loan.copy_id")


INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2999, 12, 31), timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]))  # fmt: skip  # noqa: E501


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=INSTANTS)
def test_an_instant_comes_back_as_it_was_put(library: Installation, at: datetime) -> None:
    with begin_work(library, SYSTEM) as uow:
        row = {
            "lane": 1, "seq": int(uow.connection.scalar(text("SELECT count(*) FROM audit")) or 0) + 1, "at": at,
            "actor_role": "system", "action": "x", "subject_kind": "x", "facts": {}, "request_id": "", "hash": "",
        }  # fmt: skip
        made = uow.connection.execute(insert(AuditRow).values(**row).returning(AuditRow.id)).scalar_one()
        back = uow.connection.scalar(select(AuditRow.at).where(AuditRow.id == made))
        assert back == at
        assert back is not None
        assert back.utcoffset() == timedelta(0)


@given(first=INSTANTS, second=INSTANTS)
def test_instants_sort_as_text_as_they_sort_in_time(first: datetime, second: datetime) -> None:
    assert (stamp(first) < stamp(second)) == (first < second)


def test_a_day_is_a_day() -> None:
    assert as_day("2028-02-29") == as_day(date(2028, 2, 29)) == date(2028, 2, 29)


def _queue_up(lock: FairLock, names: str, order: list[str]) -> list[threading.Thread]:
    """Starts threads that wait for the lock one after the other, in this order."""

    def wait(name: str) -> None:
        with lock.held(30):
            order.append(name)

    threads = []
    for name in names:
        waiting = len(lock._queue)
        threads.append(threading.Thread(target=wait, args=(name,)))
        threads[-1].start()
        while len(lock._queue) == waiting:
            pass
    return threads


def test_the_write_lock_is_given_in_the_order_it_was_asked_for() -> None:
    lock, order = FairLock(), list[str]()
    with lock.held(1):
        threads = _queue_up(lock, "abcdefgh", order)
    for thread in threads:
        thread.join(30)
    assert "".join(order) == "abcdefgh"


def test_a_turn_that_does_not_come_in_time_is_refused_and_leaves_the_queue() -> None:
    lock, order = FairLock(), list[str]()
    with lock.held(1):
        with pytest.raises(Busy), lock.held(0.01):
            pass
        threads = _queue_up(lock, "a", order)
    threads[0].join(30)
    assert order == ["a"]
    with lock.held(0.01):
        pass


def test_only_one_holds_the_lock_at_a_time() -> None:
    lock, inside, most = FairLock(), [0], [0]

    def enter() -> None:
        for _ in range(200):
            with lock.held(30):
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most[0] == 1


def test_the_lock_is_given_back_when_the_work_fails() -> None:
    lock = FairLock()
    with pytest.raises(ZeroDivisionError), lock.held(1):
        raise ZeroDivisionError
    with lock.held(0.01):
        pass


def test_a_fault_of_the_database_does_not_repeat_what_was_to_be_written(library: Installation) -> None:
    """It goes into the log, and there may be a password's hash among it."""
    with pytest.raises(DBAPIError) as found, library.engine.begin() as connection:
        connection.execute(text("INSERT INTO nowhere (secret) VALUES (:secret)"), {"secret": "winter garden"})
    assert "winter garden" not in str(found.value)
