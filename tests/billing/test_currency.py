"""A library keeps one currency once there are amounts in it."""

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.preferences import change_group, group_state
from lib.billing.errors import CurrencyInUse
from lib.ops.preferences import change_settings
from tests.billing.steps import broken, change, owes, paid, rows, sound
from tests.builders import a_librarian, a_member, an_admin
from tests.house.code import product


def set_library(library: Installation, **values: str) -> None:
    admin = an_admin(library)
    with begin_work(library, admin) as uow:
        change_settings(uow, "library", dict(values), seen_version=group_state(uow, "library").version)


def test_the_currency_can_be_chosen_while_nothing_is_written_down(library: Installation) -> None:
    set_library(library, currency="JPY")
    reader = a_member(library)
    owes(library, reader, 500)
    paid(library, a_librarian(library), reader, 500)
    assert rows(library, "SELECT DISTINCT currency FROM ledger_entry UNION ALL SELECT currency FROM payment") == [
        ("JPY",), ("JPY",),
    ]  # fmt: skip
    sound(library)


def test_it_stays_once_there_are_amounts_in_it(library: Installation) -> None:
    owes(library, a_member(library), 500)
    with pytest.raises(CurrencyInUse, match=r"amounts in EUR.* cannot be changed to USD"):
        set_library(library, currency="USD")
    set_library(library, name="Another name", currency="EUR")
    with begin_reading(library, an_admin(library)) as uow:
        assert (uow.library.currency, uow.library.name) == ("EUR", "Another name")
    sound(library)


def test_every_door_saves_settings_through_the_check() -> None:
    """The plain saving of the audit room knows nothing of money."""
    doors = [source for source in product() if source.place.startswith(("lib/api/", "lib/ui/", "lib/cli/", "pages/"))]
    assert len(doors) > 50
    past = [source.place for source in doors if "change_group" in source.text or "save_group" in source.text]
    assert past == []


def test_without_the_check_two_currencies_would_stand_side_by_side(library: Installation) -> None:
    """The protection taken out: the nightly check finds what follows."""
    reader, admin = a_member(library), an_admin(library)
    owes(library, reader, 500)
    with begin_work(library, admin) as uow:
        change_group(uow, "library", {"currency": "USD"}, seen_version=0)
    owes(library, reader, 300)
    assert broken(library) == ["one-currency", "ledger-in-the-librarys-currency"]


def test_a_currency_changed_behind_the_librarys_back_is_found(library: Installation) -> None:
    set_library(library, name="A library")
    owes(library, a_member(library), 500)
    change(library, (
        "UPDATE settings_version SET \"values\" = json_set(\"values\", '$.currency', 'USD')" if library.is_sqlite
        else "UPDATE settings_version SET \"values\" = jsonb_set(\"values\", '{currency}', '\"USD\"')"
    ))  # fmt: skip
    assert broken(library) == ["ledger-in-the-librarys-currency"]
