"""What the desk remembers between two scans, and what a scan does.

No permission lives here: every act asks the database who is acting.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import streamlit as st

from lib.access.work import UnitOfWork
from lib.billing.models import PaymentMethod
from lib.catalogue.models import Condition
from lib.circulation.checkout import check_out
from lib.circulation.errors import CannotHold, CannotLend, CannotRenew
from lib.circulation.renewals import renew
from lib.circulation.returns import Inspection, check_in
from lib.desk.counter import DeskCopy, Scan, ScanKind, card_end, read_scan
from lib.desk.undo import undo
from lib.kit.clock import start_of
from lib.kit.errors import Refusal
from lib.ui.desk_choices import (
    NOT_IN,
    Choice,
    ChoiceKind,
    choices_of,
    chosen_by_number,
    copies_to_choose,
    loans_to_choose,
    place_in_queue,
)
from lib.ui.desk_outcome import Mode, Outcome, Question, is_scan, paid, read_amount, renewed
from lib.ui.desk_till import Till
from lib.ui.desk_words import (
    copy_words,
    issued_words,
    reasons_html,
    renewed_words,
    returned_words,
)
from lib.ui.doorway import reading, work
from lib.ui.linked import esc
from lib.ui.loan_acts import LoanAct

_KEPT = "tome.desk"


@dataclass(slots=True)
class Desk:
    """The desk of one browser tab. `dropped_on`: the day the book drop was filled, None for today; `turns` counts
    the changes of mode, each of which begins with fresh fields. `charge_minor`: what the next copy's damage costs;
    `till`: a payment that is being taken; `picked`: a loan and what is asked about it."""

    mode: Mode = Mode.LEND
    member_id: int | None = None
    outcome: Outcome | None = None
    condition: Condition | None = None
    note: str = ""
    dropped_on: date | None = None
    asks: Question | None = None
    pending: DeskCopy | None = None
    turns: int = 0
    charge_minor: int = 0
    till: Till | None = None
    picked: tuple[int, LoanAct] | None = None

    def scan(self, code: str, seq: str) -> None:
        """Takes one scan, or the answer to a question. An empty one (Enter alone) cancels the question, or ends the
        turn of the member at the desk."""
        if self.asks is not None:
            self._answered(self.asks, code, seq)
        elif self.till is not None and not is_scan(code):
            self._amount(self.till, code)
        elif not code:
            self.leave()
        elif (choice := chosen_by_number(self.outcome.choices if self.outcome else (), code)) is not None:
            self.choose(choice, seq)
        else:
            self._do(lambda uow: self._understood(uow, read_scan(uow, code), seq))

    def choose(self, choice: Choice, key: str) -> None:
        """Takes one of the things offered: a member steps up, a title shows its copies, a copy counts as scanned."""
        if choice.kind is ChoiceKind.MEMBER:
            self.call(choice.id)
        elif choice.kind is ChoiceKind.TITLE:
            self._do(lambda uow: self._title(uow, choice.id))
        elif choice.kind is ChoiceKind.LOAN:
            self._do(lambda uow: self._back(uow, choice.barcode, key), goes_on=True)
        else:
            self._do(lambda uow: self._understood(uow, read_scan(uow, choice.barcode), key))

    def switch(self, mode: Mode) -> None:
        """Lend or take back; each begins afresh."""
        self.mode, self.outcome, self.asks, self.till, self.picked = mode, None, None, None, None
        self.condition, self.note, self.dropped_on, self.turns = None, "", None, self.turns + 1
        self.charge_minor = 0
        if mode is Mode.TAKE_BACK:
            self.member_id = None

    def leave(self) -> None:
        """The member goes; the desk waits for the next."""
        self.member_id, self.outcome, self.asks, self.till, self.picked = None, None, None, None, None

    def call(self, member_id: int) -> None:
        """A member steps up."""
        self.switch(Mode.LEND)
        self.member_id = member_id

    def ask(self, question: Question) -> None:
        """The next entry answers this instead of being a scan."""
        self.asks = question

    def look(self, condition: Condition | None) -> None:
        """How the next copy that is taken back looks; a note may follow."""
        self.condition, self.note, self.charge_minor = condition, "", 0
        self.asks = Question.NOTE if condition else None

    def price_damage(self, text: str) -> None:
        """What the next copy's damage costs; nothing where nothing was typed."""
        self.charge_minor = 0
        if text.strip():
            self.charge_minor = max(0, self._read_amount(text) or 0)

    def lend(self, copy: DeskCopy, key: str, override: str | None = None) -> None:
        """Issues a copy to the member at the desk."""
        self._do(lambda uow: self._lent(uow, copy, key, override))

    def take_back(self, copy: DeskCopy, key: str, *, then_lend: bool = False) -> None:
        """Takes a copy back; then perhaps issues it to the member at the desk."""
        self._do(lambda uow: self._taken(uow, copy, key))
        if then_lend and self.outcome and self.outcome.good:
            self.lend(copy, f"{key}+")

    def renew(self, loan_id: int, key: str) -> None:
        """Renews one loan."""
        self._do(lambda uow: Outcome(True, renewed_words(renew(uow, loan_id=loan_id, key=key))))

    def renew_all(self) -> None:
        """Renews every loan of the member at the desk, telling for each what happened."""
        if (member_id := self.member_id) is not None:
            self._do(lambda uow: renewed(uow, member_id))

    def undo(self, act_id: int) -> None:
        """Takes an act back."""
        self._do(lambda uow: Outcome(True, esc(undo(uow, act_id))))

    def run(self, act: Callable[[UnitOfWork], str]) -> None:
        """Does something about the member or a loan; what was to be lent may be lent then."""
        self._do(lambda uow: Outcome(True, esc(act(uow))), goes_on=True)

    def pick(self, loan_id: int, act: LoanAct) -> None:
        """Something is asked about a loan."""
        self.picked = (loan_id, act)

    def put_away(self) -> None:
        """Closes what was picked, and the till."""
        self.picked, self.till = None, None

    def open_till(self) -> None:
        """Money is to be taken."""
        self.till, self.picked, self.asks = Till(), None, None
        if self.outcome is not None:
            self.outcome = replace(self.outcome, choices=())

    def pay(self, method: PaymentMethod, amount_minor: int) -> None:
        """Takes the money of the open till."""
        if (till := self.till) is not None and (member_id := self.member_id) is not None:
            self._do(lambda uow: paid(uow, member_id, till, method, amount_minor), goes_on=True)

    def offer_returns(self) -> None:
        """Lets one of the member's loans be chosen to be taken back."""
        if (member_id := self.member_id) is not None:
            self._do(lambda uow: Outcome(True, "Which one comes back? Scan it, or type its number and Enter.",
                                         choices=loans_to_choose(uow, member_id)), goes_on=True)  # fmt: skip

    def _amount(self, till: Till, text: str) -> None:
        if not text:
            self.till = None
            return
        if (amount := self._read_amount(text)) is not None:
            till.amount_minor = amount
            self.outcome = replace(self.outcome, html="", reasons=()) if self.outcome else None

    def _read_amount(self, text: str) -> int | None:
        """Minor units; where it is no amount, says so."""
        found = read_amount(text)
        if isinstance(found, int):
            return found
        self.outcome = replace(self.outcome or Outcome(False, ""), good=False, html=esc(found), reasons=())
        return None

    def _answered(self, question: Question, text: str, key: str) -> None:
        outcome = self.outcome
        self.asks = None
        if question is Question.NOTE:
            if is_scan(text):
                self.scan(text, key)
            else:
                self.note = text
        elif text and outcome is not None and outcome.copy is not None:
            if is_scan(text):
                self.asks = question
                self.outcome = replace(outcome, html="That is a number, not a reason. Write why, in words.", reasons=())
            else:
                self.lend(outcome.copy, key, text)

    def _do(self, act: Callable[[UnitOfWork], Outcome], *, goes_on: bool = False) -> None:
        """`goes_on`: it clears the way for the copy that could not be lent, which is kept at hand."""
        before = self.outcome
        self.pending, self.asks, self.till, self.picked = None, None, None, None
        try:
            with work() as uow:
                found = act(uow)
        except (CannotLend, CannotRenew, CannotHold) as refusal:
            can = isinstance(refusal, CannotLend) and bool(refusal.facts.get("can_override"))
            found = self._with_queue(Outcome(False, "", refusal.reasons, self.pending, can))
        except Refusal as refusal:
            found = Outcome(False, esc(str(refusal)), copy=self.pending)
        if goes_on and before is not None and before.copy is not None and found.copy is None:
            found = replace(found, copy=before.copy, lend_now=True)
        self.outcome = found

    def _with_queue(self, found: Outcome) -> Outcome:
        """Where a hold is the way out: how long it would wait."""
        if found.copy is None or self.member_id is None:
            return found
        if not any(reason.way_out_action == "hold" for reason in found.reasons):
            return found
        with reading() as uow:
            words = place_in_queue(uow, found.copy.title_id, self.member_id)
        told = f"{reasons_html(found.reasons)} {esc(words)}"
        return replace(found, html=told, title_id=found.copy.title_id)

    def _understood(self, uow: UnitOfWork, scan: Scan, key: str) -> Outcome:
        if scan.kind is ScanKind.MEMBER:
            self.call(scan.people[0].id)
            return Outcome(True, "")
        if scan.kind is ScanKind.TITLE:
            return self._title(uow, scan.titles[0].id)
        if scan.kind is not ScanKind.COPY or scan.copy is None:
            found = choices_of(scan)
            return Outcome(bool(found), "Which one? Type its number, then Enter." if found else esc(scan.hint),
                           choices=found)  # fmt: skip
        if self.mode is Mode.TAKE_BACK:
            return self._taken(uow, scan.copy, key)
        if self.member_id is None or scan.copy.member_id is not None:
            return Outcome(False, copy_words(scan.copy, self.member_id), copy=scan.copy)
        return self._lent(uow, scan.copy, key, None)

    def _title(self, uow: UnitOfWork, title_id: int) -> Outcome:
        html, found = copies_to_choose(uow, title_id, on_loan=self.mode is Mode.TAKE_BACK)
        if found or self.mode is Mode.TAKE_BACK or self.member_id is None:
            return Outcome(bool(found), html, choices=found)
        told = f"{html} {esc(place_in_queue(uow, title_id, self.member_id))}"
        return Outcome(False, told, reasons=(NOT_IN,), title_id=title_id)

    def _back(self, uow: UnitOfWork, barcode: str, key: str) -> Outcome:
        scan = read_scan(uow, barcode)
        assert scan.copy is not None
        return self._taken(uow, scan.copy, key)

    def _lent(self, uow: UnitOfWork, copy: DeskCopy, key: str, override: str | None) -> Outcome:
        self.pending = copy
        if self.member_id is None:
            return Outcome(False, copy_words(copy, None), copy=copy)
        done = check_out(uow, barcode=copy.barcode, member_id=self.member_id, override=override, key=key)
        return Outcome(True, issued_words(done))

    def _taken(self, uow: UnitOfWork, copy: DeskCopy, key: str) -> Outcome:
        self.pending = copy
        look = Inspection(self.condition, self.note, self.charge_minor) if self.condition else None
        done = check_in(uow, barcode=copy.barcode, inspection=look, returned_at=self._returned_at(uow), key=key)
        self.condition, self.note, self.charge_minor = None, "", 0
        if done.hold is None:
            return Outcome(True, returned_words(done))
        slip = ("Print slip", f"/files/hold-slip/{done.hold.hold_id}")
        return Outcome(True, returned_words(done, card_end(uow, done.hold.account_id)), papers=(slip,))

    def _returned_at(self, uow: UnitOfWork) -> datetime | None:
        """The last second of the book drop's day, so that a copy lent that day can be returned on it."""
        if self.dropped_on is None or self.dropped_on >= uow.today:
            return None
        return start_of(self.dropped_on + timedelta(days=1), uow.zone) - timedelta(seconds=1)


def the_desk() -> Desk:
    """The desk of this tab, fresh at first."""
    found: Desk = st.session_state.setdefault(_KEPT, Desk())
    return found
