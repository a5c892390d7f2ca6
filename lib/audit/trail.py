"""Writing and checking the audit trail."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from lib.access.work import UnitOfWork
from lib.kit.database import Statement
from lib.kit.tables import as_instant, stamp

LANES = 8
_PLAIN = json.JSONEncoder(sort_keys=True, default=str, ensure_ascii=False)  # made once: dumps makes one a call
_START = "0" * 64
_HEAD_SQLITE = Statement("SELECT lane, seq, hash FROM audit_lane WHERE lane = 0")
_HEAD_POSTGRES = Statement("SELECT lane, seq, hash FROM audit_lane WHERE lane = pg_backend_pid() % 8 FOR UPDATE")
_MOVE = Statement("UPDATE audit_lane SET seq = :seq, hash = :hash WHERE lane = :lane")
_ADD = Statement(
    "INSERT INTO audit"
    " (lane, seq, at, actor_id, actor_role, action, subject_kind, subject_id, facts, request_id, hash)"
    " VALUES"
    " (:lane, :seq, :at, :actor_id, :actor_role, :action, :subject_kind, :subject_id, :facts, :request_id, :hash)"
)
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
    head = _HEAD_SQLITE if connection.dialect.name == "sqlite" else _HEAD_POSTGRES
    lane, seq, previous = head.row(connection)
    facts = _PLAIN.encode(entry.facts)
    values: dict[str, Any] = {
        "at": uow.now, "actor_id": uow.actor.account_id, "actor_role": str(uow.actor.role), "action": entry.action,
        "subject_kind": entry.subject_kind, "subject_id": entry.subject_id, "facts": facts,
        "request_id": uow.request_id,
    }  # fmt: skip
    digest = _link(previous, seq + 1, values)
    _ADD.count(connection, lane=lane, seq=seq + 1, hash=digest, **values)
    _MOVE.count(connection, seq=seq + 1, hash=digest, lane=lane)


def _link(previous: str, seq: int, values: dict[str, Any]) -> str:
    at: datetime = values["at"]
    parts = [previous, seq, stamp(at), *(values[name] for name in _HASHED), json.loads(values["facts"])]
    return hashlib.sha256(_PLAIN.encode(parts).encode()).hexdigest()


_HASHED = ("actor_id", "actor_role", "action", "subject_kind", "subject_id", "request_id")


def chain_faults(uow: UnitOfWork) -> Iterator[str]:
    """Walks every chain from its start; yields a sentence for each break, nothing when all is well."""
    for lane, last, head in _HEADS.rows(uow.connection):
        seq, previous = 0, _START
        while rows := _CHAIN.rows(uow.connection, lane=lane, after=seq):
            for row in rows:
                values = _values(row)
                if row[0] != seq + 1:
                    yield f"Audit chain {lane}: row {seq + 1} is missing."
                elif _link(previous, row[0], values) != row[9]:
                    yield f"Audit chain {lane}: row {row[0]} was changed."
                seq, previous = row[0], row[9]
        if (seq, previous) != (last, head):
            yield f"Audit chain {lane}: ends at row {seq}, but its head says {last}."


def _values(row: Any) -> dict[str, Any]:
    names = ("actor_id", "actor_role", "action", "subject_kind", "subject_id")
    facts = row[7] if isinstance(row[7], str) else json.dumps(row[7])
    return dict(zip(names, row[2:7], strict=True)) | {"at": as_instant(row[1]), "facts": facts, "request_id": row[8]}
