"""The first admin: by a one-time link printed at the first start, or from the configuration."""

from dataclasses import replace

from sqlalchemy import select

from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork
from lib.accounts import fields
from lib.accounts.cards import new_card_number
from lib.accounts.errors import AdminExists
from lib.accounts.links import make_link, use_link
from lib.accounts.models import Account, AccountStatus, LinkKind
from lib.accounts.passwords import hash_password
from lib.accounts.people import Person, insert_person
from lib.accounts.registration import RegistrationForm, checked_person
from lib.accounts.staff import lock_staff
from lib.audit.trail import record
from lib.kit.errors import Fault, Invalid
from lib.notices.outbox import queue


def has_admin(uow: UnitOfWork) -> bool:
    """Whether the library has ever had an admin who was not closed."""
    found = select(Account.id).where(Account.role == Role.ADMIN, Account.status != AccountStatus.CLOSED).limit(1)
    return uow.connection.scalar(found) is not None


def first_admin_link(uow: UnitOfWork) -> str:
    """The token of a one-time link (one hour) to become the first admin; earlier ones end.

    Raises:
        AdminExists.
    """
    uow.require(Permission.RUN_JOBS)
    _require_none(uow)
    record(uow, "first-admin.link", "library", None)
    return make_link(uow, LinkKind.FIRST_ADMIN, None)


def accept_first_admin(uow: UnitOfWork, token: str, form: RegistrationForm) -> int:
    """Makes the bearer of the link the first admin, who may sign in at once; returns the account's id.

    Raises:
        LinkInvalid, AdminExists. Invalid: every fault of every field; the link stays good.
    """
    uow.require(Permission.SEARCH)  # open to guests: the link is the proof
    use_link(uow, token, LinkKind.FIRST_ADMIN)
    return _make(uow, form)


def ensure_first_admin(uow: UnitOfWork, name: str = "") -> int | None:
    """Makes the admin that the configuration names (admin_email, admin_password) unless there is one.

    Returns the account's id, or None when nothing was to do.

    Raises:
        Invalid: the address or the password will not do.
    """
    uow.require(Permission.RUN_JOBS)
    config = uow.installation.config
    if not config.admin_email or config.admin_password is None or has_admin(uow):
        return None
    form = RegistrationForm(
        name=name or "Administrator", email=config.admin_email, username="admin", consent=True,
        password=config.admin_password.get_secret_value(),
    )  # fmt: skip
    try:
        return _make(uow, form)
    except Invalid as invalid:
        names = {"email": "TOME_ADMIN_EMAIL", "password": "TOME_ADMIN_PASSWORD"}
        raise Invalid(*(Fault(names.get(f.field, f.field), f.text) for f in invalid.faults)) from invalid


def _require_none(uow: UnitOfWork) -> None:
    lock_staff(uow)
    if has_admin(uow):
        raise AdminExists


def _make(uow: UnitOfWork, form: RegistrationForm) -> int:
    _require_none(uow)
    person: Person = replace(
        checked_person(uow, form, reserved=False), role=Role.ADMIN, status=AccountStatus.ACTIVE,
        email_verified=True, card_number=new_card_number(uow), password_hash=hash_password(form.password),
    )  # fmt: skip
    account_id = insert_person(uow, person)
    queue(
        uow, account_id=account_id, address=fields.email_key_of(person.email), kind="first-admin", subject_key="",
        period="once", language=person.language,
        facts={"name": person.name, "link": f"{uow.installation.config.base_url}/sign-in"},
    )  # fmt: skip
    record(uow, "first-admin.accept", "account", account_id)
    return account_id
