"""The auditor: a whole integrity check as a run that is kept, with what it found.

The check reads one moment of the database and takes no write lock; only its outcome is written, afterwards.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.kit.clock import Clock
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_instant
from lib.ops.integrity import Finding, Tick, checks, findings

KEPT = timedelta(days=400)
BATCH = 200
MOST_FINDINGS = 500
_ADD_RUN = Statement(
    "INSERT INTO integrity_run (started_at, finished_at, asked_by, actor_id, checked, findings)"
    " VALUES (:started_at, :finished_at, :asked_by, :actor_id, :checked, :findings) RETURNING id"
)
_ADD_FINDING = Statement(
    "INSERT INTO integrity_finding (run_id, name, says, count, ids, rows, repair)"
    " VALUES (:run_id, :name, :says, :count, :ids, :rows, '')"
)
_RUN = "SELECT id, started_at, finished_at, asked_by, actor_id, checked, findings FROM integrity_run"
_LAST = Statement(f"{_RUN} ORDER BY id DESC LIMIT 1")
_ONE = Statement(f"{_RUN} WHERE id = :run_id")
_RUNS = Statement(f"{_RUN} ORDER BY id DESC LIMIT :size OFFSET :skipped")
_COUNT = Statement("SELECT count(*) FROM integrity_run")
_FINDINGS = Statement(
    "SELECT id, name, says, count, ids, rows, repaired_at, repaired_by, repair FROM integrity_finding"
    " WHERE run_id = :run_id ORDER BY id LIMIT :most"
)
_FORGET = Statement(
    "DELETE FROM integrity_run WHERE id IN"
    " (SELECT id FROM integrity_run WHERE started_at < :before ORDER BY id LIMIT :most)"
)
_ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run. `asked_by` is verify, night or page; `actor_id` None: the system. `findings` counts what is broken."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    asked_by: str
    actor_id: int | None
    checked: int
    findings: int

    @property
    def seconds(self) -> float:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else 0.0


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What a run found: the first twenty rows with their columns; `repair` says what was done about it since."""

    id: int
    name: str
    says: str
    count: int
    ids: tuple[int, ...]
    rows: tuple[Mapping[str, Any], ...]
    repaired_at: datetime | None
    repaired_by: int | None
    repair: str


@dataclass(frozen=True, slots=True)
class Audit:
    """A run just made, and what it found."""

    run: RunRow
    found: tuple[Finding, ...] = field(default=())


def run_audit(
    installation: Installation, *, asked_by: str, actor: Actor = SYSTEM, tick: Tick | None = None
) -> Audit:  # fmt: skip
    """Checks everything and keeps the outcome. `tick` is told how many checks are done, of how many.

    Raises:
        Forbidden, NotSignedIn: the actor neither reads the audit trail nor runs jobs.
    """
    clock: Clock = installation.clock
    started = clock.now()
    with begin_reading(installation, actor) as uow:
        if not installation.is_sqlite:  # SQLite's reading sees one moment anyway
            uow.connection.exec_driver_sql(_ONE_MOMENT)
        found = findings(uow, tick=tick)
    with begin_work(installation, actor) as uow:
        row = _ADD_RUN.row(
            uow.connection, started_at=started, finished_at=clock.now(), asked_by=asked_by,
            actor_id=actor.account_id, checked=checks(), findings=len(found),
        )  # fmt: skip
        _ADD_FINDING.many(uow.connection, [_kept(row[0], one) for one in found[:MOST_FINDINGS]])
        run = _run(_ONE.row(uow.connection, run_id=row[0]))
    return Audit(run, found)


def _kept(run_id: int, finding: Finding) -> dict[str, Any]:
    return {
        "run_id": run_id, "name": finding.name, "says": finding.says, "count": finding.count,
        "ids": json.dumps(finding.ids), "rows": json.dumps(finding.rows),
    }  # fmt: skip


def last_run(uow: UnitOfWork) -> RunRow | None:
    """The newest run, or None when there was none yet."""
    uow.require(Permission.READ_AUDIT)
    row = _LAST.row(uow.connection)
    return _run(row) if row else None


def runs(uow: UnitOfWork, *, page: int = 1, size: int = 20) -> Page[RunRow]:
    """Runs, newest first."""
    uow.require(Permission.READ_AUDIT)
    number, size = clamp(page, size)
    rows = _RUNS.rows(uow.connection, size=size, skipped=(number - 1) * size)
    return Page(tuple(_run(row) for row in rows), int(_COUNT.row(uow.connection)[0]), number, size)


def run_of(uow: UnitOfWork, run_id: int) -> RunRow:
    """One run.

    Raises:
        NotFound: no such run.
    """
    uow.require(Permission.READ_AUDIT)
    row = _ONE.row(uow.connection, run_id=run_id)
    if row is None:
        raise NotFound("run")
    return _run(row)


def findings_of(uow: UnitOfWork, run_id: int) -> tuple[FindingRow, ...]:
    """What a run found, at most 500; empty when all was well or there was no such run."""
    uow.require(Permission.READ_AUDIT)
    return tuple(_finding(row) for row in _FINDINGS.rows(uow.connection, run_id=run_id, most=MOST_FINDINGS))


def forget_old_runs(uow: UnitOfWork) -> int:
    """Night work: drops runs older than 400 days with their findings, at most 200 a call; returns how many."""
    uow.require(Permission.RUN_JOBS)
    return _FORGET.count(uow.connection, before=uow.now - KEPT, most=BATCH)


def _run(row: Any) -> RunRow:
    started = as_instant(row[1])
    assert started is not None
    return RunRow(row[0], started, as_instant(row[2]), *row[3:])


def _finding(row: Any) -> FindingRow:
    number, name, says, count, ids, rows, repaired_at, repaired_by, repair = row
    return FindingRow(
        number, name, says, count, tuple(_json(ids)), tuple(_json(rows)), as_instant(repaired_at), repaired_by, repair
    )


def _json(value: Any) -> list[Any]:
    found: list[Any] = json.loads(value) if isinstance(value, str) else value
    return found
