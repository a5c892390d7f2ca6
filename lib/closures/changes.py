"""Changes of the calendar: looked at first, applied in one step with every date they move, and taken back whole."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from lib.access.once import fingerprint, recall, remember
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.circulation.closure_entries import CALENDAR, ClosureRow, made_at, row_values, what_of
from lib.circulation.errors import AlreadyUndone, UndoOvertaken
from lib.circulation.models import Closure
from lib.circulation.side_models import ClosureChange
from lib.closures.dates import holds_now, loans_now, lock_dates, move_holds, move_loans
from lib.closures.effect import Move
from lib.closures.notices import MOVED, tell_moved, tell_moved_back
from lib.closures.preview import Effect, effect_of
from lib.closures.reach import CalendarChange, Draft, draft_of, reach_of
from lib.closures.taking_back import Return, return_of, standing_of
from lib.kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What taking a change back restores. `kept_…`: dates that stay, because the loan was renewed or returned since,
    the hold has ended, or another closure keeps the day closed."""

    change_id: int
    what: str
    loans: int
    holds: int
    kept_loans: int
    kept_holds: int


def preview_change(uow: UnitOfWork, change: CalendarChange) -> Effect:
    """What `apply_change` would do now; changes nothing.

    Raises:
        As `apply_change`.
    """
    uow.require(Permission.MANAGE_CLOSURES)
    draft = draft_of(uow, change)
    return effect_of(uow, draft, reach_of(uow, draft))


def apply_change(uow: UnitOfWork, change: CalendarChange, *, key: str | None = None) -> int:
    """Changes the calendar, moves every due day and shelf day that this touches, writes them down, and owes each
    touched member one notice; returns the change's id. The same `key` again gives the same id and does nothing.

    A loan issued by another desk in the very moment may still carry a day of the calendar before; its fine counts from
    the next open day all the same.

    Raises:
        NotFound: an entry to take out is not there. AlreadyClosed: an entry to add is. NeverOpen: no open day would
        be left. Invalid: it would rewrite the past.
    """
    uow.require(Permission.MANAGE_CLOSURES)
    asked = fingerprint("closure-change", [entry.kept() for entry in change.add], change.remove) if key else ""
    if key and (done := recall(uow, key, asked)):
        return int(done["change_id"])
    _take_turn(uow)
    draft = draft_of(uow, change)
    reach = reach_of(uow, draft)
    loans, holds = _standing_moves(uow, reach.moves, reach.holds)
    change_id = _write_down(uow, draft, loans, holds)
    _write_entries(uow, draft, change_id)
    move_loans(uow, loans)
    move_holds(uow, holds)
    tell_moved(uow, MOVED, change_id, loans, holds)
    what = what_of(draft.added, draft.removed)
    record(uow, "closure.change", "closure_change", change_id, what=what, loans=len(loans), holds=len(holds))
    if key:
        remember(uow, key, asked, {"change_id": change_id})
    return change_id


def _take_turn(uow: UnitOfWork) -> None:
    """Whoever else changes the calendar waits here until the commit: the bump holds the row of the mark."""
    uow.bump(CALENDAR)


def _standing_moves(
    uow: UnitOfWork, loans: Sequence[Move], holds: Sequence[Move]
) -> tuple[list[Move], list[Move]]:  # fmt: skip
    """The moves under locks, without what others renewed, took back or handed over while the locks were waited for."""
    loan_ids, hold_ids = [move.id for move in loans], [move.id for move in holds]
    lock_dates(uow, loan_ids, hold_ids, [*{move.account_id for move in (*loans, *holds)}])
    due, shelf = loans_now(uow, loan_ids), holds_now(uow, hold_ids)
    return (
        [move for move in loans if move.id in due and due[move.id][1] == move.old],
        [move for move in holds if move.id in shelf and shelf[move.id][1] == move.old],
    )


