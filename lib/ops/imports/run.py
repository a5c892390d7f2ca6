"""Importing a file from end to end: look, map, check, write in short turns, account for every row.

Rows are written in batches that each commit, so that others can write every 50 ms or so; the run's row tells where it
stands. Whatever stops an import, the same file imported again goes on where it was: known rows are left unchanged.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter

from sqlalchemy import insert, update
from sqlalchemy.exc import OperationalError

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.audit.trail import record
from lib.kit.errors import Busy
from lib.ops.imports.columns import Column, remember
from lib.ops.imports.job import Batch, Job, Tally, count_rows, note_faults, note_rows, prepare_job, told_of
from lib.ops.imports.practice import practice_library
from lib.ops.imports.reading import Line, Table
from lib.ops.imports.report import ImportReport, import_report
from lib.ops.imports.rows import RowResult
from lib.ops.models import ImportRun, ImportStatus

Progress = Callable[[int, int], None]
TURN_S = 0.05
SMALLEST, LARGEST, POSTGRES_BATCH = 50, 2000, 1000
ANALYZE_FROM = 500
TRIES = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file looks like before it is imported."""

    told: str
    rows: int
    columns: tuple[Column, ...]
    source: str
    why: str


class _Undo(Exception):
    """Rolls a transaction back on purpose."""


def preview_file(
    installation: Installation, actor: Actor, kind: str, path: Path, *, source: str | None = None,
    mapping: Mapping[str, str] | None = None, file_name: str = "",
) -> Preview:  # fmt: skip
    """How a file would be read: its form, its columns and its source. Raises what `import_file` raises."""
    job = prepare_job(installation, actor, kind, path, source, mapping, file_name)
    return Preview(job.table.told, job.table.total, job.columns, job.sources.own, job.why)


def import_file(
    installation: Installation, actor: Actor, kind: str, path: Path, *, source: str | None = None,
    mapping: Mapping[str, str] | None = None, dry_run: bool = False, all_or_nothing: bool = False,
    progress: Progress | None = None, file_name: str = "",
) -> ImportReport:  # fmt: skip
    """Imports titles, copies, members or loans from a CSV, TSV or XLSX file.

    `mapping` is header → field (see fields.py), "" to leave a column out; without it columns are guessed. A dry run
    does everything and keeps nothing but its report. `progress` is told rows done and rows in all.

    Raises:
        FileTooLarge, TooManyRows, UnreadableFile, UnknownKind, NoColumns, NoSuchMapping: nothing was imported.
        Forbidden: the actor may not import.
    """
    job = prepare_job(installation, actor, kind, path, source, mapping, file_name)
    run_id = _start(installation, actor, job, dry_run)
    try:
        tally = Tally()
        if dry_run or all_or_nothing:
            tally = _rehearse(installation, actor, job, run_id, progress)
        written = not dry_run and not (all_or_nothing and tally.refused)
        if written:
            whole = all_or_nothing
            tally = (_write_whole if whole else _write)(installation, actor, job, run_id, progress)
            written = not (whole and tally.refused)
    except BaseException:
        _set(installation, actor, run_id, status=ImportStatus.FAILED)
        raise
    _finish(installation, actor, job, run_id, tally, written)
    with begin_reading(installation, actor) as uow:
        return import_report(uow, run_id)


def _start(installation: Installation, actor: Actor, job: Job, dry_run: bool) -> int:
    with begin_work(installation, actor) as uow:
        uow.require(Permission.IMPORT)
        statement = insert(ImportRun).values(
            kind=job.kind, file_name=job.table.file_name, file_sha256=job.table.sha256, source=job.sources.own,
            mapping=told_of(job, (), False), dry_run=dry_run, status=ImportStatus.RUNNING, started_at=uow.now,
            started_by=actor.account_id,
        )  # fmt: skip
        run_id = int(uow.connection.execute(statement.returning(ImportRun.id)).scalar_one())
        record(uow, "import.start", "import_run", run_id, kind=job.kind, sha256=job.table.sha256, dry_run=dry_run)
    return run_id


def _write(installation: Installation, actor: Actor, job: Job, run_id: int, progress: Progress | None) -> Tally:
    tally, size = Tally(), POSTGRES_BATCH if not installation.is_sqlite else 100
    lines = job.table.lines()
    while batch := list(islice(lines, size)):
        taken = _turn(installation, actor, job, run_id, batch, tally)
        if installation.is_sqlite:
            wanted = size * min(max(TURN_S / taken, 0.5), 2.0)
            size = int(min(max(wanted, SMALLEST), LARGEST))
        if progress is not None:
            progress(tally.read, job.table.total)
    return tally


