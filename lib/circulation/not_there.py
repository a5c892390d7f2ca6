"""A copy that is not where it ought to stand: it counts as lost, and whoever it was kept for waits again, first."""

from dataclasses import asdict, dataclass
from typing import Any

from lib.access.once import act_once
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.catalogue.copies import STATUS_WORDS
from lib.catalogue.models import CopyStatus
from lib.circulation.acts import INSPECT, note_act
from lib.circulation.errors import NoSuchCopy, NotMissed
from lib.circulation.facts import lock_copy
from lib.circulation.inspections import off_hold_shelf
from lib.kit.database import Statement

_COPY = Statement(
    "SELECT c.id, c.title_id, t.title, c.status, c.condition, c.note FROM copy c JOIN title t ON t.id = c.title_id"
    " WHERE c.barcode = :barcode"
)
_LOSE = Statement("UPDATE copy SET status = 'lost', version = version + 1 WHERE id = :copy_id AND status = :was")
# What to do about a copy that nobody expects on a shelf, and the act that would help.
_ELSEWHERE = {
    CopyStatus.ON_LOAN: ("If it is lost with its reader, note that on their loan.", "see-queue"),
    CopyStatus.IN_REPAIR: ("Look among the copies in repair.", "see-repairs"),
    CopyStatus.LOST: ("It counts as missing already: scan it when it turns up.", "see-missing"),
    CopyStatus.ON_ORDER: ("Wait until it has come, or ask the shop.", None),
    CopyStatus.WITHDRAWN: ("It left the collection: nobody looks for it.", None),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NotThereReceipt:
    """A copy that is missed now. `was`: what it had been; `hold_id`: the hold it was kept for, which waits again."""

    copy_id: int
    title_id: int
    title: str
    barcode: str
    was: str
    hold_id: int | None
    act_id: int


def not_there(uow: UnitOfWork, *, barcode: str, key: str | None = None) -> NotThereReceipt:
    """Notes that a copy is not on its shelf, or not on the hold shelf. It counts as lost until somebody scans it; the
    reader it was kept for waits at the first place again and is told. Can be undone as other acts at the desk.

    Raises:
        NoSuchCopy. NotMissed: it ought to be elsewhere, with a reader for example.
    """
    uow.require(Permission.CIRCULATE)
    lock_copy(uow, barcode)
    return act_once(
        uow, key, ("not-there", barcode), lambda: _look(uow, barcode), asdict, lambda kept: NotThereReceipt(**kept)
    )  # fmt: skip


def _look(uow: UnitOfWork, barcode: str) -> NotThereReceipt:
    row = _COPY.row(uow.connection, barcode=barcode)
    if row is None:
        raise NoSuchCopy(barcode)
    return _miss(uow, barcode, *row)


def _miss(
    uow: UnitOfWork, barcode: str, copy_id: int, title_id: int, title: str, status: str, condition: str, note: str
) -> NotThereReceipt:
    if status not in (CopyStatus.AVAILABLE, CopyStatus.ON_HOLD_SHELF):
        way_out, action = _ELSEWHERE[CopyStatus(status)]
        raise NotMissed(
            barcode=barcode, status=STATUS_WORDS[CopyStatus(status)], title_id=title_id, way_out=way_out,
            way_out_action=action,
        )  # fmt: skip
    kept: dict[str, Any] = off_hold_shelf(uow, copy_id)
    _LOSE.count(uow.connection, copy_id=copy_id, was=status)
    described = {"condition": condition, "note": note}
    act = note_act(
        uow, INSPECT, copy_id=copy_id, before={"copy_status": status} | described | kept,
        after={"copy_status": CopyStatus.LOST.value} | described,
    )  # fmt: skip
    record(uow, "copy.missed", "copy", copy_id, status={"before": status, "after": CopyStatus.LOST.value})
    hold_id = kept["displaced"]["hold_id"] if kept else None
    return NotThereReceipt(copy_id, title_id, title, barcode, status, hold_id, act)
