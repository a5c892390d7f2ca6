"""Steps that several tests of accounts take: join, read the mail, sign in."""

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.accounts.models import Account
from lib.accounts.passwords import hash_password
from lib.accounts.people import Person, insert_person
from lib.accounts.registration import RegistrationForm, register
from lib.accounts.sessions import Me, identify, redeem_ticket, session_of_token
from lib.accounts.sign_in import SignedIn, sign_in
from lib.notices.models import Notice

PASSWORD = "winter garden stone 7"
OTHER = "the old lighthouse keeper"
HERE = "192.0.2.1"
_HASH = hash_password(PASSWORD)


def a_form(**given: Any) -> RegistrationForm:
    """A registration without a fault."""
    fields: dict[str, Any] = {
        "name": "Ada Lovelace", "email": "ada@example.org", "username": "ada", "password": PASSWORD,
        "phone": "+44 20 7946 0018", "address": "12 St James’s Square, London", "consent": True,
    }  # fmt: skip
    return RegistrationForm(**(fields | given))


def join(library: Installation, **given: Any) -> int:
    return register(library, a_form(**given), address=HERE)


def a_reader(library: Installation, **given: Any) -> Actor:
    """Somebody who can sign in with PASSWORD (ada, ada@example.org, an active member unless told otherwise)."""
    fields: dict[str, Any] = {
        "name": "Ada Lovelace", "email": "ada@example.org", "username": "ada", "password_hash": _HASH,
        "card_number": "2901234567896",
    }  # fmt: skip
    person = Person(**(fields | given))
    with begin_work(library, SYSTEM) as uow:
        return Actor(insert_person(uow, person), person.role, person.name)


def enter(library: Installation, login: str = "ada", password: str = PASSWORD, **given: Any) -> SignedIn:
    return sign_in(library, login=login, password=password, **({"address": HERE, "device": "Firefox"} | given))


def session_for(library: Installation, login: str = "ada", password: str = PASSWORD, **given: Any) -> int:
    """Signs in through ticket and cookie; returns the session's id."""
    redeemed = redeem_ticket(library, enter(library, login, password, **given).ticket)
    assert redeemed is not None
    found = session_of_token(library, redeemed.token)
    assert found is not None
    return found


def who(library: Installation, session_id: int) -> Me | None:
    return identify(library, session_id)


def mails(library: Installation, kind: str | None = None) -> list[Any]:
    """What was queued, oldest first."""
    with begin_reading(library, SYSTEM) as uow:
        wanted = select(Notice.kind, Notice.address, Notice.subject, Notice.body, Notice.account_id, Notice.language)
        rows = uow.connection.execute(wanted.order_by(Notice.id)).all()
    return [row for row in rows if kind in (None, row.kind)]


def token_in(library: Installation, kind: str) -> str:
    """The token of the latest mail of a kind."""
    found = re.search(r"token=([\w-]+)", mails(library, kind)[-1].body)
    assert found is not None
    return found[1]


def column(library: Installation, account_id: int | None, name: str) -> Any:
    """A column of an account as it stands in the database."""
    with begin_reading(library, SYSTEM) as uow:
        return uow.connection.scalar(select(getattr(Account, name)).where(Account.id == account_id))


def rows_of(library: Installation, table: Any) -> int:
    with begin_reading(library, SYSTEM) as uow:
        return uow.connection.scalar(select(func.count()).select_from(table)) or 0


def doing(library: Installation, actor: Actor) -> Any:
    """A unit of work of somebody."""
    return begin_work(library, actor)


def set_accounts(library: Installation, **values: Any) -> None:
    """Saves the settings of accounts."""
    from lib.accounts.settings import AccountSettings
    from lib.kit.settings import load_group, save_group

    with begin_work(library, SYSTEM) as uow:
        _, version = load_group(uow.connection, AccountSettings)
        save_group(uow.connection, AccountSettings(**values), seen_version=version, at=uow.now, by=None)


MINUTE = timedelta(minutes=1)
