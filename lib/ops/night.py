"""The night: what the library does for itself once a day, job after job, in batches between which desks get their turn.

Each job brings things up to the present day, whatever happened before: after a missed night the next one does it all,
and a second run in the same night finds nothing left. Only one night runs at a time: a row of `job_run` says so, and is
taken over when it has shown no sign of life for half an hour (its process was killed).
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid, Refusal, RuleBroken
from lib.kit.logs import log, new_request_id
from lib.kit.tables import as_instant
from lib.ops.night_jobs import JOBS, Batch, Job, Look, Step
from lib.ops.night_pace import LARGEST, Pace

NIGHT = "night"
DEAD_AFTER = timedelta(minutes=30)
BEAT_EVERY = timedelta(seconds=20)
_RUNNING = Statement(
    "SELECT id, started_at, counts FROM job_run WHERE job = 'night' AND finished_at IS NULL ORDER BY id"
)
_TURN = Statement("SELECT pg_advisory_xact_lock(7463001)")
_BEGIN = Statement(
    "INSERT INTO job_run (job, on_date, started_at, failed, counts) VALUES (:job, :today, :now, '', :counts)"
    " RETURNING id"
)
_BEAT = Statement("UPDATE job_run SET counts = :counts WHERE id = :run_id AND finished_at IS NULL")
_END = Statement(
    "UPDATE job_run SET finished_at = :now, failed = :failed, counts = :counts"
    " WHERE id = :run_id AND finished_at IS NULL"
)
_BREAK_OFF = Statement(
    "UPDATE job_run SET finished_at = :now, failed = :failed WHERE finished_at IS NULL AND id <= :last"
)
_DONE_TODAY = Statement(
    "SELECT 1 FROM job_run WHERE job = 'night' AND on_date = :today AND finished_at IS NOT NULL AND failed = ''"
    " AND CAST(counts AS TEXT) NOT LIKE '%\"partial\"%'"
)
Told = Callable[[Job, Mapping[str, int]], None]


class NightIsRunning(RuleBroken):
    """Another process is at it. Facts: since."""

    rule = "one night at a time"
    message = "Another night has been running since {since}."
    way_out = "It is taken over when it shows no life for half an hour."


class NightTakenOver(Exception):
    """Another process took this night for dead and began its own."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one job: what it counted, how long it took in seconds, and why it failed (or "")."""

    name: str
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    failed: str = ""


@dataclass(slots=True)
class _Night:
    """A night under way: gives signs of life, so that nobody takes it over."""

    installation: Installation
    run_id: int
    last_beat: datetime

    def beat(self) -> None:
        now = self.installation.clock.now()
        if now - self.last_beat < BEAT_EVERY:
            return
        self.last_beat = now
        with begin_work(self.installation, SYSTEM) as uow:
            if not _BEAT.count(uow.connection, run_id=self.run_id, counts=json.dumps({"alive_at": now.isoformat()})):
                raise NightTakenOver


def done_today(uow: UnitOfWork) -> bool:
    """Whether a whole night of this day of the library has ended well."""
    return _DONE_TODAY.row(uow.connection, today=uow.today) is not None


def run_night(
    installation: Installation, *, progress: Told | None = None, only: Sequence[str] = (), jobs: Sequence[Job] = JOBS
) -> tuple[Outcome, ...]:
    """Runs each job (or those named by `only`), in their order; a job that fails does not keep the next from running.
    `progress` is told of a job's counts as they grow.

    Raises:
        NightIsRunning: another process is at it. Invalid: no job has that name.
    """
    known = {job.name: job for job in jobs}
    if unknown := [name for name in only if name not in known]:
        raise Invalid(Fault("only", f"There is no night job “{unknown[0]}”. Known: {', '.join(known)}."))
    chosen = [job for job in jobs if not only or job.name in only]
    night = _begin(installation)
    outcomes: list[Outcome] = []
    try:
        outcomes += (_run_job(installation, night, job, progress) for job in chosen)
    except NightTakenOver:
        outcomes.append(Outcome(NIGHT, failed="another process took over"))
        return tuple(outcomes)
    except BaseException:
        _end(installation, night.run_id, {}, "broken off")
        raise
    failed = [one.name for one in outcomes if one.failed]
    counts = {"jobs": len(outcomes), "failed": len(failed)} | ({"partial": 1} if only else {})
    _end(installation, night.run_id, counts, f"failed: {', '.join(failed)}" if failed else "")
    return tuple(outcomes)


