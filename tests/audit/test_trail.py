"""The audit trail shows every later change."""

import pytest
from sqlalchemy import text

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.trail import chain_faults, record
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
