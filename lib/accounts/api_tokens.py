"""Tokens of the REST API: a signed one for a quarter of an hour, and refresh tokens that work once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from sqlalchemy import insert, select, update

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.accounts.credentials import accept, prove
from lib.accounts.errors import WrongCredentials
from lib.accounts.models import Account, AccountStatus, RefreshToken
from lib.accounts.policy import sign_in_refusal
from lib.audit.trail import record
from lib.kit.config import Mode
from lib.kit.crypto import new_token, token_hash
from lib.kit.database import Statement

ALGORITHM = "HS256"
AUDIENCE = "tome-nexus-api"
ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=14)
_WHO = Statement(
    "SELECT a.id, a.name, a.role, a.status, a.email_key FROM account a WHERE a.id = :id AND EXISTS"
    " (SELECT 1 FROM refresh_token r WHERE r.family = :family AND r.account_id = a.id AND r.revoked_at IS NULL)"
)


class RefreshRefused(WrongCredentials):
    """A refresh token that is unknown, used, revoked or too old."""

    message = "Please sign in again."


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a program gets for a name and a password. `expires_in_s` is the life of `access` in seconds."""

    access: str
    refresh: str
    expires_in_s: int


def issue_tokens(installation: Installation, login: str, password: str, address: str) -> Tokens:
    """Signs a program in.

    Raises:
        WrongCredentials, TooManyAttempts, CannotSignIn: as on the sign-in page.
    """
    proof = prove(installation, login, password, address)
    with begin_work(installation, Actor(proof.account_id, proof.role, proof.name)) as uow:
        accept(uow, proof)
        family = new_token()
        record(uow, "api-token.issue", "account", proof.account_id)
        return _pair(uow, proof.account_id, family)


def refresh(installation: Installation, token: str) -> Tokens:
    """Gives a new pair for a refresh token. A token that was used before ends its whole family: somebody has a copy.

    Raises:
        RefreshRefused.
    """
    with begin_work(installation, GUEST) as uow:
        pair = _rotate(uow, token)
    if pair is None:  # raised outside, so that the end of a family is committed
        raise RefreshRefused
    return pair


def revoke_refresh(installation: Installation, token: str) -> None:
    """Signs a program out: ends the family of a refresh token."""
    with begin_work(installation, GUEST) as uow:
        family = uow.connection.scalar(
            select(RefreshToken.family).where(RefreshToken.token_hash == token_hash(_ascii(token)))
        )
        if family is not None:
            _end_family(uow, family)


def actor_of_token(installation: Installation, access: str) -> Actor | None:
    """Who an access token speaks for, with role and standing as the database knows them now; None when it is no
    good: forged, too old, its family ended, its owner disabled."""
    claims = _claims(installation, access)
    if claims is None:
        return None
    with begin_reading(installation, GUEST) as uow:
        row = _WHO.row(uow.connection, id=claims["sub"], family=claims["fam"])
    production = installation.config.mode is Mode.PRODUCTION
    if row is None or sign_in_refusal(AccountStatus(row[3]), row[4], production=production):
        return None
    return Actor(row[0], Role(row[2]), row[1])


def _claims(installation: Installation, access: str) -> dict[str, Any] | None:
    if len(access) > 4096:
        return None
    required = ["exp", "aud", "sub", "jti"]
    # The library's own clock judges the life, below; PyJWT would ask the machine's.
    options: Any = {"require": required, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    try:
        claims = jwt.decode(
            access, installation.keys.signing, algorithms=[ALGORITHM], audience=AUDIENCE, options=options
        )
        ends = int(claims["exp"])
        found = {"sub": int(claims["sub"]), "fam": str(claims["fam"])}
    except (jwt.InvalidTokenError, UnicodeEncodeError, KeyError, ValueError, TypeError):
        return None
    return found if installation.clock.now().timestamp() < ends else None


def _rotate(uow: UnitOfWork, token: str) -> Tokens | None:
    kept = RefreshToken
    digest = token_hash(_ascii(token))
    used = uow.connection.execute(
        update(kept)
        .where(kept.token_hash == digest, kept.used_at.is_(None), kept.revoked_at.is_(None), kept.expires_at > uow.now)
        .values(used_at=uow.now)
        .returning(kept.account_id, kept.family)
    ).first()
    if used is None:
        replayed = uow.connection.scalar(
            select(kept.family).where(kept.token_hash == digest, kept.used_at.is_not(None))
        )
        if replayed is not None:
            _end_family(uow, replayed)
        return None
    account = uow.connection.execute(
        select(Account.status, Account.email_key).where(Account.id == used.account_id)
    ).one()
    production = uow.installation.config.mode is Mode.PRODUCTION
    if sign_in_refusal(account.status, account.email_key, production=production):
        return None
    return _pair(uow, used.account_id, used.family)


def _end_family(uow: UnitOfWork, family: str) -> None:
    uow.connection.execute(
        update(RefreshToken)
        .where(RefreshToken.family == family, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=uow.now)
    )
    record(uow, "api-token.end", "token-family", None)


def _pair(uow: UnitOfWork, account_id: int, family: str) -> Tokens:
    secret = new_token()
    uow.connection.execute(
        insert(RefreshToken).values(
            account_id=account_id, family=family, token_hash=token_hash(secret), created_at=uow.now,
            expires_at=uow.now + REFRESH_LIFE,
        )
    )  # fmt: skip
    return Tokens(_access(uow, account_id, family, uow.now), secret, int(ACCESS_LIFE.total_seconds()))


def _access(uow: UnitOfWork, account_id: int, family: str, now: datetime) -> str:
    claims = {
        "sub": str(account_id), "aud": AUDIENCE, "iat": now, "exp": now + ACCESS_LIFE, "jti": new_token(),
        "fam": family,
    }  # fmt: skip
    return jwt.encode(claims, uow.installation.keys.signing, algorithm=ALGORITHM)


def _ascii(token: str) -> str:
    return token if token.isascii() and len(token) <= 200 else ""
