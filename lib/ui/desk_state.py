"""What the desk remembers between two scans, and what a scan does.

No permission lives here: every act asks the database who is acting.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import streamlit as st

from lib.access.work import UnitOfWork
from lib.catalogue.models import Condition
from lib.circulation.checkout import check_out
from lib.circulation.decision import Reason
from lib.circulation.desk import DeskCopy, PersonRow, Scan, ScanKind, read_scan
from lib.circulation.errors import CannotLend, CannotRenew
from lib.circulation.renewals import renew, renew_all
from lib.circulation.returns import Inspection, check_in
from lib.circulation.undo import undo
from lib.kit.errors import Refusal
from lib.ui.desk_words import copy_words, issued_words, renewed_words, returned_words
from lib.ui.doorway import work

_KEPT = "tome.desk"


class Mode(StrEnum):
    """What a scanned copy means."""

    LEND = "Lend"
    TAKE_BACK = "Take back"


@dataclass(slots=True)
class Outcome:
    """What came of the last scan or key, in Markdown, and what may be done next."""

    good: bool
    text: str
    reasons: tuple[Reason, ...] = ()
    copy: DeskCopy | None = None
    can_override: bool = False
    people: tuple[PersonRow, ...] = ()
    titles: tuple[tuple[int, str], ...] = ()


@dataclass(slots=True)
class Desk:
    """The desk of one browser tab."""

    mode: Mode = Mode.LEND
    member_id: int | None = None
    outcome: Outcome | None = None
    condition: Condition | None = None
    note: str = ""
    pending: DeskCopy | None = None

    def scan(self, code: str, seq: str) -> None:
        """Takes one scan. An empty one (Enter alone) ends the turn of the member at the desk."""
        if not code:
            self.leave()
            return
        self._do(lambda uow: self._understood(uow, read_scan(uow, code), seq))

    def leave(self) -> None:
        """The member goes; the desk waits for the next."""
        self.member_id, self.outcome = None, None

    def call(self, member_id: int) -> None:
        """A member steps up."""
        self.member_id, self.outcome, self.mode = member_id, None, Mode.LEND

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
        self._do(lambda uow: Outcome(True, undo(uow, act_id)))

    def _do(self, act: Callable[[UnitOfWork], Outcome]) -> None:
        self.pending = None
        try:
            with work() as uow:
                found = act(uow)
        except (CannotLend, CannotRenew) as refusal:
            can = bool(refusal.facts.get("can_override"))
            found = Outcome(False, "", refusal.reasons, self.pending, can)
        except Refusal as refusal:
            found = Outcome(False, str(refusal), copy=self.pending)
        self.outcome = found

    def _understood(self, uow: UnitOfWork, scan: Scan, key: str) -> Outcome:
        if scan.kind is ScanKind.MEMBER:
            self.call(scan.people[0].id)
            return Outcome(True, "")
        if scan.kind is not ScanKind.COPY or scan.copy is None:
            titles = tuple((card.id, card.title) for card in scan.titles)
            return Outcome(bool(scan.people or titles), scan.hint, people=scan.people, titles=titles)
        if self.mode is Mode.TAKE_BACK:
            return self._taken(uow, scan.copy, key)
        if self.member_id is None or scan.copy.member_id is not None:
            return Outcome(False, copy_words(scan.copy, self.member_id), copy=scan.copy)
        return self._lent(uow, scan.copy, key, None)

    def _lent(self, uow: UnitOfWork, copy: DeskCopy, key: str, override: str | None) -> Outcome:
        self.pending = copy
        if self.member_id is None:
            return Outcome(False, copy_words(copy, None), copy=copy)
        done = check_out(uow, barcode=copy.barcode, member_id=self.member_id, override=override, key=key)
        return Outcome(True, issued_words(done))

    def _taken(self, uow: UnitOfWork, copy: DeskCopy, key: str) -> Outcome:
        self.pending = copy
        look = Inspection(self.condition, self.note) if self.condition else None
        done = check_in(uow, barcode=copy.barcode, inspection=look, key=key)
        self.condition, self.note = None, ""
        return Outcome(True, returned_words(done))


def _renewed(uow: UnitOfWork, member_id: int) -> Outcome:
    found = renew_all(uow, member_id=member_id)
    good = all(outcome.receipt for outcome in found)
    lines = [
        f"- {renewed_words(one.receipt, one.title)}"
        if one.receipt
        else f"- {one.title}: {' '.join(reason.text for reason in one.reasons)}"
        for one in found
    ]
    return Outcome(good, "\n".join(lines) or "There is nothing to renew.")


def the_desk() -> Desk:
    """The desk of this tab, fresh at first."""
    found: Desk = st.session_state.setdefault(_KEPT, Desk())
    return found
