"""What is looked for and changed while it waits: copies that are not there, another last day, one copy or any."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lib.access.work import begin_reading
from lib.circulation.hold_changes import choose_copy, extend_shelf_day
from lib.circulation.not_there import not_there
from lib.kit.tables import as_day
from tests.circulation.machine.desk import PICK, SORRY
from tests.circulation.machine.holds import Holds
from tests.circulation.machine.world import plain_calendar
from tests.circulation.steps import rows


class Shelf(Holds):
    """What staff find, and do not find, between the shelves and on the hold shelf."""

    @rule(copy=PICK, sorry=SORRY)
    def misses_a_copy(self, copy: int, sorry: bool) -> None:
        self._miss(self.copies[copy % 7], sorry)

    @precondition(lambda self: self.look().ready)
    @rule(pick=PICK, sorry=SORRY)
    def misses_what_lay_ready(self, pick: int, sorry: bool) -> None:
        ready = self.look().ready
        self._miss(int(ready[pick % len(ready)][1]), sorry)

    def _miss(self, copy_id: int, sorry: bool) -> None:
        """It counts as lost, whoever it was kept for waits again as the first, and nothing else changes."""
        before = self.look()
        hold = next((row[0] for row in before.ready if row[1] == copy_id), None)
        expected = before.status(copy_id) in ("available", "on_hold_shelf")
        barcode = self.barcodes[self.copies.index(copy_id)]
        done = self.act("not-there", self.desk, not_there, barcode=barcode)
        assert (done is not None) == expected
        if done is None:
            return
        assert done.result.hold_id == hold
        assert done.after.status(copy_id) == "lost"
        assert [row for row in done.after.copies if row[0] != copy_id] == [
            row for row in before.copies if row[0] != copy_id
        ]
        title = self.title_of[copy_id]
        assert done.after.queue(title) == ([hold] if hold else []) + before.queue(title)
        assert done.after.ready == tuple(row for row in before.ready if row[0] != hold)
        assert (done.after.loans, done.after.owed) == (before.loans, before.owed)
        self.regrets(done, sorry)

    @precondition(lambda self: self.look().ready)
    @rule(pick=PICK, days=st.integers(-1, 25))
    def chooses_another_last_day(self, pick: int, days: int) -> None:
        """An open day, from today to twice the days of the rule; nothing else about the hold changes."""
        hold, copy, until = self.look().ready[pick % len(self.look().ready)]
        shelf_days = int(self.ids(f"SELECT shelf_days FROM hold WHERE id = {hold}")[0])
        with begin_reading(self.library, self.desk) as uow:
            calendar = plain_calendar(uow)
        last, left = self.today, 2 * shelf_days
        while left:
            last += timedelta(days=1)
            left -= calendar.is_open(last)
        day = self.today + timedelta(days=days)
        done = self.act("extend", self.desk, extend_shelf_day, hold, day, "Is in hospital")
        assert (done is not None) == (self.today <= day <= last and calendar.is_open(day))
        if done is None:
            return
        assert done.result == as_day(until)
        told = {row[0]: (row[1], as_day(row[2])) for row in done.after.ready}
        assert told == {row[0]: (row[1], as_day(row[2])) for row in done.before.ready} | {hold: (copy, day)}
        assert (done.after.loans, done.after.copies, done.after.waiting, done.after.owed) == (
            done.before.loans, done.before.copies, done.before.waiting, done.before.owed,
        )  # fmt: skip

    @precondition(lambda self: self.look().waiting)
    @rule(pick=PICK, copy=st.sampled_from([None, 0, 1, 2, 3, 4, 5, 6]), own=st.booleans())
    def chooses_a_copy(self, pick: int, copy: int | None, own: bool) -> None:
        """One copy of its title that may come back, or any; the hold keeps its place."""
        hold, title, account, *_ = self._live(pick, "'waiting'")
        wanted = None if copy is None else self.copies[copy]
        fits = wanted is None or (
            self.title_of[wanted] == title and self.look().status(wanted) not in ("lost", "withdrawn")
        )
        who = self._holder(account) if own else self.desk
        done = self.act("choose-copy", who, choose_copy, hold, wanted)
        assert (done is not None) == fits
        if done is None:
            return
        assert done.after.waiting == tuple(
            (*row[:2], wanted, *row[3:]) if row[1] == hold else row for row in done.before.waiting
        )
        assert (done.after.loans, done.after.copies, done.after.ready, done.after.owed) == (
            done.before.loans, done.before.copies, done.before.ready, done.before.owed,
        )  # fmt: skip
        assert rows(self.library, f"SELECT copy_id FROM hold WHERE id = {hold}") == [(wanted,)]
