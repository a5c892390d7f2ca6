"""The first start: is this an unconfigured machine, is there an admin, and what a new library is told of itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.library import LibrarySettings
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.accounts.errors import AdminExists
from lib.accounts.first_admin import accept_first_admin, ensure_first_admin, first_admin_link, has_admin
from lib.accounts.models import Account, AccountStatus
from lib.accounts.registration import RegistrationForm
from lib.audit.trail import record
from lib.kit.config import CONFIG_NAME, Config, Mode, config_path
from lib.kit.settings import checked, load_group, save_group
from lib.ops.errors import DemoInProduction

DEMO_DOMAIN = "@demo.example"
DEMO_LOGINS = ("admin@demo.example", "librarian@demo.example", "member@demo.example")
DEMO_PASSWORD = "galactic tome nexus"  # noqa: S105  # known to everybody; refused in production
DEMO_PIN = "4271"  # the demo member's, for the self-check
CHOICES = ("TOME_MODE", "TOME_DATABASE_URL", "TOME_CONFIG", "TOME_PUBLIC_URL", "TOME_ADMIN_EMAIL")
DEMO_CONFIG = """\
# Written by the first start without any configuration: this is the demo library, with accounts everybody knows.
# For a library of your own: choose an empty folder with TOME_DATA_DIR, then `python3 manage.py init`.
mode = "demo"
"""


def is_first_run(config: Config, environ: Mapping[str, str]) -> bool:
    """Whether nobody has chosen anything yet: no configuration file, no telling variable, no database."""
    if config_path() is not None or any(environ.get(name) for name in CHOICES):
        return False
    return not (config.data_dir / "library.db").exists()


def keep_demo_mode(folder: Path) -> None:
    """Writes down that the library in this folder is a demo, so that the next start knows."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG_NAME).write_text(DEMO_CONFIG, encoding="utf-8")


def is_empty(installation: Installation) -> bool:
    """Whether nobody has an account yet."""
    with begin_reading(installation, SYSTEM) as uow:
        return uow.connection.scalar(select(Account.id).limit(1)) is None


def refuse_demo_accounts(installation: Installation) -> None:
    """Keeps accounts that everybody knows out of production.

    Raises:
        DemoInProduction: there are some, they may sign in, and the mode is production.
    """
    if installation.config.mode is not Mode.PRODUCTION:
        return
    with begin_reading(installation, SYSTEM) as uow:
        if found := open_demo_accounts(uow):
            raise DemoInProduction(accounts=", ".join(found))


def open_demo_accounts(uow: UnitOfWork) -> tuple[str, ...]:
    """The e-mail addresses of demo accounts that are not disabled."""
    shut = (AccountStatus.DISABLED, AccountStatus.CLOSED, AccountStatus.REJECTED)
    rows = uow.connection.scalars(
        select(Account.email_key)
        .where(Account.email_key.like(f"%{DEMO_DOMAIN}"), Account.status.not_in(shut))
        .order_by(Account.email_key)
        .limit(20)
    )
    return tuple(str(address) for address in rows)


def see_to_admin(installation: Installation) -> str | None:
    """Where no admin is: makes the one of TOME_ADMIN_EMAIL, else returns the address of a one-time set-up page.

    Raises:
        Invalid: TOME_ADMIN_EMAIL or TOME_ADMIN_PASSWORD will not do.
    """
    with begin_work(installation, SYSTEM) as uow:
        if has_admin(uow) or ensure_first_admin(uow) is not None:
            return None
        return _link(uow)


def _link(uow: UnitOfWork) -> str:
    return f"{uow.installation.config.base_url}/welcome?token={first_admin_link(uow)}"


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """Who shall be the first admin."""

    email: str
    password: str
    name: str = "Administrator"
    username: str = "admin"


def init_library(installation: Installation, values: Mapping[str, Any], admin: FirstAdmin | None) -> str | None:
    """Gives a new library its name, time zone and currency, and its first admin; all or nothing.

    Without `admin`, returns the address of the one-time page on which they set themselves up, good for an hour.

    Raises:
        Invalid: listing each value that is not as it should be. AdminExists: it was set up already.
    """
    with begin_work(installation, SYSTEM) as uow:
        if has_admin(uow):
            raise AdminExists
        present, version = load_group(uow.connection, LibrarySettings)
        wanted = checked(LibrarySettings, present.model_dump() | dict(values))
        save_group(uow.connection, wanted, seen_version=version, at=uow.now, by=None)
        record(uow, "library.init", "settings", None, time_zone=wanted.time_zone, currency=wanted.currency)
        if admin is None:
            return _link(uow)
        form = RegistrationForm(
            name=admin.name, email=admin.email, username=admin.username, password=admin.password, consent=True
        )
        accept_first_admin(uow, first_admin_link(uow), form)
        return None
