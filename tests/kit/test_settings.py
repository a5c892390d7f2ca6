"""Settings of the library: typed, one row a version, never overwritten by somebody who saw an old state."""

from datetime import UTC, datetime

import pytest
from pydantic import Field
from sqlalchemy import func, select

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.library import LibrarySettings
from lib.access.work import begin_reading, begin_work
from lib.kit.errors import Invalid, StaleEdit
from lib.kit.settings import SettingsGroup, SettingsVersion, all_groups, checked, load_group, save_group

AT = datetime(2026, 3, 10, tzinfo=UTC)


class DoorSettings(SettingsGroup):
    """A group of the test's own."""

    group = "test-door"
    heading = "The door"
    width: int = Field(80, ge=60, le=200)
    colour: str = "red"


def _save(library: Installation, *, seen: int, **values: object) -> int:
    with begin_work(library, SYSTEM) as uow:
        return save_group(uow.connection, checked(DoorSettings, values), seen_version=seen, at=AT, by=None)


def test_what_was_never_saved_is_as_the_defaults_say(library: Installation) -> None:
    with begin_reading(library, SYSTEM) as uow:
        assert load_group(uow.connection, DoorSettings) == (DoorSettings(width=80, colour="red"), 0)


def test_each_save_is_a_version_and_the_last_one_is_in_force(library: Installation) -> None:
    assert _save(library, seen=0, width=90) == 1
    assert _save(library, seen=1, width=100, colour="blue") == 2
    with begin_reading(library, SYSTEM) as uow:
        assert load_group(uow.connection, DoorSettings) == (DoorSettings(width=100, colour="blue"), 2)
        assert uow.connection.scalar(select(func.count()).select_from(SettingsVersion)) == 2


def test_an_edit_of_an_old_state_is_refused_and_overwrites_nothing(library: Installation) -> None:
    _save(library, seen=0, width=90)
    with pytest.raises(StaleEdit, match="The door"):
        _save(library, seen=0, width=120)
    with begin_reading(library, SYSTEM) as uow:
        assert load_group(uow.connection, DoorSettings)[0].width == 90


def test_a_value_that_later_releases_dropped_does_no_harm(library: Installation) -> None:
    with begin_work(library, SYSTEM) as uow:
        uow.connection.execute(
            SettingsVersion.__table__.insert().values(
                group_name="test-door", version=1, values={"width": 70, "gone": 1}, changed_at=AT
            )
        )
    with begin_reading(library, SYSTEM) as uow:
        assert uow.settings(DoorSettings) == DoorSettings(width=70)


def test_use_cases_see_a_change_at_once_and_in_the_same_transaction(library: Installation) -> None:
    with begin_reading(library, SYSTEM) as uow:
        assert uow.settings(DoorSettings).width == 80
    _save(library, seen=0, width=90)
    with begin_reading(library, SYSTEM) as uow:
        assert uow.settings(DoorSettings).width == 90


def test_every_fault_of_a_group_is_told_by_field() -> None:
    with pytest.raises(Invalid) as refused:
        checked(LibrarySettings, {"time_zone": "Mars/Olympus", "currency": "XYZQ", "name": "x", "locale": "??"})
    assert {fault.field for fault in refused.value.faults} == {"time_zone", "currency", "name", "locale"}
    assert "Europe/Paris" in str(refused.value)


def test_groups_are_found_by_being_declared() -> None:
    names = [kind.group for kind in all_groups()]
    assert {"library", "test-door"} <= set(names)
    assert names == sorted(names)
