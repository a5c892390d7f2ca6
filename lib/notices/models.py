"""The outbox."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.kit.tables import Base, Id, choice


class NoticeStatus(StrEnum):
    """Where a notice stands. Sent never becomes unsent."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Notice(Base):
    """One message to one person over one channel, at most once per (person, kind, subject, period)."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("account_id", "kind", "subject_key", "period", name="uq_notice_once"),
        Index(
            "uq_notice_once_address",
            "address",
            "kind",
            "subject_key",
            "period",
            unique=True,
            sqlite_where=text("account_id IS NULL"),
            postgresql_where=text("account_id IS NULL"),
        ),
        Index("ix_notice_status", "status", "id"),
        CheckConstraint("status <> 'sent' OR sent_at IS NOT NULL", name="sent_has_time"),
    )

    id: Mapped[Id]
    account_id: Mapped[int | None]
    address: Mapped[str]
    channel: Mapped[str] = mapped_column(default="email")
    kind: Mapped[str]
    subject_key: Mapped[str]
    period: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    status: Mapped[NoticeStatus] = mapped_column(choice(NoticeStatus, "status"), default=NoticeStatus.QUEUED)
    message_id: Mapped[str]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