def _turn(
    installation: Installation, actor: Actor, job: Job, run_id: int, batch: list[Line], tally: Tally
) -> float:  # fmt: skip
    prepared = Batch(job, batch)
    for attempt in range(1, TRIES + 1):
        try:
            with begin_work(installation, actor) as uow:
                start = perf_counter()
                results, made = prepared.put(uow)
                after = Tally(tally.added, tally.merged, tally.unchanged, tally.refused)
                after.count(results, made)
                note_faults(uow, run_id, results)
                count_rows(uow, run_id, after)
                note_rows(uow, job, run_id, results)
            tally.count(results, made)
            return max(perf_counter() - start, 1e-6)
        except (OperationalError, Busy):  # a deadlock, or a desk that was quicker
            if attempt == TRIES:
                raise
    raise AssertionError


def _write_whole(installation: Installation, actor: Actor, job: Job, run_id: int, progress: Progress | None) -> Tally:
    """Everything in one transaction, kept only if no row is refused."""
    tally = Tally()
    refused: list[RowResult] = []
    try:
        with begin_work(installation, actor) as uow:
            for batch in _batches(job.table):
                results, made = Batch(job, batch).put(uow)
                tally.count(results, made)
                refused += [result for result in results if result.faults]
                note_rows(uow, job, run_id, results)
                if progress is not None:
                    progress(tally.read, job.table.total)
            if refused:
                raise _Undo
    except _Undo:
        with begin_work(installation, actor) as uow:
            note_faults(uow, run_id, refused)
    return tally


def _rehearse(installation: Installation, actor: Actor, job: Job, run_id: int, progress: Progress | None) -> Tally:
    """Does everything and keeps nothing: on a copy of the database, or in a transaction that is rolled back."""
    tally = Tally()

    def play(uow: UnitOfWork, batch: Sequence[Line]) -> None:
        results, made = Batch(job, batch).put(uow)
        tally.count(results, made)
        if any(result.faults for result in results):
            with begin_work(installation, actor) as real:
                note_faults(real, run_id, results)
        if progress is not None:
            progress(tally.read, job.table.total)

    if installation.is_sqlite:
        with practice_library(installation) as library:
            for batch in _batches(job.table):
                with begin_work(library, actor) as uow:
                    play(uow, batch)
        return tally
    try:
        with begin_work(installation, actor) as uow:
            for batch in _batches(job.table):
                play(uow, batch)
            raise _Undo
    except _Undo:
        return tally


def _batches(table: Table) -> Iterator[list[Line]]:
    lines = table.lines()
    while batch := list(islice(lines, POSTGRES_BATCH)):
        yield batch


def _set(installation: Installation, actor: Actor, run_id: int, **values: object) -> None:
    with begin_work(installation, actor) as uow:
        uow.connection.execute(update(ImportRun).where(ImportRun.id == run_id).values(finished_at=uow.now, **values))


def _finish(installation: Installation, actor: Actor, job: Job, run_id: int, tally: Tally, written: bool) -> None:
    if tally.copies_made:
        made = f"{tally.copies_made:,} {'copy was' if tally.copies_made == 1 else 'copies were'} made"
        tally.notes.append(f"{made} for loans, because the file names none that was free at the time.")
    if not written:
        tally.notes.append("Nothing was kept.")
    with begin_work(installation, actor) as uow:
        count_rows(uow, run_id, tally)
        if written and tally.added + tally.merged + tally.unchanged:
            remember(uow.connection, job.kind, job.columns, job.sources.own, uow.now)
        if written and tally.added >= ANALYZE_FROM:  # stale figures make PostgreSQL choose the wrong index
            if installation.is_sqlite:
                uow.connection.exec_driver_sql("PRAGMA analysis_limit = 1000")
            uow.connection.exec_driver_sql("ANALYZE")
        record(uow, "import.finish", "import_run", run_id, added=tally.added, merged=tally.merged,
               unchanged=tally.unchanged, refused=tally.refused, written=written)  # fmt: skip
    _set(installation, actor, run_id, status=ImportStatus.DONE, mapping=told_of(job, tally.notes, written))
