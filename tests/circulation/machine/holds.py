"""Holds: placed by readers and by the desk, moved, put off, cancelled, fetched from the shelves and collected."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lib.access.actor import Actor
from lib.access.work import begin_reading
from lib.circulation.checkout import check_out
from lib.circulation.hold_shelf import pull_list, to_take_off
from lib.circulation.holds import (
    cancel_all_holds,
    cancel_hold,
    consider_hold,
    move_hold,
    place_hold,
    resume_hold,
    suspend_hold,
)
from lib.circulation.returns import check_in
from tests.circulation.machine.desk import PICK, SORRY, Desk, Done
from tests.circulation.steps import rows


class Holds(Desk):
    """What is done with queues and with the hold shelf."""

    def _live(self, pick: int, states: str = "'waiting', 'ready'") -> tuple[Any, ...]:
        found = rows(
            self.library,
            "SELECT id, title_id, account_id, state, position, shelf_copy_id FROM hold"
            f" WHERE state IN ({states}) ORDER BY id",
        )
        return found[pick % len(found)]

    def _holder(self, account_id: int) -> Actor:
        return next(reader for reader in self.people if reader.account_id == account_id)

    @rule(title=PICK, person=PICK, own=st.booleans(), override=st.booleans(), copy=st.sampled_from([None, None, 0, 1]),
          sorry=SORRY)  # fmt: skip
    def places(self, title: int, person: int, own: bool, override: bool, copy: int | None, sorry: bool) -> None:
        self.regrets(self._place(title, person, own, override, copy), sorry)

    def _place(self, title: int, person: int, own: bool, override: bool, copy: int | None) -> Done | None:
        reader, wanted = self.people[person % 5], self.titles[title % 3]
        only = None if copy is None else [c for c, of in self.title_of.items() if of == wanted][copy]
        who = reader if own else self.desk
        asked: dict[str, Any] = {"title_id": wanted, "member_id": reader.account_id, "copy_id": only}
        with begin_reading(self.library, who) as uow:
            dry = consider_hold(uow, **asked)
        why = "Because" if override and not own else None
        done = self.act("hold", who, place_hold, override=why, **asked)
        assert (done is not None) == (dry.may or (why is not None and dry.needs_override))
        if done is not None:
            assert done.after.queue(wanted) == [*done.before.queue(wanted), done.result.hold_id]
            assert done.result.position == len(done.after.queue(wanted))
        return done

    @rule(pick=PICK, own=st.booleans())
    def waits_for_what_is_out(self, pick: int, own: bool) -> None:
        """Somebody without it asks for a title of which no copy is in: only what stands against them refuses it."""
        seen = self.look()
        held = {(row[1], row[0]) for row in rows(
            self.library, "SELECT title_id, account_id FROM hold WHERE state IN ('waiting', 'ready')"
        )}  # fmt: skip
        held |= {(row[2], self.title_of[row[1]]) for row in seen.loans}
        wished = [
            (person, title) for person in range(5) for title in range(3)
            if (self.people[person].account_id, self.titles[title]) not in held
            and all(seen.status(copy) != "available" for copy, of in self.title_of.items() if of == self.titles[title])
        ]  # fmt: skip
        if wished:
            person, title = wished[pick % len(wished)]
            self._place(title, person, own, True, None)

    @precondition(lambda self: self.look().waiting or self.look().ready)
    @rule(pick=PICK, own=st.booleans(), sorry=SORRY)
    def cancels(self, pick: int, own: bool, sorry: bool) -> None:
        hold, title, account, state, _, copy = self._live(pick)
        who = self._holder(account) if own else self.desk
        done = self.act("cancel-hold", who, cancel_hold, hold, reason="" if own else "Asked by phone")
        assert done is not None
        left = [one for one in done.before.queue(title) if one != hold]
        if state == "ready":
            first = done.before.first_for(title, copy, self.today)
            assert done.after.status(copy) == ("on_hold_shelf" if first else "available")
            left = [one for one in left if one != first]
        assert done.after.queue(title) == left
        self.regrets(done, sorry)

    @precondition(lambda self: len(self.look().waiting) > 2)
    @rule(title=PICK)
    def cancels_all(self, title: int) -> None:
        wanted = self.titles[title % 3]
        done = self.act("cancel-all", self.desk, cancel_all_holds, title_id=wanted, reason="It leaves the collection")
        assert done is not None
        assert done.after.queue(wanted) == []
        assert all(self.title_of[row[1]] != wanted for row in done.after.ready)

    @precondition(lambda self: self.look().waiting)
    @rule(pick=PICK, days=st.sampled_from([0, 1, 7, 60]), own=st.booleans())
    def suspends(self, pick: int, days: int, own: bool) -> None:
        hold, title, account, *_ = self._live(pick, "'waiting'")
        who = self._holder(account) if own else self.desk
        done = self.act("suspend", who, suspend_hold, hold, self.today + timedelta(days=days))
        assert done is not None
        assert done.after.queue(title) == done.before.queue(title)

    @precondition(lambda self: self.look().waiting)
    @rule(pick=PICK)
    def resumes(self, pick: int) -> None:
        hold, title, account, *_ = self._live(pick, "'waiting'")
        done = self.act("resume", self._holder(account), resume_hold, hold)
        assert done is not None
        assert done.after.queue(title) == done.before.queue(title)

    @precondition(lambda self: self.look().waiting)
    @rule(pick=PICK, place=st.integers(1, 6))
    def moves(self, pick: int, place: int) -> None:
        hold, title, *_ = self._live(pick, "'waiting'")
        done = self.act("move", self.desk, move_hold, hold, place, "For the exam")
        assert done is not None
        wanted = [one for one in done.before.queue(title) if one != hold]
        wanted.insert(place - 1, hold)
        assert done.after.queue(title) == wanted

    @precondition(lambda self: self.look().ready)
    @rule(pick=PICK)
    def collects(self, pick: int) -> None:
        hold, _, account, _, _, copy = self._live(pick, "'ready'")
        barcode = self.barcodes[self.copies.index(copy)]
        done = self.act("collect", self.desk, check_out, barcode=barcode, member_id=account, override="Because")
        if done is not None:
            assert done.result.hold_id == hold
            assert rows(self.library, f"SELECT state FROM hold WHERE id = {hold}") == [("collected",)]

    @rule()
    def fetches_what_is_waited_for(self) -> None:
        """What stands on the pull list, scanned, goes to somebody who waits; then nothing is left to fetch.

        Whoever is first gets the copy that is scanned first, so a later line may find its reader served already and
        the next one waiting for another copy.
        """
        with begin_reading(self.library, self.desk) as uow:
            wanted = pull_list(uow).rows
            to_take_off(uow)
        for place, line in enumerate(wanted):
            done = self.act("pull", self.desk, check_in, barcode=line.barcode)
            assert done is not None
            assert place or done.result.hold is not None
        with begin_reading(self.library, self.desk) as uow:
            assert pull_list(uow).rows == ()
