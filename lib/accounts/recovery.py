"""Forgotten passwords and changed addresses: mailed links, and the same answer for everybody."""

from typing import Any

from sqlalchemy import select, update

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.accounts import fields, limits
from lib.accounts.first_admin import accept_first_admin, first_admin_link
from lib.accounts.invitations import mail_password_link
from lib.accounts.links import make_link, mark_of, owner_of_link, url_of, use_link, void_links
from lib.accounts.models import Account, AccountStatus, LinkKind
from lib.accounts.passwords import OwnPassword, hash_password, prove_own, require_good, set_password
from lib.accounts.people import known_as, refusing_doubles
from lib.accounts.registration import send_verification
from lib.audit.trail import record
from lib.kit.errors import Invalid, TooManyAttempts
from lib.notices.outbox import queue

# The first admin's way in is a mailed link too; doors find all of them here.
__all__ = [
    "accept_first_admin", "confirm_email_change", "first_admin_link",
    "request_email_change", "request_password_reset", "reset_password", "tell_old_address",
]  # fmt: skip
_MAY_RESET = frozenset({AccountStatus.PENDING, AccountStatus.ACTIVE, AccountStatus.SUSPENDED})


def request_password_reset(installation: Installation, email: str, address: str) -> None:
    """Mails a link for a new password where the address has an account; at most five a day.

    Says nothing either way, not even when a limit is reached.
    """
    try:
        key_email = fields.email_key_of(fields.read_email(email))
    except Invalid:
        return
    with begin_work(installation, GUEST) as uow:
        row = _by_email(uow, key_email)
        try:
            limits.take(uow, "reset", limits.account_key(uow, row.id if row else None, key_email), address)
        except TooManyAttempts:
            return
        if row is not None and row.status is AccountStatus.UNVERIFIED:
            send_verification(uow, row.id, row.email, row.language)
        elif row is not None and row.status in _MAY_RESET:
            mail_password_link(uow, row, "password-reset")


def _by_email(uow: UnitOfWork, key: str) -> Any:
    kept = Account
    return uow.connection.execute(
        select(kept.id, kept.name, kept.email, kept.language, kept.status).where(kept.email_key == key)
    ).first()


def reset_password(installation: Installation, token: str, new: str) -> None:
    """Chooses a new password by a mailed link; every session ends. A password that is refused leaves the link good.

    Raises:
        LinkInvalid. Invalid: the password is too weak.
    """
    with begin_reading(installation, GUEST) as uow:  # the link is the proof
        owner = owner_of_link(uow, token, LinkKind.RESET_PASSWORD)
        row = uow.connection.execute(
            select(Account.name, Account.username, Account.email).where(Account.id == owner)
        ).one()
    require_good(new, row.username, row.email, row.name)
    hashed = hash_password(new)
    with begin_work(installation, GUEST) as uow:
        account_id = use_link(uow, token, LinkKind.RESET_PASSWORD).account_id or 0
        set_password(uow, account_id, hashed)
        uow.connection.execute(
            update(Account)
            .where(Account.id == account_id, Account.email_verified_at.is_(None))
            .values(email_verified_at=uow.now)
        )
        record(uow, "password.reset", "account", account_id)


def request_email_change(installation: Installation, actor: Actor, new_email: str, password: str) -> None:
    """Mails a link to a new address of one's own; the old one stays until the link is opened.

    With an address that another account uses, its owner is told instead: the same to the one who asks.

    Raises:
        WrongPassword, TooManyAttempts. Invalid: this is no e-mail address.
    """
    email = fields.read_email(new_email)
    mine = prove_own(installation, actor, password)
    with begin_work(installation, actor) as uow:
        _mail_new_address(uow, mine, email)


def _mail_new_address(uow: UnitOfWork, mine: OwnPassword, email: str) -> None:
    uow.require(Permission.USE_ACCOUNT)
    limits.take(uow, "verify", limits.account_key(uow, mine.account_id, ""), "")
    owner = _by_email(uow, fields.email_key_of(email))
    if owner is not None:
        queue(
            uow, account_id=owner.id, address=owner.email, kind="someone-tried-to-register", subject_key="",
            period=uow.today.isoformat(), language=owner.language,
            facts={"link": f"{uow.installation.config.base_url}/forgot"},
        )  # fmt: skip
        return
    token = make_link(uow, LinkKind.CHANGE_EMAIL, mine.account_id, email)
    queue(
        uow, account_id=mine.account_id, address=email, kind="email-change", subject_key=mark_of(token), period="",
        language=mine.language, facts={"link": url_of(uow, LinkKind.CHANGE_EMAIL, token)},
    )  # fmt: skip
    record(uow, "email.request-change", "account", mine.account_id)


def confirm_email_change(uow: UnitOfWork, token: str) -> None:
    """Puts the new address in force; the old one is told, and other open links of the account end.

    Raises:
        LinkInvalid. Invalid: another account has taken the address meanwhile.
    """
    uow.require(Permission.SEARCH)  # open to guests: the link is the proof
    link = use_link(uow, token, LinkKind.CHANGE_EMAIL)
    account_id, email = link.account_id or 0, link.payload or ""
    old = uow.connection.execute(
        select(Account.name, Account.email, Account.language).where(Account.id == account_id)
    ).one()
    keys = known_as("", email)
    values = {"email": keys["email"], "email_key": keys["email_key"], "email_verified_at": uow.now}
    refusing_doubles(
        uow,
        lambda: uow.connection.execute(
            update(Account).where(Account.id == account_id).values(**values, version=Account.version + 1)
        ),
    )
    void_links(uow, account_id)
    tell_old_address(uow, account_id, old)
    record(uow, "email.change", "account", account_id)


def tell_old_address(uow: UnitOfWork, account_id: int, old: Any) -> None:
    """Tells the address that is given up (row of name, email, language)."""
    queue(
        uow, account_id=account_id, address=old.email or "", kind="email-changed", subject_key="",
        period=uow.now.isoformat(), language=old.language, facts={"name": old.name},
    )  # fmt: skip
