"""Members: entering and editing them at the desk, and editing one's own profile."""

from typing import Any

from pydantic import BaseModel
from sqlalchemy import select, update

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts import fields
from lib.accounts.cards import card_number_of, new_card_number
from lib.accounts.invitations import invite_to_choose_password
from lib.accounts.links import void_links
from lib.accounts.membership_types import require_type
from lib.accounts.models import Account, MembershipType
from lib.accounts.passwords import has_password
from lib.accounts.people import Person, index_people, insert_person, known_as, named, reachable, refusing_doubles
from lib.accounts.policy import membership_end
from lib.accounts.recovery import tell_old_address
from lib.accounts.staff import require_over
from lib.audit.trail import record
from lib.kit.errors import Fault, NotFound, StaleEdit
from lib.kit.strict import Day, Whole


class MemberForm(BaseModel):
    """What staff know of a member; every field is checked by the use case. Without a card number one is made;
    without an end, a new membership lasts as long as its type says."""

    name: str = ""
    email: str = ""
    username: str = ""
    phone: str = ""
    address: str = ""
    card_number: str = ""
    membership_type_id: Whole | None = None
    membership_ends_on: Day | None = None
    language: str = "en"
    note: str = ""


class ProfileForm(BaseModel):
    """What a reader may change of their own record."""

    name: str = ""
    phone: str = ""
    address: str = ""
    language: str = "en"
    preferences: dict[str, Any] = {}


def add_member(uow: UnitOfWork, form: MemberForm) -> int:
    """Enters an active member; a link to choose a password is mailed where there is an address. Returns the id.

    Raises:
        Invalid: every fault of every field.
    """
    uow.require(Permission.EDIT_MEMBERS)
    given = _checked(uow, form, old_card=None)
    type_id = require_type(uow, form.membership_type_id)
    months = uow.connection.scalar(select(MembershipType.months).where(MembershipType.id == type_id))
    account_id = insert_person(
        uow,
        Person(
            **given, card_number=card_number_of(form.card_number) or new_card_number(uow),
            membership_type_id=type_id,
            membership_ends_on=form.membership_ends_on or membership_end(uow.today, months),
        ),
    )  # fmt: skip
    invite_to_choose_password(uow, account_id)
    record(uow, "member.add", "account", account_id)
    return account_id


def edit_member(uow: UnitOfWork, account_id: int, form: MemberForm, *, seen_version: int) -> None:
    """Changes a member's record; the end of the membership is taken as given.

    Raises:
        NotFound; Forbidden: staff are an admin's business. StaleEdit: somebody saved since `seen_version`.
        Invalid: every fault of every field.
    """
    uow.require(Permission.EDIT_MEMBERS)
    old = _row(uow, account_id)
    require_over(uow, old.role)
    given = _checked(uow, form, old_card=old.card_number)
    type_id = form.membership_type_id
    if type_id != old.membership_type_id:
        type_id = require_type(uow, type_id)
    values: dict[str, Any] = {
        **named(given["name"]), **known_as(given["username"], given["email"]),
        **reachable(uow, given["phone"], given["address"]),
        "language": given["language"], "note": given["note"], "membership_type_id": type_id,
        "membership_ends_on": form.membership_ends_on,
    }  # fmt: skip
    if form.card_number.strip() and form.card_number.strip() != old.card_number:
        values["card_number"] = card_number_of(form.card_number)
    moved = values["email_key"] != old.email_key
    if moved:
        values["email_verified_at"] = None
        tell_old_address(uow, account_id, old)
        void_links(uow, account_id)  # those in the old mailbox would open the account, or confirm the new address
    _write(uow, account_id, values, seen_version)
    _reindex(uow, account_id, old.name, given["name"])
    if moved and not has_password(uow, account_id):
        invite_to_choose_password(uow, account_id)
    record(uow, "member.edit", "account", account_id, changed=_changed(old, values))


def edit_profile(uow: UnitOfWork, form: ProfileForm, *, seen_version: int | None = None) -> None:
    """Changes one's own name, telephone number, address, language and preferences.

    Raises:
        StaleEdit: with `seen_version`, when somebody saved since. Invalid: every fault of every field.
    """
    uow.require(Permission.USE_ACCOUNT)
    account_id = uow.actor.account_id or 0
    old = _row(uow, account_id)
    faults = fields.Faults()
    name = faults.read(lambda: fields.read_name(form.name), "")
    phone = faults.read(lambda: fields.read_phone(form.phone), "")
    address = faults.read(lambda: fields.read_address(form.address), "")
    language = faults.read(lambda: fields.read_language(form.language), "en")
    nothing: dict[str, Any] = {}
    preferences = faults.read(lambda: fields.read_preferences(form.preferences), nothing)
    faults.raise_any()
    values = {**named(name), **reachable(uow, phone, address), "language": language, "preferences": preferences}
    _write(uow, account_id, values, old.version if seen_version is None else seen_version)
    _reindex(uow, account_id, old.name, name)
    record(uow, "profile.edit", "account", account_id, changed=_changed(old, values))


def _checked(uow: UnitOfWork, form: MemberForm, *, old_card: str | None) -> dict[str, Any]:
    """The fields of a form as they are stored; a number that stays is not questioned."""
    faults = fields.Faults()
    given = {
        "name": faults.read(lambda: fields.read_name(form.name), ""),
        "email": faults.read(lambda: fields.read_email(form.email), "") if form.email.strip() else "",
        "username": faults.read(lambda: fields.read_username(form.username, reserved=False), "")
        if form.username.strip()
        else "",
        "phone": faults.read(lambda: fields.read_phone(form.phone), ""),
        "address": faults.read(lambda: fields.read_address(form.address), ""),
        "language": faults.read(lambda: fields.read_language(form.language), "en"),
        "note": faults.read(lambda: fields.read_note(form.note), ""),
    }
    card = form.card_number.strip()
    if card and card != old_card and card_number_of(card) is None:
        faults.append(Fault("card_number", "This card number does not check out; scan or type it again."))
    faults.raise_any()
    return given


def _row(uow: UnitOfWork, account_id: int) -> Any:
    kept = Account
    row = uow.connection.execute(
        select(
            kept.role, kept.name, kept.email, kept.email_key, kept.username_key, kept.card_number, kept.phone_hash,
            kept.language, kept.note, kept.membership_type_id, kept.membership_ends_on, kept.version,
        ).where(kept.id == account_id)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound("account")
    return row


def _write(uow: UnitOfWork, account_id: int, values: dict[str, Any], seen_version: int) -> None:
    statement = (
        update(Account)
        .where(Account.id == account_id, Account.version == seen_version)
        .values(**values, version=Account.version + 1)
    )
    if not refusing_doubles(uow, lambda: uow.connection.execute(statement).rowcount):
        raise StaleEdit(thing="record", changed_by="somebody else", changed_at=uow.now)


def _reindex(uow: UnitOfWork, account_id: int, old: str, new: str) -> None:
    if old != new:
        index_people(uow, {account_id: new})


def _changed(old: Any, values: dict[str, Any]) -> list[str]:
    """The names of the columns that differ: names alone go into the audit trail, never what stands in them."""
    before = old._mapping
    return sorted(name for name, value in values.items() if name in before and before[name] != value)
