"""Roles: librarians and admins are appointed by an admin, and one admin always stays."""

from typing import Any

from pydantic import BaseModel
from sqlalchemy import func, select, update

from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork
from lib.accounts import fields
from lib.accounts.cards import new_card_number
from lib.accounts.errors import LastAdmin, MoveRefused, SecondLibrarian
from lib.accounts.invitations import invite_to_choose_password
from lib.accounts.membership_types import default_type
from lib.accounts.models import Account, AccountStatus, OneAdminGuard
from lib.accounts.people import Person, insert_person
from lib.accounts.policy import MAY_SIGN_IN, STAFF
from lib.accounts.sessions import end_all
from lib.accounts.settings import AccountSettings
from lib.audit.trail import record
from lib.kit.errors import Fault, Forbidden, NotFound
from lib.notices.outbox import queue


class StaffForm(BaseModel):
    """A librarian or admin to be made; every field is checked by `create_staff`."""

    name: str = ""
    email: str = ""
    username: str = ""
    role: Role = Role.LIBRARIAN
    language: str = "en"


def appoint(uow: UnitOfWork, account_id: int, role: Role) -> None:
    """Makes somebody a member, librarian or admin; all their sessions end. The same role again changes nothing.

    Raises:
        NotFound; MoveRefused: the account is not active. LastAdmin, SecondLibrarian.
    """
    uow.require(Permission.MANAGE_STAFF)
    lock_staff(uow)
    row = _account(uow, account_id)
    if row.role == role:
        return
    if role not in STAFF | {Role.MEMBER} or row.role == Role.TERMINAL:
        raise Forbidden
    if role in STAFF and row.status is not AccountStatus.ACTIVE:
        raise MoveRefused(status=row.status.value, wanted=role.value)
    require_room(uow, role, account_id)
    if row.role == Role.ADMIN:
        require_another_admin(uow, account_id)
    uow.connection.execute(
        update(Account).where(Account.id == account_id).values(role=role, version=Account.version + 1)
    )
    end_all(uow, account_id, "role")
    queue(
        uow, account_id=account_id, address=row.email or "", kind="role-changed", subject_key=role.value,
        period=uow.now.isoformat(), language=row.language,
        facts={"name": row.name, "role": role.value, "link": f"{uow.installation.config.base_url}/sign-in"},
    )  # fmt: skip
    record(uow, "staff.appoint", "account", account_id, before=str(row.role), after=role.value)


def create_staff(uow: UnitOfWork, form: StaffForm) -> int:
    """Makes an account for a librarian or admin; a link to choose a password is mailed. Returns its id.

    Raises:
        Invalid: every fault of every field. SecondLibrarian.
    """
    uow.require(Permission.MANAGE_STAFF)
    lock_staff(uow)
    faults = fields.Faults()
    name = faults.read(lambda: fields.read_name(form.name), "")
    email = faults.read(lambda: fields.read_email(form.email), "")
    username = faults.read(lambda: fields.read_username(form.username, reserved=False), "") if form.username else ""
    language = faults.read(lambda: fields.read_language(form.language), "en")
    if form.role not in STAFF:
        faults.append(Fault("role", "Choose librarian or admin."))
    faults.raise_any()
    require_room(uow, form.role, 0)
    account_id = insert_person(
        uow,
        Person(
            name=name, email=email, username=username, language=language, role=form.role,
            card_number=new_card_number(uow), membership_type_id=default_type(uow),
        ),
    )  # fmt: skip
    invite_to_choose_password(uow, account_id)
    record(uow, "staff.create", "account", account_id, role=form.role.value)
    return account_id


def lock_staff(uow: UnitOfWork) -> None:
    """Lets one change of roles at a time through: two admins cannot remove each other at once."""
    uow.connection.execute(update(OneAdminGuard).where(OneAdminGuard.id == 1).values(changes=OneAdminGuard.changes + 1))


def require_another_admin(uow: UnitOfWork, account_id: int) -> None:
    """Sees that an admin who may sign in is left without this one; call `lock_staff` first.

    Raises:
        LastAdmin.
    """
    others = uow.connection.scalar(
        select(func.count()).where(
            Account.role == Role.ADMIN, Account.status == AccountStatus.ACTIVE, Account.id != account_id
        )
    )
    if not others:
        raise LastAdmin


def require_over(uow: UnitOfWork, role: Role) -> None:
    """Accounts of staff and of terminals are an admin's business: a librarian changes members only.

    Raises:
        Forbidden.
    """
    if role in STAFF | {Role.TERMINAL}:
        uow.require(Permission.MANAGE_STAFF)


def require_room(uow: UnitOfWork, role: Role, account_id: int) -> None:
    """Sees that the library may have this librarian beside those it has.

    Raises:
        SecondLibrarian.
    """
    if role is not Role.LIBRARIAN or not uow.settings(AccountSettings).single_librarian:
        return
    other = uow.connection.scalar(
        select(Account.name)
        .where(Account.role == Role.LIBRARIAN, Account.status.in_(MAY_SIGN_IN), Account.id != account_id)
        .limit(1)
    )
    if other is not None:
        raise SecondLibrarian(name=other)


def _account(uow: UnitOfWork, account_id: int) -> Any:
    kept = Account
    row = uow.connection.execute(
        select(kept.role, kept.status, kept.name, kept.email, kept.language).where(kept.id == account_id)
    ).first()
    if row is None:
        raise NotFound("account")
    return row
