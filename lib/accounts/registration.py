"""Registering from outside: a form, a mailed link, and a librarian's yes or no.

No answer tells whether an e-mail address is known here; its owner hears of the attempt by mail.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import exists, select, update

from lib.access.actor import GUEST
from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.accounts import fields, limits
from lib.accounts.cards import new_card_number
from lib.accounts.errors import MoveRefused, RegistrationClosed
from lib.accounts.links import make_link, mark_of, url_of, use_link
from lib.accounts.membership_types import default_type
from lib.accounts.models import Account, AccountStatus, LinkKind, MembershipType, SignInAttempt
from lib.accounts.password_rules import password_faults
from lib.accounts.passwords import hash_password
from lib.accounts.people import Person, insert_person
from lib.accounts.policy import may_move, membership_end
from lib.accounts.settings import AccountSettings
from lib.audit.trail import record
from lib.kit.errors import Fault, Invalid, NotFound, TooManyAttempts
from lib.kit.text import fold
from lib.notices.outbox import queue

NAME_KEPT = timedelta(days=7)  # as long as an unconfirmed registration keeps its user name


class RegistrationForm(BaseModel):
    """What somebody fills in to join; every field is checked by `register`, so none fails here."""

    name: str = ""
    email: str = ""
    username: str = ""
    password: str = ""
    phone: str = ""
    address: str = ""
    consent: bool = False
    language: str = "en"


def register(installation: Installation, form: RegistrationForm, *, address: str) -> int:
    """Takes a registration in and mails a link to confirm the address.

    With an address that has an account, nothing happens but a mail to its owner: the same to the stranger.
    The number returned (0 in that case) must not be shown to whoever registers.

    Raises:
        RegistrationClosed, TooManyAttempts; Invalid: every fault of every field.
    """
    with begin_reading(installation, GUEST) as uow:
        _admitted(uow, form, address)
    hashed = hash_password(form.password)  # between the transactions: nobody waits for it
    with begin_work(installation, GUEST) as uow:
        person = replace(_admitted(uow, form, address), password_hash=hashed)
        return _take_in(uow, person, address)


def _admitted(uow: UnitOfWork, form: RegistrationForm, address: str) -> Person:
    uow.require(Permission.SEARCH)  # open to guests
    if not uow.settings(AccountSettings).open_registration:
        raise RegistrationClosed
    limits.check(uow, "register", "", address)
    return checked_person(uow, form)


def _take_in(uow: UnitOfWork, person: Person, address: str) -> int:
    limits.note_failure(uow, "register", "", address)
    owner = _owner(uow, person.email)
    if owner is not None:
        _reserve_name(uow, person.username)
        _tell_owner(uow, owner)
        return 0
    account_id = insert_person(uow, person)
    send_verification(uow, account_id, person.email, person.language)
    record(uow, "account.register", "account", account_id)
    return account_id


def checked_person(uow: UnitOfWork, form: RegistrationForm, *, reserved: bool = True) -> Person:
    """A form as a person who is not confirmed yet; the password is checked, not hashed.

    Raises:
        Invalid: every fault of every field; a taken user name is one, a known address is not.
    """
    faults = fields.Faults()
    name = faults.read(lambda: fields.read_name(form.name), "")
    email = faults.read(lambda: fields.read_email(form.email), "")
    username = faults.read(lambda: fields.read_username(form.username, reserved=reserved), "")
    phone = faults.read(lambda: fields.read_phone(form.phone), "")
    postal = faults.read(lambda: fields.read_address(form.address), "")
    language = faults.read(lambda: fields.read_language(form.language), "en")
    near = (form.username, form.email.partition("@")[0], form.name)
    faults += [Fault("password", text) for text in password_faults(form.password, near=near)]
    if not form.consent:
        faults.append(Fault("consent", "Please agree that the library keeps these data to lend to you."))
    if username and _name_taken(uow, username):
        faults.append(Fault("username", "This user name is taken. Choose another one."))
    faults.raise_any()
    return Person(
        name=name, email=email, username=username, phone=phone, address=postal, language=language,
        status=AccountStatus.UNVERIFIED, consented=True,
        membership_type_id=default_type(uow),
    )  # fmt: skip


def _name_taken(uow: UnitOfWork, username: str) -> bool:
    key = fold(username)
    kept = exists().where(
        SignInAttempt.kind == "name", SignInAttempt.account_key == limits.account_key(uow, None, key),
        SignInAttempt.at > uow.now - NAME_KEPT,
    )  # fmt: skip
    return bool(uow.connection.scalar(select(exists().where(Account.username_key == key) | kept)))


def _reserve_name(uow: UnitOfWork, username: str) -> None:
    """Else asking for the same user name again would tell that no account was made the first time."""
    limits.note_failure(uow, "name", limits.account_key(uow, None, fold(username)), "")


def _owner(uow: UnitOfWork, email: str) -> Any:
    kept = Account
    return uow.connection.execute(
        select(kept.id, kept.email, kept.language, kept.status).where(kept.email_key == fields.email_key_of(email))
    ).first()


def _tell_owner(uow: UnitOfWork, owner: Any) -> None:
    if owner.status is AccountStatus.UNVERIFIED:
        send_verification(uow, owner.id, owner.email, owner.language)
        return
    queue(
        uow, account_id=owner.id, address=owner.email, kind="someone-tried-to-register", subject_key="",
        period=uow.today.isoformat(), language=owner.language,
        facts={"link": f"{uow.installation.config.base_url}/forgot"},
    )  # fmt: skip


def send_verification(uow: UnitOfWork, account_id: int, email: str, language: str) -> None:
    """Mails a link that confirms an address; at most five a day for one account, silently."""
    key = limits.account_key(uow, account_id, "")
    try:
        limits.take(uow, "verify", key, "")
    except TooManyAttempts:
        return
    token = make_link(uow, LinkKind.VERIFY_EMAIL, account_id)
    queue(
        uow, account_id=account_id, address=email, kind="verify-email", subject_key=mark_of(token),
        period="", language=language, facts={"link": url_of(uow, LinkKind.VERIFY_EMAIL, token)},
    )  # fmt: skip


def resend_verification(installation: Installation, email: str, address: str) -> None:
    """Mails the link again where somebody waits for it; the same answer, and silence, for everybody else."""
    with begin_work(installation, GUEST) as uow:
        try:
            limits.check(uow, "register", "", address)
            limits.note_failure(uow, "register", "", address)
            owner = _owner(uow, fields.read_email(email))
        except (TooManyAttempts, Invalid):
            return
        if owner is not None and owner.status is AccountStatus.UNVERIFIED:
            send_verification(uow, owner.id, owner.email, owner.language)


def verify_email(uow: UnitOfWork, token: str) -> AccountStatus:
    """Confirms the address of a registration; returns where the account stands now (active or pending).

    Raises:
        LinkInvalid.
    """
    uow.require(Permission.SEARCH)  # open to guests: the link is the proof
    link = use_link(uow, token, LinkKind.VERIFY_EMAIL)
    account_id = link.account_id or 0
    waits = uow.settings(AccountSettings).needs_approval
    uow.connection.execute(update(Account).where(Account.id == account_id).values(email_verified_at=uow.now))
    status = uow.connection.execute(select(Account.status).where(Account.id == account_id)).scalar_one()
    if status is AccountStatus.UNVERIFIED:
        status = AccountStatus.PENDING if waits else AccountStatus.ACTIVE
        _move(uow, account_id, status)
        if status is AccountStatus.ACTIVE:
            make_member(uow, account_id, "welcome")
    record(uow, "account.verify-email", "account", account_id, status=status.value)
    return status


def approve(uow: UnitOfWork, account_id: int) -> None:
    """Makes a registration a membership: card number, end by its type, and a mail.

    Raises:
        NotFound; MoveRefused: it does not wait for approval (any more).
    """
    uow.require(Permission.APPROVE_MEMBERS)
    _move(uow, account_id, AccountStatus.ACTIVE, AccountStatus.PENDING, AccountStatus.REJECTED, decided=True)
    make_member(uow, account_id, "registration-approved")
    record(uow, "account.approve", "account", account_id)


def reject(uow: UnitOfWork, account_id: int, reason: str) -> None:
    """Turns a registration down; the reason is mailed.

    Raises:
        NotFound; MoveRefused: it does not wait for approval (any more). Invalid: no reason.
    """
    uow.require(Permission.APPROVE_MEMBERS)
    why = fields.read_reason(reason)
    _move(uow, account_id, AccountStatus.REJECTED, AccountStatus.PENDING, decided=True, status_reason=why)
    row = uow.connection.execute(
        select(Account.name, Account.email, Account.language).where(Account.id == account_id)
    ).one()
    queue(
        uow, account_id=account_id, address=row.email or "", kind="registration-rejected", subject_key="",
        period=uow.now.isoformat(), language=row.language, facts={"name": row.name, "reason": why},
    )  # fmt: skip
    record(uow, "account.reject", "account", account_id)


def _move(
    uow: UnitOfWork, account_id: int, wanted: AccountStatus, *only: AccountStatus, decided: bool = False, **values: Any
) -> None:
    allowed = [was for was in only or tuple(AccountStatus) if may_move(was, wanted)]
    if decided:
        values |= {"decided_at": uow.now, "decided_by": uow.actor.account_id}
    changed = uow.connection.execute(
        update(Account)
        .where(Account.id == account_id, Account.status.in_(allowed))
        .values(status=wanted, **({"status_reason": None} | values), version=Account.version + 1)
    ).rowcount
    if not changed:
        status = uow.connection.scalar(select(Account.status).where(Account.id == account_id))
        if status is None:
            raise NotFound("account")
        raise MoveRefused(status=status.value, wanted=wanted.value)


def make_member(uow: UnitOfWork, account_id: int, kind: str) -> None:
    """Gives a new member a card number and the end of the membership, and says so by mail of this kind."""
    row = uow.connection.execute(
        select(
            Account.name, Account.email, Account.language, Account.card_number, Account.membership_ends_on,
            MembershipType.months,
        )
        .outerjoin(MembershipType, MembershipType.id == Account.membership_type_id)
        .where(Account.id == account_id)
    ).one()  # fmt: skip
    card = row.card_number or new_card_number(uow)
    ends = row.membership_ends_on or membership_end(uow.today, row.months)
    uow.connection.execute(
        update(Account).where(Account.id == account_id).values(card_number=card, membership_ends_on=ends)
    )
    queue(
        uow, account_id=account_id, address=row.email or "", kind=kind, subject_key="", period=uow.now.isoformat(),
        language=row.language,
        facts={"name": row.name, "card": card, "link": f"{uow.installation.config.base_url}/sign-in"},
    )  # fmt: skip
