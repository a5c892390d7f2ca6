"""Settings are changed by admins alone, whole or not at all, and every version is kept."""

import pytest

from lib.access.installation import Installation
from lib.access.library import LibrarySettings
from lib.access.work import begin_reading, begin_work
from lib.audit.preferences import change_group, group_history, group_state
from lib.kit.errors import Forbidden, Invalid, NotFound, StaleEdit
from tests.builders import a_librarian, an_admin


def test_a_saved_value_holds_from_the_next_unit_of_work_on(library: Installation) -> None:
    admin = an_admin(library)
    with begin_reading(library, admin) as uow:
        assert uow.library.currency == "EUR"
    with begin_work(library, admin) as uow:
        change_group(uow, "library", {"currency": "JPY"}, seen_version=0)
    with begin_reading(library, admin) as uow:
        assert uow.library.currency == "JPY"
        assert uow.settings(LibrarySettings).name == LibrarySettings().name


def test_history_tells_what_each_version_changed(library: Installation) -> None:
    admin = an_admin(library)
    for version, zone in enumerate(("Europe/Paris", "Asia/Tokyo")):
        with begin_work(library, admin) as uow:
            change_group(uow, "library", {"time_zone": zone}, seen_version=version)
    with begin_reading(library, admin) as uow:
        history = group_history(uow, "library")
    assert [change.changes for change in history] == [
        {"time_zone": ("Europe/Paris", "Asia/Tokyo")},
        {"time_zone": ("Europe/London", "Europe/Paris")},
    ]
    assert history[0].changed_by == admin.account_id


def test_a_second_save_from_the_same_page_is_stale(library: Installation) -> None:
    admin = an_admin(library)
    with begin_work(library, admin) as uow:
        change_group(uow, "library", {"name": "One"}, seen_version=0)
    with pytest.raises(StaleEdit), begin_work(library, admin) as uow:
        change_group(uow, "library", {"name": "Two"}, seen_version=0)
    with begin_reading(library, admin) as uow:
        assert group_state(uow, "library").values["name"] == "One"


@pytest.mark.parametrize("values", [{"time_zone": "Mars/Olympus"}, {"currency": "XXQ"}, {"nonsense": 1}, {"name": ""}])
def test_values_that_cannot_be_are_refused_by_field(sqlite_library: Installation, values: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused, begin_work(sqlite_library, an_admin(sqlite_library)) as uow:
        change_group(uow, "library", values, seen_version=0)
    assert refused.value.faults[0].field in values


def test_only_admins_change_settings_and_only_those_there_are(sqlite_library: Installation) -> None:
    with pytest.raises(Forbidden), begin_work(sqlite_library, a_librarian(sqlite_library)) as uow:
        change_group(uow, "library", {"name": "Mine"}, seen_version=0)
    with pytest.raises(NotFound), begin_work(sqlite_library, an_admin(sqlite_library)) as uow:
        change_group(uow, "nonsense", {}, seen_version=0)
