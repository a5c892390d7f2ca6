"""What the library owes a reader pays what they owe: in the night, and when they pay."""

from collections import defaultdict
from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lib.access.actor import SYSTEM
from lib.access.work import begin_reading, begin_work
from lib.billing.models import ChargeKind
from lib.circulation.jobs import JobStep, accrue_fines, set_off_credits
from lib.circulation.money import charge_member, could_set_off, set_off_now
from lib.desk.undo import undo
from tests.circulation.machine.desk import PICK, SORRY, TALLY
from tests.circulation.machine.money import AMOUNT
from tests.circulation.machine.stories import PaidAndBrought
from tests.circulation.steps import rows

CREDIT = "SELECT 1 FROM charge WHERE balance_minor < 0 AND state = 'final' LIMIT 1"


class Credits(PaidAndBrought):
    """Charges below nought, and what becomes of them."""

    @precondition(lambda self: self.ids(CREDIT))
    @rule(pick=PICK, amounts=st.lists(AMOUNT, max_size=2), sorry=st.booleans())
    def sets_credits_off(self, pick: int, amounts: list[int], sorry: bool) -> None:
        """The oldest debts are paid first, as far as the credits go, and the sum of both stays as it was."""
        owners = self.ids("SELECT DISTINCT account_id FROM charge WHERE balance_minor < 0 AND state = 'final'"
                          " ORDER BY account_id")  # fmt: skip
        member = owners[pick % len(owners)]
        for amount in amounts:
            done = self.act(
                "charge", self.desk, charge_member, member_id=member, kind=ChargeKind.DAMAGE, amount_minor=amount,
                what="A torn page",
            )  # fmt: skip
            assert done is not None
        self._at_night(accrue_fines, 1000)
        before, wanted = self.look(), self._settled_by_hand()
        self._at_night(set_off_credits, 1 + pick)
        TALLY["set-off", "done"] += 1
        assert self.look() == before
        assert dict(self._balances()) == wanted
        if sorry and amounts:
            self._undo_what_was_paid_so(before.owed, amounts[-1], member)

    def _at_night(self, job: Callable[..., JobStep], limit: int) -> None:
        after: int | None = 0
        while after is not None:
            with begin_work(self.library, SYSTEM) as uow:
                after = job(uow, after_id=after, limit=limit).last_id
        self.changed()

    @precondition(lambda self: self.ids(CREDIT))
    @rule(pick=PICK, sorry=SORRY)
    def sets_a_credit_off_at_the_desk(self, pick: int, sorry: bool) -> None:
        """As far as the credit goes, fines that grow too; what is owed in all stays, and undoing brings it back."""
        member = self.people[pick % 5].account_id or 0
        found = self.ids(f"SELECT balance_minor FROM charge WHERE account_id = {member} AND balance_minor <> 0")
        wanted = min(sum(-one for one in found if one < 0), sum(one for one in found if one > 0))
        with begin_reading(self.library, self.desk) as uow:
            assert could_set_off(uow, member) == wanted
        before = self._balances()
        done = self.act("set-off-now", self.desk, set_off_now, member_id=member)
        assert (done is not None) == (wanted > 0)
        if done is None:
            return
        assert done.result == wanted
        assert done.after.same_as(done.before)
        assert not self._both(member)
        self.regrets(done, sorry)
        assert not sorry or self._balances() == before

    def _balances(self) -> list[tuple[int, int]]:
        return [(row[0], row[1]) for row in rows(self.library, "SELECT id, balance_minor FROM charge ORDER BY id")]

    def _settled_by_hand(self) -> dict[int, int]:
        """Every charge's balance once credits went to debts, a coin at a time; growing fines are left alone."""
        standing: dict[int, list[list[int]]] = defaultdict(list)
        found = rows(self.library, "SELECT account_id, id, balance_minor FROM charge WHERE state = 'final' ORDER BY id")
        for account, charge, balance in found:
            standing[account].append([charge, balance])
        for charges in standing.values():
            purse = sum(-balance for _, balance in charges if balance < 0)
            spent = 0
            for charge in charges:
                if charge[1] > 0:
                    coins = min(charge[1], purse - spent)
                    charge[1] -= coins
                    spent += coins
            # Which of several credits goes first is the product's business; that none is overdrawn is not.
            for charge in (one for one in charges if one[1] < 0):
                coins = min(-charge[1], spent)
                charge[1] += coins
                spent -= coins
        settled = {charge: balance for charges in standing.values() for charge, balance in charges}
        return dict(self._balances()) | settled

    def _undo_what_was_paid_so(self, owed: tuple[int, ...], amount: int, member: int) -> None:
        """A charge that a credit paid may be undone: then it is owed no more, and the credit is there again."""
        act, _ = self.undoable[-1]
        _, refusal = self.attempt("undo-set-off", self.desk, undo, act)
        if refusal is not None:
            return
        wanted = list(owed)
        wanted[[reader.account_id for reader in self.people].index(member)] -= amount
        assert list(self.look().owed) == wanted
