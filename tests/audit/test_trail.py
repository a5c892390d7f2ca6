"""The audit trail shows every later change."""

import pytest
from sqlalchemy import text

from lib.access.installation import Installation
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.audit.trail import chain_faults, record
from lib.kit.errors import Busy
from tests.builders import an_admin


def _write_three(library: Installation) -> None:
    actor = an_admin(library)
    for number in range(3):
        with begin_work(library, actor) as uow:
            record(uow, "test.act", "thing", number, amount=5, note="“é”")


def _faults(library: Installation) -> list[str]:
    with begin_reading(library, an_admin(library)) as uow:
        return list(chain_faults(uow))


def test_it_finds_nothing_wrong_with_an_untouched_chain(library: Installation) -> None:
    _write_three(library)
    assert _faults(library) == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit SET action = 'other' WHERE subject_id = 1",
        "UPDATE audit SET facts = '{\"amount\": 6}' WHERE subject_id = 1",
        "DELETE FROM audit WHERE subject_id = 1",
        "DELETE FROM audit WHERE subject_id = 2",
    ],
)
def test_it_shows_rows_that_were_changed_or_taken_out(library: Installation, tampering: str) -> None:
    _write_three(library)
    with library.engine.begin() as connection:
        connection.execute(text(tampering))
    assert _faults(library)


def test_an_act_that_fails_leaves_no_row(library: Installation) -> None:
    actor = an_admin(library)

    def act_and_fail() -> None:
        with begin_work(library, actor) as uow:
            record(uow, "test.act", "thing", 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_and_fail()
    with begin_reading(library, an_admin(library)) as uow:
        assert uow.connection.scalar(text("SELECT count(*) FROM audit")) == 0


def test_facts_with_numbers_for_keys_verify_on_both_databases(library: Installation) -> None:
    with begin_work(library, an_admin(library)) as uow:
        record(uow, "test.act", "thing", 1, by_id={10: "ten", 9: "nine"}, text="é “x” \\ /", ratio=1.50, none=None)
    assert _faults(library) == []


def test_who_finds_their_lane_taken_does_not_wait_for_it(postgres_library: Installation) -> None:
    """Two processes may have the same lane of their own; each would wait for the other's commit."""
    actor = an_admin(postgres_library)
    with begin_work(postgres_library, actor) as uow:
        uow.connection.execute(text("SET LOCAL lock_timeout = 200"))
        own = uow.connection.scalar(text("SELECT pg_backend_pid() % 8"))
        with postgres_library.engine.connect() as other, other.begin():
            other.execute(text("SELECT 1 FROM audit_lane WHERE lane = :own FOR UPDATE"), {"own": own})
            for number in range(2):
                _written(uow, number)
    assert _faults(postgres_library) == []
    with begin_reading(postgres_library, actor) as uow:
        assert uow.connection.scalars(text("SELECT lane FROM audit")).all() == [(own + 1) % 8] * 2


def test_where_all_lanes_are_taken_it_waits_for_its_own(postgres_library: Installation) -> None:
    with postgres_library.engine.connect() as other:
        other.execute(text("SELECT 1 FROM audit_lane FOR UPDATE"))
        with pytest.raises(Busy):
            _write_hastily(postgres_library)
    _write_hastily(postgres_library)
    assert _faults(postgres_library) == []


def _write_hastily(library: Installation) -> None:
    with begin_work(library, an_admin(library)) as uow:
        uow.connection.execute(text("SET LOCAL lock_timeout = 50"))
        record(uow, "test.act", "thing", 1)


def _written(uow: UnitOfWork, number: int) -> None:
    record(uow, "test.act", "thing", number)
    uow.before_commit.pop()()
