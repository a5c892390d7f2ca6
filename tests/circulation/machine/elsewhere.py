"""Acts away from the desk: at a self-check machine, and at a desk whose server was away."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from lib.access.actor import Actor
from lib.access.permissions import Role
from lib.access.work import begin_reading
from lib.billing.models import PaymentMethod
from lib.circulation.checkout import decide_for, situation_of
from lib.circulation.holds import consider_hold
from lib.circulation.models import Channel
from lib.circulation.renewals import consider_renewal
from lib.circulation.side_models import OfflineState
from lib.desk.offline import OfflineAct, OfflineOutcome, replay_batch
from lib.desk.self_check import self_cancel_hold, self_check_out, self_hold, self_pay, self_renew
from tests.builders import a_member
from tests.circulation.machine.desk import PICK, TALLY
from tests.circulation.machine.loans import Loans
from tests.circulation.machine.money import Money
from tests.circulation.steps import rows

# An act a desk wrote down: lent or taken back, which copy, who, how many hours ago.
NOTED = st.tuples(st.sampled_from(["issue", "return"]), PICK, PICK, st.sampled_from([0, 1, 5, 30]))


class Elsewhere(Loans, Money):
    """A machine does for its reader what the desk would do without an override, and no more."""

    @initialize()
    def sets_a_machine_up(self) -> None:
        self.machine: Actor | None = None
        self.written_down = 0

    @property
    def terminal(self) -> Actor:
        """The machine, set up when it is first used."""
        self.machine = self.machine or a_member(self.library, role=Role.TERMINAL)
        return self.machine

    @rule(pick=PICK, person=PICK)
    def lends_at_the_machine(self, pick: int, person: int) -> None:
        found = self.copies_that_are("available") or self.copies
        barcode = self.barcodes[self.copies.index(found[pick % len(found)])]
        asked: dict[str, Any] = {"barcode": barcode, "member_id": self.people[person % 5].account_id}
        with begin_reading(self.library, self.desk) as uow:  # a machine lends nothing that others wait for
            dry = decide_for(uow, *situation_of(uow, **asked), Channel.SELF_CHECK)
        done = self.act("machine-issue", self.terminal, self_check_out, **asked)
        assert (done is not None) == dry.may
        if done is not None:
            assert done.result.due_on == dry.due_on
            self._check_issue(done, asked["member_id"])

    @precondition(lambda self: self.look().loans)
    @rule(pick=PICK, stranger=st.booleans())
    def renews_at_the_machine(self, pick: int, stranger: bool) -> None:
        loan = self._open_loan(pick)
        assert loan is not None
        who = next(one.account_id for one in self.people if (one.account_id != loan[1]) == stranger)
        holder = next(one for one in self.people if one.account_id == loan[1])
        with begin_reading(self.library, holder) as uow:
            dry = consider_renewal(uow, loan_id=loan[0])
        barcode = self.barcodes[self.copies.index(loan[2])]
        done = self.act("machine-renew", self.terminal, self_renew, barcode=barcode, member_id=who)
        assert (done is not None) == (dry.may and not stranger)

    @rule(title=PICK, person=PICK)
    def waits_at_the_machine(self, title: int, person: int) -> None:
        reader, wanted = self.people[person % 5], self.titles[title % 3]
        with begin_reading(self.library, reader) as uow:
            dry = consider_hold(uow, title_id=wanted)
        done = self.act(
            "machine-hold", self.terminal, self_hold, member_id=reader.account_id, title_id=wanted
        )  # fmt: skip
        assert (done is not None) == dry.may
        if done is not None:
            assert done.after.queue(wanted) == [*done.before.queue(wanted), done.result.hold_id]

    @precondition(lambda self: self.look().waiting or self.look().ready)
    @rule(pick=PICK)
    def cancels_at_the_machine(self, pick: int) -> None:
        live = rows(self.library, "SELECT account_id, title_id FROM hold WHERE state IN ('waiting', 'ready')"
                    " ORDER BY id")  # fmt: skip
        account, title = live[pick % len(live)]
        done = self.act("machine-cancel", self.terminal, self_cancel_hold, member_id=account, title_id=title)
        assert done is not None
        assert len(done.after.waiting) + len(done.after.ready) == len(live) - 1

    @rule(person=PICK, half=st.booleans())
    def pays_at_the_machine(self, person: int, half: bool) -> None:
        reader = self._debtor(person)
        owed = self.look().owed[reader]
        given = max(1, owed // 2 if half else owed)
        done = self.act(
            "machine-pay", self.terminal, self_pay, member_id=self.people[reader].account_id, amount_minor=given,
            method=PaymentMethod.CARD,
        )  # fmt: skip
        assert done is not None or given > owed
        if done is not None:
            self._moved(done, reader, -given)

    @rule(noted=st.lists(NOTED, min_size=1, max_size=4))
    def sends_what_was_written_down(self, noted: list[tuple[str, int, int, int]]) -> None:
        """Acts noted without the server: each is done once, however often it is sent; what is impossible changes
        nothing; what was done last with a copy says where it is."""
        acts = [self._written(*one) for one in noted]
        before = self.look()
        told = self._send(acts)
        after = self.look()
        if all(one.state is OfflineState.CONFLICT for one in told):
            assert after.same_as(before)
        for copy in {act.barcode for act in acts}:
            self._check_copy(copy, acts, told)
        assert self._send(acts) == told
        assert self.look() == after

    def _written(self, kind: str, copy: int, person: int, hours: int) -> OfflineAct:
        self.written_down += 1
        account = self.people[person % 5].account_id
        card = self.ids(f"SELECT card_number FROM account WHERE id = {account}")[0] if kind == "issue" else ""
        at = self.clock.at - timedelta(hours=hours, seconds=100 - self.written_down % 100)
        return OfflineAct(f"note-{self.written_down}", kind, self.barcodes[copy % 7], card, at, "Front desk")

    def _send(self, acts: list[OfflineAct]) -> tuple[OfflineOutcome, ...]:
        before = self.look()
        told = replay_batch(self.library, self.desk, acts)
        self.changed()
        TALLY.update((f"offline-{act.kind}", one.state.value)
                     for act, one in zip(sorted(acts, key=lambda act: act.recorded_at), told, strict=True))  # fmt: skip
        new = self.ids(f"SELECT id FROM desk_act WHERE id > {before.last_act} ORDER BY id")
        self.undoable += [(act, None) for act in new]
        return told

    def _check_copy(self, barcode: str, acts: list[OfflineAct], told: tuple[OfflineOutcome, ...]) -> None:
        """Where a copy is after its last act: out with whom it was lent to, or in, unless an issue waited for it."""
        states = {one.client_id: one.state for one in told}
        done = [act for act in sorted(acts, key=lambda act: act.recorded_at)
                if act.barcode == barcode and states[act.client_id] is not OfflineState.CONFLICT]  # fmt: skip
        if not done:
            return
        out = rows(
            self.library,
            "SELECT a.card_number, l.channel FROM loan l JOIN copy c ON c.id = l.copy_id"
            f" JOIN account a ON a.id = l.account_id WHERE c.barcode = '{barcode}' AND l.returned_at IS NULL",
        )
        if done[-1].kind == "issue":
            assert out == [(done[-1].card, "offline")]
        else:
            assert out == [] or out[0][1] == "offline"
