"""How far a change of the calendar reaches: the entries it leaves, and the loans and holds that it touches."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.access.work import UnitOfWork
from lib.circulation.calendar import OpenDays
from lib.circulation.closure_entries import ClosureRow, Entry, calendar_from, closed_past, made_at, read_entries
from lib.circulation.errors import AlreadyClosed, NeverOpen
from lib.circulation.models import ClosureKind
from lib.circulation.settings import CirculationSettings, ClosedDayMode
from lib.circulation.situation import OpenLoan
from lib.closures.effect import LoanShift, Move, Shift, shift_loan
from lib.kit.clock import day_of
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.tables import as_day, as_instant

BATCH = 2000
_FIRST_DUE = Statement("SELECT min(due_on) FROM loan WHERE returned_at IS NULL")
_LOANS = Statement(
    "SELECT l.id, l.title_id, l.due_on, l.fine_per_day, l.grace_days, l.fine_cap, l.fine_settled, l.claimed_on,"
    " l.account_id, l.issued_on, a.membership_ends_on FROM loan l LEFT JOIN account a ON a.id = l.account_id"
    " WHERE l.returned_at IS NULL AND (l.due_on, l.id) > (:due_on, :id) AND l.due_on <= :last"
    " ORDER BY l.due_on, l.id LIMIT :most"
)
_READY = Statement(
    "SELECT h.id, h.account_id, h.ready_at, h.shelf_until FROM hold h WHERE h.state = 'ready'"
    " AND (h.shelf_until, h.id) > (:shelf_until, :id) ORDER BY h.shelf_until, h.id LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """What somebody wants of the calendar: entries to add, ids of entries to take out."""

    add: tuple[Entry, ...] = ()
    remove: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """The calendar as the change leaves it. `kept`: past days of patterns that go, which stay closed."""

    added: tuple[Entry, ...]
    removed: tuple[ClosureRow, ...]
    kept: tuple[Entry, ...]
    before: OpenDays
    after: OpenDays


@dataclass(frozen=True, slots=True)
class Reach:
    """What the change touches. `loans` move, cost otherwise, or are kept where they are by a membership's end."""

    shift: Shift
    loans: tuple[LoanShift, ...]
    holds: tuple[Move, ...]

    @property
    def moves(self) -> tuple[Move, ...]:
        """The due days that move."""
        return tuple(move for loan in self.loans if (move := loan.move))


def draft_of(uow: UnitOfWork, change: CalendarChange) -> Draft:
    """Checks a change against the calendar as it stands.

    Raises:
        NotFound: no such entry. AlreadyClosed: there is an entry. Invalid: it is empty, or would rewrite the
        past. NeverOpen: no open day would be left.
    """
    if not change.add and not change.remove:
        raise Invalid(Fault("add", "Name a day or a pattern to add, or an entry to take out."))
    rows = read_entries(uow)
    removed = tuple(_leaving(uow, rows, number) for number in dict.fromkeys(change.remove))
    staying = [row for row in rows if row not in removed]
    added = _added(uow, change.add, staying)
    before, bare = calendar_from(rows), calendar_from([*staying, *added])
    kept = _kept(uow, removed, before, bare, {entry.place for entry in (*staying, *added)})
    if bare.never_opens(uow.today):
        raise NeverOpen
    return Draft(added, removed, kept, before, calendar_from([*staying, *added, *kept]))


def _leaving(uow: UnitOfWork, rows: list[ClosureRow], number: int) -> ClosureRow:
    row = next((row for row in rows if row.id == number), None)
    if row is None:
        raise NotFound("closure")
    if row.on_date is not None and row.on_date < uow.today:
        raise Invalid(Fault("on_date", "This day has passed; it stays, because fines of that time depend on it."))
    return row


def _added(uow: UnitOfWork, wanted: tuple[Entry, ...], staying: list[ClosureRow]) -> tuple[Entry, ...]:
    """The entries that are new; days of a range that have the same entry already are left as they are."""
    taken: dict[Any, Entry] = {row.place: row for row in staying}
    added: list[Entry] = []
    for entry in wanted:
        if entry.is_open and entry.on_date and entry.on_date < uow.today:
            raise Invalid(Fault("first", "A day that has passed cannot become an open one: fines of it would rise."))
        there = taken.get(entry.place)
        if there is None:
            added.append(entry)
            taken[entry.place] = entry
        elif len(wanted) == 1 or there.is_open != entry.is_open:
            raise AlreadyClosed(what=entry.words)
    if wanted and not added:
        raise AlreadyClosed(what=wanted[0].words)
    return tuple(added)


