"""What the desk remembers between two scans, and what a scan does.

No permission lives here: every act asks the database who is acting.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

import streamlit as st

from lib.access.work import UnitOfWork
from lib.catalogue.models import Condition
from lib.circulation.checkout import check_out
from lib.circulation.decision import Reason
from lib.circulation.desk import DeskCopy, Scan, ScanKind, read_scan
from lib.circulation.errors import CannotLend, CannotRenew
from lib.circulation.renewals import renew, renew_all
from lib.circulation.returns import Inspection, check_in
from lib.circulation.undo import undo
from lib.kit.clock import start_of
from lib.kit.errors import Refusal
from lib.ui.desk_choices import Choice, ChoiceKind, choices_of, chosen_by_number, copies_to_choose
from lib.ui.desk_words import all_renewed_words, copy_words, issued_words, renewed_words, returned_words
from lib.ui.doorway import work
from lib.ui.linked import esc

_KEPT = "tome.desk"
_NUMBERS = 6  # a reason with so many digits and no letter is a scan that went into the wrong question


class Mode(StrEnum):
    """What a scanned copy means."""

    LEND = "Lend"
    TAKE_BACK = "Take back"


class Question(StrEnum):
    """What the input asks for instead of a scan."""

    REASON = "reason"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the last scan or key, as HTML, and what may be done next."""

    good: bool
    html: str
    reasons: tuple[Reason, ...] = ()
    copy: DeskCopy | None = None
    can_override: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(slots=True)
class Desk:
    """The desk of one browser tab. `dropped_on`: the day the book drop was filled, None for today; `turns` counts
    the changes of mode, each of which begins with fresh fields."""

    mode: Mode = Mode.LEND
    member_id: int | None = None
    outcome: Outcome | None = None
    condition: Condition | None = None
    note: str = ""
    dropped_on: date | None = None
    asks: Question | None = None
    pending: DeskCopy | None = None
    turns: int = 0

    def scan(self, code: str, seq: str) -> None:
        """Takes one scan, or the answer to a question. An empty one (Enter alone) cancels the question, or ends the
        turn of the member at the desk."""
        if self.asks is not None:
            self._answered(self.asks, code, seq)
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
        else:
            self._do(lambda uow: self._understood(uow, read_scan(uow, choice.barcode), key))

    def switch(self, mode: Mode) -> None:
        """Lend or take back; each begins afresh."""
        self.mode, self.outcome, self.asks = mode, None, None
        self.condition, self.note, self.dropped_on, self.turns = None, "", None, self.turns + 1
        if mode is Mode.TAKE_BACK:
            self.member_id = None

    def leave(self) -> None:
        """The member goes; the desk waits for the next."""
        self.member_id, self.outcome, self.asks = None, None, None

    def call(self, member_id: int) -> None:
        """A member steps up."""
        self.switch(Mode.LEND)
        self.member_id = member_id

    def ask(self, question: Question) -> None:
        """The next entry answers this instead of being a scan."""
        self.asks = question

    def look(self, condition: Condition | None) -> None:
        """How the next copy that is taken back looks; a note may follow."""
        self.condition, self.note = condition, ""
        self.asks = Question.NOTE if condition else None

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
            self._do(lambda uow: _renewed(uow, member_id))

    def undo(self, act_id: int) -> None:
        """Takes an act back."""
        self._do(lambda uow: Outcome(True, esc(undo(uow, act_id))))

    def _answered(self, question: Question, text: str, key: str) -> None:
        outcome = self.outcome
        self.asks = None
        if question is Question.NOTE:
            if _is_scan(text):
                self.scan(text, key)
            else:
                self.note = text
        elif text and outcome is not None and outcome.copy is not None:
            if _is_scan(text):
                self.asks = question
                self.outcome = replace(outcome, html="That is a number, not a reason. Write why, in words.", reasons=())
            else:
                self.lend(outcome.copy, key, text)

    def _do(self, act: Callable[[UnitOfWork], Outcome]) -> None:
        self.pending, self.asks = None, None
        try:
            with work() as uow:
                found = act(uow)
        except (CannotLend, CannotRenew) as refusal:
            can = bool(refusal.facts.get("can_override"))
            found = Outcome(False, "", refusal.reasons, self.pending, can)
        except Refusal as refusal:
            found = Outcome(False, esc(str(refusal)), copy=self.pending)
        self.outcome = found

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
        return Outcome(bool(found), html, choices=found)

    def _lent(self, uow: UnitOfWork, copy: DeskCopy, key: str, override: str | None) -> Outcome:
        self.pending = copy
        if self.member_id is None:
            return Outcome(False, copy_words(copy, None), copy=copy)
        done = check_out(uow, barcode=copy.barcode, member_id=self.member_id, override=override, key=key)
        return Outcome(True, issued_words(done))

    def _taken(self, uow: UnitOfWork, copy: DeskCopy, key: str) -> Outcome:
        self.pending = copy
        look = Inspection(self.condition, self.note) if self.condition else None
        done = check_in(uow, barcode=copy.barcode, inspection=look, returned_at=self._returned_at(uow), key=key)
        self.condition, self.note = None, ""
        return Outcome(True, returned_words(done))

    def _returned_at(self, uow: UnitOfWork) -> datetime | None:
        """The last second of the book drop's day, so that a copy lent that day can be returned on it."""
        if self.dropped_on is None or self.dropped_on >= uow.today:
            return None
        return start_of(self.dropped_on + timedelta(days=1), uow.zone) - timedelta(seconds=1)


def _is_scan(text: str) -> bool:
    return sum(char.isdigit() for char in text) >= _NUMBERS and not any(char.isalpha() for char in text)


def _renewed(uow: UnitOfWork, member_id: int) -> Outcome:
    found = renew_all(uow, member_id=member_id)
    return Outcome(bool(found) and all(outcome.receipt for outcome in found), all_renewed_words(found))


def the_desk() -> Desk:
    """The desk of this tab, fresh at first."""
    found: Desk = st.session_state.setdefault(_KEPT, Desk())
    return found
