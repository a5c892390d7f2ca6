"""The audit trail. Rows form a few hash chains (lanes), so that writers do not wait for one another."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lib.kit.tables import Base, Id


class AuditRow(Base):
    """One change: who, when, what, to what, before and after (without personal data)."""

    __tablename__ = "audit"
    __table_args__ = (
        UniqueConstraint("lane", "seq"),
        Index("ix_audit_subject", "subject_kind", "subject_id"),
        Index("ix_audit_at", "at"),
        Index("ix_audit_actor", "actor_id", "id"),
    )

    id: Mapped[Id]
    lane: Mapped[int]
    seq: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    actor_role: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int | None]
    facts: Mapped[dict[str, Any]]
    request_id: Mapped[str]
    hash: Mapped[str]


class AuditLane(Base):
    """The head of one chain: the number and hash of its last row."""

    __tablename__ = "audit_lane"

    lane: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str]
