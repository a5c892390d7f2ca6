"""Passwords: Argon2id as OWASP asks (19 MiB, 2 passes), never more than four at once, and changing one's own.

Hashes are computed between transactions: whoever holds one would keep everybody waiting who wants to write.
"""

import threading
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from prometheus_client import Counter
from sqlalchemy import select, true, update

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork, begin_work
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


@dataclass(frozen=True, slots=True)
class OwnPassword:
    """Somebody who gave their present password again, and the hash that it was checked against."""

    account_id: int
    name: str
    username: str | None
    email: str | None
    language: str
    kept: str


def change_password(installation: Installation, actor: Actor, *, old: str, new: str) -> None:
    """Changes one's own password; every session ends, this one too.

    Raises:
        WrongPassword: `old` is wrong. Invalid: `new` is too weak. TooManyAttempts: `old` was guessed too often.
    """
    mine = prove_own(installation, actor, old)
    require_good(new, mine.username, mine.email, mine.name)
    hashed = hash_password(new)
    with begin_work(installation, actor) as uow:
        uow.require(Permission.USE_ACCOUNT)
        set_password(uow, mine.account_id, hashed, kept=mine.kept)
        record(uow, "password.change", "account", mine.account_id)


def prove_own(installation: Installation, actor: Actor, password: str) -> OwnPassword:
    """Asks the person who acts for their password again; each try is counted before it is looked at.

    Raises:
        WrongPassword, TooManyAttempts.
    """
    with begin_work(installation, actor) as uow:
        uow.require(Permission.USE_ACCOUNT)
        key = limits.account_key(uow, actor.account_id, "")
        limits.check(uow, "password", key, "")
        attempt = limits.note_failure(uow, "password", key, "own session")
        own = Account
        row = uow.connection.execute(
            select(own.id, own.name, own.username, own.email, own.language, own.password_hash)
            .where(own.id == actor.account_id)
        ).one()  # fmt: skip
    if not check_password(row.password_hash, password):
        raise WrongPassword
    with begin_work(installation, actor) as uow:
        limits.succeed(uow, attempt)
    return OwnPassword(row.id, row.name, row.username, row.email, row.language, row.password_hash or "")


def set_password(uow: UnitOfWork, account_id: int, hashed: str, *, kept: str | None = None) -> None:
    """Stores a new password's hash; sessions, tokens and open links of the account end, and its owner is told.

    Raises:
        WrongPassword: `kept` is given, and the password was changed since that hash was read.
    """
    unchanged = true() if kept is None else Account.password_hash == kept
    row = uow.connection.execute(
        update(Account)
        .where(Account.id == account_id, unchanged)
        .values(password_hash=hashed, password_changed_at=uow.now)
        .returning(Account.name, Account.email, Account.language)
    ).first()
    if row is None:
        raise WrongPassword
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
