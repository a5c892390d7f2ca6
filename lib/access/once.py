"""Acts that must happen once, however often the button is pressed or the request is sent."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid
from lib.kit.tables import Base, Id


class OnceKey(Base):
    """The key under which an act was done, by whom, and what came of it."""

    __tablename__ = "once_key"
    __table_args__ = (UniqueConstraint("owner", "key"),)

    id: Mapped[Id]
    owner: Mapped[str]
    key: Mapped[str]
    fingerprint: Mapped[str]
    result: Mapped[dict[str, Any]]
    at: Mapped[datetime]


KEPT = timedelta(hours=48)
BATCH = 1000
_SORTED = json.JSONEncoder(sort_keys=True, default=str)
_RECALL = Statement("SELECT fingerprint, result FROM once_key WHERE owner = :owner AND key = :key")
_TWIN_WAITS = Statement("SELECT pg_advisory_xact_lock(:number)")
_FORGET = Statement(
    "DELETE FROM once_key WHERE id IN (SELECT id FROM once_key WHERE at < :before ORDER BY id LIMIT :most)"
)
_REMEMBER = Statement(
    "INSERT INTO once_key (owner, key, fingerprint, result, at) VALUES (:owner, :key, :fingerprint, :result, :at)"
)


def fingerprint(*parts: Any) -> str:
    """A short digest of what was asked, to tell a repeat from another question under the same key."""
    return hashlib.sha256(_SORTED.encode(parts).encode()).hexdigest()[:32]


def recall(uow: UnitOfWork, key: str, asked: str) -> dict[str, Any] | None:
    """What came of the act under this key, or None if it was not done yet; a twin that asks meanwhile waits for this
    transaction's end, so that it hears the same.

    Raises:
        Invalid: the key was used for another question.
    """
    if not uow.installation.is_sqlite:  # on SQLite those who change things take turns anyway
        _TWIN_WAITS.row(uow.connection, number=_lock_number(owner_of(uow), key))
    row = _RECALL.row(uow.connection, owner=owner_of(uow), key=key)
    if row is None:
        return None
    if row[0] != asked:
        raise Invalid(Fault("idempotency_key", "This idempotency key was used for another request."))
    found: dict[str, Any] = json.loads(row[1]) if isinstance(row[1], str) else row[1]
    return found


def remember(uow: UnitOfWork, key: str, asked: str, result: dict[str, Any]) -> None:
    """Keeps what came of the act, in the act's own transaction; a racing twin fails on the unique key."""
    kept = _SORTED.encode(result)
    _REMEMBER.count(uow.connection, owner=owner_of(uow), key=key, fingerprint=asked, result=kept, at=uow.now)


def forget_old(uow: UnitOfWork) -> int:
    """Night work: drops keys older than 48 hours, at most 1,000 a call; returns how many. Call it until it gives 0."""
    uow.require(Permission.RUN_JOBS)
    return _FORGET.count(uow.connection, before=uow.now - KEPT, most=BATCH)


def _lock_number(*parts: str) -> int:
    digest = hashlib.sha256("\x1f".join(("once", *parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def owner_of(uow: UnitOfWork) -> str:
    """Keys of one actor say nothing to another."""
    return f"{uow.actor.role}:{uow.actor.account_id or 0}"
