"""A file that is ready to be imported, and its rows written batch by batch, each with its outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork, begin_reading
from lib.audit.trail import record
from lib.kit.errors import Refusal
from lib.ops.imports import copies, loans, members, titles
from lib.ops.imports.columns import SAMPLE_ROWS, Column, columns_of
from lib.ops.imports.reading import Line, Table, open_table
from lib.ops.imports.rows import Layout, Row, RowResult, Sources, layout_of
from lib.ops.imports.sources import sources_of
from lib.ops.models import ImportFault, ImportRun


@dataclass(frozen=True, slots=True)
class Job:
    """A file that is ready to be imported."""

    kind: str
    table: Table
    columns: tuple[Column, ...]
    layout: Layout
    sources: Sources
    why: str

    def prepare(self, lines: Sequence[Line]) -> list[Any]:
        """Reads rows as far as that goes without the database, so that nobody waits meanwhile."""
        return list(_ROOMS[self.kind].prepare(lines, self.layout))

    def put(self, uow: UnitOfWork, told: Sequence[Any]) -> tuple[list[RowResult], int]:
        """Writes prepared rows; their results in order, and how many copies had to be made for them."""
        if self.kind == "titles":
            return titles.put(uow, told, self.sources.own), 0
        if self.kind == "copies":
            return copies.put(uow, told, self.sources), 0
        if self.kind == "members":
            return members.put(uow, told, self.sources.own), 0
        return loans.put(uow, told, self.sources)


_ROOMS: dict[str, Any] = {"titles": titles, "copies": copies, "members": members, "loans": loans}


@dataclass(slots=True)
class Tally:
    """Counts of an import so far."""

    added: int = 0
    merged: int = 0
    unchanged: int = 0
    refused: int = 0
    copies_made: int = 0
    notes: list[str] = field(default_factory=list)

    def count(self, results: Sequence[RowResult], made: int) -> None:
        """Adds the outcomes of a batch."""
        for result in results:
            setattr(self, result.outcome, getattr(self, result.outcome) + 1)
        self.copies_made += made

    @property
    def read(self) -> int:
        """How many rows have an outcome."""
        return self.added + self.merged + self.unchanged + self.refused


def prepare_job(
    installation: Installation, actor: Actor, kind: str, path: Path, source: str | None,
    mapping: Mapping[str, str] | None, file_name: str,
) -> Job:  # fmt: skip
    """Looks at a file: its form, its columns, its sources."""
    with begin_reading(installation, actor) as uow:
        uow.require(Permission.IMPORT)
        table = open_table(Path(path), file_name)
        columns = columns_of(uow.connection, kind, table, mapping)
        spread = max(1, table.total // SAMPLE_ROWS)
        sample = [line for line in islice(table.lines(), 0, None, spread) if not line.fault]
        layout = layout_of(columns, sample, uow.zone, uow.library.currency)
        named = " ".join(source.split())[:60] if source else None
        found = sources_of(uow, kind, [Row(line, layout) for line in sample], table.file_name, named)
    return Job(kind, table, columns, layout, found.sources, found.why)


class Batch:
    """Some lines of a file, read before the database is touched."""

    def __init__(self, job: Job, lines: Sequence[Line]) -> None:
        self.job, self.lines = job, lines
        self.good = [line for line in lines if not line.fault]
        self._told: list[Any] | None = job.prepare(self.good)

    def put(self, uow: UnitOfWork) -> tuple[list[RowResult], int]:
        """Writes it; rows that cannot be read are refused at once, rows that the database refuses are singled out."""
        by_line = {
            line.number: RowResult(line.number, "refused", ((line.column, line.fault),))
            for line in self.lines if line.fault
        }  # fmt: skip
        told, self._told = self._told, None  # writing notes faults in it: a second try reads anew
        results, made = _put_good(uow, self.job, self.good, told)
        by_line |= {result.line: result for result in results}
        return [by_line[line.number] for line in self.lines], made


def _put_good(
    uow: UnitOfWork, job: Job, lines: Sequence[Line], told: Sequence[Any] | None = None
) -> tuple[list[RowResult], int]:  # fmt: skip
    if not lines:
        return [], 0
    kept = len(uow.before_commit)
    try:
        with uow.connection.begin_nested():
            return job.put(uow, told if told is not None else job.prepare(lines))
    except (IntegrityError, Refusal) as error:
        del uow.before_commit[kept:]
        if len(lines) == 1:
            reason = str(error) if isinstance(error, Refusal) else "The database refuses this row: it breaks a rule."
            return [RowResult(lines[0].number, "refused", (("", reason),))], 0
    half = len(lines) // 2
    first, made = _put_good(uow, job, lines[:half])
    second, more = _put_good(uow, job, lines[half:])
    return first + second, made + more


def note_rows(uow: UnitOfWork, job: Job, run_id: int, results: Sequence[RowResult]) -> None:
    """Notes in the audit trail that rows changed something."""
    changed = [result for result in results if result.outcome in ("added", "merged")]
    if changed and job.kind in ("members", "loans"):  # titles and copies have rows of their own in the trail
        record(uow, f"{job.kind.removesuffix('s')}.import", "import_run", run_id, rows=len(changed),
               first=changed[0].line, last=changed[-1].line)  # fmt: skip


def note_faults(uow: UnitOfWork, run_id: int, results: Sequence[RowResult]) -> None:
    """Keeps the reasons of refused rows with their run."""
    rows = [
        {"run_id": run_id, "line": result.line, "column": column, "reason": reason}
        for result in results for column, reason in result.faults
    ]  # fmt: skip
    if rows:
        uow.connection.execute(insert(ImportFault), rows)


def count_rows(uow: UnitOfWork, run_id: int, tally: Tally) -> None:
    """Keeps where a run stands."""
    uow.connection.execute(
        update(ImportRun).where(ImportRun.id == run_id).values(
            rows_read=tally.read, added=tally.added, merged=tally.merged, unchanged=tally.unchanged,
            refused=tally.refused,
        )
    )  # fmt: skip


def told_of(job: Job, notes: Sequence[str], written: bool) -> dict[str, object]:
    """What a run's row says of the file and how it was read."""
    columns = [[column.header, column.field, column.label, column.why] for column in job.columns]
    return {
        "columns": columns, "told": job.table.told, "why": job.why, "notes": list(notes), "written": written,
        "total": job.table.total,
    }  # fmt: skip
