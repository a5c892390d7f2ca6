"""What a change of the calendar does to dates and fines: pure arithmetic, over the very rules that made them.

A date moves only because the change closes a day, and only later:

- `roll`: a due day that was open and is closed now rolls to the next open day, as a new loan's would.
- `skip`: a loan was promised so many open days. Those that the change takes away between its issue and its due day
  are added after the due day.
- `ignore`: due days do not move.
- The end of the membership, where it caps due days, caps the later day too; it never pulls a day earlier.
- The hold shelf counts open days in every mode: what the change takes away between the day the copy became ready and
  the last day on the shelf is added.

Opening a day moves nothing: nobody's date comes earlier. Fines follow the calendar, as they do each night.
"""

from dataclasses import dataclass, replace
from datetime import date

from lib.circulation.calendar import OpenDays
from lib.circulation.policy import due_day
from lib.circulation.settings import ClosedDayMode
from lib.circulation.situation import OpenLoan


@dataclass(frozen=True, slots=True)
class Shift:
    """A calendar before and after a change, and the rules under which dates follow."""

    before: OpenDays
    after: OpenDays
    mode: ClosedDayMode
    caps: bool
    today: date

    def due(self, due_on: date, issued_on: date, membership_ends_on: date | None) -> date:
        """Where a due day moves; the day itself where it stays."""
        ends_on = membership_ends_on if self.caps else None
        if self.mode is ClosedDayMode.SKIP:
            lost = self.lost(issued_on, due_on)
            return due_day(due_on, lost, self.after, self.mode, membership_ends_on=ends_on) if lost else due_on
        if not self._closes(due_on):
            return due_on
        return due_day(due_on, 0, self.after, self.mode, membership_ends_on=ends_on)

    def shelf(self, shelf_until: date, ready_on: date) -> date:
        """Where the last day on the hold shelf moves; the day itself where it stays."""
        moved = self.after.after_open_days(shelf_until, self.lost(ready_on, shelf_until))
        return self.after.next_open(moved) if self._closes(shelf_until) else moved

    def lost(self, start: date, last: date) -> int:
        """How many open days between two days (the last counts) the change takes away on balance."""
        return max(0, self.before.open_between(start, last) - self.after.open_between(start, last))

    def _closes(self, day: date) -> bool:
        return self.before.is_open(day) and not self.after.is_open(day)


@dataclass(frozen=True, slots=True)
class Move:
    """A date that moves: of which loan or hold, whose, from which day to which."""

    id: int
    account_id: int
    old: date
    new: date


@dataclass(frozen=True, slots=True)
class LoanShift:
    """One loan before and after; `capped`: it would have moved further, had the membership not ended."""

    loan: OpenLoan
    account_id: int
    due_on: date
    capped: bool
    fine_minor: int
    new_fine_minor: int
    was_late: bool
    is_late: bool

    @property
    def move(self) -> Move | None:
        """The move of its due day, if it moves."""
        old = self.loan.due_on
        return Move(self.loan.id, self.account_id, old, self.due_on) if self.due_on != old else None

    @property
    def is_touched(self) -> bool:
        return self.due_on != self.loan.due_on or self.fine_changes or self.capped or self.was_late != self.is_late

    @property
    def fine_changes(self) -> bool:
        return self.fine_minor != self.new_fine_minor


def shift_loan(
    shift: Shift, loan: OpenLoan, *, account_id: int, issued_on: date, membership_ends_on: date | None
) -> LoanShift:
    """A loan under the change: its due day, its fine as of today, and whether it is overdue."""
    due_on = shift.due(loan.due_on, issued_on, membership_ends_on)
    capped = shift.caps and due_on != shift.due(loan.due_on, issued_on, None)
    moved = replace(loan, due_on=due_on)
    return LoanShift(
        loan, account_id, due_on, capped, loan.fine_on(shift.today, shift.before),
        moved.fine_on(shift.today, shift.after), _late(loan, shift.before, shift.today),
        _late(moved, shift.after, shift.today),
    )  # fmt: skip


def _late(loan: OpenLoan, calendar: OpenDays, today: date) -> bool:
    return loan.due_on <= calendar.missed_until(today)
