"""The way back of a change of the calendar: whether it is open, and which dates and entries go back on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lib.access.work import UnitOfWork
from lib.circulation.closure_entries import ClosureRow, Entry, calendar_from, entry_of, read_entries
from lib.circulation.errors import NeverOpen
from lib.circulation.models import ClosureKind
from lib.circulation.settings import CirculationSettings
from lib.closures.dates import holds_now, loans_now
from lib.closures.effect import Move, Shift
from lib.closures.reach import first_due, past_of
from lib.kit.clock import day_of
from lib.kit.tables import as_instant


@dataclass(frozen=True, slots=True)
class Standing:
    """A change as it was written down, and where the calendar stands now. `why_not`: what happened since, or ""."""

    id: int
    what: str
    applied_on: date
    added: tuple[Entry, ...]
    removed: tuple[tuple[Entry, datetime, int | None], ...]
    moved: Mapping[str, Any]
    rows: tuple[ClosureRow, ...]
    why_not: str

    @property
    def leaving(self) -> tuple[ClosureRow, ...]:
        """The entries that the change put there."""
        return tuple(row for row in self.rows if row.change_id == self.id)


@dataclass(frozen=True, slots=True)
class Return:
    """What goes back: entries, and dates. `kept`: past days of added patterns, which stay closed."""

    standing: Standing
    leaving: tuple[ClosureRow, ...]
    returning: tuple[tuple[Entry, datetime, int | None], ...]
    kept: tuple[Entry, ...]
    loans_now: dict[int, tuple[int, date, date]]
    holds_now: dict[int, tuple[int, date, Any]]
    loan_moves: list[Move]
    hold_moves: list[Move]


def standing_of(uow: UnitOfWork, row: Mapping[Any, Any], rows: Sequence[ClosureRow] | None = None) -> Standing:
    """Reads a row of closure_change against the calendar as it stands."""
    known = tuple(read_entries(uow) if rows is None else rows)
    added = tuple(entry_of(kept) for kept in row["added"])
    removed = tuple(
        (entry_of(kept), datetime.fromisoformat(kept["created_at"]), kept["change_id"]) for kept in row["removed"]
    )
    applied_on = day_of(row["at"], uow.zone)
    why_not = _overtaken(row, known, added, [entry for entry, _, _ in removed], applied_on, uow.today)
    return Standing(row["id"], row["what"], applied_on, added, removed, row["moved"], known, why_not)


def _overtaken(
    row: Mapping[Any, Any], rows: Sequence[ClosureRow], added: Sequence[Entry], removed: Sequence[Entry],
    applied_on: date, today: date,
) -> str:  # fmt: skip
    """What happened since that stands against it. On the day it was applied a slip may still be mended."""
    passed = [entry for entry in (*added, *removed) if entry.on_date and entry.on_date < today]
    if passed and applied_on < today:
        return f"{passed[0].words} has passed, and fines of that time depend on it"
    kept = [entry_of(given) for given in row["moved"]["kept"]]
    mine = {other.place: other.is_open for other in rows if other.change_id == row["id"]}
    if gone := [entry for entry in (*added, *kept) if mine.get(entry.place) is not entry.is_open]:
        return f"{gone[0].words} was taken out of the calendar since. Take that back first"
    others = {other.place for other in rows if other.change_id != row["id"]}
    if again := [entry for entry in removed if entry.place in others]:
        return f"{again[0].words} was entered again since. Take that out first"
    return ""


def return_of(uow: UnitOfWork, standing: Standing) -> Return:
    """The dates and entries that go back.

    Raises:
        NeverOpen: no open day would be left.
    """
    leaving = standing.leaving
    back: list[Entry] = [row for row in standing.rows if row not in leaving] + [
        entry for entry, _, _ in standing.removed
    ]
    if calendar_from(back).never_opens(uow.today):
        raise NeverOpen
    kept = _kept(uow, standing, back)
    # What was closed by others since the change still counts for its dates; what was closed before it did not.
    before = [entry for entry in back if not isinstance(entry, ClosureRow) or (entry.change_id or 0) < standing.id]
    mode = uow.settings(CirculationSettings).closed_day_mode
    shift = Shift(calendar_from(before), calendar_from([*back, *kept]), mode, False, uow.today)
    due = loans_now(uow, [given[0] for given in standing.moved["loans"]])
    shelf = holds_now(uow, [given[0] for given in standing.moved["holds"]])
    return Return(
        standing, leaving, standing.removed, kept, due, shelf, _loan_moves(standing, shift, due),
        _hold_moves(uow, standing, shift, shelf),
    )  # fmt: skip


def _kept(uow: UnitOfWork, standing: Standing, back: Sequence[Entry]) -> tuple[Entry, ...]:
    """Past days of the patterns it added, from the day it was applied on: fines of that time need them."""
    first = first_due(uow)
    patterns = [entry for entry in standing.added if entry.kind is not ClosureKind.DAY]
    if first is None or not patterns:
        return ()
    before, after = calendar_from(standing.rows), calendar_from(back)
    found: dict[Any, Entry] = {}
    for pattern in patterns:
        for entry in past_of(pattern, before, after, max(first, standing.applied_on), uow.today):
            found.setdefault(entry.place, entry)
    taken = {entry.place for entry in back}
    return tuple(entry for place, entry in found.items() if place not in taken)


def _loan_moves(standing: Standing, shift: Shift, now: Mapping[int, tuple[int, date, date]]) -> list[Move]:
    moves = []
    for number, was, left in _pairs(standing.moved["loans"]):
        account_id, due_on, issued_on = now.get(number, (0, date.min, date.min))
        if due_on == left:
            new = min(shift.due(was, issued_on, None), due_on)
            moves += [Move(number, account_id, due_on, new)] if new != due_on else []
    return moves


def _hold_moves(
    uow: UnitOfWork, standing: Standing, shift: Shift, now: Mapping[int, tuple[int, date, Any]]
) -> list[Move]:  # fmt: skip
    moves = []
    for number, was, left in _pairs(standing.moved["holds"]):
        account_id, until, ready = now.get(number, (0, date.min, None))
        ready_at = as_instant(ready)
        if ready_at is not None and until == left:
            new = min(shift.shelf(was, day_of(ready_at, uow.zone)), until)
            moves += [Move(number, account_id, until, new)] if new != until else []
    return moves


def _pairs(given: Sequence[Any]) -> list[tuple[int, date, date]]:
    return [(number, date.fromisoformat(was), date.fromisoformat(left)) for number, was, left in given]
