"""Acts that must happen once, however often the button is pressed or the request is sent."""

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

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


_SORTED = json.JSONEncoder(sort_keys=True, default=str)
_RECALL = Statement("SELECT fingerprint, result FROM once_key WHERE owner = :owner AND key = :key")
_REMEMBER = Statement(
    "INSERT INTO once_key (owner, key, fingerprint, result, at) VALUES (:owner, :key, :fingerprint, :result, :at)"
)


def fingerprint(*parts: Any) -> str:
    """A short digest of what was asked, to tell a repeat from another question under the same key."""
    return hashlib.sha256(_SORTED.encode(parts).encode()).hexdigest()[:32]


def recall(uow: UnitOfWork, key: str, asked: str) -> dict[str, Any] | None:
    """What came of the act under this key, or None if it was not done yet.

    Raises:
        Invalid: the key was used for another question.
    """
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


def owner_of(uow: UnitOfWork) -> str:
    """Keys of one actor say nothing to another."""
    return f"{uow.actor.role}:{uow.actor.account_id or 0}"
