"""When the copies of a title are due back, and for the desk from whom."""

from dataclasses import dataclass
from datetime import date

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.kit.database import Statement
from lib.kit.tables import as_day

_DUES = Statement(
    "SELECT copy_id, due_on FROM loan WHERE title_id = :title_id AND returned_at IS NULL ORDER BY copy_id LIMIT 1000"
)
_WHO = Statement(
    "SELECT l.copy_id, a.id, a.name, l.due_on FROM loan l JOIN account a ON a.id = l.account_id"
    " WHERE l.title_id = :title_id AND l.returned_at IS NULL ORDER BY l.copy_id LIMIT 1000"
)


def copy_dues(uow: UnitOfWork, title_id: int) -> dict[int, date]:
    """The due date of each copy of a title that is out, by copy id. Says nothing of who has it."""
    uow.require(Permission.SEARCH)
    return {row[0]: day for row in _DUES.rows(uow.connection, title_id=title_id) if (day := as_day(row[1]))}


@dataclass(frozen=True, slots=True)
class CopyOut:
    """Who has a copy, and until when."""

    account_id: int
    name: str
    due_on: date


def who_has(uow: UnitOfWork, title_id: int) -> dict[int, CopyOut]:
    """Who has each copy of a title that is out, by copy id. For the desk: it names people."""
    uow.require(Permission.CIRCULATE)
    rows = _WHO.rows(uow.connection, title_id=title_id)
    return {row[0]: CopyOut(row[1], row[2], day) for row in rows if (day := as_day(row[3]))}