def _kept(
    uow: UnitOfWork, removed: tuple[ClosureRow, ...], before: OpenDays, after: OpenDays, taken: set[Any]
) -> tuple[Entry, ...]:
    """Past days of patterns that go, as far back as they held and open loans are due; a pattern that was entered
    today leaves nothing behind."""
    patterns = [row for row in removed if row.kind is not ClosureKind.DAY]
    found: dict[Any, Entry] = {}
    if patterns and (first := first_due(uow)):
        made = made_at(uow, patterns)
        for row in patterns:
            start = uow.today if day_of(made[row.id], uow.zone) == uow.today else max(first, row.since or first)
            for entry in past_of(row, before, after, start, uow.today):
                found.setdefault(entry.place, entry)
    return tuple(entry for place, entry in found.items() if place not in taken)


def past_of(pattern: Entry, before: OpenDays, after: OpenDays, first: date, today: date) -> tuple[Entry, ...]:
    """The days a pattern closed from `first` until yesterday and nothing else does, as single closures."""
    alone = calendar_from([pattern])
    days = closed_past(before, after, first, today, pattern.reason)
    return tuple(entry for entry in days if entry.on_date and not alone.is_open(entry.on_date))


def first_due(uow: UnitOfWork) -> date | None:
    """The earliest due day of an open loan."""
    return as_day(_FIRST_DUE.row(uow.connection)[0])


def reach_of(uow: UnitOfWork, draft: Draft) -> Reach:
    """The loans and holds that a change touches, the earliest dates first; reads in batches."""
    settings = uow.settings(CirculationSettings)
    shift = Shift(draft.before, draft.after, settings.closed_day_mode, settings.membership_caps_due, uow.today)
    first, last = _span(draft)
    loans = (_shifted(shift, row) for row in _open_loans(uow, *_due_span(shift, first, last)))
    touched = tuple(loan for loan in loans if loan.is_touched)
    return Reach(shift, touched, tuple(_moving_holds(uow, shift, first)))


def _span(draft: Draft) -> tuple[date, date]:
    """The first and the last day that may open or close; without an end where a pattern changes."""
    entries = (*draft.added, *draft.removed)
    first = min(entry.on_date or entry.since or date.min for entry in entries)
    return first, max(entry.on_date or date.max for entry in entries)


def _due_span(shift: Shift, first: date, last: date) -> tuple[date, date]:
    """Between which due days to look: overdue loans too where fines of days until today may change."""
    until = {ClosedDayMode.ROLL: last, ClosedDayMode.SKIP: date.max, ClosedDayMode.IGNORE: date.min}[shift.mode]
    return (first, until) if first > shift.today else (date.min, max(until, shift.today))


def _open_loans(uow: UnitOfWork, first: date, last: date) -> Iterator[Any]:
    due_on, number = first, 0
    while rows := _LOANS.rows(uow.connection, due_on=due_on, id=number, last=last, most=BATCH):
        yield from rows
        due_on, number = rows[-1][2], rows[-1][0]


def _shifted(shift: Shift, row: Any) -> LoanShift:
    number, title_id, due, per_day, grace, cap, settled, claimed, account_id, issued, ends_on = row
    due_on, issued_on = as_day(due), as_day(issued)
    assert due_on is not None
    assert issued_on is not None
    loan = OpenLoan(number, title_id, "", 0, due_on, per_day, grace, cap, settled, claimed_on=as_day(claimed))
    return shift_loan(shift, loan, account_id=account_id, issued_on=issued_on, membership_ends_on=as_day(ends_on))


def _moving_holds(uow: UnitOfWork, shift: Shift, first: date) -> Iterator[Move]:
    until, number = first, 0
    while rows := _READY.rows(uow.connection, shelf_until=until, id=number, most=BATCH):
        for hold_id, account_id, ready_at, shelf_until in rows:
            day, ready = as_day(shelf_until), as_instant(ready_at)
            assert day is not None
            assert ready is not None
            new = shift.shelf(day, day_of(ready, uow.zone))
            if new != day:
                yield Move(hold_id, account_id, day, new)
        until, number = rows[-1][3], rows[-1][0]
