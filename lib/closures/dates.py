"""Moving many due days and shelf days at once, under the locks of those whose they are."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from lib.access.work import UnitOfWork
from lib.circulation.hold_models import HoldState
from lib.closures.effect import Move
from lib.kit.bulk import run_many
from lib.kit.database import Statement
from lib.kit.tables import as_day

CHUNK = 2000
_MOVE_LOAN = "UPDATE loan SET due_on = ? WHERE id = ? AND due_on = ? AND returned_at IS NULL"
_MOVE_HOLD = (
    "UPDATE hold SET shelf_until = ?, version = version + 1 WHERE id = ? AND shelf_until = ? AND state = 'ready'"
)
_LOCK_MEMBERS = Statement("SELECT id FROM account WHERE id IN (:*ids) ORDER BY id FOR NO KEY UPDATE")
_LOCK_LOANS = Statement("SELECT id FROM loan WHERE id IN (:*ids) ORDER BY id FOR NO KEY UPDATE")
_LOCK_HOLDS = Statement("SELECT id FROM hold WHERE id IN (:*ids) ORDER BY id FOR NO KEY UPDATE")
# Whether they are open is looked at afterwards: asked for here, SQLite may walk an index of open ones instead.
_LOANS_NOW = Statement("SELECT id, account_id, due_on, issued_on, returned_at FROM loan WHERE id IN (:*ids)")
_HOLDS_NOW = Statement("SELECT id, account_id, shelf_until, ready_at, state FROM hold WHERE id IN (:*ids)")


def lock_dates(uow: UnitOfWork, loans: Sequence[int], holds: Sequence[int], members: Sequence[int]) -> None:
    """Lets nobody else change these loans and holds until the commit. SQLite has one writer anyway."""
    if uow.installation.is_sqlite:
        return
    for statement, ids in ((_LOCK_MEMBERS, members), (_LOCK_LOANS, loans), (_LOCK_HOLDS, holds)):
        if ids:
            statement.rows(uow.connection, ids=sorted(ids))


def loans_now(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, tuple[int, date, date]]:
    """Of those that are still out: whose, due on which day, issued on which day."""
    return {row[0]: (row[1], _day(row[2]), _day(row[3])) for row in _rows(uow, _LOANS_NOW, ids) if row[4] is None}


def holds_now(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, tuple[int, date, Any]]:
    """Of those that are still on the shelf: whose, until which day, ready since when (as the driver gives it)."""
    return {row[0]: (row[1], _day(row[2]), row[3]) for row in _rows(uow, _HOLDS_NOW, ids) if row[4] == HoldState.READY}


def _rows(uow: UnitOfWork, statement: Statement, ids: Sequence[int]) -> Iterator[Any]:
    for at in range(0, len(ids), CHUNK):
        yield from statement.rows(uow.connection, ids=ids[at : at + CHUNK])


def _day(value: Any) -> date:
    day = as_day(value)
    assert day is not None
    return day


def move_loans(uow: UnitOfWork, moves: Sequence[Move]) -> None:
    """Moves due days; one that no longer stands at its old day stays."""
    run_many(uow.connection, _MOVE_LOAN, [(move.new, move.id, move.old) for move in moves])


def move_holds(uow: UnitOfWork, moves: Sequence[Move]) -> None:
    """Moves last days on the hold shelf; one that no longer stands at its old day stays."""
    run_many(uow.connection, _MOVE_HOLD, [(move.new, move.id, move.old) for move in moves])
