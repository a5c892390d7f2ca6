"""What a kiosk's screen remembers between two acts, and what an act does.

Nothing about the reader is kept here but the answers on the screen, and those go with them: who stands there is a
row in the database (lib/accounts/kiosk_visits.py), asked for anew with every act.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from lib.access.work import UnitOfWork
from lib.accounts.kiosk_visits import Visit, begin_visit, end_visit, stay, visit_now
from lib.accounts.pins import prove_member
from lib.circulation.errors import CannotLend, CannotRenew, NoSuchCopy
from lib.circulation.renewals import consider_renewal
from lib.circulation.settings import KioskReturns
from lib.desk.self_check import (
    acting_for,
    item_summary,
    member_of_card,
    self_check_out,
    self_renew,
    self_renew_all,
)
from lib.desk.self_returns import returns_here, self_return
from lib.kit.errors import Forbidden, NotFound, Refusal
from lib.ui.doorway import actor_now, installation, run_id, show_incident, work
from lib.ui.kiosk_box import Offer
from lib.ui.kiosk_words import (
    all_renewed,
    gone,
    has_it,
    lent,
    lent_line,
    nothing_known,
    refused,
    renewed,
    renewed_line,
    returned,
    returned_line,
)
from lib.ui.linked import esc
from lib.ui.scan_box import Answer

_KEPT = "kiosk"
CARD, PIN = "card", "pin"
MOST_LINES = 12


@dataclass(slots=True)
class Kiosk:
    """The screen of one device. `done`: what this reader did so far, newest first; `busy`: somebody stood there."""

    step: str = CARD
    answer: Answer | None = None
    answered: str = ""
    choices: list[Offer] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    busy: bool = False

    def clear(self) -> None:
        """Nothing of the last reader stays."""
        self.step, self.answer, self.choices, self.done, self.busy = CARD, None, [], [], False

    def take(self, sent: dict[str, str]) -> None:
        """Does one act of the screen, once."""
        seq, code = sent["seq"], sent["code"]
        if not seq or seq == self.answered:
            return
        self.answered = seq
        acts: dict[str, Callable[[], None]] = {
            "first": lambda: self._first(code, seq),
            "come": lambda: self._come(code, sent["secret"]),
            "scan": lambda: self._scan(code, seq),
            "renew": lambda: self._renew(code, seq),
            "return": lambda: self._return(code, seq),
            "renew-all": self._renew_all,
            "stay": lambda: _do(stay),
            "leave": self._leave,
        }
        act = acts.get(sent["kind"])
        if act is not None:
            self._try(act)

    def _try(self, act: Callable[[], None]) -> None:
        run_id()
        try:
            act()
        except (CannotLend, CannotRenew) as refusal:
            self._say(refused(refusal.reasons), "bad")
        except Forbidden:  # the device is no kiosk any more: the page says so
            self.clear()
        except Refusal as refusal:
            self._say(esc(str(refusal)), "bad")
        except Exception as error:  # noqa: BLE001  # shown as an incident, logged with its trace
            show_incident(error)

    def _say(self, html: str, tone: str, line: str = "", *choices: Offer) -> None:
        self.answer, self.choices = Answer(html, tone), list(choices)
        if line:
            self.done = [line, *self.done][:MOST_LINES]

    def _leave(self) -> None:
        was_here = self.busy
        self.clear()
        _do(end_visit)
        if was_here:
            self._say(gone(), "good")

    def _first(self, code: str, seq: str) -> None:
        """Before anybody stands there: a copy is brought back, all else is taken for a card."""
        self.clear()
        with work() as uow:
            end_visit(uow)
            is_copy = _is_copy(uow, code)
        if is_copy:
            self._return(code, seq)
            self.done = []
        else:
            self.step = PIN

    def _come(self, card: str, secret: str) -> None:
        self.step = PIN
        proved = prove_member(installation(), actor_now(), card=card, secret=secret)
        _do(lambda uow: begin_visit(uow, proved.account_id))
        self.clear()
        self.busy = True

    def _scan(self, code: str, seq: str) -> None:
        """A copy to borrow; one's own card again ends the visit, another reader's begins theirs."""
        with work() as uow:
            visit, is_copy = visit_now(uow), _is_copy(uow, code)
            whose = None if is_copy else _whose(uow, code)
        if visit is None:
            self._first(code, seq)
        elif is_copy:
            self._lend(visit, code, seq)
        elif whose is None:
            self._say(nothing_known(), "bad")
        else:
            self._leave()
            if whose != visit.account_id:
                self.clear()
                self.step = PIN

    def _lend(self, visit: Visit, code: str, seq: str) -> None:
        try:
            with work() as uow:
                stay(uow)
                done = self_check_out(uow, barcode=code, member_id=visit.account_id, key=f"kiosk:{seq}")
            self._say(lent(done), "good", lent_line(done))
        except CannotLend as refusal:
            theirs = next((reason for reason in refusal.reasons if reason.code == "already-theirs"), None)
            with work() as uow:
                title, takes = item_summary(uow, code).title, returns_here(uow) is not KioskReturns.OFF
            if theirs is None:
                self._say(refused(refusal.reasons, title), "bad")
                return
            with work() as uow:
                renewal = consider_renewal(acting_for(uow, visit.account_id), loan_id=int(theirs.facts["loan_id"]))
            keep, back = Offer("Keep it longer", "renew", code, main=True), Offer("Give it back", "return", code)
            choices = [offer for offer, may in ((keep, renewal.may), (back, takes)) if may]
            self._say(has_it(title, renewal.against, asks=bool(choices)), "ask", "", *choices)

    def _renew(self, code: str, seq: str) -> None:
        with work() as uow:
            visit = _here(uow)
            done = self_renew(uow, barcode=code, member_id=visit.account_id, key=f"kiosk:{seq}")
        self._say(renewed(done), "good", renewed_line(done))

    def _return(self, code: str, seq: str) -> None:
        with work() as uow:
            if visit_now(uow) is not None:
                stay(uow)
            done = self_return(uow, barcode=code, key=f"kiosk:{seq}")
        self._say(*returned(done), returned_line(done))

    def _renew_all(self) -> None:
        with work() as uow:
            done = self_renew_all(uow, member_id=_here(uow).account_id)
        self._say(*all_renewed(done))


def _do(act: Callable[[UnitOfWork], None]) -> None:
    with work() as uow:
        act(uow)


def _here(uow: UnitOfWork) -> Visit:
    """Who stands there, and still does.

    Raises:
        NotFound: nobody any more.
    """
    visit = visit_now(uow)
    if visit is None:
        raise NotFound("visit any more. Please scan your card again")
    stay(uow)
    return visit


def _is_copy(uow: UnitOfWork, code: str) -> bool:
    try:
        item_summary(uow, code)
    except NoSuchCopy:
        return False
    return True


def _whose(uow: UnitOfWork, code: str) -> int | None:
    try:
        return member_of_card(uow, code)
    except NotFound:
        return None


def visiting(uow: UnitOfWork, kiosk: Kiosk) -> Visit | None:
    """Who stands at the device that asks; once nobody does, the screen forgets them too."""
    visit = visit_now(uow)
    if visit is None and kiosk.busy:
        kiosk.clear()
    return visit


def the_kiosk() -> Kiosk:
    """The kiosk of this screen, fresh at first."""
    found: Kiosk = st.session_state.setdefault(_KEPT, Kiosk())
    return found
