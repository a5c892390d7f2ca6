"""Tables of the library's own upkeep: imports, what they refused, and remembered column mappings."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lib.kit.tables import Base, Id, choice


class ImportStatus(StrEnum):
    """Where an import stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ImportRun(Base):
    """One import of one file: what it was, how its columns were read, and what came of each row."""

    __tablename__ = "import_run"

    id: Mapped[Id]
    kind: Mapped[str]  # titles, copies, members, loans
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    source: Mapped[str]
    mapping: Mapped[dict[str, Any]]
    dry_run: Mapped[bool]
    status: Mapped[ImportStatus] = mapped_column(choice(ImportStatus, "status"))
    rows_read: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    merged: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    started_by: Mapped[int | None]


class ImportFault(Base):
    """One row (or cell) that was refused, with the reason."""

    __tablename__ = "import_fault"
    __table_args__ = (Index("ix_import_fault_run", "run_id", "line"),)

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"))
    line: Mapped[int]
    column: Mapped[str]
    reason: Mapped[str]


class ImportMapping(Base):
    """How the columns of a kind of file were read last time."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("kind", "header_key"),)

    id: Mapped[Id]
    kind: Mapped[str]
    header_key: Mapped[str]
    mapping: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]


class IntegrityRun(Base):
    """One run of the auditor: who asked for it ("verify", "night", "page") and how many findings it had."""

    __tablename__ = "integrity_run"

    id: Mapped[Id]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    asked_by: Mapped[str]
    actor_id: Mapped[int | None]
    checked: Mapped[int] = mapped_column(default=0)
    findings: Mapped[int] = mapped_column(default=0)


class IntegrityFinding(Base):
    """One broken invariant as a run found it; `ids` holds the first rows' ids, `rows` them with their columns."""

    __tablename__ = "integrity_finding"
    __table_args__ = (Index("ix_integrity_finding_run", "run_id"),)

    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("integrity_run.id", ondelete="CASCADE"))
    name: Mapped[str]
    says: Mapped[str]
    count: Mapped[int]
    ids: Mapped[list[Any]]
    rows: Mapped[list[Any]]
    repaired_at: Mapped[datetime | None]
    repaired_by: Mapped[int | None]
    repair: Mapped[str] = mapped_column(default="")  # what was done


class JobRun(Base):
    """One run of a night job: for which of the library's days, and what it counted."""

    __tablename__ = "job_run"
    __table_args__ = (Index("ix_job_run_job", "job", "id"), Index("ix_job_run_day", "on_date", "id"))

    id: Mapped[Id]
    job: Mapped[str]
    on_date: Mapped[date]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    failed: Mapped[str] = mapped_column(default="")  # why, where it failed
    counts: Mapped[dict[str, Any]]
