"""Repair: what waits to be mended, and a mended copy on its way to the shelf or to the next reader."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from lib.access.once import act_once
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.catalogue.copies import STATUS_WORDS
from lib.catalogue.models import Condition, CopyStatus
from lib.catalogue.policy import barcode_of
from lib.circulation.acts import INSPECT, note_act
from lib.circulation.capture import offer_copy
from lib.circulation.errors import NotInRepair, StillDamaged
from lib.circulation.facts import lock_copy
from lib.circulation.inspections import kept_offer, read_note
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_day

PAGE = 50
_IN_REPAIR = (
    "SELECT c.id, c.title_id, t.title, c.barcode, p.name, c.shelf, c.condition, c.note,"
    " (SELECT max(returned_on) FROM loan WHERE copy_id = c.id),"
    " (SELECT count(*) FROM hold h WHERE h.title_id = c.title_id AND h.state = 'waiting')"
    " FROM copy c JOIN title t ON t.id = c.title_id JOIN location p ON p.id = c.location_id"
    " WHERE c.status = 'in_repair'"
)
_QUEUE = Statement(f"{_IN_REPAIR} ORDER BY 10 DESC, c.id LIMIT :size OFFSET :skip")
_SCANNED = Statement(f"{_IN_REPAIR} AND c.barcode = :barcode")
_HOW_MANY = Statement("SELECT count(*) FROM copy WHERE status = 'in_repair'")
_BARCODE = Statement("SELECT barcode FROM copy WHERE id = :copy_id")
_COPY = Statement(
    "SELECT c.title_id, t.title, c.status, c.condition, c.note, t.archived_at IS NOT NULL"
    " FROM copy c JOIN title t ON t.id = c.title_id WHERE c.id = :copy_id"
)
_MEND = Statement(
    "UPDATE copy SET status = :status, condition = :condition, note = :note, version = version + 1"
    " WHERE id = :copy_id AND status = 'in_repair'"
)


@dataclass(frozen=True, slots=True)
class RepairRow:
    """A copy in repair. `waiting`: how many holds its title has; `last_returned_on`: when it last came back."""

    copy_id: int
    title_id: int
    title: str
    barcode: str
    location: str
    shelf: str
    condition: str
    note: str
    last_returned_on: date | None
    waiting: int


@dataclass(frozen=True, slots=True)
class RepairReceipt:
    """Where a mended copy goes: its status, and for whom it lies on the hold shelf (`hold_id`), if for anybody."""

    copy_id: int
    title_id: int
    title: str
    barcode: str
    status: str
    hold_id: int | None
    act_id: int


def repair_queue(uow: UnitOfWork, *, page: int = 1, size: int = PAGE) -> Page[RepairRow]:
    """Copies in repair, those first for which most readers wait."""
    uow.require(Permission.CIRCULATE)
    number, most = clamp(page, size)
    rows = _QUEUE.rows(uow.connection, size=most, skip=(number - 1) * most)
    (total,) = _HOW_MANY.row(uow.connection)
    return Page(tuple(map(_row, rows)), total, number, most)


def in_repair(uow: UnitOfWork, barcode: str) -> RepairRow:
    """The copy in repair under a barcode as scanned or typed.

    Raises:
        NotFound: no copy in repair has it.
    """
    uow.require(Permission.CIRCULATE)
    row = _SCANNED.row(uow.connection, barcode=barcode_of(barcode))
    if row is None:
        raise NotFound("copy in repair")
    return _row(row)


def _row(row: Any) -> RepairRow:
    copy_id, title_id, title, barcode, location, shelf, condition, note, back_on, waiting = row
    return RepairRow(copy_id, title_id, title, barcode, location, shelf, condition, note, as_day(back_on), waiting)


def end_repair(
    uow: UnitOfWork, *, copy_id: int, condition: Condition, note: str = "", key: str | None = None
) -> RepairReceipt:
    """A copy is mended: it goes to the hold shelf where somebody waits for it, else to the shelf. `note` replaces the
    copy's note. One of an archived title stays in repair until its title is restored.

    Raises:
        NotFound: no such copy. NotInRepair. StillDamaged. Invalid: the note.
    """
    uow.require(Permission.CIRCULATE)
    row = _BARCODE.row(uow.connection, copy_id=copy_id)
    if row is None:
        raise NotFound("copy")
    lock_copy(uow, row[0])

    def mend() -> RepairReceipt:
        return _mend(uow, copy_id, row[0], Condition(condition), read_note(note))

    what = ("end-repair", copy_id, str(condition), note)
    return act_once(uow, key, what, mend, asdict, lambda kept: RepairReceipt(**kept))


def _mend(uow: UnitOfWork, copy_id: int, barcode: str, condition: Condition, note: str) -> RepairReceipt:
    title_id, title, status, old, old_note, archived = _COPY.row(uow.connection, copy_id=copy_id)
    if status != CopyStatus.IN_REPAIR or archived:
        words = "of an archived title" if archived else STATUS_WORDS[CopyStatus(status)]
        raise NotInRepair(barcode=barcode, status=words)
    if condition is Condition.DAMAGED:
        raise StillDamaged(barcode=barcode)
    described = {"condition": condition.value, "note": note}
    _MEND.count(uow.connection, status=CopyStatus.AVAILABLE.value, copy_id=copy_id, **described)
    offer = offer_copy(uow, copy_id=copy_id, title_id=title_id)
    new = CopyStatus.ON_HOLD_SHELF if offer else CopyStatus.AVAILABLE
    before: dict[str, Any] = {"copy_status": status, "condition": old, "note": old_note}
    after = {"copy_status": new.value, **described} | kept_offer(offer)
    act = note_act(uow, INSPECT, copy_id=copy_id, before=before, after=after)
    record(
        uow, "copy.mend", "copy", copy_id, status=new.value, condition={"before": old, "after": condition.value}
    )  # fmt: skip
    return RepairReceipt(copy_id, title_id, title, barcode, new.value, offer.hold_id if offer else None, act)
