"""Return: a copy comes back, with its fine, its condition and its place; also one that was never lent."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from lib.access.once import fingerprint, recall, remember
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.catalogue.models import Condition, CopyStatus
from lib.catalogue.policy import barcode_of
from lib.circulation.acts import RETURN, note_act
from lib.circulation.channels import permission_of
from lib.circulation.closures import calendar_of
from lib.circulation.errors import NoSuchCopy, ReturnBeforeIssue, ReturnInFuture, ReturnOvertaken
from lib.circulation.facts import lock_copy
from lib.circulation.history import cut_link
from lib.circulation.models import Channel
from lib.circulation.situation import OpenLoan
from lib.kit.clock import day_of
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid
from lib.kit.tables import as_day, as_instant
from lib.kit.text import clean

_FIND = Statement(
    "SELECT c.id, c.title_id, t.title, t.kind_id, c.status, c.condition, c.note, o.id, o.account_id, o.issued_at,"
    " o.due_on, o.fine_per_day, o.grace_days, o.fine_cap, o.fine_settled, a.name, a.keep_history,"
    " t.archived_at IS NOT NULL"
    " FROM copy c JOIN title t ON t.id = c.title_id"
    " LEFT JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL"
    " LEFT JOIN account a ON a.id = o.account_id"
    " WHERE c.barcode = :barcode"
)
_WHO = Statement("SELECT a.id, a.name FROM loan l JOIN account a ON a.id = l.account_id WHERE l.id = :loan_id")
_CLOSE = Statement(
    "UPDATE loan SET returned_at = :at, returned_on = :day, returned_by = :by, fine_settled = :fine"
    " WHERE id = :loan_id AND returned_at IS NULL"
)
_PUT = Statement("UPDATE copy SET status = :new WHERE id = :copy_id AND status = :old")
_INSPECT = Statement(
    "UPDATE copy SET status = :new, condition = :condition, note = :note, version = version + 1 WHERE id = :copy_id"
)
# What a copy becomes when it is handed in without a loan: the rest stay what they are.
_FOUND = {CopyStatus.LOST: CopyStatus.AVAILABLE, CopyStatus.ON_LOAN: CopyStatus.AVAILABLE}
_SHELVED = (CopyStatus.AVAILABLE, CopyStatus.ON_HOLD_SHELF)
_FOUND_NOTES = {
    CopyStatus.LOST: "It was marked as lost and is on the shelf again.",
    CopyStatus.IN_REPAIR: "It is still in repair.",
    CopyStatus.ON_ORDER: "It is still on order: mark it as arrived when it is ready for the shelf.",
    CopyStatus.WITHDRAWN: "It was withdrawn from the collection: do not shelve it.",
    CopyStatus.ON_HOLD_SHELF: "It belongs on the hold shelf.",
}
_ARCHIVED = "Its title was archived: restore the title first, or put the copy aside."


@dataclass(frozen=True, slots=True)
class Inspection:
    """How the copy looked when it came back; `note` (at most 500 characters) replaces the copy's note."""

    condition: Condition
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReturnReceipt:
    """What came back. Without an open loan `loan_id` and `member_id` are None and `note` says so.

    `days_late` counts open days; `fine_minor` is the fine as settled, in minor units.
    """

    loan_id: int | None
    title_id: int
    title: str
    barcode: str
    member_id: int | None
    member_name: str
    days_late: int
    fine_minor: int
    copy_status: str
    note: str
    act_id: int


@dataclass(frozen=True, slots=True)
class _Found:
    copy_id: int
    title_id: int
    title: str
    status: CopyStatus
    condition: str
    note: str
    loan: OpenLoan | None
    account_id: int | None
    issued_at: datetime | None
    name: str
    keeps_history: bool
    archived: bool


def check_in(
    uow: UnitOfWork,
    *,
    barcode: str,
    inspection: Inspection | None = None,
    returned_at: datetime | None = None,
    key: str | None = None,
    channel: Channel = Channel.DESK,
) -> ReturnReceipt:
    """Takes a copy back. `returned_at` (an aware instant) backdates, for the book drop; the same `key` again
    gives the same receipt.

    Raises:
        NoSuchCopy: no such barcode. ReturnInFuture, ReturnBeforeIssue: about `returned_at`. Invalid: the note.
    """
    uow.require(permission_of(channel))
    barcode = barcode_of(barcode)
    lock_copy(uow, barcode)
    asked = fingerprint("check-in", barcode, inspection and asdict(inspection), returned_at) if key else ""
    if key and (done := recall(uow, key, asked)):
        return _receipt(uow, done)
    found = _find(uow, barcode)
    at = _instant(uow, found, returned_at)
    status = _new_status(found, inspection)
    late, fine = _close(uow, found, at) if found.loan else (0, 0)
    described = _shelve(uow, found, status, inspection)
    act = _note(uow, found, status, fine, described)
    receipt = ReturnReceipt(
        found.loan.id if found.loan else None, found.title_id, found.title, barcode, found.account_id, found.name,
        late, fine, status.value, _words(found, status), act,
    )  # fmt: skip
    _record(uow, found, receipt, at, inspection)
    if found.loan and found.account_id and not found.keeps_history and not fine:
        cut_link(uow, loan_id=found.loan.id, account_id=found.account_id)
    if key:
        remember(uow, key, asked, asdict(receipt) | {"member_id": None, "member_name": ""})
    return receipt


