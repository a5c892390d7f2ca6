"""Copies brought to a machine, with a bin or without, and what is taken back at once: by the machine, by the reader."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from sqlalchemy import insert

from lib.access.actor import SYSTEM, Actor
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.accounts.models import Terminal
from lib.circulation.borrowing import borrow
from lib.circulation.holds import cancel_hold
from lib.circulation.settings import CirculationSettings
from lib.desk.own_acts import own_acts, undo_own
from lib.desk.self_check import self_check_out
from lib.desk.self_returns import self_cancel, self_return
from lib.kit.clock import day_of
from lib.kit.tables import as_day, as_instant
from tests.builders import a_member
from tests.circulation.machine.desk import PICK, Done
from tests.circulation.machine.elsewhere import Elsewhere
from tests.circulation.machine.world import World
from tests.circulation.steps import rows

MINUTES = st.sampled_from([0, 0, 9, 11])


class Machines(Elsewhere):
    """What comes back at a machine, and what was not meant."""

    @initialize()
    def sets_a_bin_up(self) -> None:
        self.bin: Actor | None = None

    @property
    def with_a_bin(self) -> Actor:
        """The machine that takes in only what it recognises, set up when it is first used."""
        if self.bin is None:
            self.bin = a_member(self.library, role=Role.TERMINAL)
            values = {"kind": "sip2", "login": "bin", "secret_hash": "x", "takes_returns": True}
            with begin_work(self.library, SYSTEM) as uow:
                row = values | {"account_id": self.bin.account_id, "made_at": uow.now}
                uow.connection.execute(insert(Terminal).values(**row))
        return self.bin

    @rule(how=st.sampled_from(["bin", "bin", "drop", "at_once", "off"]), pick=PICK, out=st.booleans(),
          hours=st.sampled_from([0, 3, 30, 24 * 9, 24 * 20]))  # fmt: skip
    def brings_to_a_machine(self, how: str, pick: int, out: bool, hours: int) -> None:
        loans = self._loans()
        copy_id = loans[pick % len(loans)][2] if out and loans else self.copies[pick % 7]
        barcode = self.barcodes[self.copies.index(copy_id)]
        if how == "bin":
            self._brought(self.with_a_bin, copy_id, self.clock.at - timedelta(hours=hours))
            return
        with begin_reading(self.library, self.desk) as uow:
            chosen = uow.settings(CirculationSettings).kiosk_returns.value
        if chosen != how:
            self.choose("circulation", kiosk_returns=how)
        if how == "at_once":
            self._brought(self.terminal, copy_id, None)
            return
        done = self.act("machine-return", self.terminal, self_return, barcode=barcode)
        assert (done is not None) == (how == "drop")
        if done is not None:
            self._check_dropped(done, copy_id)

    def _check_dropped(self, done: Done, copy_id: int) -> None:
        """Nothing comes back that staff have not in hand: its fine stands still from today, and that is all."""
        assert not done.result.returned
        before, after = done.before, done.after
        assert (after.copies, after.waiting, after.ready, after.owed) == (
            before.copies, before.waiting, before.ready, before.owed,
        )  # fmt: skip
        told = [(*row[:5], as_day(row[5]), row[6]) for row in after.loans]
        assert told == [
            (*row[:5], as_day(row[5]) or (self.today if row[1] == copy_id else None), row[6]) for row in before.loans
        ]

    def _brought(self, who: Actor, copy_id: int, at: datetime | None) -> None:
        """The same as at the desk; an earlier day counts as far as a bin can have seen it."""
        loan = next((row for row in self._loans() if row[2] == copy_id), None)
        believed = self._believed(copy_id, at)
        barcode = self.barcodes[self.copies.index(copy_id)]
        done = self.act("machine-return", who, self_return, barcode=barcode, returned_at=at)
        assert done is not None, "what is there is never refused"
        assert done.result.returned
        if done.before.status(copy_id) != "lost":  # whoever lost it had it
            assert done.result.on_loan == (loan is not None)
        assert done.result.copy_status == done.after.status(copy_id)
        if loan is not None:
            self._check_owed(done, loan, self._fine(loan, believed) - self._fine(loan, self.clock.at))
            assert copy_id not in {row[1] for row in done.after.loans}
        self._check_offer(done, copy_id)

    def _believed(self, copy_id: int, at: datetime | None) -> datetime:
        now = self.clock.at
        if at is None or at < now - timedelta(days=14):
            return now
        with begin_reading(self.library, self.desk) as uow:
            if day_of(at, uow.zone) == day_of(now, uow.zone):
                return now
        issued = self.ids(f"SELECT issued_at FROM loan WHERE copy_id = {copy_id} AND returned_at IS NULL")
        since = as_instant(issued[0]) if issued else None
        return now if since and at < since else at

    @rule(pick=PICK, person=PICK, ready=st.booleans(), minutes=MINUTES, stranger=st.booleans())
    def cannot_hand_it_out(self, pick: int, person: int, ready: bool, minutes: int, stranger: bool) -> None:
        """What a machine lent a moment ago and kept was never lent: all is as it was before."""
        lying = rows(self.library, "SELECT account_id, shelf_copy_id FROM hold WHERE state = 'ready' ORDER BY id")
        if ready and lying:
            account, copy_id = lying[pick % len(lying)]
            person = [reader.account_id for reader in self.people].index(account)
        else:
            found = self.copies_that_are("available") or self.copies
            copy_id = found[pick % len(found)]
        asked: dict[str, Any] = {
            "barcode": self.barcodes[self.copies.index(copy_id)], "member_id": self.people[person % 5].account_id
        }  # fmt: skip
        lent = self.act("machine-issue", self.terminal, self_check_out, **asked)
        if lent is None:
            return
        self.clock.forward(timedelta(minutes=minutes))
        who = self.people[(person + stranger) % 5].account_id
        back = self.act("machine-cancel-issue", self.terminal, self_cancel, barcode=asked["barcode"], member_id=who)
        assert (back is not None) == (minutes < 10 and not stranger)
        if back is not None:
            self._check_as_before(back.after, lent.before)
            assert back.after.owed == back.before.owed

    def _check_as_before(self, after: World, before: World) -> None:
        """Loans, copies, queues and the hold shelf are as they were; a pause may have ended at midnight."""
        assert (after.loans, after.copies, after.ready) == (before.loans, before.copies, before.ready)
        assert [row[:3] for row in after.waiting] == [row[:3] for row in before.waiting]

    @rule(pick=PICK, what=st.sampled_from(["loan", "hold"]), minutes=MINUTES, stranger=st.booleans())
    def thinks_better_of_it(self, pick: int, what: str, minutes: int, stranger: bool) -> None:
        """Readers take back within ten minutes what they did themselves, and nobody else does."""
        reader = self.people[pick % 5]
        done = self._borrowed(pick, reader) if what == "loan" else self._cancelled(reader)
        if done is None:
            return
        act = done.result.act_id if what == "loan" else self.undoable[-1][0]
        self.clock.forward(timedelta(minutes=minutes))
        with begin_reading(self.library, reader) as uow:
            assert (act in {one.act_id for one in own_acts(uow)}) == (minutes < 10)
        who = self.people[(pick + stranger) % 5]
        now = self.look()
        _, refusal = self.attempt("undo-own", who, undo_own, act)
        if refusal is None:
            assert minutes < 10
            assert not stranger
            self._check_as_before(self.look(), done.before)
            assert self.look().owed == now.owed
        else:
            again = what == "hold" or bool(done.result.hold_id)
            allowed = {"AsMuchAsAllowed"} if again else set()
            allowed |= {"NotFound"} if stranger else {"UndoTooLate"} if minutes > 10 else set()
            assert type(refusal).__name__ in allowed, refusal
            assert self.look() == now

    def _borrowed(self, pick: int, reader: Actor) -> Done | None:
        return self.act("borrow", reader, borrow, title_id=self.titles[pick % 3])

    def _cancelled(self, reader: Actor) -> Done | None:
        held = self.ids("SELECT id FROM hold WHERE state IN ('waiting', 'ready')"
                        f" AND account_id = {reader.account_id} ORDER BY id")  # fmt: skip
        return self.act("cancel-hold", reader, cancel_hold, held[0]) if held else None
