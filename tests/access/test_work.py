"""The unit of work: commits once at the end, rolls everything back on any exception, and knows who asks and when."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, text

from lib.access.actor import GUEST, SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.library import LibrarySettings
from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.catalogue.models import Location
from lib.circulation.facts import lock_member
from lib.kit.clock import SetClock
from lib.kit.errors import Busy, Forbidden, NotSignedIn
from lib.kit.logs import request_id
from lib.kit.settings import SUBJECT, load_group, save_group
from tests.builders import a_member


def _places(library: Installation) -> set[str]:
    with begin_reading(library, SYSTEM) as uow:
        return set(uow.connection.scalars(select(Location.code)))


def _put(uow: UnitOfWork, code: str) -> None:
    uow.connection.execute(insert(Location).values(code=code, name=code))


def test_leaving_the_block_commits(library: Installation) -> None:
    with begin_work(library, SYSTEM) as uow:
        _put(uow, "ANNEX")
    assert _places(library) == {"MAIN", "ANNEX"}


@pytest.mark.parametrize("wrong", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_any_exception_rolls_everything_back_also_those_that_end_a_rerun(
    library: Installation, wrong: type[BaseException]
) -> None:
    def act() -> None:
        with begin_work(library, SYSTEM) as uow:
            _put(uow, "ANNEX")
            uow.session.add(Location(code="ATTIC", name="Attic"))
            uow.flush()
            raise wrong

    with pytest.raises(wrong):
        act()
    assert _places(library) == {"MAIN"}
    with begin_work(library, SYSTEM) as uow:
        _put(uow, "ANNEX")
    assert _places(library) == {"MAIN", "ANNEX"}


def test_what_the_orm_holds_is_committed_with_the_rest(library: Installation) -> None:
    with begin_work(library, SYSTEM) as uow:
        uow.session.add(Location(code="ATTIC", name="Attic"))
        _put(uow, "ANNEX")
    assert _places(library) == {"MAIN", "ATTIC", "ANNEX"}


def test_acts_before_the_commit_run_in_order_inside_the_transaction(library: Installation) -> None:
    order: list[str] = []
    with begin_work(library, SYSTEM) as uow:
        uow.before_commit.append(lambda: order.append("first"))
        uow.before_commit.append(lambda: _put(uow, "ANNEX"))
        order.append("body")
    assert order == ["body", "first"]
    assert _places(library) == {"MAIN", "ANNEX"}


def test_an_act_before_the_commit_that_fails_takes_everything_back(library: Installation) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    def act() -> None:
        with begin_work(library, SYSTEM) as uow:
            _put(uow, "ANNEX")
            uow.before_commit.append(fail)

    with pytest.raises(ZeroDivisionError):
        act()
    assert _places(library) == {"MAIN"}


def test_acts_afterwards_stand_although_the_work_was_taken_back(library: Installation) -> None:
    def act() -> None:
        with begin_work(library, SYSTEM) as uow:
            _put(uow, "ANNEX")
            uow.afterwards.append(lambda later: _put(later, "NOTED"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert _places(library) == {"MAIN", "NOTED"}


def test_reading_changes_nothing(library: Installation) -> None:
    with begin_reading(library, SYSTEM) as uow:
        _put(uow, "ANNEX")
    assert _places(library) == {"MAIN"}


def test_reading_goes_on_while_somebody_writes(library: Installation) -> None:
    with begin_work(library, SYSTEM) as uow:
        _put(uow, "ANNEX")
        assert _places(library) == {"MAIN"}


def test_an_instant_and_a_day_are_fixed_for_the_whole_work(library: Installation, clock: SetClock) -> None:
    with begin_work(library, SYSTEM) as uow:
        before = uow.now
        clock.at = clock.at.replace(year=2030)
        assert uow.now == before
        assert uow.today == date(2026, 3, 10)


def test_today_is_the_librarys_day_not_the_servers(library: Installation, clock: SetClock) -> None:
    clock.at = clock.at.replace(hour=23, minute=30)
    with begin_work(library, SYSTEM) as uow:
        _, version = load_group(uow.connection, LibrarySettings)
        tokyo = LibrarySettings(time_zone="Asia/Tokyo")
        save_group(uow.connection, tokyo, seen_version=version, at=uow.now, by=None)
    with begin_reading(library, SYSTEM) as uow:
        assert uow.today == date(2026, 3, 11)


def test_today_follows_a_new_time_zone_and_another_instant_at_once(library: Installation, clock: SetClock) -> None:
    clock.at = clock.at.replace(hour=23, minute=30)
    with begin_work(library, SYSTEM) as uow:
        assert uow.today == date(2026, 3, 10)
        assert replace(uow, now=uow.now + timedelta(days=3)).today == date(2026, 3, 13)
        tokyo = LibrarySettings(time_zone="Asia/Tokyo")
        save_group(uow.connection, tokyo, seen_version=0, at=uow.now, by=None)
        uow.bump(SUBJECT)
        assert uow.today == date(2026, 3, 11)


def test_a_use_case_tells_who_must_sign_in_from_who_may_not(library: Installation) -> None:
    member = a_member(library)
    with begin_reading(library, GUEST) as uow:
        uow.require(Permission.SEARCH)
        with pytest.raises(NotSignedIn):
            uow.require(Permission.BORROW)
    with begin_reading(library, member) as uow:
        uow.require(Permission.BORROW)
        with pytest.raises(Forbidden) as refused:
            uow.require(Permission.MANAGE_STAFF)
        assert not isinstance(refused.value, NotSignedIn)


def test_the_work_carries_the_id_of_its_request(library: Installation) -> None:
    with request_id("abc123"), begin_work(library, SYSTEM) as uow:
        assert uow.request_id == "abc123"


def test_a_value_is_computed_once_a_version_and_anew_when_its_subject_changes(library: Installation) -> None:
    loads: list[int] = []

    def value() -> int:
        with begin_reading(library, SYSTEM) as uow:
            return uow.cached("hats", "count", lambda: loads.append(1) or len(loads))

    assert [value(), value()] == [1, 1]
    with begin_work(library, SYSTEM) as uow:
        uow.bump("shoes")
    assert value() == 1
    with begin_work(library, SYSTEM) as uow:
        uow.bump("hats")
        assert uow.cached("hats", "count", lambda: 99) == 99
    assert value() == 2


def test_a_change_that_was_taken_back_leaves_the_kept_value_good(library: Installation) -> None:
    def act() -> None:
        with begin_work(library, SYSTEM) as uow:
            uow.bump("hats")
            uow.cached("hats", "count", lambda: 99)
            raise ZeroDivisionError

    with begin_reading(library, SYSTEM) as uow:
        assert uow.cached("hats", "count", lambda: 1) == 1
    with pytest.raises(ZeroDivisionError):
        act()
    with begin_reading(library, SYSTEM) as uow:
        assert uow.cached("hats", "count", lambda: 2) == 1


def test_a_database_that_others_hold_too_long_is_a_refusal_not_a_crash(
    sqlite_library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_library.engine.connect() as other, other.begin():
        with sqlite_library.engine.connect() as spare:
            driver = spare.connection.dbapi_connection
            assert driver is not None
            driver.cursor().execute("PRAGMA busy_timeout=1")
        with pytest.raises(Busy), begin_work(sqlite_library, SYSTEM):
            pass


def test_two_who_wait_for_one_another_are_told_to_try_again_and_not_a_crash(postgres_library: Installation) -> None:
    one, other = (a_member(postgres_library).account_id or 0 for _ in range(2))
    both_hold, met = threading.Barrier(2, timeout=20), []

    def cross(first: int, second: int) -> None:
        try:
            with begin_work(postgres_library, SYSTEM) as uow:
                lock_member(uow, first)
                both_hold.wait()
                lock_member(uow, second)
        except Exception as error:  # noqa: BLE001  # whatever came through
            met.append(type(error))

    threads = [threading.Thread(target=cross, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert met == [Busy]


def test_eight_writers_lose_no_change(library: Installation) -> None:
    with begin_work(library, SYSTEM) as uow:
        uow.bump("counter")

    def add() -> None:
        for _ in range(10):
            with begin_work(library, SYSTEM) as uow:
                uow.bump("counter")

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with begin_reading(library, SYSTEM) as uow:
        assert uow.connection.scalar(text("SELECT version FROM version_mark WHERE name = 'counter'")) == 81


def test_nobody_in_particular_may_do_nothing_in_particular() -> None:
    with pytest.raises(TypeError):
        Actor()  # type: ignore[call-arg]
    assert not Actor(None, Role.GUEST).may(Permission.USE_ACCOUNT)
