"""Weeding: copies on the shelf that nobody borrowed for years, or that are worn."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.kit.clock import start_of
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_day, as_instant

PAGE = 50
MOST_YEARS = 100
COUNTED = 10_000
# What is new has had no chance yet; what somebody waits for is not given away.
_WHICH = (
    " FROM copy c JOIN title t ON t.id = c.title_id JOIN location p ON p.id = c.location_id"
    " WHERE c.status = 'available' AND c.added_at < :before AND t.archived_at IS NULL"
    " AND (:worn = 0 OR c.condition IN ('worn', 'damaged'))"
    " AND (:location = '' OR p.code = :location) AND (:section = 0 OR EXISTS (SELECT 1 FROM title_section s"
    " WHERE s.title_id = c.title_id AND s.section_id = :section))"
    " AND NOT EXISTS (SELECT 1 FROM loan l WHERE l.copy_id = c.id AND l.issued_on >= :since AND l.undone_at IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.title_id = c.title_id AND h.state = 'waiting')"
)
_LIST = Statement(
    "SELECT c.id, c.title_id, t.title, t.call_number, c.barcode, p.name, c.shelf, c.condition, c.acquired_on,"
    " c.added_at, (SELECT max(issued_on) FROM loan WHERE copy_id = c.id AND undone_at IS NULL),"
    " (SELECT count(*) FROM loan WHERE copy_id = c.id AND undone_at IS NULL),"
    " (SELECT count(*) FROM copy o WHERE o.title_id = c.title_id AND o.id <> c.id"
    "   AND o.status IN ('available', 'on_loan', 'on_hold_shelf', 'in_repair')), coalesce(c.price_minor, t.price_minor)"
    f"{_WHICH} ORDER BY c.id LIMIT :size OFFSET :skip"
)
_HOW_MANY = Statement(f"SELECT count(*) FROM (SELECT c.id{_WHICH} LIMIT :most) found")


@dataclass(frozen=True, slots=True)
class WeedingRow:
    """A copy that might go. `last_issued_on` None: never lent; `others`: further copies of its title; `price_minor`
    of the copy, else of its title."""

    copy_id: int
    title_id: int
    title: str
    call_number: str
    barcode: str
    location: str
    shelf: str
    condition: str
    since: date
    last_issued_on: date | None
    loans: int
    others: int
    price_minor: int | None


def weeding_list(
    uow: UnitOfWork,
    *,
    years: int,
    worn: bool = False,
    location: str = "",
    section_id: int = 0,
    page: int = 1,
    size: int = PAGE,
) -> Page[WeedingRow]:
    """Copies on the shelf not borrowed for so many years (0: whatever was borrowed), `worn`: only those that are worn
    or damaged; `location` (a code) and `section_id` leave the rest out. Copies younger than that and titles somebody
    waits for do not stand there. The total counts up to 10,000.

    Raises:
        Invalid: the years are not from 0 to 100.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    if not 0 <= years <= MOST_YEARS:
        raise Invalid(Fault("years", f"Give a number of years from 0 to {MOST_YEARS}."))
    number, most = clamp(page, size)
    since = _years_back(uow.today, years)
    # With 0 years even a loan of today keeps nothing off the list.
    which = {
        "before": start_of(since, uow.zone) if years else uow.now, "since": since if years else date.max,
        "worn": int(worn), "location": location, "section": section_id,
    }  # fmt: skip
    rows = _LIST.rows(uow.connection, size=most, skip=(number - 1) * most, **which)
    (total,) = _HOW_MANY.row(uow.connection, most=COUNTED, **which)
    return Page(tuple(map(_row, rows)), total, number, most)


def _years_back(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


def _row(row: Any) -> WeedingRow:
    copy_id, title_id, title, call_number, barcode, place, shelf, condition, acquired, added, last, *counts = row
    added_at = as_instant(added)
    assert added_at is not None
    return WeedingRow(
        copy_id, title_id, title, call_number, barcode, place, shelf, condition, as_day(acquired) or added_at.date(),
        as_day(last), *counts,
    )  # fmt: skip
