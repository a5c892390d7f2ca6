"""Acts that must happen once, however often the button is pressed or the request is sent."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from lib.access.permissions import Permission, Role
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


Receipt = TypeVar("Receipt")
KEPT = timedelta(hours=48)
NOBODY = 0
PEOPLE = frozenset({"member_id", "account_id"})  # the fields of answers that say whose they are
BATCH = 1000
_SORTED = json.JSONEncoder(sort_keys=True, default=str)
_RECALL = Statement("SELECT fingerprint, result FROM once_key WHERE owner = :owner AND key = :key")
_TWIN_WAITS = Statement("SELECT pg_advisory_xact_lock(:number)")
_FORGET = Statement(
    "DELETE FROM once_key WHERE id IN (SELECT id FROM once_key WHERE at < :before ORDER BY id LIMIT :most)"
)
_OWN = Statement("DELETE FROM once_key WHERE owner IN (:*owners)")
# Only what may name somebody is read; there are the keys of two days, and being forgotten is rare.
_ABOUT = Statement(
    "SELECT id, result FROM once_key WHERE id > :after AND (CAST(result AS TEXT) LIKE :number"
    " OR CAST(result AS TEXT) LIKE :last OR CAST(result AS TEXT) LIKE :name) ORDER BY id LIMIT :most"
)
_REDACT = Statement("UPDATE once_key SET result = :result WHERE id = :key_id")
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
    return _read(row[1])


def _read(kept: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kept) if isinstance(kept, str) else kept
    return found


def remember(uow: UnitOfWork, key: str, asked: str, result: dict[str, Any]) -> None:
    """Keeps what came of the act, in the act's own transaction; a racing twin fails on the unique key."""
    kept = _SORTED.encode(result)
    _REMEMBER.count(uow.connection, owner=owner_of(uow), key=key, fingerprint=asked, result=kept, at=uow.now)


def act_once(
    uow: UnitOfWork,
    key: str | None,
    question: Sequence[Any],
    act: Callable[[], Receipt],
    kept: Callable[[Receipt], dict[str, Any]],
    told: Callable[[dict[str, Any]], Receipt],
) -> Receipt:
    """What comes of `act`; with a key, what came of it before for the same `question`, and nothing is done twice.
    `kept` is what is remembered of it, in JSON's types; `told` makes the answer of that again.

    Raises:
        Invalid: the key was used for another question.
    """
    if not key:
        return act()
    asked = fingerprint(*question)
    if (before := recall(uow, key, asked)) is not None:
        return told(before)
    receipt = act()
    remember(uow, key, asked, kept(receipt))
    return receipt


def number_once(uow: UnitOfWork, key: str | None, question: Sequence[Any], act: Callable[[], int], name: str) -> int:
    """`act_once` for an act of which a number comes, which is remembered under `name`.

    Raises:
        Invalid: the key was used for another question.
    """
    return act_once(uow, key, question, act, lambda number: {name: number}, lambda kept: int(kept[name]))


def forget_old(uow: UnitOfWork) -> int:
    """Night work: drops keys older than 48 hours, at most 1,000 a call; returns how many. Call it until it gives 0."""
    uow.require(Permission.RUN_JOBS)
    return _FORGET.count(uow.connection, before=uow.now - KEPT, most=BATCH)


def forget_person(uow: UnitOfWork, account_id: int, name: str) -> int:
    """Takes somebody out of the answers that are kept: their own go, in those of others their number becomes 0 and
    their name goes. So the desk's repeat of an act stays a repeat. Tells how many were touched. No permission is asked
    here: erasing a history and closing an account do."""
    owners = [f"{role}:{account_id}" for role in Role]
    touched, after, most = _OWN.count(uow.connection, owners=owners), 0, BATCH
    about = {"number": f'%_id": {account_id},%', "last": f'%_id": {account_id}}}%', "name": f"%{_wild(uow, name)}%"}
    while rows := _ABOUT.rows(uow.connection, after=after, most=most, **about):
        after = rows[-1][0]
        for key_id, kept in rows:
            was = _read(kept)
            now = _without(was, account_id, name)
            if now != was:
                touched += _REDACT.count(uow.connection, result=_SORTED.encode(now), key_id=key_id)
    return touched


def _wild(uow: UnitOfWork, name: str) -> str:
    """A name as it stands in stored JSON, with a joker for each sign that JSON or LIKE would take for another."""
    stored = json.dumps(name, ensure_ascii=uow.installation.is_sqlite)[1:-1]
    return re.sub(r'[\\%_"]', "_", stored)


def _without(value: Any, account_id: int, name: str) -> Any:
    if isinstance(value, dict):
        return {
            field: NOBODY if field in PEOPLE and part == account_id else _without(part, account_id, name)
            for field, part in value.items()
        }
    if isinstance(value, list):
        return [_without(part, account_id, name) for part in value]
    if isinstance(value, str) and name:
        return value.replace(name, "")
    return value


def _lock_number(*parts: str) -> int:
    digest = hashlib.sha256("\x1f".join(("once", *parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def owner_of(uow: UnitOfWork) -> str:
    """Keys of one actor say nothing to another."""
    return f"{uow.actor.role}:{uow.actor.account_id or 0}"
