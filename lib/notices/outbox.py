"""Queueing notices in the transaction that caused them, and looking at what was queued."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.kit.config import Mode
from lib.kit.crypto import new_token
from lib.kit.database import Statement
from lib.kit.paging import Page, clamp
from lib.notices.models import Notice, NoticeStatus
from lib.notices.templates import render

_ADD = Statement(
    "INSERT INTO notice (account_id, address, channel, kind, subject_key, period, language, subject, body, status,"
    " message_id, created_at) VALUES (:account_id, :address, 'email', :kind, :subject_key, :period, :language,"
    " :subject, :body, 'queued', :message_id, :created_at) ON CONFLICT DO NOTHING"
)
_TAKE_BACK = Statement(
    "DELETE FROM notice WHERE account_id = :account_id AND kind = :kind AND subject_key = :subject_key"
    " AND status <> 'sent'"
)
_WAS_SENT = Statement(
    "SELECT count(*) FROM notice WHERE account_id = :account_id AND kind = :kind AND subject_key = :subject_key"
    " AND status = 'sent'"
)
_SECRET = re.compile(r"token=[\w-]+")
_FORGET = Statement("DELETE FROM notice WHERE account_id = :account_id")
_FORGET_AT = Statement("DELETE FROM notice WHERE account_id IS NULL AND address = :address")


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A message as it was, or will be, sent."""

    id: int
    account_id: int | None
    address: str
    kind: str
    language: str
    subject: str
    body: str
    status: NoticeStatus
    created_at: datetime


def queue(
    uow: UnitOfWork, *, account_id: int | None, address: str, kind: str, subject_key: str, period: str,
    language: str, facts: dict[str, Any],
) -> None:  # fmt: skip
    """Owes somebody a message, at most once per (account or address, kind, subject_key, period).

    `facts` fill the template of `kind`; the library's name and address are added to them. Nothing is queued
    without an address.
    """
    if not address:
        return
    config = uow.installation.config
    known = {"library": uow.library.name, "link": config.base_url} | {name: str(fact) for name, fact in facts.items()}
    subject, body, used = render(kind, language, known)
    host = config.base_url.split("//")[-1].partition("/")[0].partition(":")[0]
    _ADD.count(
        uow.connection, account_id=account_id, address=address, kind=kind, subject_key=subject_key, period=period,
        language=used, subject=subject, body=body, message_id=f"<{new_token()}@{host}>", created_at=uow.now,
    )  # fmt: skip


def take_back(uow: UnitOfWork, *, account_id: int, kind: str, subject_key: str) -> int:
    """Drops what is no longer owed and has not been sent; tells how many."""
    return _TAKE_BACK.count(uow.connection, account_id=account_id, kind=kind, subject_key=subject_key)


def was_sent(uow: UnitOfWork, *, account_id: int, kind: str, subject_key: str) -> bool:
    """Whether such a message has gone out."""
    return bool(_WAS_SENT.row(uow.connection, account_id=account_id, kind=kind, subject_key=subject_key)[0])


def forget_notices(uow: UnitOfWork, account_id: int, address: str | None) -> int:
    """Drops every mail to somebody, sent or not: they hold a name, an address and what was read. For closing an
    account; tells how many."""
    gone = _FORGET.count(uow.connection, account_id=account_id)
    return gone + (_FORGET_AT.count(uow.connection, address=address) if address else 0)


def mailbox(uow: UnitOfWork, *, page: int = 1, size: int = 50) -> Page[NoticeRow]:
    """What was queued, newest first. One-time links are shown in demo mode only: elsewhere they belong
    to the person they were mailed to."""
    uow.require(Permission.READ_MAILBOX)
    number, size = clamp(page, size)
    total = uow.connection.scalar(select(func.count()).select_from(Notice)) or 0
    rows = uow.connection.execute(
        select(
            Notice.id, Notice.account_id, Notice.address, Notice.kind, Notice.language, Notice.subject, Notice.body,
            Notice.status, Notice.created_at,
        )
        .order_by(Notice.id.desc())
        .limit(size)
        .offset((number - 1) * size)
    )  # fmt: skip
    open_links = uow.installation.config.mode is Mode.DEMO
    found = (NoticeRow(*row) for row in rows)
    return Page(tuple(row if open_links else _veiled(row) for row in found), total, number, size)


def _veiled(row: NoticeRow) -> NoticeRow:
    return NoticeRow(
        row.id, row.account_id, row.address, row.kind, row.language, row.subject,
        _SECRET.sub("token=…", row.body), row.status, row.created_at,
    )  # fmt: skip
