"""What came of an import: every row accounted for, every refusal with its line, column and reason."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.kit.errors import NotFound
from lib.kit.paging import Page, clamp
from lib.ops.imports.columns import Column
from lib.ops.models import ImportFault, ImportRun
from lib.ops.safe_cells import safe_cell

SHOWN_FAULTS = 100
_PORTION = 2000
_QUOTED = re.compile("“[^”]*”")
_NUMBERS = re.compile(r"\d[\d-]*")


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A row, or a cell of it, that was refused. `line` is the line of the file; `column` "" for the whole row."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """An import and what came of it: added + merged + unchanged + refused = rows_read, once it is done.

    `told`: the form of the file as detected; `source` and `why`: under which source its ids stand, and how that was
    found; `reasons`: (reason with its values taken out, how many) of the first refusals, the commonest first;
    `written`: whether anything was kept (not for dry runs, nor where all or nothing came to nothing).
    """

    run_id: int
    kind: str
    file_name: str
    told: str
    source: str
    why: str
    columns: tuple[Column, ...]
    status: str
    dry_run: bool
    written: bool
    rows_read: int
    added: int
    merged: int
    unchanged: int
    refused: int
    reasons: tuple[tuple[str, int], ...]
    faults: tuple[FaultRow, ...]
    notes: tuple[str, ...]
    started_at: datetime
    finished_at: datetime | None
    rows_total: int

    @property
    def accounted(self) -> bool:
        """Whether every row that was read has its outcome."""
        return self.added + self.merged + self.unchanged + self.refused == self.rows_read

    @property
    def unused(self) -> tuple[str, ...]:
        """The columns that were left out."""
        return tuple(column.header for column in self.columns if not column.field)


def import_report(uow: UnitOfWork, run_id: int) -> ImportReport:
    """The report of one import, with its first 100 faults.

    Raises:
        NotFound: there was no such import.
    """
    uow.require(Permission.IMPORT)
    run = uow.connection.execute(select(ImportRun).where(ImportRun.id == run_id)).first()
    if run is None:
        raise NotFound("import")
    return _report(run, _faults(uow, run_id, SHOWN_FAULTS), _reasons(uow, run_id))


def import_runs(uow: UnitOfWork, *, page: int = 1, size: int = 20) -> Page[ImportReport]:
    """Imports, the newest first, without their faults."""
    uow.require(Permission.IMPORT)
    number, size = clamp(page, size)
    query = select(ImportRun).order_by(ImportRun.id.desc()).limit(size).offset((number - 1) * size)
    total = uow.connection.scalar(select(func.count()).select_from(ImportRun)) or 0
    return Page(tuple(_report(run, (), ()) for run in uow.connection.execute(query)), total, number, size)


def _report(run: Any, faults: tuple[FaultRow, ...], reasons: tuple[tuple[str, int], ...]) -> ImportReport:
    kept = run.mapping
    return ImportReport(
        run.id, run.kind, run.file_name, kept.get("told", ""), run.source, kept.get("why", ""),
        tuple(Column(header, field, label, why, ()) for header, field, label, why in kept.get("columns", ())),
        str(run.status), run.dry_run, bool(kept.get("written", False)), run.rows_read, run.added, run.merged,
        run.unchanged, run.refused, reasons, faults, tuple(kept.get("notes", ())), run.started_at, run.finished_at,
        kept.get("total", run.rows_read),
    )  # fmt: skip


def _faults(uow: UnitOfWork, run_id: int, most: int, after: int = 0) -> tuple[FaultRow, ...]:
    query = (
        select(ImportFault.line, ImportFault.column, ImportFault.reason)
        .where(ImportFault.run_id == run_id)
        .order_by(ImportFault.line, ImportFault.id)
        .limit(most)
        .offset(after)
    )
    return tuple(FaultRow(*row) for row in uow.connection.execute(query))


def _reasons(uow: UnitOfWork, run_id: int) -> tuple[tuple[str, int], ...]:
    query = (
        select(ImportFault.reason, func.count())
        .where(ImportFault.run_id == run_id)
        .group_by(ImportFault.reason)
        .order_by(func.count().desc())
        .limit(20_000)
    )
    found: dict[str, int] = {}
    for reason, count in uow.connection.execute(query):
        plain = _NUMBERS.sub("…", _QUOTED.sub("“…”", reason))
        found[plain] = found.get(plain, 0) + count
    return tuple(sorted(found.items(), key=lambda item: -item[1])[:20])


def fault_file(uow: UnitOfWork, run_id: int) -> Iterator[str]:
    """The faults of an import as CSV, a portion at a time: line, column, reason; formulas escaped."""
    uow.require(Permission.IMPORT)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("line", "column", "reason"))
    query = (
        select(ImportFault.line, ImportFault.column, ImportFault.reason)
        .where(ImportFault.run_id == run_id)
        .order_by(ImportFault.line, ImportFault.id)
        .execution_options(yield_per=_PORTION)
    )
    for portion in uow.connection.execute(query).partitions():
        writer.writerows(tuple(map(safe_cell, row)) for row in portion)
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()
