"""Whether titles can be had now, and where: one statement for a page of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.catalogue.models import CopyStatus
from lib.catalogue.policy import COUNTED
from lib.kit.database import Statement
from lib.kit.tables import as_day

MOST = 500
_COPIES = Statement(
    "SELECT c.title_id, c.status, p.name, c.shelf, o.due_on FROM copy c JOIN location p ON p.id = c.location_id"
    " LEFT JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL"
    " WHERE c.title_id IN (:*ids) ORDER BY c.title_id, c.id"
)


@dataclass(frozen=True, slots=True)
class Availability:
    """`in_` of `total` copies are on the shelf; `place` and `shelf` say where the first of them stands.
    `next_due`: when the first of those on loan is due. Lost, ordered and withdrawn copies do not count."""

    total: int
    in_: int
    place: str = ""
    shelf: str = ""
    next_due: date | None = None


def availability(uow: UnitOfWork, title_ids: Iterable[int]) -> dict[int, Availability]:
    """For each of at most 500 titles; those without a copy get zeros."""
    uow.require(Permission.SEARCH)
    ids = list(dict.fromkeys(title_ids))[:MOST]
    copies: dict[int, list[Any]] = {title_id: [] for title_id in ids}
    for row in _COPIES.rows(uow.connection, ids=ids) if ids else ():
        if row[1] in COUNTED:
            copies[row[0]].append(row)
    return {title_id: _sum(rows) for title_id, rows in copies.items()}


def _sum(rows: list[Any]) -> Availability:
    inside = [row for row in rows if row[1] == CopyStatus.AVAILABLE]
    place, shelf = (inside[0][2], inside[0][3]) if inside else ("", "")
    due = min((day for row in rows if (day := as_day(row[4]))), default=None)
    return Availability(len(rows), len(inside), place, shelf, due)
