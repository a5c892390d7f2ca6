"""The settings: changed, refused, overtaken; each with its history."""

from collections.abc import Callable

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.accounts.settings import AccountSettings
from lib.audit.preferences import change_group
from tests.builders import an_admin
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, read

PAGE = "admin/settings.py"
SessionOf = Callable[[Role], int]


def idle(library: Installation) -> int:
    with begin_reading(library, an_admin(library)) as uow:
        return uow.settings(AccountSettings).staff_idle_minutes


def test_a_value_says_what_it_counts_and_is_changed_with_a_history(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), PAGE)
    assert "Minutes without a click" in read(at).replace("\\", "")
    next(found for found in at.number_input if found.label == "Staff are signed out after").set_value(45)
    button(at, "Save “Accounts”").click().run()
    assert idle(served) == 45
    assert "30 → **45**" in read(at)


def test_a_change_that_somebody_overtook_is_refused(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), PAGE)
    with begin_work(served, an_admin(served)) as uow:
        change_group(uow, "accounts", {"staff_idle_minutes": 20}, seen_version=0)
    next(found for found in at.number_input if found.label == "Staff are signed out after").set_value(45)
    button(at, "Save “Accounts”").click().run()
    assert idle(served) == 20


def test_a_value_that_cannot_be_is_refused_in_words(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), PAGE)
    at.radio(key="group").set_value("The library").run()
    next(found for found in at.text_input if found.label == "Time zone").set_value("Mars/Olympus")
    button(at, "Save “The library”").click().run()
    assert at.error
    with begin_reading(served, an_admin(served)) as uow:
        assert uow.library.time_zone != "Mars/Olympus"
