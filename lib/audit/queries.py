"""Reading the audit trail, newest first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.models import AuditRow
from lib.kit.paging import Page, clamp

WINDOW = 200_000  # how many of the latest rows a search without an index looks through
_SUBJECT = re.compile(r"([a-z][a-z-]*)[\s:#]+(\d{1,18})")
_ACTION = re.compile(r"[a-z][a-z.-]*")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change. `actor_id` None is a guest or the system, as `actor_role` says; accounts know the names."""

    id: int
    at: datetime
    actor_id: int | None
    actor_role: str
    action: str
    subject_kind: str
    subject_id: int | None
    facts: Mapping[str, Any]
    request_id: str


def audit_rows(
    uow: UnitOfWork, *, text: str = "", action: str | None = None, actor_id: int | None = None,
    subject: tuple[str, int] | None = None, since: datetime | None = None, until: datetime | None = None,
    page: int = 1, size: int = 50,
) -> Page[AuditEntry]:  # fmt: skip
    """Changes that meet every condition given, newest first.

    `text` is a thing and its number ("loan 12"), the beginning of an action ("loan."), or an incident id;
    `subject` is a pair of kind and id; instants count from `since` up to but without `until`. By text or action the
    latest 200,000 rows are searched; the total stops counting there.
    """
    uow.require(Permission.READ_AUDIT)
    number, size = clamp(page, size)
    wanted = _conditions(action, actor_id, subject, since, until)
    by_text = _of_text(text)
    wanted += by_text
    if action is not None or (by_text and not _SUBJECT.fullmatch(text.strip().lower())):
        newest = uow.connection.scalar(select(func.max(AuditRow.id))) or 0
        wanted.append(AuditRow.id > newest - WINDOW)
    counted = select(AuditRow.id).where(*wanted).limit(WINDOW).subquery()
    total = uow.connection.scalar(select(func.count()).select_from(counted)) or 0
    kept = AuditRow
    rows = uow.connection.execute(
        select(
            kept.id, kept.at, kept.actor_id, kept.actor_role, kept.action, kept.subject_kind, kept.subject_id,
            kept.facts, kept.request_id,
        )
        .where(*wanted)
        .order_by(kept.id.desc())
        .limit(size)
        .offset((number - 1) * size)
    )  # fmt: skip
    return Page(tuple(AuditEntry(*row) for row in rows), total, number, size)


def _conditions(
    action: str | None, actor_id: int | None, subject: tuple[str, int] | None, since: datetime | None,
    until: datetime | None,
) -> list[ColumnElement[bool]]:  # fmt: skip
    wanted: list[ColumnElement[bool]] = []
    if action is not None:
        wanted.append(AuditRow.action == action)
    if actor_id is not None:
        wanted.append(AuditRow.actor_id == actor_id)
    if subject is not None:
        wanted.append(_is_subject(*subject))
    if since is not None:
        wanted.append(AuditRow.at >= since)
    if until is not None:
        wanted.append(AuditRow.at < until)
    return wanted


def _is_subject(kind: str, number: int) -> ColumnElement[bool]:
    return (AuditRow.subject_kind == kind) & (AuditRow.subject_id == number)


def _of_text(text: str) -> list[ColumnElement[bool]]:
    typed = text.encode("utf-8", "ignore").decode().replace("\x00", "").strip().lower()[:100]
    if not typed:
        return []
    if found := _SUBJECT.fullmatch(typed):
        return [_is_subject(found[1], int(found[2]))]
    request = AuditRow.request_id == typed
    if _ACTION.fullmatch(typed):
        return [or_(request, AuditRow.action.startswith(typed, autoescape=True), AuditRow.subject_kind == typed)]
    return [request]


def actions(uow: UnitOfWork) -> tuple[str, ...]:
    """The kinds of change among the latest 200,000 rows, by name, at most 300."""
    uow.require(Permission.READ_AUDIT)
    newest = uow.connection.scalar(select(func.max(AuditRow.id))) or 0
    recent = select(AuditRow.action).where(AuditRow.id > newest - WINDOW).distinct().order_by(AuditRow.action)
    return tuple(uow.connection.scalars(recent.limit(300)))
