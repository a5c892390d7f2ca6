"""Holds that no copy can serve as things stand: staff order one, choose another copy, or tell the reader."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.circulation.hold_models import FITS
from lib.kit.database import Statement
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_instant

# Of the title's copies none that would do is here, out, on its way or being mended.
_IN_VAIN = (
    " FROM hold h JOIN title t ON t.id = h.title_id JOIN account a ON a.id = h.account_id"
    " LEFT JOIN copy n ON n.id = h.copy_id WHERE h.title_id > 0 AND h.position > 0 AND h.state = 'waiting'"
    " AND NOT EXISTS (SELECT 1 FROM copy c WHERE c.title_id = h.title_id"
    f" AND {FITS.format(copy='c.id')} AND c.status NOT IN ('lost', 'withdrawn'))"
)
_LIST = Statement(
    "SELECT h.id, h.title_id, t.title, a.id, a.name, h.placed_at, n.barcode,"
    " (SELECT count(*) FROM copy c WHERE c.title_id = h.title_id AND c.status NOT IN ('lost', 'withdrawn')),"
    " (SELECT count(*) FROM copy c WHERE c.title_id = h.title_id AND c.status = 'lost')"
    f"{_IN_VAIN} ORDER BY h.placed_at, h.id LIMIT :size OFFSET :skip"
)
_HOW_MANY = Statement(f"SELECT count(*){_IN_VAIN}")


@dataclass(frozen=True, slots=True)
class UnservedHold:
    """Somebody who waits in vain. `copy_barcode`: the only copy that would do, else ""; `other_copies`: how many of
    the title there are that would do if any might; `lost`: how many are lost."""

    hold_id: int
    title_id: int
    title: str
    member_id: int
    member: str
    placed_at: datetime
    copy_barcode: str
    other_copies: int
    lost: int


def unserved_holds(uow: UnitOfWork, *, page: int = 1, size: int = 25) -> Page[UnservedHold]:
    """Who waits for what no copy can serve, the longest first. For the desk: it names people."""
    uow.require(Permission.CIRCULATE)
    number, size = clamp(page, size)
    rows = _LIST.rows(uow.connection, size=size, skip=(number - 1) * size)
    return Page(tuple(map(_row, rows)), unserved_count(uow), number, size)


def unserved_count(uow: UnitOfWork) -> int:
    """How many holds no copy can serve."""
    uow.require(Permission.CIRCULATE)
    return int(_HOW_MANY.row(uow.connection)[0])


def _row(row: Any) -> UnservedHold:
    hold_id, title_id, title, member_id, member, placed, barcode, others, lost = row
    placed_at = as_instant(placed)
    assert placed_at is not None
    return UnservedHold(hold_id, title_id, title, member_id, member, placed_at, barcode or "", others, lost)
