"""Acts that seldom meet by chance, one after the other: paid and then backdated, lost, paid for and found, renewed in
the night, a day of the hold shelf closed and opened again, a policy that is planned."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lib.access.work import begin_reading
from lib.billing.models import PaymentMethod
from lib.circulation.closure_entries import new_entries
from lib.circulation.losses import declare_lost
from lib.circulation.models import ClosureKind
from lib.circulation.money import take_payment
from lib.circulation.policy_changes import ProposedLine, add_change, cancel_change, policy_state
from lib.circulation.policy_sets import lines_in_force
from lib.circulation.renewals import consider_renewal
from lib.closures.changes import apply_change, take_back_change
from lib.closures.reach import CalendarChange
from lib.kit.tables import as_day
from tests.circulation.machine.desk import PICK, SORRY
from tests.circulation.machine.holds import Holds
from tests.circulation.machine.house import LINES, House
from tests.circulation.machine.loans import Loans
from tests.circulation.machine.money import Money
from tests.circulation.machine.world import plain_calendar
from tests.circulation.steps import rows


class PaidAndBrought(Loans, Money):
    """Late copies that were paid for, and lost ones."""

    def _pays_all(self, account_id: int) -> int:
        """Takes what a member owes as of today."""
        reader = [one.account_id for one in self.people].index(account_id)
        owed = self.look().owed[reader]
        if owed <= 0:
            return 0
        done = self.act(
            "pay", self.desk, take_payment, member_id=account_id, amount_minor=owed, method=PaymentMethod.CARD
        )
        assert done is not None
        self._moved(done, reader, -owed)
        return owed

    def _late(self) -> list[tuple[Any, ...]]:
        return [row for row in self.look().loans if (due := as_day(row[3])) and due < self.today]

    @precondition(lambda self: self._late())
    @rule(pick=PICK, days_ago=st.sampled_from([0, 2, 9]), sorry=SORRY)
    def brings_what_was_paid_for_back_earlier(self, pick: int, days_ago: int, sorry: bool) -> None:
        """What was paid too much is a credit, and no more than that is given back."""
        late = self._late()
        _, copy_id, account, *_ = late[pick % len(late)]
        self._pays_all(account)
        done = self.take_back(copy_id, None, 24 * days_ago)
        self.regrets(done, sorry)
        if done is not None and self.ids("SELECT 1 FROM charge WHERE balance_minor < 0 LIMIT 1"):
            self.gives_back(pick=pick, all_of_it=bool(days_ago % 2), sorry=not sorry)

    @precondition(lambda self: self.look().loans)
    @rule(pick=PICK, paid=st.booleans(), days=st.sampled_from([0, 1, 3, 40]), sorry=SORRY)
    def loses_and_finds(self, pick: int, paid: bool, days: int, sorry: bool) -> None:
        loan_id, copy_id, account, *_ = self.look().loans[pick % len(self.look().loans)]
        done = self.act("lost", self.desk, declare_lost, loan_id=loan_id, reason="Left on a train")
        assert done is not None
        if paid:
            self._pays_all(account)
        self.clock.forward(timedelta(days=days))
        self.find(copy_id, sorry)


class Stories(PaidAndBrought, Holds, House):
    """Every act there is at the desk, and some that follow one another."""

    @precondition(lambda self: self.look().loans)
    @rule(pick=PICK)
    def renews_in_the_night(self, pick: int) -> None:
        """The night renews what the desk would renew that evening, and nothing else."""
        loan_id, copy_id, _, due, renewals, claimed, _ = self.look().loans[pick % len(self.look().loans)]
        due_on = as_day(due)
        assert due_on is not None
        self.choose("circulation", auto_renewal=True)
        self.clock.forward(timedelta(days=max(0, (due_on - self.today).days - 1)))
        with begin_reading(self.library, self.desk) as uow:
            may = consider_renewal(uow, loan_id=loan_id).may
        near = self.today <= due_on <= self.today + timedelta(days=1) and claimed is None
        holds = rows(self.library, "SELECT 1 FROM hold WHERE state IN ('waiting', 'ready')"
                     f" AND title_id = {self.title_of[copy_id]}")  # fmt: skip
        self._one_night(1000)
        after = {row[0]: row for row in self.look().loans}
        if not holds and loan_id in after:
            assert after[loan_id][4] == renewals + (may and near)

    @precondition(lambda self: self.look().ready)
    @rule(pick=PICK, sorry=st.booleans())
    def closes_the_last_day_on_the_hold_shelf(self, pick: int, sorry: bool) -> None:
        """Whoever was to come on that day may come on the next open one; taken back, each day is as it was."""
        before = self.look()
        hold_id, _, until = before.ready[pick % len(before.ready)]
        day = as_day(until)
        assert day is not None
        if day < self.today:
            return
        entries = new_entries(ClosureKind.DAY, first=day)
        done = self.act("close-shelf-day", self.admin, apply_change, CalendarChange(add=entries))
        if done is None:
            return
        self._check_calendar(done.before, done.after)
        with begin_reading(self.library, self.desk) as uow:
            calendar = plain_calendar(uow)
        wanted = day
        while not calendar.is_open(wanted):
            wanted += timedelta(days=1)
        assert next(as_day(row[2]) for row in done.after.ready if row[0] == hold_id) == wanted
        if sorry:
            back = self.act("reopen", self.admin, take_back_change, done.result)
            assert back is not None
            assert back.after.same_as(before)

    # ------------------------------------------------------------------------------------------- a planned policy

    @rule(line=PICK, days=st.sampled_from([0, 1, 1, 4]))
    def plans_a_policy(self, line: int, days: int) -> None:
        """A set of rules holds from its day on and no second sooner, and open loans keep their numbers."""
        values, day = LINES[line % len(LINES)], self.today + timedelta(days=days)
        with begin_reading(self.library, self.admin) as uow:
            seen = policy_state(uow)
        whole = next(one.values for one in seen.lines if one.pair == (None, None))
        lines = [ProposedLine(None, None, {name: n for name, n in whole.items() if n is not None} | values)]
        before = self._policy_at(day, just_before=True)
        done = self.act("plan", self.admin, add_change, holds_from=day, lines=lines, seen_mark=seen.mark)
        if done is None:
            return
        assert done.after.same_as(done.before)
        assert day == self.today or self._policy_at(day, just_before=True) == before
        assert self._policy_at(day) == {(None, None): dict(lines[0].values)}

    @precondition(lambda self: self.ids("SELECT 1 FROM policy_change WHERE cancelled_at IS NULL LIMIT 1"))
    @rule(pick=PICK)
    def gives_a_plan_up(self, pick: int) -> None:
        found = self.ids("SELECT id FROM policy_change WHERE cancelled_at IS NULL ORDER BY id DESC")
        today = self._policy_at(self.today)
        self.act("give-plan-up", self.admin, cancel_change, found[pick % len(found)])
        assert self._policy_at(self.today) == today

    def _policy_at(self, day: date, *, just_before: bool = False) -> dict[Any, dict[str, int]]:
        """The rules as they hold from the first second of a day, or in the last second before it."""
        with begin_reading(self.library, self.admin) as uow:
            first = datetime(day.year, day.month, day.day, tzinfo=uow.zone)
        was = self.clock.at
        try:
            self.clock.at = max(first - timedelta(seconds=1), was) if just_before else first
            with begin_reading(self.library, self.admin) as uow:
                found = lines_in_force(uow)
        finally:
            self.clock.at = was
        return {line.pair: {name: n for name, n in line.values.items() if n is not None} for line in found}