def _receipt(uow: UnitOfWork, kept: dict[str, Any]) -> ReturnReceipt:
    """Who it was is not kept with the key: it is looked up while the loan still says so."""
    row = _WHO.row(uow.connection, loan_id=kept["loan_id"]) if kept["loan_id"] else None
    return ReturnReceipt(**kept | ({"member_id": row[0], "member_name": row[1]} if row else {}))


def _find(uow: UnitOfWork, barcode: str) -> _Found:
    row = _FIND.row(uow.connection, barcode=barcode)
    if row is None:
        raise NoSuchCopy(barcode)
    copy_id, title_id, title, kind_id, status, condition, note = row[:7]
    loan_id, account_id, issued_at, due_on, per_day, grace, cap, settled, name, keeps, archived = row[7:]
    loan = None
    if loan_id is not None:
        day = as_day(due_on)
        assert day is not None
        loan = OpenLoan(loan_id, title_id, title, kind_id, day, per_day, grace, cap, settled)
    return _Found(
        copy_id, title_id, title, CopyStatus(status), condition, note, loan, account_id, as_instant(issued_at),
        name or "", bool(keeps), bool(archived),
    )  # fmt: skip


def _instant(uow: UnitOfWork, found: _Found, given: datetime | None) -> datetime:
    if given is None:
        return uow.now
    if given.tzinfo is None:
        raise Invalid(Fault("returned_at", "The time of the return needs a time zone."))
    if given > uow.now:
        raise ReturnInFuture(returned_at=given)
    if found.issued_at is not None and given < found.issued_at:
        raise ReturnBeforeIssue(issued_at=found.issued_at)
    return given


def _new_status(found: _Found, inspection: Inspection | None) -> CopyStatus:
    if found.archived:  # such a title has nothing on the shelf
        return found.status
    status = CopyStatus.AVAILABLE if found.loan else _FOUND.get(found.status, found.status)
    if inspection and inspection.condition is Condition.DAMAGED and status in _SHELVED:
        return CopyStatus.IN_REPAIR
    return status


def _close(uow: UnitOfWork, found: _Found, at: datetime) -> tuple[int, int]:
    assert found.loan is not None
    calendar, day = calendar_of(uow), day_of(at, uow.zone)
    fine = found.loan.fine_on(day, calendar)
    by = uow.actor.account_id
    if not _CLOSE.count(uow.connection, at=at, day=day, by=by, fine=fine, loan_id=found.loan.id):
        raise ReturnOvertaken
    return calendar.days_late(found.loan.due_on, day), fine


def _shelve(
    uow: UnitOfWork, found: _Found, status: CopyStatus, inspection: Inspection | None
) -> dict[str, Any]:  # fmt: skip
    """Gives the copy its status; returns how an inspection describes it."""
    if inspection is None:
        if status is not found.status:
            _PUT.count(uow.connection, new=status.value, old=found.status.value, copy_id=found.copy_id)
        return {}
    note = clean(inspection.note, "note")
    if len(note) > 500:
        raise Invalid(Fault("note", "Keep the note to 500 characters."))
    described = {"condition": Condition(inspection.condition).value, "note": note or found.note}
    _INSPECT.count(uow.connection, new=status.value, copy_id=found.copy_id, **described)
    return described


def _note(uow: UnitOfWork, found: _Found, status: CopyStatus, fine: int, described: dict[str, Any]) -> int:
    before: dict[str, Any] = {
        "copy_status": found.status.value, "condition": found.condition, "note": found.note,
        "fine_settled": found.loan.fine_settled if found.loan else 0,
    }  # fmt: skip
    return note_act(
        uow, RETURN, loan_id=found.loan.id if found.loan else None, copy_id=found.copy_id,
        account_id=found.account_id, before=before,
        after={"copy_status": status.value, "fine_settled": fine} | described,
    )  # fmt: skip


def _words(found: _Found, status: CopyStatus) -> str:
    repair = " It goes to repair." if status is CopyStatus.IN_REPAIR and found.status is not status else ""
    if found.loan:
        return repair.strip()
    note = _ARCHIVED if found.archived and found.status in _FOUND else _FOUND_NOTES.get(found.status, "")
    return f"It was not on loan. {note}".strip() + repair


def _record(
    uow: UnitOfWork, found: _Found, receipt: ReturnReceipt, at: datetime, inspection: Inspection | None
) -> None:
    facts: dict[str, Any] = {"copy_id": found.copy_id, "status": receipt.copy_status}
    if receipt.fine_minor:
        facts |= {"fine_minor": receipt.fine_minor, "days_late": receipt.days_late}
    if at != uow.now:
        facts["returned_at"] = at.isoformat()
    if inspection:
        facts |= {"condition": {"before": found.condition, "after": str(inspection.condition)}}
    if found.loan:
        record(uow, "loan.return", "loan", found.loan.id, **facts)
    else:
        record(uow, "copy.found", "copy", found.copy_id, **facts)
