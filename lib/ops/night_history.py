"""What the nights did: the last run of each job, and the last nights."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.kit.database import Statement
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_day, as_instant

KEPT = timedelta(days=400)
BATCH = 1000
_COLUMNS = "SELECT id, job, on_date, started_at, finished_at, failed, counts FROM job_run"
_LAST_OF_EACH = Statement(f"{_COLUMNS} WHERE id IN (SELECT max(id) FROM job_run GROUP BY job)")
_NIGHTS = Statement(f"{_COLUMNS} WHERE job = 'night' ORDER BY id DESC LIMIT :size OFFSET :skipped")
_COUNT = Statement("SELECT count(*) FROM job_run WHERE job = 'night'")
_FORGET = Statement(
    "DELETE FROM job_run WHERE id IN (SELECT id FROM job_run WHERE started_at < :before ORDER BY id LIMIT :most)"
)


@dataclass(frozen=True, slots=True)
class JobRunRow:
    """One run of a job, or of a whole night (job "night"). `finished_at` None: under way, or its process ended."""

    id: int
    job: str
    on_date: date
    started_at: datetime
    finished_at: datetime | None
    failed: str
    counts: Mapping[str, int]

    @property
    def seconds(self) -> float:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else 0.0


def last_runs(uow: UnitOfWork) -> Mapping[str, JobRunRow]:
    """The newest run of each job by its name, the whole night's as "night"."""
    uow.require(Permission.READ_AUDIT)
    return {row[1]: _run(row) for row in _LAST_OF_EACH.rows(uow.connection)}


def nights(uow: UnitOfWork, *, page: int = 1, size: int = 14) -> Page[JobRunRow]:
    """Nights, newest first."""
    uow.require(Permission.READ_AUDIT)
    number, size = clamp(page, size)
    rows = _NIGHTS.rows(uow.connection, size=size, skipped=(number - 1) * size)
    return Page(tuple(_run(row) for row in rows), int(_COUNT.row(uow.connection)[0]), number, size)


def forget_old_nights(uow: UnitOfWork) -> int:
    """Night work: drops records older than 400 days, at most 1,000 a call; returns how many."""
    uow.require(Permission.RUN_JOBS)
    return _FORGET.count(uow.connection, before=uow.now - KEPT, most=BATCH)


def _run(row: Any) -> JobRunRow:
    number, job, on_date, started_at, finished_at, failed, counts = row
    day, started = as_day(on_date), as_instant(started_at)
    assert day is not None
    assert started is not None
    found = json.loads(counts) if isinstance(counts, str) else counts
    known = {name: value for name, value in found.items() if isinstance(value, int)}
    return JobRunRow(number, job, day, started, as_instant(finished_at), failed, known)
