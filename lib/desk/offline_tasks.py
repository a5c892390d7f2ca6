"""Tasks left by the offline desk: what could not be done, or was done against a block, until a librarian settles it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.fields import read_reason
from lib.audit.trail import record
from lib.circulation.side_models import OfflineState
from lib.desk.offline import OfflineReason, reasons_of
from lib.kit.database import Statement
from lib.kit.errors import NotFound, RuleBroken
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_instant

_COLUMNS = (
    "SELECT r.id, r.kind, r.state, r.barcode, c.title_id, t.title, r.card, coalesce(a.id, b.id),"
    " coalesce(a.name, b.name), r.recorded_at, r.received_at, r.device, r.told, r.reasons, r.loan_id, r.settled_at,"
    " r.settled_how FROM offline_record r LEFT JOIN copy c ON c.barcode = r.barcode"
    " LEFT JOIN title t ON t.id = c.title_id LEFT JOIN loan l ON l.id = r.loan_id"
    " LEFT JOIN account a ON a.id = l.account_id LEFT JOIN account b ON b.card_number = r.card"
)
_OPEN = Statement(
    f"{_COLUMNS} WHERE r.state IN ('conflict', 'overridden') ORDER BY r.state, r.id LIMIT :size OFFSET :skip"
)
_SETTLED = Statement(
    f"{_COLUMNS} WHERE r.state IN ('resolved', 'dismissed') ORDER BY r.id DESC LIMIT :size OFFSET :skip"
)
_OPEN_COUNT = Statement("SELECT count(*) FROM offline_record WHERE state IN ('conflict', 'overridden')")
_SETTLED_COUNT = Statement("SELECT count(*) FROM offline_record WHERE state IN ('resolved', 'dismissed')")
_KNOWN = Statement("SELECT 1 FROM offline_record WHERE id = :id")
_SETTLE = Statement(
    "UPDATE offline_record SET state = :state, settled_at = :now, settled_by = :by, settled_how = :how, card = ''"
    " WHERE id = :id AND state IN ('conflict', 'overridden')"
)


class TaskSettled(RuleBroken):
    """A colleague was faster, or nothing came of it that anybody must see to."""

    rule = "offline desk"
    message = "This task was settled already."
    way_out = "Nothing is left to do."


@dataclass(frozen=True, slots=True)
class OfflineTask:
    """A task: what was recorded where and when, what came of it, and how it was settled. `title_id` is None for an
    unknown barcode, `member_id` for an unknown card or none; `can_take_back`: a return first would help."""

    id: int
    kind: str
    state: OfflineState
    barcode: str
    title_id: int | None
    title: str
    card: str
    member_id: int | None
    member: str
    recorded_at: datetime
    received_at: datetime
    device: str
    told: str
    reasons: tuple[OfflineReason, ...]
    loan_id: int | None
    settled_at: datetime | None
    settled_how: str

    @property
    def can_take_back(self) -> bool:
        return any(reason.way_out_action == "return-first" for reason in self.reasons)


def offline_tasks(uow: UnitOfWork, *, settled: bool = False, page: int = 1, size: int = 25) -> Page[OfflineTask]:
    """The tasks that wait, conflicts first, or those that were settled, newest first. They name members: the look is
    audited."""
    uow.require(Permission.CIRCULATE)
    number, size = clamp(page, size)
    counted, listed = (_SETTLED_COUNT, _SETTLED) if settled else (_OPEN_COUNT, _OPEN)
    total = int(counted.row(uow.connection)[0])
    rows = listed.rows(uow.connection, size=size, skip=(number - 1) * size)
    if any(row[7] for row in rows):
        uow.afterwards.append(lambda later: record(later, "offline.list", "library", None, page=number))
    return Page(tuple(_task(row) for row in rows), total, number, size)


def offline_task_count(uow: UnitOfWork) -> int:
    """How many tasks of the offline desk wait."""
    uow.require(Permission.CIRCULATE)
    return int(_OPEN_COUNT.row(uow.connection)[0])


def _task(row: Any) -> OfflineTask:
    number, kind, state, barcode, title_id, title, card, member_id, member, recorded_at, received_at = row[:11]
    device, told, reasons, loan_id, settled_at, settled_how = row[11:]
    recorded, received = as_instant(recorded_at), as_instant(received_at)
    assert recorded is not None
    assert received is not None
    return OfflineTask(
        number, kind, OfflineState(state), barcode, title_id, title or "", card, member_id, member or "", recorded,
        received, device, told, reasons_of(reasons), loan_id, as_instant(settled_at), settled_how,
    )  # fmt: skip


def resolve(uow: UnitOfWork, record_id: int, note: str) -> None:
    """Settles a task that somebody saw to by hand; `note` says how (3–500 characters).

    Raises:
        NotFound: no such task. TaskSettled, Invalid.
    """
    uow.require(Permission.CIRCULATE)
    _settle(uow, record_id, OfflineState.RESOLVED, read_reason(note, "note"))


def dismiss(uow: UnitOfWork, record_id: int, reason: str) -> None:
    """Settles a task of which nothing needs to come; `reason` says why (3–500 characters).

    Raises:
        NotFound: no such task. TaskSettled, Invalid.
    """
    uow.require(Permission.CIRCULATE)
    _settle(uow, record_id, OfflineState.DISMISSED, read_reason(reason, "reason"))


def _settle(uow: UnitOfWork, record_id: int, state: OfflineState, how: str) -> None:
    by = uow.actor.account_id
    if not _SETTLE.count(uow.connection, id=record_id, state=state.value, now=uow.now, by=by, how=how):
        raise TaskSettled if _KNOWN.row(uow.connection, id=record_id) else NotFound("task")
    action = {OfflineState.RESOLVED: "offline.resolve", OfflineState.DISMISSED: "offline.dismiss"}[state]
    record(uow, action, "offline-record", record_id)
