"""Parts of the machine, for faults that the whole one meets in long runs only: few acts, and days that pass."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from lib.access.actor import SYSTEM
from lib.access.work import begin_work
from lib.circulation.closure_entries import new_entries
from lib.circulation.jobs import accrue_fines
from lib.circulation.models import ClosureKind
from lib.closures.changes import apply_change
from lib.closures.reach import CalendarChange
from tests.circulation.machine.accounts import Accounts
from tests.circulation.machine.credits import Credits
from tests.circulation.machine.desk import Desk
from tests.circulation.machine.holds import Holds
from tests.circulation.machine.loans import Loans
from tests.circulation.machine.machines import Machines
from tests.circulation.machine.shelf import Shelf
from tests.circulation.machine.stories import PaidAndBrought
from tests.circulation.machine.tasks import Tasks


class _Days(Desk):
    @rule(days=st.sampled_from([1, 7, 30]))
    def days_pass(self, days: int) -> None:
        self.clock.forward(timedelta(days=days))


class Lent(Loans, _Days):
    """Loans alone."""


class ClosedDays(Lent):
    """Loans, and weekdays that the library closes for good."""

    @rule(ahead=st.integers(0, 6))
    def closes_a_weekday(self, ahead: int) -> None:
        entries = new_entries(ClosureKind.WEEKLY, weekday=(self.today + timedelta(days=ahead)).weekday())
        self.act("close", self.admin, apply_change, CalendarChange(add=entries))


class Queues(Loans, Holds, _Days):
    """Loans and who waits for them: nobody pays, nothing is closed, no night comes."""


class Till(PaidAndBrought, _Days):
    """Loans and what is paid for them: nobody waits, nothing is closed, no night comes."""


class Nightly(Till):
    """Till, and nights that bring fines up to date: whoever owes something owes as much after it."""

    @rule()
    def fines_grow(self) -> None:
        before = self.look().owed
        after: int | None = 0
        while after is not None:
            with begin_work(self.library, SYSTEM) as uow:
                after = accrue_fines(uow, after_id=after).last_id
        self.changed()
        assert self.look().owed == before


class Owed(Credits, _Days):
    """Loans, what is paid for them, and what the library owes."""


class Missed(Shelf, Loans, _Days):
    """Loans, who waits for them, and what is not where it ought to be."""


class Brought(Machines, Holds, _Days):
    """Loans, who waits for them, and machines."""


class Written(Tasks, _Days):
    """Loans, and what was written down of them."""


class Left(Accounts, Tasks, Holds, _Days):
    """Loans and who waits and pays for them, until they leave."""
