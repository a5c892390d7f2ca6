"""Proving who one is by name and password: limits first, the same time for names nobody has."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from lib.access.actor import GUEST
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.accounts import limits
from lib.accounts.errors import CannotSignIn, WrongCredentials
from lib.accounts.fields import email_key_of, readable
from lib.accounts.links import void_links
from lib.accounts.models import Account, AccountStatus
from lib.accounts.passwords import check_password, hash_password, needs_rehash
from lib.accounts.policy import SIGN_IN_REFUSALS, sign_in_refusal
from lib.kit.config import Mode
from lib.kit.database import Statement
from lib.kit.text import fold

_COLUMNS = "SELECT id, name, role, status, email_key, password_hash FROM account WHERE "
_BY_EMAIL = Statement(_COLUMNS + "email_key = :value")
_BY_CARD = Statement(_COLUMNS + "card_number = :value")
_BY_NAME = Statement(_COLUMNS + "username_key = :value")


@dataclass(frozen=True, slots=True)
class Proof:
    """An account whose password was right; `new_hash` where the kept one was made with older figures."""

    account_id: int
    name: str
    role: Role
    status: AccountStatus
    attempt_id: int
    password_hash: str
    new_hash: str | None


def prove(installation: Installation, login: str, password: str, address: str) -> Proof:
    """Checks a name (user name, e-mail or card number) and a password.

    Each attempt is counted before the password is looked at, and stays counted when it was wrong.

    Raises:
        TooManyAttempts, WrongCredentials, CannotSignIn.
    """
    typed = readable(login, 255)
    with begin_reading(installation, GUEST) as uow:
        row = _find(uow, typed)
    with begin_work(installation, GUEST) as uow:
        key = limits.account_key(uow, row[0] if row else None, fold(typed))
        attempt = limits.take(uow, "password", key, address)
    kept = row[5] if row else None
    if not check_password(kept, password) or row is None or kept is None:
        raise WrongCredentials
    status = AccountStatus(row[3])
    if reason := sign_in_refusal(status, row[4], production=installation.config.mode is Mode.PRODUCTION):
        with begin_work(installation, GUEST) as uow:
            limits.succeed(uow, attempt)
        raise CannotSignIn(reason=reason, text=SIGN_IN_REFUSALS[reason])
    new_hash = hash_password(password) if needs_rehash(kept) else None
    return Proof(row[0], row[1], Role(row[2]), status, attempt, kept, new_hash)


def accept(uow: UnitOfWork, proof: Proof) -> None:
    """Takes a proof in the transaction that builds on it: open links end, an old hash is renewed.

    Raises:
        WrongCredentials: the password or the standing changed since it was checked.
    """
    changes: dict[str, Any] = {"last_seen_at": uow.now}
    if proof.new_hash:
        changes["password_hash"] = proof.new_hash
    touched = uow.connection.execute(
        update(Account)
        .where(
            Account.id == proof.account_id, Account.password_hash == proof.password_hash,
            Account.status == proof.status, Account.role == proof.role,
        )
        .values(**changes)
    ).rowcount  # fmt: skip
    if not touched:
        raise WrongCredentials
    limits.succeed(uow, proof.attempt_id)
    void_links(uow, proof.account_id)


def _find(uow: UnitOfWork, typed: str) -> Any:
    if not typed:
        return None
    if "@" in typed:
        return _BY_EMAIL.row(uow.connection, value=email_key_of(typed))
    card = _BY_CARD.row(uow.connection, value=typed.replace(" ", ""))
    return card or _BY_NAME.row(uow.connection, value=fold(typed))
