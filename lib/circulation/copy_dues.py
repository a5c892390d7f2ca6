"""When the copies of a title are due back."""

from datetime import date

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.kit.database import Statement
from lib.kit.tables import as_day

_DUES = Statement(
    "SELECT copy_id, due_on FROM loan WHERE title_id = :title_id AND returned_at IS NULL ORDER BY copy_id LIMIT 1000"
)


def copy_dues(uow: UnitOfWork, title_id: int) -> dict[int, date]:
    """The due date of each copy of a title that is out, by copy id. Says nothing of who has it."""
    uow.require(Permission.SEARCH)
    return {row[0]: day for row in _DUES.rows(uow.connection, title_id=title_id) if (day := as_day(row[1]))}
