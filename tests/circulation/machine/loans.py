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
from lib.kit.clock import day_of
from lib.kit.errors import Refusal
from lib.kit.tables import as_day
from tests.circulation.machine.desk import PICK, Desk, Done
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
        found = rows(
            self.library,
            "SELECT l.id, l.account_id, l.copy_id, l.due_on, l.fine_per_day, l.grace_days, l.fine_cap, l.fine_settled,"
            " l.claimed_on FROM loan l WHERE l.returned_at IS NULL ORDER BY l.id",
        )
        return found[pick % len(found)] if found else None

    @rule(copy=PICK, person=PICK, override=st.booleans())
    def lends(self, copy: int, person: int, override: bool) -> None:
        self._lend(self.barcodes[copy % 7], self.people[person % 5].account_id or 0, override)

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
        self._take_back(self.copies[copy % 7], looks, hours_ago)

    @precondition(lambda self: self.look().loans)
    @rule(pick=PICK, looks=LOOKS, hours_ago=st.sampled_from([0, 0, 0, 30, 240]))
    def takes_back_what_is_out(self, pick: int, looks: Inspection | None, hours_ago: int) -> None:
        loan = self._open_loan(pick)
        assert loan is not None
        self._take_back(loan[2], looks, hours_ago)

    def _take_back(self, copy_id: int, looks: Inspection | None, hours_ago: int) -> None:
        loan = next((row for row in self._loans() if row[2] == copy_id), None)
        at = self.clock.at - timedelta(hours=hours_ago) if hours_ago else None
        barcode = self.barcodes[self.copies.index(copy_id)]
        done = self.act("return", self.desk, check_in, barcode=barcode, inspection=looks, returned_at=at)
        if done is None:
            assert hours_ago or looks, "a plain return is never refused"
            return
        if loan is not None:
            assert done.result.member_id == loan[1]
            assert done.result.fine_minor == self._fine(loan, at or self.clock.at)
        self._check_offer(done, copy_id, damaged=bool(looks and looks.condition is Condition.DAMAGED))

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
            if sorry:
                self.take_back_act()

    @rule(person=PICK, own=st.booleans())
    def renews_all(self, person: int, own: bool) -> None:
        reader = self.people[person % 5]
        done = self.act("renew-all", reader if own else self.desk, renew_all, member_id=reader.account_id or 0)
        assert done is not None
        assert all((outcome.receipt is None) == bool(outcome.reasons) for outcome in done.result)
        assert len(done.result) == sum(row[2] == reader.account_id for row in done.before.loans)

    @precondition(lambda self: self.look().loans)
    @rule(pick=PICK, days_ago=st.sampled_from([None, 0, 1, 9]))
    def claims(self, pick: int, days_ago: int | None) -> None:
        loan = self._open_loan(pick)
        assert loan is not None
        day = None if days_ago is None else self.today - timedelta(days=days_ago)
        done = self.act("claim", self.desk, claim_returned, loan_id=loan[0], on=day)
        if done is not None:
            assert all(after <= before for after, before in zip(done.after.owed, done.before.owed, strict=True))

    @precondition(lambda self: self.look().loans)
    @rule(pick=PICK)
    def clears_a_claim(self, pick: int) -> None:
        loan = self._open_loan(pick)
        assert loan is not None
        done = self.act("clear", self.desk, clear_claim, loan_id=loan[0])
        assert (done is not None) == (loan[8] is not None)

    @precondition(lambda self: self.look().loans)
    @rule(pick=PICK)
    def loses(self, pick: int) -> None:
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

    @rule(copy=PICK, condition=st.sampled_from([Condition.GOOD, Condition.WORN, Condition.DAMAGED]))
    def ends_a_repair(self, copy: int, condition: Condition) -> None:
        copy_id = self.copies[copy % 7]
        title = self.title_of[copy_id]
        done = self.act("mend", self.desk, end_repair, copy_id=copy_id, condition=condition)
        if done is None:
            return
        first = done.before.first_for(title, copy_id, self.today)
        assert done.result.hold_id == first
        assert done.after.queue(title) == [hold for hold in done.before.queue(title) if hold != first]

    def dry(self, use_case: Any, *given: Any, **named: Any) -> bool:
        """Whether a question is answered at all."""
        try:
            with begin_reading(self.library, self.desk) as uow:
                use_case(uow, *given, **named)
        except Refusal:
            return False
        return True
