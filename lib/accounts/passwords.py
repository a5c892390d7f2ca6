"""Passwords: Argon2id as OWASP asks (19 MiB, 2 passes), never more than four at once, and changing one's own."""

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from prometheus_client import Counter
from sqlalchemy import select, update

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts import limits
from lib.accounts.errors import WrongPassword
from lib.accounts.links import void_links
from lib.accounts.models import Account
from lib.accounts.password_rules import LONGEST, password_faults
from lib.accounts.sessions import end_all
from lib.audit.trail import record
from lib.kit.errors import Fault, Invalid
from lib.notices.outbox import queue

_HASHER = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1)
_ROOM = threading.BoundedSemaphore(4)
_CHECKS = Counter("tome_password_checks", "Password hashes computed to check a sign-in, unknown names included")
# Checked in place of the missing hash of an unknown name, so that both answers take as long.
_DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$yz2WUIwz3k3k5/Enqxl3lQ$AHXkcfc3xJD35kwA5qLN0cLT31cwO0egAwLMuuslYLo"


def hash_password(password: str) -> str:
    """A password as it is kept."""
    with _ROOM:
        return _HASHER.hash(unicodedata.normalize("NFC", password))


def check_password(kept: str | None, password: str) -> bool:
    """Whether a password is the one that is kept; takes as long when none is kept."""
    try:
        typed = unicodedata.normalize("NFC", password[: LONGEST + 1]).encode()
    except UnicodeEncodeError:
        typed, kept = b"", None
    with _ROOM:
        _CHECKS.inc()
        try:
            return _HASHER.verify(kept or _DUMMY, typed) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(kept: str) -> bool:
    """Whether a kept hash was made with older figures."""
    return _HASHER.check_needs_rehash(kept)


def require_good(password: str, *near: str | None, field: str = "password") -> None:
    """Lets a password through.

    Raises:
        Invalid: with every fault of it.
    """
    faults = password_faults(password, near=[text for text in near if text])
    if faults:
        raise Invalid(*(Fault(field, text) for text in faults))


def change_password(uow: UnitOfWork, *, old: str, new: str) -> None:
    """Changes one's own password; every session ends, this one too.

    Raises:
        WrongPassword: `old` is wrong. Invalid: `new` is too weak. TooManyAttempts: `old` was guessed too often.
    """
    uow.require(Permission.USE_ACCOUNT)
    row = require_own_password(uow, old)
    require_good(new, row.username, row.email, row.name)
    set_password(uow, row.id, new)
    record(uow, "password.change", "account", row.id)


def require_own_password(uow: UnitOfWork, password: str) -> Account:
    """Asks the person who acts for their password again; a wrong one is counted whatever happens next.

    Raises:
        WrongPassword, TooManyAttempts.
    """
    account_id = uow.actor.account_id
    key = limits.account_key(uow, account_id, "")
    limits.check(uow, "password", key, "")
    row = uow.session.get_one(Account, account_id)
    if not check_password(row.password_hash, password):
        uow.afterwards.append(lambda later: _note(later, key))
        raise WrongPassword
    return row


def _note(uow: UnitOfWork, key: str) -> None:
    limits.note_failure(uow, "password", key, "own session")


def set_password(uow: UnitOfWork, account_id: int, new: str) -> None:
    """Stores a new password; sessions, tokens and open links of the account end, and its owner is told."""
    row = uow.connection.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(password_hash=hash_password(new), password_changed_at=uow.now)
        .returning(Account.name, Account.email, Account.language)
    ).one()
    end_all(uow, account_id, "password")
    void_links(uow, account_id)
    local = uow.now.astimezone(uow.zone)
    queue(
        uow, account_id=account_id, address=row.email or "", kind="password-changed", subject_key="",
        period=uow.now.isoformat(), language=row.language,
        facts={
            "name": row.name, "at": f"{local:%Y-%m-%d %H:%M}",
            "link": f"{uow.installation.config.base_url}/forgot",
        },
    )  # fmt: skip


def has_password(uow: UnitOfWork, account_id: int) -> bool:
    """Whether a password was ever chosen."""
    return uow.connection.scalar(select(Account.password_hash).where(Account.id == account_id)) is not None
