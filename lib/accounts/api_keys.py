"""Keys for programs: hashed, narrowed to scopes, revocable, never stronger than their owner."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.accounts.models import AccountStatus, ApiKey
from lib.accounts.policy import sign_in_refusal
from lib.audit.trail import record
from lib.kit.config import Mode
from lib.kit.crypto import new_token, token_hash
from lib.kit.database import Statement
from lib.kit.errors import Fault, Forbidden, Invalid, NotFound
from lib.kit.tables import as_instant
from lib.kit.text import one_line

PREFIX = "tome_"
MOST_KEYS = 50
TOUCH_EVERY = timedelta(minutes=1)
_WHO = Statement(
    "SELECT k.id, k.scopes, k.expires_at, k.last_used_at, a.id, a.name, a.role, a.status, a.email_key"
    " FROM api_key k JOIN account a ON a.id = k.account_id WHERE k.key_hash = :hash AND k.revoked_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """A key without its secret; `hint` is the last four characters of that."""

    id: int
    name: str
    hint: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


def create_key(
    uow: UnitOfWork, name: str, scopes: Iterable[Permission], expires: datetime | None = None
) -> tuple[ApiKeyRow, str]:
    """Makes a key of one's own; returns it with its secret, which is shown this once and kept nowhere.

    Raises:
        Forbidden: a key cannot make keys. Invalid: no name, no scope, a scope one does not have, or an end that
        has passed.
    """
    uow.require(Permission.USE_ACCOUNT)
    if uow.actor.scopes is not None:
        raise Forbidden
    label, wanted = one_line(name, "name"), sorted(set(scopes))
    faults = _faults(uow, label, wanted, expires)
    if faults:
        raise Invalid(*faults)
    secret = PREFIX + new_token()
    values: dict[str, Any] = {
        "account_id": uow.actor.account_id, "name": label, "key_hash": token_hash(secret), "hint": secret[-4:],
        "scopes": [scope.value for scope in wanted], "created_at": uow.now, "expires_at": expires,
    }  # fmt: skip
    key_id = uow.connection.execute(insert(ApiKey).values(**values).returning(ApiKey.id)).scalar_one()
    record(uow, "api-key.create", "api-key", key_id, scopes=values["scopes"], expires=expires)
    return ApiKeyRow(key_id, label, secret[-4:], tuple(values["scopes"]), uow.now, expires, None), secret


def _faults(uow: UnitOfWork, name: str, scopes: list[Permission], expires: datetime | None) -> list[Fault]:
    found = []
    if not 1 <= len(name) <= 80:
        found.append(Fault("name", "Give the key a name of up to 80 characters, like “Website”."))
    if not scopes:
        found.append(Fault("scopes", "Choose at least one thing that the key may do."))
    found += [Fault("scopes", f"You may not do “{scope}” yourself.") for scope in scopes if not uow.actor.may(scope)]
    if expires is not None and (expires.tzinfo is None or expires <= uow.now):
        found.append(Fault("expires", "The end of the key must lie in the future."))
    if len(my_keys(uow)) >= MOST_KEYS:
        found.append(Fault("name", f"You have {MOST_KEYS} keys already. Revoke one first."))
    return found


def my_keys(uow: UnitOfWork) -> tuple[ApiKeyRow, ...]:
    """One's own keys that were not revoked, the newest first."""
    uow.require(Permission.USE_ACCOUNT)
    kept = ApiKey
    rows = uow.connection.execute(
        select(kept.id, kept.name, kept.hint, kept.scopes, kept.created_at, kept.expires_at, kept.last_used_at)
        .where(kept.account_id == uow.actor.account_id, kept.revoked_at.is_(None))
        .order_by(kept.id.desc())
        .limit(MOST_KEYS)
    )
    return tuple(ApiKeyRow(row[0], row[1], row[2], tuple(row[3]), row[4], row[5], row[6]) for row in rows)


def revoke_key(uow: UnitOfWork, key_id: int) -> None:
    """Ends a key of one's own.

    Raises:
        NotFound: no live key of one's own has this id.
    """
    uow.require(Permission.USE_ACCOUNT)
    mine = ApiKey.account_id == uow.actor.account_id
    ended = uow.connection.execute(
        update(ApiKey).where(ApiKey.id == key_id, mine, ApiKey.revoked_at.is_(None)).values(revoked_at=uow.now)
    ).rowcount
    if not ended:
        raise NotFound("API key")
    record(uow, "api-key.revoke", "api-key", key_id)


def revoke_all(uow: UnitOfWork, account_id: int) -> None:
    """Ends every key of an account."""
    uow.connection.execute(
        update(ApiKey).where(ApiKey.account_id == account_id, ApiKey.revoked_at.is_(None)).values(revoked_at=uow.now)
    )


def actor_of_key(installation: Installation, secret: str) -> Actor | None:
    """Who a key acts for now, with the key's scopes; None when it is unknown, revoked, expired, or its owner may
    not sign in. Notes the use at most once a minute."""
    if not secret.startswith(PREFIX) or len(secret) > 200 or not secret.isascii():
        return None
    with begin_reading(installation, GUEST) as uow:
        row = _WHO.row(uow.connection, hash=token_hash(secret))
        now = uow.now
    if row is None:
        return None
    ends, used = as_instant(row[2]), as_instant(row[3])
    production = installation.config.mode is Mode.PRODUCTION
    if (ends and ends <= now) or sign_in_refusal(AccountStatus(row[7]), row[8], production=production):
        return None
    if used is None or now - used >= TOUCH_EVERY:
        with begin_work(installation, GUEST) as uow:
            uow.connection.execute(update(ApiKey).where(ApiKey.id == row[0]).values(last_used_at=uow.now))
    return Actor(row[4], Role(row[6]), row[5], None, _scopes(row[1]))


def _scopes(kept: Any) -> frozenset[Permission]:
    """The scopes of a key; those this version no longer knows allow nothing."""
    known = {permission.value for permission in Permission}
    values = json.loads(kept) if isinstance(kept, str) else kept
    return frozenset(Permission(value) for value in values if value in known)