def _begin(installation: Installation) -> _Night:
    with begin_reading(installation, SYSTEM) as uow:
        today = uow.today  # the settings are read before anybody has to wait for it
    with begin_work(installation, SYSTEM) as uow:
        if not installation.is_sqlite:
            _TURN.row(uow.connection)
        for run_id, started_at, counts in _RUNNING.rows(uow.connection):
            alive_at = _alive_at(started_at, counts)
            if uow.now - alive_at < DEAD_AFTER:
                since = f"{as_instant(started_at):%Y-%m-%d %H:%M} UTC"
                raise NightIsRunning(since=since)
            _BREAK_OFF.count(uow.connection, now=uow.now, failed="broken off: its process ended", last=run_id)
        row = _BEGIN.row(uow.connection, job=NIGHT, today=today, now=uow.now, counts="{}")
        _forget_strays(uow, row[0])
        return _Night(installation, row[0], uow.now)


def _forget_strays(uow: UnitOfWork, run_id: int) -> None:
    """Runs of single jobs whose night was broken off do not stay open."""
    _BREAK_OFF.count(uow.connection, now=uow.now, failed="broken off: its process ended", last=run_id - 1)


def _alive_at(started_at: Any, counts: Any) -> datetime:
    found = json.loads(counts) if isinstance(counts, str) else counts
    instant = as_instant(started_at)
    assert instant is not None
    return datetime.fromisoformat(found["alive_at"]) if "alive_at" in found else instant


def _end(installation: Installation, run_id: int, counts: Mapping[str, int], failed: str) -> None:
    with begin_work(installation, SYSTEM) as uow:
        _END.count(uow.connection, run_id=run_id, now=uow.now, failed=failed[:500], counts=json.dumps(counts))


def _run_job(installation: Installation, night: _Night, job: Job, progress: Told | None) -> Outcome:
    night.beat()
    with begin_work(installation, SYSTEM) as uow:
        row = _BEGIN.row(uow.connection, job=job.name, today=uow.today, now=uow.now, counts="{}")
    counts: dict[str, int] = {}
    started, failed = time.monotonic(), ""

    def told(more: Mapping[str, int]) -> None:
        for name, number in more.items():
            counts[name] = counts.get(name, 0) + number
        if progress:
            progress(job, counts)
        night.beat()

    try:
        if job.whole is not None:
            told(job.whole(installation, night.beat))
        if job.look is not None and installation.is_sqlite:
            _windows(installation, job.look, told)
        elif job.step is not None:
            _batches(installation, job.step, told)
    except NightTakenOver:
        raise
    except Exception as error:  # noqa: BLE001  # one job's fault must not end the night; it is logged and kept
        failed = _why(job, error)
    _end(installation, row[0], counts, failed)
    return Outcome(job.name, dict(counts), round(time.monotonic() - started, 3), failed)


def _batches(installation: Installation, step: Step, told: Callable[[Mapping[str, int]], None]) -> None:
    pace, after = Pace(installation), 0
    while True:
        done = pace.batch(_at(step, after, pace.limit))
        told(done.counts)
        if done.after_id is None:
            return
        after = done.after_id


def _at(step: Step, after: int, limit: int) -> Callable[[UnitOfWork], Batch]:
    return lambda uow: step(uow, after, limit)


def _windows(installation: Installation, look: Look, told: Callable[[Mapping[str, int]], None]) -> None:
    """Reads and counts while others may write, and takes its turn for what is to be written alone."""
    pace, after = Pace(installation), 0
    while True:
        with begin_reading(installation, SYSTEM) as uow:
            seen = look(uow, after, LARGEST)
        told(seen.counts)
        left = seen.changes
        while left:
            many = -(-len(left) // -(-len(left) // pace.limit))  # no small rest
            some, left = left[:many], left[many:]
            told(pace.batch(partial(seen.write, some), many))
        if seen.after_id is None:
            return
        after = seen.after_id


def _why(job: Job, error: Exception) -> str:
    """Why a job failed, without what it was working on: a refusal's own words, else an incident for the log."""
    incident = new_request_id()
    if isinstance(error, Refusal):
        log().error("night job failed", job=job.name, incident=incident, said=str(error))
        return f"{error} (incident {incident})"
    log().error("night job failed", job=job.name, incident=incident, exc_info=error)
    return f"{type(error).__name__} (incident {incident})"
