"""Loans: issue at the desk and by oneself, against blocks, return in every way, renewal, claims, losses, repair."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lib.access.work import begin_reading
from lib.catalogue.models import Condition
from lib.circulation.borrowing import borrow, consider_borrow
from lib.circulation.checkout import check_out, consider_check_out
from lib.circulation.claims import claim_returned, clear_claim
from lib.circulation.losses import consider_loss, declare_lost
from lib.circulation.renewals import consider_renewal, renew, renew_all
from lib.circulation.repairs import end_repair
from lib.circulation.returns import Inspection, check_in
from lib.circulation.settings import CirculationSettings
from lib.kit.clock import day_of
from lib.kit.tables import as_day, as_instant
from tests.circulation.machine.desk import PICK, SORRY, Desk, Done
from tests.circulation.machine.world import plain_calendar, plain_fine
from tests.circulation.steps import rows

LOOKS = st.sampled_from(
    [
        None,
        None,
        Inspection(Condition.WORN, "Coffee"),
        Inspection(Condition.DAMAGED, "Wet"),
        Inspection(Condition.DAMAGED, "Torn", 150),
    ]
)


class Loans(Desk):
    """What is done with copies that go out and come back."""

    def _open_loan(self, pick: int) -> tuple[Any, ...] | None:
        found = self._loans()
        return found[pick % len(found)] if found else None

    @rule(copy=PICK, person=PICK, override=st.booleans())
    def lends(self, copy: int, person: int, override: bool) -> None:
        self._lend(self.barcodes[copy % 7], self.people[person % 5].account_id or 0, override)

    @precondition(lambda self: self.copies_that_are("available"))
    @rule(pick=PICK, person=PICK, override=st.booleans(), sorry=SORRY)
    def lends_what_is_in(self, pick: int, person: int, override: bool, sorry: bool) -> None:
        found = self.copies_that_are("available")
        barcode = self.barcodes[self.copies.index(found[pick % len(found)])]
        self.regrets(self._lend(barcode, self.people[person % 5].account_id or 0, override), sorry)

    def _lend(self, barcode: str, member: int, override: bool) -> Done | None:
        with begin_reading(self.library, self.desk) as uow:
            dry = consider_check_out(uow, barcode=barcode, member_id=member)
        why = "Because" if override else None
        done = self.act("issue", self.desk, check_out, barcode=barcode, member_id=member, override=why)
        assert (done is not None) == (dry.may or (override and dry.needs_override))
        if done is not None:
            assert done.result.due_on == dry.due_on
            self._check_issue(done, member)
        return done

    def _check_issue(self, done: Done, member: int) -> None:
        """One loan more, of this member, and the copy was in house; their own hold left the queue."""
        new = [row for row in done.after.loans if row not in done.before.loans]
        assert len(new) == 1
        assert new[0][2] == member
        assert new[0][1] not in {row[1] for row in done.before.loans}
        assert done.after.status(new[0][1]) == "on_loan"
        assert done.after.owed == done.before.owed
        if done.result.hold_id:
            assert done.result.hold_id not in {row[1] for row in done.after.waiting}
            assert done.result.hold_id not in {row[0] for row in done.after.ready}

    @rule(title=PICK, person=PICK)
    def borrows(self, title: int, person: int) -> None:
        reader, wanted = self.people[person % 5], self.titles[title % 3]
        with begin_reading(self.library, reader) as uow:
            dry = consider_borrow(uow, title_id=wanted)
        done = self.act("borrow", reader, borrow, title_id=wanted)
        assert (done is not None) == dry.may
        if done is not None:
            self._check_issue(done, reader.account_id or 0)

    @rule(copy=PICK, looks=LOOKS, hours_ago=st.sampled_from([0, 0, 0, 30, 240]))
    def takes_back(self, copy: int, looks: Inspection | None, hours_ago: int) -> None:
        self.take_back(self.copies[copy % 7], looks, hours_ago)

    @precondition(lambda self: self.look().loans)
    @rule(pick=PICK, looks=LOOKS, hours_ago=st.sampled_from([0, 0, 0, 30, 240]), sorry=SORRY)
    def takes_back_what_is_out(self, pick: int, looks: Inspection | None, hours_ago: int, sorry: bool) -> None:
        loan = self._open_loan(pick)
        assert loan is not None
        self.regrets(self.take_back(loan[2], looks, hours_ago), sorry)

    @precondition(lambda self: self.copies_that_are("lost"))
    @rule(pick=PICK, sorry=SORRY)
    def finds_what_was_lost(self, pick: int, sorry: bool) -> None:
        found = self.copies_that_are("lost")
        self.find(found[pick % len(found)], sorry)

    def find(self, copy_id: int, sorry: bool) -> None:
        """The replacement is owed no more, whatever was paid of it, once and within its days; a fine may have grown."""
        charged, again = self._replacement(copy_id)
        done = self.take_back(copy_id, None, 0)
        assert done is not None
        told = done.result
        assert told.given_back_minor == (charged if again else 0)
        by = told.fine_minor - told.given_back_minor
        assert sum(done.after.owed) - sum(done.before.owed) == by
        self.regrets(done, sorry)

    def _replacement(self, copy_id: int) -> tuple[int, bool]:
        """What was charged and not forgiven for a lost copy, and whether it would be given back today."""
        last = rows(
            self.library,
            "SELECT id, account_id, lost_at, found_at FROM loan"
            f" WHERE copy_id = {copy_id} AND undone_at IS NULL ORDER BY id DESC LIMIT 1",
        )
        if not last or last[0][1] is None or last[0][2] is None or last[0][3] is not None:
            return 0, False
        charged = self.ids(
            "SELECT coalesce(sum(e.amount_minor), 0) FROM charge g JOIN ledger_entry e ON e.charge_id = g.id"
            f" WHERE g.loan_id = {last[0][0]} AND g.kind = 'replacement' AND e.payment_id IS NULL"
        )[0]
        with begin_reading(self.library, self.desk) as uow:
            days, lost_at = uow.settings(CirculationSettings).refund_found_days, as_instant(last[0][2])
            assert lost_at is not None
            return int(charged), bool(days) and (uow.today - day_of(lost_at, uow.zone)).days <= days

    def take_back(self, copy_id: int, looks: Inspection | None, hours_ago: int) -> Done | None:
        loan = next((row for row in self._loans() if row[2] == copy_id), None)
        at = self.clock.at - timedelta(hours=hours_ago) if hours_ago else None
        barcode = self.barcodes[self.copies.index(copy_id)]
        done = self.act("return", self.desk, check_in, barcode=barcode, inspection=looks, returned_at=at)
        if done is None:
            assert hours_ago or looks, "a plain return is never refused"
            return None
        if loan is not None:
            assert done.result.member_id == loan[1]
            assert done.result.fine_minor == self._fine(loan, at or self.clock.at)
            damage = looks.charge_minor if looks else 0
            self._check_owed(done, loan, done.result.fine_minor - self._fine(loan, self.clock.at), damage)
        self._check_offer(done, copy_id, damaged=bool(looks and looks.condition is Condition.DAMAGED))
        return done

    def _check_owed(self, done: Done, loan: tuple[Any, ...], by: int, damage: int = 0) -> None:
        """Whoever had it owes so much more than they would today, and nobody else owes anything else. Of what was
        forgiven no more is taken off than makes them owe nothing: less of the fine is spared then."""
        reader, wanted = [one.account_id for one in self.people].index(loan[1]), list(done.before.owed)
        forgiven = self.ids("SELECT 1 FROM ledger_entry e JOIN charge c ON c.id = e.charge_id"
                            f" WHERE c.loan_id = {loan[0]} AND e.kind = 'waiver' LIMIT 1")  # fmt: skip
        if forgiven and by < 0:
            spared = done.after.owed[reader] - wanted[reader] - damage
            assert by <= spared <= 0
            by = spared
        wanted[reader] += by + damage
        assert list(done.after.owed) == wanted

    def _loans(self) -> list[tuple[Any, ...]]:
        return rows(
            self.library,
            "SELECT l.id, l.account_id, l.copy_id, l.due_on, l.fine_per_day, l.grace_days, l.fine_cap, l.fine_settled,"
            " l.claimed_on FROM loan l WHERE l.returned_at IS NULL ORDER BY l.id",
        )

    def _fine(self, loan: tuple[Any, ...], at: Any) -> int:
        """The fine of a loan that comes back at an instant, by the rules written a second time."""
        _, _, _, due, per_day, grace, cap, settled, claimed = loan
        with begin_reading(self.library, self.desk) as uow:
            day, calendar = day_of(at, uow.zone), plain_calendar(uow)
        due_on, claimed_on = as_day(due), as_day(claimed)
        assert due_on is not None
        late = calendar.days_late(due_on, min(day, claimed_on) if claimed_on else day)
        return plain_fine(late, per_day=per_day, grace=grace, cap=cap, settled=settled)

    def _check_offer(self, done: Done, copy_id: int, *, damaged: bool = False) -> None:
        """A sound copy that comes back lies ready for the first who can be served, and nobody else's place changes."""
        title, status = self.title_of[copy_id], done.after.status(copy_id)
        if damaged or done.before.status(copy_id) in ("available", "on_hold_shelf", "withdrawn", "in_repair"):
            if done.before.status(copy_id) != "available":
                return
            assert damaged or status in ("available", "on_hold_shelf")
        if status in ("in_repair", "withdrawn"):
            assert done.after.queue(title) == done.before.queue(title)
            return
        first = done.before.first_for(title, copy_id, self.today)
        if first is None:
            assert status == "available"
            assert done.after.queue(title) == done.before.queue(title)
        else:
            assert status == "on_hold_shelf"
            assert (first, copy_id) in {row[:2] for row in done.after.ready}
            assert done.after.queue(title) == [hold for hold in done.before.queue(title) if hold != first]

    @precondition(lambda self: self.look().loans)
    @rule(pick=PICK, override=st.booleans(), own=st.booleans(), sorry=st.booleans())
    def renews(self, pick: int, override: bool, own: bool, sorry: bool) -> None:
        loan = self._open_loan(pick)
        assert loan is not None
        holder = next(reader for reader in self.people if reader.account_id == loan[1])
        with begin_reading(self.library, holder if own else self.desk) as uow:
            dry = consider_renewal(uow, loan_id=loan[0])
        why = "Because" if override and not own else None
        done = self.act("renew", holder if own else self.desk, renew, loan_id=loan[0], override=why)
        assert (done is not None) == (dry.may or (why is not None and dry.needs_override))
        if done is not None:
            assert done.result.due_on > done.result.old_due_on
            assert done.after.queue(self.title_of[loan[2]]) == done.before.queue(self.title_of[loan[2]])
            assert done.after.owed == done.before.owed or loan[8] is not None
            self.regrets(done, sorry)

    @rule(person=PICK, own=st.booleans())
    def renews_all(self, person: int, own: bool) -> None:
        reader = self.people[person % 5]
        done = self.act("renew-all", reader if own else self.desk, renew_all, member_id=reader.account_id or 0)
        assert done is not None
        assert all((outcome.receipt is None) == bool(outcome.reasons) for outcome in done.result)
        assert len(done.result) == sum(row[2] == reader.account_id for row in done.before.loans)

    @precondition(lambda self: self.look().loans)
    @rule(pick=PICK, days_ago=st.sampled_from([None, 0, 1, 9]), sorry=SORRY)
    def claims(self, pick: int, days_ago: int | None, sorry: bool) -> None:
        loan = self._open_loan(pick)
        assert loan is not None
        day = None if days_ago is None else self.today - timedelta(days=days_ago)
        done = self.act("claim", self.desk, claim_returned, loan_id=loan[0], on=day)
        if done is not None:
            assert all(after <= before for after, before in zip(done.after.owed, done.before.owed, strict=True))
            self.regrets(done, sorry)

    @precondition(lambda self: self.look().loans)
    @rule(pick=PICK, claimed=st.booleans(), sorry=SORRY)
    def clears_a_claim(self, pick: int, claimed: bool, sorry: bool) -> None:
        loan = next((row for row in self._loans() if claimed and row[8] is not None), self._open_loan(pick))
        assert loan is not None
        done = self.act("clear", self.desk, clear_claim, loan_id=loan[0])
        assert (done is not None) == (loan[8] is not None)
        self.regrets(done, sorry)

    @precondition(lambda self: self.look().loans)
    @rule(pick=PICK, sorry=SORRY)
    def loses(self, pick: int, sorry: bool) -> None:
        loan = self._open_loan(pick)
        assert loan is not None
        with begin_reading(self.library, self.desk) as uow:
            cost = consider_loss(uow, loan_id=loan[0])
        fine = self._fine(loan, self.clock.at)
        done = self.act("lost", self.desk, declare_lost, loan_id=loan[0], reason="Left on a train")
        assert done is not None
        told = done.result
        assert (told.fine_minor, told.replacement_minor, told.fee_minor) == (
            cost.fine_minor, cost.replacement_minor, cost.fee_minor,
        )  # fmt: skip
        assert told.fine_minor == fine
        assert sum(done.after.owed) - sum(done.before.owed) == told.charged_minor
        self.regrets(done, sorry)

    @precondition(lambda self: self.copies_that_are("in_repair"))
    @rule(pick=PICK, condition=st.sampled_from([Condition.GOOD, Condition.WORN, Condition.DAMAGED]), sorry=SORRY)
    def ends_a_repair(self, pick: int, condition: Condition, sorry: bool) -> None:
        found = self.copies_that_are("in_repair")
        copy_id = found[pick % len(found)]
        title = self.title_of[copy_id]
        done = self.act("mend", self.desk, end_repair, copy_id=copy_id, condition=condition)
        assert (done is None) == (condition is Condition.DAMAGED)
        if done is None:
            return
        first = done.before.first_for(title, copy_id, self.today)
        assert done.result.hold_id == first
        assert done.after.queue(title) == [hold for hold in done.before.queue(title) if hold != first]
        self.regrets(done, sorry)
