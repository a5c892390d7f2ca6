"""What the desk remembers between two scans, and what a scan does.

No permission lives here: every act asks the database who is acting.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import date

import streamlit as st

from lib.access.work import UnitOfWork
from lib.billing.models import PaymentMethod
from lib.catalogue.models import Condition
from lib.circulation.errors import CannotHold, CannotLend, CannotRenew
from lib.desk.counter import DeskCopy, Scan, ScanKind, read_scan
from lib.desk.undo import DeskActRow, undo
from lib.kit.errors import Refusal
from lib.ui import desk_acts
from lib.ui.desk_answers import is_scan, read_taken, why_no_reason
from lib.ui.desk_choices import Choice, ChoiceKind, chosen_by_number
from lib.ui.desk_outcome import Mode, Outcome, Question
from lib.ui.desk_taking_back import TakingBack
from lib.ui.desk_till import Till
from lib.ui.desk_undo import needs_a_second_key, undone_words, unsure_words
from lib.ui.doorway import work
from lib.ui.linked import esc
from lib.ui.loan_acts import LoanAct

_KEPT = "tome.desk"


@dataclass(slots=True)
class Desk:
    """The desk of one browser tab. `back`: how copies are taken back; `till`: a payment that is being taken; `picked`:
    a loan and what is asked about it; `lent`: what the member at the desk took along, for their slip; `fault`: why
    what was typed last is no answer; `unsure`: an act whose undoing waits for a second key."""

    mode: Mode = Mode.LEND
    member_id: int | None = None
    outcome: Outcome | None = None
    back: TakingBack = field(default_factory=TakingBack)
    asks: Question | None = None
    pending: DeskCopy | None = None
    till: Till | None = None
    picked: tuple[int, LoanAct] | None = None
    lent: tuple[int, ...] = ()
    fault: str = ""
    unsure: int | None = None

    def scan(self, code: str, seq: str) -> None:
        """Takes one scan, or the answer to a question. An empty one (Enter alone) cancels the question, or ends the
        turn of the member at the desk."""
        with self._whole():
            self._scan(code, seq)

    def _scan(self, code: str, seq: str) -> None:
        self.fault = ""
        if self.asks is not None:
            self._answered(self.asks, code, seq)
        elif self.till is not None and not is_scan(code):
            self._amount(self.till, code)
        elif not code:
            self._nothing_typed()
        elif (choice := chosen_by_number(self.outcome.choices if self.outcome else (), code)) is not None:
            self.choose(choice, seq)
        else:
            self._do(lambda uow: self._chosen_loan(uow, code) or self._understood(uow, read_scan(uow, code), seq))

    def choose(self, choice: Choice, key: str) -> None:
        """Takes one of the things offered: a member steps up, a title shows its copies, a copy counts as scanned."""
        if choice.kind is ChoiceKind.MEMBER:
            self._steps_up(choice.id, choice.name)
        elif choice.kind is ChoiceKind.TITLE:
            self._do(lambda uow: desk_acts.title_asked(uow, choice.id, self.mode, self.member_id))
        elif choice.kind is ChoiceKind.LOAN:
            self._do(lambda uow: self._back(uow, choice.barcode, key), goes_on=True)
        else:
            self._do(lambda uow: self._understood(uow, read_scan(uow, choice.barcode), key))

    def switch(self, mode: Mode) -> None:
        """Lend or take back; each begins afresh."""
        self._clear()
        self.mode, self.back = mode, TakingBack()
        if mode is Mode.TAKE_BACK:
            self.member_id, self.lent = None, ()

    def leave(self) -> None:
        """The member goes; the desk waits for the next."""
        self._clear()
        self.member_id, self.lent = None, ()

    def call(self, member_id: int) -> None:
        """A member steps up to borrow."""
        self.switch(Mode.LEND)
        self.member_id, self.lent = member_id, () if member_id != self.member_id else self.lent

    def ask(self, question: Question) -> None:
        """The next entry answers this instead of being a scan."""
        self.asks, self.fault = question, ""

    def look(self, condition: Condition | None) -> None:
        """How the next copy that is taken back looks; a note may follow."""
        self.back.look(condition)
        self.asks, self.fault = Question.NOTE if condition else None, ""

    def drop(self, day: date | None) -> None:
        """The day the book drop was filled; the same again: they came back today after all."""
        self.back.dropped_on = None if day == self.back.dropped_on else day
        self.asks, self.fault = None, ""

    def lend(self, copy: DeskCopy, key: str, override: str | None = None) -> None:
        """Issues a copy to the member at the desk."""
        self._do(lambda uow: self._lent(uow, copy, key, override))

    def take_back(self, copy: DeskCopy, key: str, *, then_lend: bool = False) -> None:
        """Takes a copy back; then perhaps issues it to the member at the desk."""
        self._do(lambda uow: self._taken(uow, copy, key))
        if then_lend and self.outcome and self.outcome.good:
            self.lend(copy, f"{key}+")

    def renew(self, loan_id: int, key: str, override: str | None = None) -> None:
        """Renews one loan."""
        self._do(lambda uow: desk_acts.renewed_one(uow, loan_id, key, override), goes_on=True, loan_id=loan_id)

    def renew_all(self) -> None:
        """Renews every loan of the member at the desk, telling for each what happened."""
        if (member_id := self.member_id) is not None:
            self._do(lambda uow: desk_acts.renewed_all(uow, member_id), goes_on=True)

    def renew_overdue(self) -> None:
        """Renews what is overdue, so that the member may borrow again."""
        if (member_id := self.member_id) is not None:
            self._do(lambda uow: desk_acts.renewed_overdue(uow, member_id), goes_on=True)

    def undo(self, act: DeskActRow) -> None:
        """Takes an act back; money, and what was done for somebody else than who is here, only at the second key."""
        if self.unsure != act.id and needs_a_second_key(act, self.member_id):
            self._clear()
            self.unsure, self.outcome = act.id, Outcome(True, unsure_words(act), ask=True)
            return
        self._do(lambda uow: Outcome(True, undone_words(act, undo(uow, act.id))))

    def run(self, act: Callable[[UnitOfWork], str]) -> None:
        """Does something about the member or a loan; what was to be lent may be lent then."""
        self._do(lambda uow: Outcome(True, esc(act(uow))), goes_on=True, stays=True)

    def pick(self, loan_id: int, act: LoanAct) -> None:
        """Something is asked about a loan."""
        self.picked, self.fault = (loan_id, act), ""

    def put_away(self) -> None:
        """Closes what was picked, and the till."""
        self.picked, self.till, self.fault = None, None, ""

    def open_till(self) -> None:
        """Money is to be taken."""
        self.till, self.picked, self.asks, self.fault, self.unsure = Till(), None, None, "", None
        if self.outcome is not None:
            self.outcome = replace(self.outcome, choices=(), payer=None)

    def open_till_of(self, member_id: int) -> None:
        """Money is to be taken of whom a return left owing; copies that follow are still taken back."""
        self.member_id = member_id
        self.open_till()

    def pay(self, method: PaymentMethod, amount_minor: int, given_minor: int = 0) -> None:
        """Takes the money of the open till."""
        if (till := self.till) is not None and (member_id := self.member_id) is not None:
            self._do(
                lambda uow: desk_acts.paid(uow, member_id, till, method, amount_minor, given_minor), goes_on=True,
                stays=True,
            )  # fmt: skip

    def ask_waiver(self, amount_minor: int) -> None:
        """So much of the open till is to be waived: why?"""
        if self.till is not None:
            self.till.waived_minor = amount_minor
            self.ask(Question.WAIVER)

    def offer_returns(self) -> None:
        """Lets one of the member's loans be chosen to be taken back."""
        if (member_id := self.member_id) is not None:
            self._do(lambda uow: desk_acts.returns_offered(uow, member_id), goes_on=True)

    def _clear(self) -> None:
        self.outcome, self.asks, self.till, self.picked, self.fault, self.unsure = None, None, None, None, "", None

    def _nothing_typed(self) -> None:
        if self.unsure is not None:
            self._clear()
        else:
            self.leave()

    def _steps_up(self, member_id: int, name: str) -> None:
        """Who borrows is served; while copies are taken back, a card only shows who it is."""
        if self.mode is Mode.LEND:
            self.call(member_id)
            return
        self._clear()
        self.member_id, self.lent, self.outcome = member_id, (), desk_acts.card_shown(name, member_id)

    def _chosen_loan(self, uow: UnitOfWork, code: str) -> Outcome | None:
        """A loan chosen by its number in the list of the member at the desk."""
        number = int(code) if code.isascii() and code.isdigit() and len(code) < 3 else 0
        if self.member_id is None or not 1 <= number <= desk_acts.LISTED:
            return None
        return desk_acts.loan_chosen(uow, self.member_id, number)

    def _amount(self, till: Till, text: str) -> None:
        if not text:
            self.till = None
            return
        found = read_taken(text)
        if isinstance(found, str):
            self.fault = found
        else:
            till.typed_minor, till.given_minor = found

    def _answered(self, question: Question, text: str, key: str) -> None:
        self.asks, wrong = None, ""
        if question is Question.REASON:
            self._reasoned(text, key)
        elif question is Question.WAIVER:
            self._waive(text, key)
        elif question is Question.DROPPED and not (wrong := self.back.drop(text)):
            return
        elif text and is_scan(text):
            self.scan(text, key)
        elif question is Question.NOTE:
            self.back.note = text
            self.asks = Question.DAMAGE if self.back.condition is Condition.DAMAGED else None
        else:
            self.fault = wrong if question is Question.DROPPED else self.back.price(text)
            self.asks = question if self.fault else None

    def _reasoned(self, text: str, key: str) -> None:
        outcome = self.outcome
        if not text or outcome is None:
            return
        if wrong := why_no_reason(text):
            self.asks, self.fault = Question.REASON, wrong
        elif outcome.loan_id is not None:
            self.renew(outcome.loan_id, key, text)
        elif outcome.copy is not None:
            self.lend(outcome.copy, key, text)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Streamlit ends a run when the next key comes. Nothing was done then, and the desk stands as it stood."""
        before = {one.name: getattr(self, one.name) for one in fields(self)}
        try:
            yield
        except Exception:
            raise
        except BaseException:
            for name, value in before.items():
                setattr(self, name, value)
            raise

    def _waive(self, reason: str, key: str) -> None:
        till, member_id = self.till, self.member_id
        if reason and (wrong := why_no_reason(reason)):
            self.asks, self.fault = Question.WAIVER, wrong
        elif reason and till is not None and member_id is not None:
            self._do(lambda uow: desk_acts.waived(uow, member_id, till, reason, key), goes_on=True, stays=True)

    def _do(
        self, act: Callable[[UnitOfWork], Outcome], *, goes_on: bool = False, stays: bool = False,
        loan_id: int | None = None,
    ) -> None:  # fmt: skip
        """`goes_on`: it clears the way for the copy that could not be lent, which is kept at hand. `stays`: where it
        is refused, what was open stays open. `loan_id`: what is renewed."""
        with self._whole():
            self._done(act, goes_on, stays, loan_id)

    def _done(
        self, act: Callable[[UnitOfWork], Outcome], goes_on: bool, stays: bool, loan_id: int | None
    ) -> None:  # fmt: skip
        before, opened = self.outcome, (self.till, self.picked)
        self._clear()
        self.pending = None
        try:
            with work() as uow:
                found = act(uow)
        except (CannotLend, CannotRenew, CannotHold) as refusal:
            self.outcome = desk_acts.refused(refusal, self.pending, self.member_id, loan_id)
            return
        except Refusal as refusal:
            if stays:
                self.fault, self.outcome, (self.till, self.picked) = str(refusal), before, opened
                return
            found = Outcome(False, esc(str(refusal)), copy=self.pending)
        self.lent += tuple(number for number in found.lent if number not in self.lent)
        blocked = before is not None and (before.lend_now or bool(before.reasons))
        if goes_on and blocked and before is not None and before.copy is not None and found.copy is None:
            found = replace(found, copy=before.copy, lend_now=True)
        self.outcome = found

    def _understood(self, uow: UnitOfWork, scan: Scan, key: str) -> Outcome:
        if scan.kind is ScanKind.MEMBER:
            self._steps_up(scan.people[0].id, scan.people[0].name)
            return self.outcome or Outcome(True, "")
        if scan.kind is ScanKind.TITLE:
            return desk_acts.title_asked(uow, scan.titles[0].id, self.mode, self.member_id)
        if scan.kind is not ScanKind.COPY or scan.copy is None:
            return desk_acts.not_one(scan)
        if self.mode is Mode.TAKE_BACK:
            return self._taken(uow, scan.copy, key)
        if self.member_id is None or scan.copy.member_id is not None:
            return desk_acts.looked_at(scan.copy, self.member_id)
        return self._lent(uow, scan.copy, key, None)

    def _back(self, uow: UnitOfWork, barcode: str, key: str) -> Outcome:
        scan = read_scan(uow, barcode)
        assert scan.copy is not None
        return self._taken(uow, scan.copy, key)

    def _lent(self, uow: UnitOfWork, copy: DeskCopy, key: str, override: str | None) -> Outcome:
        self.pending = copy
        if self.member_id is None:
            return desk_acts.looked_at(copy, None)
        return desk_acts.lent(uow, copy, self.member_id, key, override)

    def _taken(self, uow: UnitOfWork, copy: DeskCopy, key: str) -> Outcome:
        self.pending = copy
        found = desk_acts.taken(uow, copy, key, look=self.back.inspection(), dropped_on=self.back.dropped_on)
        self.back.look(None)
        return found


def the_desk() -> Desk:
    """The desk of this tab, fresh at first."""
    found: Desk = st.session_state.setdefault(_KEPT, Desk())
    return found