def _write_down(uow: UnitOfWork, draft: Draft, loans: Sequence[Move], holds: Sequence[Move]) -> int:
    moved = {
        "loans": [_pair(move) for move in loans],
        "holds": [_pair(move) for move in holds],
        "kept": [entry.kept() for entry in draft.kept],
        "counts": [len(loans), len(holds)],
    }
    made = made_at(uow, draft.removed)
    values = {
        "at": uow.now, "by": uow.actor.account_id, "what": what_of(draft.added, draft.removed), "moved": moved,
        "added": [entry.kept() for entry in draft.added],
        "removed": [
            row.kept() | {"created_at": made[row.id].isoformat(), "change_id": row.change_id} for row in draft.removed
        ],
    }  # fmt: skip
    return uow.connection.execute(insert(ClosureChange).values(**values).returning(ClosureChange.id)).scalar_one()


def _pair(move: Move) -> list[Any]:
    return [move.id, move.old.isoformat(), move.new.isoformat()]


def _write_entries(uow: UnitOfWork, draft: Draft, change_id: int) -> None:
    _delete(uow, draft.removed)
    if new := [row_values(entry, uow.now, change_id) for entry in (*draft.added, *draft.kept)]:
        uow.connection.execute(insert(Closure), new)


def _delete(uow: UnitOfWork, rows: Sequence[ClosureRow]) -> None:
    if rows:
        uow.connection.execute(delete(Closure).where(Closure.id.in_([row.id for row in rows])))


def take_back_change(uow: UnitOfWork, change_id: int, *, key: str | None = None) -> TakenBack:
    """Takes a change back: its entries go, those it took out return, and every date that stands as the change left it
    goes back. Notices not sent yet are dropped; who was told of later days is told of the earlier ones.

    Raises:
        NotFound: no such change. AlreadyUndone: taken back before. UndoOvertaken: a day of it has passed, or the
        calendar was changed there since. NeverOpen: no open day would be left.
    """
    uow.require(Permission.MANAGE_CLOSURES)
    asked = fingerprint("closure-take-back", change_id) if key else ""
    if key and (done := recall(uow, key, asked)):
        return TakenBack(**done)
    _take_turn(uow)
    found, loans, holds = _return(uow, change_id, lock=True)
    _delete(uow, found.leaving)
    if found.returning or found.kept:
        back = [row_values(entry, made, of) for entry, made, of in found.returning]
        uow.connection.execute(insert(Closure), back + [row_values(entry, uow.now, None) for entry in found.kept])
    move_loans(uow, loans)
    move_holds(uow, holds)
    uow.connection.execute(
        update(ClosureChange).where(ClosureChange.id == change_id).values(
            undone_at=uow.now, undone_by=uow.actor.account_id
        )
    )  # fmt: skip
    tell_moved_back(uow, change_id, loans, holds)
    done_now = _taken_back(found, loans, holds)
    record(uow, "closure.take-back", "closure_change", change_id, loans=len(loans), holds=len(holds))
    if key:
        remember(uow, key, asked, asdict(done_now))
    return done_now


def preview_take_back(uow: UnitOfWork, change_id: int) -> TakenBack:
    """What `take_back_change` would do now; changes nothing.

    Raises:
        As `take_back_change`.
    """
    uow.require(Permission.MANAGE_CLOSURES)
    return _taken_back(*_return(uow, change_id, lock=False))


def _return(uow: UnitOfWork, change_id: int, *, lock: bool) -> tuple[Return, list[Move], list[Move]]:
    row = uow.connection.execute(select(ClosureChange).where(ClosureChange.id == change_id)).mappings().first()
    if row is None:
        raise NotFound("change of the calendar")
    if row["undone_at"] is not None:
        raise AlreadyUndone
    standing = standing_of(uow, row)
    if standing.why_not:
        raise UndoOvertaken(what=standing.why_not)
    found = return_of(uow, standing)
    if lock:
        members = {values[0] for values in (*found.loans_now.values(), *found.holds_now.values())}
        lock_dates(uow, list(found.loans_now), list(found.holds_now), list(members))
        found = return_of(uow, standing)
    return found, found.loan_moves, found.hold_moves


def _taken_back(found: Return, loans: Sequence[Move], holds: Sequence[Move]) -> TakenBack:
    moved = found.standing.moved
    return TakenBack(
        found.standing.id, found.standing.what, len(loans), len(holds),
        len(moved["loans"]) - len(loans), len(moved["holds"]) - len(holds),
    )  # fmt: skip
