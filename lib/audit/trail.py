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
    facts = _PLAIN.encode(json.loads(_PLAIN.encode(entry.facts)))  # as it comes back: keys are text, then sorted
    values: dict[str, Any] = {
        "at": uow.now, "actor_id": uow.actor.account_id, "actor_role": str(uow.actor.role), "action": entry.action,
        "subject_kind": entry.subject_kind, "subject_id": entry.subject_id, "facts": facts,
        "request_id": uow.request_id,
    }  # fmt: skip
    digest = _link(previous, seq + 1, stamp(uow.now), [values[name] for name in _HASHED], facts)
    _ADD.count(connection, lane=lane, seq=seq + 1, hash=digest, **values)
    _MOVE.count(connection, seq=seq + 1, hash=digest, lane=lane)


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
