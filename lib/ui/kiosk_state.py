"""What a kiosk's screen remembers between two acts, and what an act does.

Nothing about the reader is kept here but the answers on the screen, and those go with them: who stands there is a
row in the database (lib/accounts/kiosk_visits.py), asked for anew with every act.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import streamlit as st

from lib.access.work import UnitOfWork
from lib.accounts.errors import CannotSignIn
from lib.accounts.kiosk_visits import Visit, begin_visit, end_visit, stay, visit_now
from lib.accounts.pins import prove_member
from lib.circulation.decision import Reason
from lib.circulation.errors import CannotLend, CannotRenew, NoSuchCopy
from lib.circulation.renewals import consider_renewal
from lib.circulation.settings import KioskReturns
from lib.desk.code_shapes import CodeShape, shape_of
from lib.desk.self_check import (
    acting_for,
    item_summary,
    member_of_card,
    patron_summary,
    self_check_out,
    self_renew,
    self_renew_all,
)
from lib.desk.self_returns import returns_here, self_return
from lib.kit.errors import Forbidden, NotFound, Refusal, RuleBroken, TooManyAttempts
from lib.ui.doorway import actor_now, installation, run_id, show_incident, work
from lib.ui.kiosk_box import Offer
from lib.ui.kiosk_words import (
    all_renewed,
    blocked,
    closed,
    farewell,
    has_it,
    lent,
    lent_line,
    no_card,
    nobody_here,
    nothing_known,
    of_another,
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


class Nobody(RuleBroken):
    """Who stood there was signed out, while their screen still showed."""

    message = "You were signed out."


@dataclass(slots=True)
class Kiosk:
    """The screen of one device. `done`: what this reader did so far, newest first; `busy`: somebody stood there;
    `parting`: the answer is what they did, shown once more for a moment."""

    step: str = CARD
    answer: Answer | None = None
    answered: str = ""
    choices: list[Offer] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    busy: bool = False
    parting: bool = False

    def clear(self) -> None:
        """Nothing of the last reader stays."""
        self.step, self.answer, self.choices, self.done = CARD, None, [], []
        self.busy = self.parting = False

    def take(self, sent: dict[str, str]) -> None:
        """Does one act of the screen, once."""
        seq, code = sent["seq"], sent["code"]
        if not seq or seq == self.answered:
            return
        before, self.answered = self.answered, seq
        acts: dict[str, Callable[[], None]] = {
            "first": lambda: self._first(code, seq),
            "come": lambda: self._come(code, sent["secret"]),
            "scan": lambda: self._scan(code, seq),
            "renew": lambda: self._renew(code, seq),
            "return": lambda: self._give_back(code, seq),
            "renew-all": self._renew_all,
            "stay": lambda: _do(stay),
            "leave": self._leave,
            "walked-away": self._walked_away,
        }
        act = acts.get(sent["kind"])
        if act is not None:
            try:
                self._try(act)
            except BaseException:  # Streamlit ended the run, and nothing was done: it may be sent again
                self.answered = before
                raise

    def _try(self, act: Callable[[], None]) -> None:
        run_id()
        try:
            act()
        except (CannotLend, CannotRenew) as refusal:
            self._say(refused(refusal.reasons), "bad")
        except Forbidden:  # the device is no kiosk any more: the page says so
            self.clear()
        except Nobody:
            self.clear()
            self._say(nobody_here(), "bad")
        except Refusal as refusal:
            self._say(esc(str(refusal)), "bad")
        except Exception as error:  # noqa: BLE001  # shown as an incident, logged with its trace
            show_incident(error)

    def _say(self, html: str, tone: str, lines: Sequence[str] = (), *choices: Offer) -> None:
        self.answer, self.choices = Answer(html, tone), list(choices)
        self.done = [*filter(None, lines), *self.done][:MOST_LINES]

    def _leave(self) -> None:
        """The reader says that they are done, and sees for some seconds what they did."""
        was_here, done = self.busy, self.done
        self._walked_away()
        if was_here:
            self._say(farewell(done), "good")
            self.parting = bool(done)

    def _walked_away(self) -> None:
        self.clear()
        _do(end_visit)

    def _first(self, code: str, seq: str) -> None:
        """Before anybody stands there: a copy is brought back, and what may be a card asks for its PIN."""
        self._walked_away()
        with work() as uow:
            is_copy = _is_copy(uow, code)
            shape = shape_of(uow, code)
        if is_copy:
            self._return(code, seq)
            self.done = []
        elif shape is CodeShape.CARD:
            self.step = PIN
        else:
            self._say(no_card(shape), "bad")

    def _come(self, card: str, secret: str) -> None:
        self.step = PIN
        try:
            proved = prove_member(installation(), actor_now(), card=card, secret=secret)
        except (CannotSignIn, TooManyAttempts) as refusal:  # another try would come to the same
            self.clear()
            self._say(closed(str(refusal)), "bad")
            return
        with work() as uow:
            begin_visit(uow, proved.account_id)
            blocks = patron_summary(uow, proved.account_id).blocks
        self.clear()
        self.busy = True
        if blocks:
            self._say(blocked(blocks), "bad")

    def _scan(self, code: str, seq: str) -> None:
        """A copy to borrow; one's own card again ends the visit, what may be another reader's begins theirs."""
        with work() as uow:
            visit, is_copy = _here(uow), _is_copy(uow, code)
            mine = not is_copy and _whose(uow, code) == visit.account_id
            shape = shape_of(uow, code)
        if is_copy:
            self._lend(visit, code, seq)
        elif mine:
            self._leave()
        elif shape is CodeShape.CARD:
            self._walked_away()
            self.step = PIN
        else:
            self._say(nothing_known(shape), "bad")

    def _lend(self, visit: Visit, code: str, seq: str) -> None:
        try:
            with work() as uow:
                done = self_check_out(uow, barcode=code, member_id=visit.account_id, key=f"kiosk:{seq}")
            self._say(lent(done), "good", [lent_line(done)])
        except CannotLend as refusal:
            theirs = next((reason for reason in refusal.reasons if reason.code == "already-theirs"), None)
            with work() as uow:
                title, takes = item_summary(uow, code).title, returns_here(uow) is not KioskReturns.OFF
            if theirs is None:
                self._refuse(refusal.reasons, title, code if takes else "")
                return
            with work() as uow:
                renewal = consider_renewal(acting_for(uow, visit.account_id), loan_id=int(theirs.facts["loan_id"]))
            keep, back = Offer("Keep it longer", "renew", code, main=True), Offer("Give it back", "return", code)
            choices = [offer for offer, may in ((keep, renewal.may), (back, takes)) if may]
            self._say(has_it(title, renewal.against, asks=bool(choices)), "ask", (), *choices)

    def _refuse(self, reasons: tuple[Reason, ...], title: str, takes_back: str) -> None:
        """Why it is not lent; another reader's copy may have been brought along, and can be given back."""
        if takes_back and any(reason.code == "copy-on-loan" for reason in reasons):
            self._say(of_another(title), "ask", (), Offer("Bring it back for them", "return", takes_back, main=True))
        else:
            self._say(refused(reasons, title), "bad")

    def _renew(self, code: str, seq: str) -> None:
        with work() as uow:
            visit = _here(uow)
            done = self_renew(uow, barcode=code, member_id=visit.account_id, key=f"kiosk:{seq}")
        self._say(renewed(done), "good", [renewed_line(done.title, done.receipt)])

    def _give_back(self, code: str, seq: str) -> None:
        _do(_here)
        self._return(code, seq)

    def _return(self, code: str, seq: str) -> None:
        with work() as uow:
            done = self_return(uow, barcode=code, key=f"kiosk:{seq}")
        self._say(*returned(done), [returned_line(done)])

    def _renew_all(self) -> None:
        with work() as uow:
            done = self_renew_all(uow, member_id=_here(uow).account_id)
        self._say(*all_renewed(done), [renewed_line(one.title, one.receipt) for one in done if one.receipt])


def _do(act: Callable[[UnitOfWork], object]) -> None:
    with work() as uow:
        act(uow)


def _here(uow: UnitOfWork) -> Visit:
    """Who stands there, and still does.

    Raises:
        Nobody: not any more.
    """
    visit = visit_now(uow)
    if visit is None:
        raise Nobody
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
    """The kiosk of this screen. A fresh one (the page was loaded anew) begins with nobody there."""
    if _KEPT not in st.session_state:
        _do(end_visit)
        st.session_state[_KEPT] = Kiosk()
    found: Kiosk = st.session_state[_KEPT]
    return found
