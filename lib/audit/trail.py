"""Writing and checking the audit trail."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from lib.access.work import UnitOfWork
from lib.kit.database import Statement
from lib.kit.tables import stamp

LANES = 8
_NESTED = (dict, list, tuple)
_PLAIN = json.JSONEncoder(sort_keys=True, default=str, ensure_ascii=False)  # made once: dumps makes one a call
_START = "0" * 64
_HEAD_SQLITE = Statement("SELECT lane, seq, hash FROM audit_lane WHERE lane = 0")
# Two processes may have the same lane of their own: who finds it taken takes the next that is free. One that this
# transaction has already is free to it, so that who has one never waits for another.
_FREE_HEAD = Statement(
    "SELECT lane, seq, hash FROM audit_lane ORDER BY (lane + 8 - pg_backend_pid() % 8) % 8 LIMIT 1"
    " FOR UPDATE SKIP LOCKED"
)
_OWN_HEAD = Statement("SELECT lane, seq, hash FROM audit_lane WHERE lane = pg_backend_pid() % 8 FOR UPDATE")
_MOVE_SQL = "UPDATE audit_lane SET seq = :seq, hash = :hash WHERE lane = :lane"
_ADD_SQL = (
    "INSERT INTO audit"
    " (lane, seq, at, actor_id, actor_role, action, subject_kind, subject_id, facts, request_id, hash)"
    " VALUES"
    " (:lane, :seq, :at, :actor_id, :actor_role, :action, :subject_kind, :subject_id, :facts, :request_id, :hash)"
)
_MOVE, _ADD = Statement(_MOVE_SQL), Statement(_ADD_SQL)
_MOVE_AND_ADD = Statement(f"WITH moved AS ({_MOVE_SQL}) {_ADD_SQL}")  # one errand to PostgreSQL instead of two
_CHAIN = Statement(
    "SELECT seq, at, actor_id, actor_role, action, subject_kind, subject_id, facts, request_id, hash FROM audit"
    " WHERE lane = :lane AND seq > :after ORDER BY seq LIMIT 5000"
)
_HEADS = Statement("SELECT lane, seq, hash FROM audit_lane ORDER BY lane")


@dataclass(frozen=True, slots=True)
class _Entry:
    action: str
    subject_kind: str
    subject_id: int | None
    facts: dict[str, Any]


def record(uow: UnitOfWork, action: str, subject_kind: str, subject_id: int | None, **facts: Any) -> None:
    """Notes a change; the row is written just before the commit, so that chains are held shortly.

    `action` reads like "loan.issue"; `facts` hold ids, codes, dates and amounts, never names, addresses or secrets.
    """
    entry = _Entry(action, subject_kind, subject_id, facts)
    uow.before_commit.append(partial(_write, uow, entry))


def _write(uow: UnitOfWork, entry: _Entry) -> None:
    connection = uow.connection
    on_sqlite = uow.installation.is_sqlite
    lane, seq, previous = (
        _HEAD_SQLITE.row(connection) if on_sqlite else _FREE_HEAD.row(connection) or _OWN_HEAD.row(connection)
    )
    facts = _PLAIN.encode(entry.facts)
    if not _has_text_keys(entry.facts):
        facts = _PLAIN.encode(json.loads(facts))  # as it comes back: keys are text, then sorted
    values: dict[str, Any] = {
        "at": uow.now, "actor_id": uow.actor.account_id, "actor_role": str(uow.actor.role), "action": entry.action,
        "subject_kind": entry.subject_kind, "subject_id": entry.subject_id, "facts": facts,
        "request_id": uow.request_id,
    }  # fmt: skip
    digest = _link(previous, seq + 1, stamp(uow.now), [values[name] for name in _HASHED], facts)
    values |= {"lane": lane, "seq": seq + 1, "hash": digest}
    if on_sqlite:
        _ADD.count(connection, **values)
        _MOVE.count(connection, seq=seq + 1, hash=digest, lane=lane)
    else:
        _MOVE_AND_ADD.count(connection, **values)


def _has_text_keys(value: Any) -> bool:
    """Whether a value's JSON comes back with its keys as they are, so that they are sorted already."""
    parts = value
    if isinstance(value, dict):
        if any(not isinstance(key, str) for key in value):
            return False
        parts = value.values()
    return all(_has_text_keys(part) for part in parts if isinstance(part, _NESTED))


_HASHED = ("actor_id", "actor_role", "action", "subject_kind", "subject_id", "request_id")


def _link(previous: str, seq: int, at: str, hashed: Sequence[Any], facts: str) -> str:
    """The hash of a row: of the one before and of its own values in JSON; `facts` are JSON already, keys sorted."""
    parts = _PLAIN.encode([previous, seq, at, *hashed])
    return hashlib.sha256(f"{parts[:-1]}, {facts}]".encode()).hexdigest()


def chain_faults(uow: UnitOfWork) -> Iterator[str]:
    """Walks every chain from its start; yields a sentence for each break, nothing when all is well."""
    for lane, last, head in _HEADS.rows(uow.connection):
        seq, previous = 0, _START
        while rows := _CHAIN.rows(uow.connection, lane=lane, after=seq):
            for row in rows:
                if row[0] != seq + 1:
                    yield f"Audit chain {lane}: row {seq + 1} is missing."
                elif not _is_linked(previous, row):
                    yield f"Audit chain {lane}: row {row[0]} was changed."
                seq, previous = row[0], row[9]
        if (seq, previous) != (last, head):
            yield f"Audit chain {lane}: ends at row {seq}, but its head says {last}."


def _is_linked(previous: str, row: Any) -> bool:
    """Whether a row's hash is that of its values. Where JSON is kept as text it is as it was written, as a rule; only
    where it differs it is read and written anew, which is most of the work."""
    seq, at, *named, facts, request_id, digest = row
    instant = at if isinstance(at, str) else stamp(at)
    hashed = [*named, request_id]
    if isinstance(facts, str):
        if _link(previous, seq, instant, hashed, facts) == digest:
            return True
        facts = json.loads(facts)
    return bool(_link(previous, seq, instant, hashed, _PLAIN.encode(facts)) == digest)
