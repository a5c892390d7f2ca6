"""The first start: when a machine counts as unconfigured, and how a library begins."""

from pathlib import Path

import pytest

from lib.access.actor import GUEST, SYSTEM
from lib.access.installation import Installation
from lib.access.library import LibrarySettings
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.accounts.errors import AdminExists
from lib.accounts.first_admin import accept_first_admin, has_admin
from lib.accounts.models import AccountStatus
from lib.accounts.registration import RegistrationForm
from lib.kit.config import Config, Mode, load_config
from lib.kit.errors import Invalid
from lib.ops.errors import DemoInProduction
from lib.ops.first_run import (
    CHOICES,
    FirstAdmin,
    init_library,
    is_empty,
    is_first_run,
    keep_demo_mode,
    open_demo_accounts,
    refuse_demo_accounts,
    see_to_admin,
)
from tests.builders import a_member, an_admin

TOWN = {"name": "Town Library", "time_zone": "Europe/Paris", "currency": "CHF"}
ADA = FirstAdmin("ada@town.example", "a long walk to the library", "Ada Byron")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [*Config.model_fields, "config"]:
        monkeypatch.delenv(f"TOME_{name.upper()}", raising=False)
    monkeypatch.setenv("TOME_DATA_DIR", str(tmp_path))
    return tmp_path


def test_a_machine_where_nobody_chose_anything_is_new(bare: Path) -> None:
    assert is_first_run(load_config(), {"TOME_PORT": "8600", "TOME_DATA_DIR": str(bare)})


@pytest.mark.parametrize("name", CHOICES)
def test_one_telling_variable_is_a_choice(bare: Path, name: str) -> None:
    assert not is_first_run(load_config(), {name: "x"})


def test_a_configuration_file_is_a_choice(bare: Path) -> None:
    (bare / "tome.toml").write_text("port = 8600\n")
    assert not is_first_run(load_config(), {})


def test_a_database_is_a_choice(bare: Path) -> None:
    (bare / "library.db").touch()
    assert not is_first_run(load_config(), {})


def test_a_demo_is_remembered(bare: Path) -> None:
    keep_demo_mode(bare)
    assert load_config().mode is Mode.DEMO
    assert not is_first_run(load_config(), {})


def test_a_library_begins_with_its_name_place_and_admin(library: Installation) -> None:
    assert is_empty(library)
    assert init_library(library, TOWN, ADA) is None
    with begin_reading(library, SYSTEM) as uow:
        assert (uow.library.name, uow.library.time_zone, uow.library.currency) == tuple(TOWN.values())
        assert has_admin(uow)
    assert not is_empty(library)
    with pytest.raises(AdminExists):
        init_library(library, TOWN, ADA)


def test_without_an_admin_it_begins_with_a_link_that_works_once(library: Installation) -> None:
    link = init_library(library, TOWN, None)
    assert link is not None
    token = link.partition("token=")[2]
    form = RegistrationForm(name="Ada", email="ada@town.example", username="ada", password=ADA.password, consent=True)
    with begin_work(library, GUEST) as uow:
        accept_first_admin(uow, token, form)
    with pytest.raises(Exception, match=r"."), begin_work(library, GUEST) as uow:
        accept_first_admin(uow, token, form.model_copy(update={"email": "eve@town.example", "username": "eve"}))


@pytest.mark.parametrize(
    ("values", "admin"),
    [
        ({"time_zone": "Mars/Olympus"}, ADA),
        (TOWN, FirstAdmin("ada@town.example", "short")),
        (TOWN, FirstAdmin("no address", ADA.password)),
    ],
)
def test_a_library_begins_whole_or_not_at_all(library: Installation, values: dict[str, str], admin: FirstAdmin) -> None:
    with pytest.raises(Invalid):
        init_library(library, values, admin)
    with begin_reading(library, SYSTEM) as uow:
        assert uow.library == LibrarySettings()
    assert is_empty(library)


def test_where_an_admin_is_no_link_is_made(library: Installation) -> None:
    link = see_to_admin(library)
    assert link is not None
    assert link.startswith("http://localhost:8501/welcome?token=")
    an_admin(library)
    assert see_to_admin(library) is None


def test_demo_accounts_are_found_while_they_may_sign_in(library: Installation) -> None:
    a_member(library, email="member@demo.example", email_key="member@demo.example")
    a_member(library, email="x@demo.example", email_key="x@demo.example", status=AccountStatus.DISABLED)
    a_member(library, email="demo.example@town.example", email_key="demo.example@town.example", role=Role.ADMIN)
    with begin_reading(library, SYSTEM) as uow:
        assert open_demo_accounts(uow) == ("member@demo.example",)
    refuse_demo_accounts(library)
    library.config = library.config.model_copy(update={"mode": Mode.PRODUCTION})
    with pytest.raises(DemoInProduction, match="member@demo"):
        refuse_demo_accounts(library)
