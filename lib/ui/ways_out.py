"""The ways out of a refusal as buttons: the one table for every page.

A reason names the act that would help (`way_out_action`); here that act becomes a button for whoever looks, or a link
to where it is done. A way out that is no act here (the book must be brought) stays words.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from uuid import uuid4

import streamlit as st

from lib.access.work import UnitOfWork
from lib.accounts.registration import approve
from lib.accounts.renewal import renew_membership
from lib.accounts.standing import reactivate
from lib.billing.models import PaymentMethod
from lib.circulation.borrowing import borrow
from lib.circulation.claims import clear_claim
from lib.circulation.decision import Reason
from lib.circulation.holds import cancel_hold, place_hold
from lib.circulation.money import refund_charge, take_payment, waive_charge
from lib.circulation.renewals import consider_renewal, renew
from lib.circulation.returns import check_in
from lib.desk.counter import title_of_loan
from lib.kit.errors import NotFound, RuleBroken
from lib.ui.doorway import reading, say, show_refusal, showing_refusals, work
from lib.ui.hold_words import held_words, reserved_words
from lib.ui.navigation import link
from lib.ui.words import day, money

Act = Callable[[UnitOfWork], str]
Runner = Callable[[Act], None]


@dataclass(frozen=True, slots=True)
class Situation:
    """Whom and what the reasons are about. `own`: the reader looks at their own; else staff do, for `member_id`.
    `title_id`: what was to be lent or held; `loan_id`: the loan that was to be renewed; `why`: the reason that was
    written down for what was refused."""

    member_id: int | None = None
    own: bool = False
    title_id: int | None = None
    loan_id: int | None = None
    why: str = ""


NOWHERE = Situation()


@dataclass(frozen=True, slots=True)
class Way:
    """How one act is offered: `label` for staff, `own_label` for the reader ("": not offered). `act` does it with an
    idempotency key and says what was done; without it `page` and `own_page` say where it is done. `amount` names the
    fact whose sum of money `worded` says."""

    label: str
    own_label: str = ""
    act: Callable[[UnitOfWork, Situation, Reason, str], str] | None = None
    page: str = ""
    own_page: str = ""
    shortcut: str = ""
    amount: str = ""
    worded: str = ""


def _renew(uow: UnitOfWork, here: Situation, reason: Reason, key: str) -> str:
    loan_id = _loan(here, reason) or 0
    due_on = day(renew(uow, loan_id=loan_id, key=key).due_on)
    return f"Renewed: due on {due_on}." if here.own else f"“{title_of_loan(uow, loan_id)}” is renewed: due on {due_on}."


def _loan(here: Situation, reason: Reason) -> int | None:
    return reason.facts.get("loan_id") or here.loan_id


def _return_first(uow: UnitOfWork, _here: Situation, reason: Reason, key: str) -> str:
    done = check_in(uow, barcode=str(reason.facts["barcode"]), key=key)
    return f"“{done.title}” is back. Now it can be lent."


def _borrow(uow: UnitOfWork, here: Situation, _reason: Reason, key: str) -> str:
    done = borrow(uow, title_id=here.title_id or 0, key=key)
    place = ", ".join(filter(None, (done.location, done.shelf)))
    return f"“{done.title}” is yours until {day(done.due_on)}. Fetch it: {place}, barcode {done.barcode}."


def _hold(uow: UnitOfWork, here: Situation, _reason: Reason, key: str) -> str:
    done = place_hold(uow, title_id=here.title_id or 0, member_id=_whom(here), key=key)
    return reserved_words(done) if here.own else held_words(done)


def _cancel_hold(uow: UnitOfWork, here: Situation, reason: Reason, key: str) -> str:
    what = "Your reservation of" if here.own else "The hold on"
    return f"{what} “{cancel_hold(uow, int(reason.facts['hold_id']), key=key).title}” is cancelled."


def _clear_claim(uow: UnitOfWork, here: Situation, reason: Reason, _key: str) -> str:
    return f"“{clear_claim(uow, loan_id=_loan(here, reason) or 0).title}” counts as on loan again."


def _renew_membership(uow: UnitOfWork, here: Situation, _reason: Reason, key: str) -> str:
    ends_on = renew_membership(uow, here.member_id or 0, key=key)
    return f"The membership is renewed until {day(ends_on)}." if ends_on else "The membership has no end any more."


def _approve(uow: UnitOfWork, here: Situation, _reason: Reason, _key: str) -> str:
    approve(uow, here.member_id or 0)
    return "The registration is approved."


def _reactivate(uow: UnitOfWork, here: Situation, _reason: Reason, _key: str) -> str:
    reactivate(uow, here.member_id or 0)
    return "The account is active again."


def _pay_owed(uow: UnitOfWork, _here: Situation, reason: Reason, key: str) -> str:
    facts = reason.facts
    done = take_payment(
        uow, member_id=facts["account_id"], amount_minor=facts["owed_minor"], method=PaymentMethod(facts["method"]),
        charge_ids=facts["charge_ids"], key=key,
    )  # fmt: skip
    return f"{money(done.amount_minor)} taken, receipt {done.number}."


def _waive_owed(uow: UnitOfWork, here: Situation, reason: Reason, key: str) -> str:
    amount, charge_id = reason.facts["owed_minor"], reason.facts["charge_id"]
    waive_charge(uow, charge_id=charge_id, amount_minor=amount, reason=here.why, key=key)
    return f"{money(amount)} waived."


def _refund_most(uow: UnitOfWork, here: Situation, reason: Reason, key: str) -> str:
    facts = reason.facts
    done = refund_charge(
        uow, charge_id=facts["charge_id"], amount_minor=facts["most_minor"], method=PaymentMethod(facts["method"]),
        reason=here.why, key=key,
    )  # fmt: skip
    return f"{money(-done.amount_minor)} given back, receipt {done.number}."


def _whom(here: Situation) -> int | None:
    return None if here.own else here.member_id


WAYS: dict[str, Way] = {
    "return": Way("Take one of them back", "See your loans", page="desk", own_page="my-library", shortcut="Alt+K"),
    "renew": Way("Renew that loan", "Renew it", act=_renew, shortcut="Alt+W"),
    "pay": Way("Take the money", "See what you owe", page="desk", own_page="my-money", shortcut="Alt+P",
               amount="owed_minor", worded="Take {}"),
    "pay-owed": Way("Take what is owed", act=_pay_owed, amount="owed_minor", worded="Take {}"),
    "waive-owed": Way("Waive what is owed", act=_waive_owed, amount="owed_minor", worded="Waive {}"),
    "refund-most": Way("Give back what may be", act=_refund_most, amount="most_minor", worded="Give back {}"),
    "refund": Way("Give it back", "See what the library owes you", page="member", own_page="my-money"),
    "return-first": Way("Take it back first", act=_return_first, shortcut="Alt+T"),
    "borrow": Way("", "Borrow it", act=_borrow),
    "hold": Way("Place a hold", "Reserve it", act=_hold, shortcut="Alt+H"),
    "hold-any-copy": Way("Wait for any copy", "Wait for any copy", act=_hold),
    "cancel-hold": Way("See their holds", "Cancel that reservation", act=_cancel_hold, page="member"),
    "clear-claim": Way("It was not returned after all", act=_clear_claim),
    "renew-membership": Way("Renew the membership", act=_renew_membership, shortcut="Alt+M"),
    "approve": Way("Approve the registration", act=_approve, shortcut="Alt+V"),
    "see-queue": Way("See who has it, and who waits", page="queue"),
    "see-repairs": Way("See what is in repair", page="repairs"),
    "see-missing": Way("See what is missing", page="missing"),
    "reactivate": Way("Reactivate the account", act=_reactivate, shortcut="Alt+V"),
}  # fmt: skip


def way_out_buttons(
    reasons: Iterable[Reason],
    situation: Situation,
    *,
    place: str,
    run: Runner | None = None,
    instead: Mapping[str, Callable[[], None]] | None = None,
    keys: bool = False,
) -> None:
    """Draws each way out once, as a button or a link; nothing where there is none. `place` names the spot on the page.

    `run` does an act another way than in a unit of work of its own whose outcome is said; `instead` has the page's own
    handlers for some acts; `keys` gives the buttons their keys (the desk's).
    """
    offered: dict[str, Reason] = {}
    for reason in reasons:
        if reason.way_out_action in WAYS and _offers(WAYS[reason.way_out_action], situation, reason):
            offered.setdefault(reason.way_out_action, reason)
    if not offered:
        return
    with st.container(horizontal=True, key=f"ways-{place}"):
        for name, reason in offered.items():
            _draw(name, reason, situation, place, run, (instead or {}).get(name), keys)


def _offers(way: Way, here: Situation, reason: Reason) -> bool:
    if not (way.own_label if here.own else way.label):
        return False
    if way.act is _renew:
        return _may_renew(_loan(here, reason))
    if way.act is _hold or way.act is _borrow:
        return here.title_id is not None
    return way.act is not _cancel_hold or not here.own or "hold_id" in reason.facts


def _may_renew(loan_id: int | None) -> bool:
    """A renewal that would be refused is no way out."""
    if loan_id is None:
        return False
    with suppress(NotFound), reading() as uow:
        return consider_renewal(uow, loan_id=loan_id).may
    return False


def _label(way: Way, here: Situation, reason: Reason) -> str:
    """What the button says; money is named by its amount."""
    amount = reason.facts.get(way.amount)
    if amount and not here.own:
        return way.worded.format(money(amount))
    return way.own_label if here.own else way.label


def _draw(
    name: str, reason: Reason, here: Situation, place: str, run: Runner | None, own: Callable[[], None] | None,
    keys: bool,
) -> None:  # fmt: skip
    way = WAYS[name]
    label = _label(way, here, reason)
    key, shortcut = f"way-{place}-{name}", (way.shortcut or None) if keys else None
    page = way.own_page if here.own else way.page
    if own is not None:
        st.button(label, key=key, on_click=own, shortcut=shortcut)
    elif page == "member":
        link("member", label, id=here.member_id)
    elif page == "queue":
        link("queue", label, id=reason.facts["title_id"])
    elif page:
        link(page, label, icon=None, member=None if here.own else here.member_id)
    elif way.act is not None:
        args = (way.act, here, reason, uuid4().hex, run)
        st.button(label, key=key, on_click=_pressed, args=args, shortcut=shortcut)


def _pressed(
    act: Callable[[UnitOfWork, Situation, Reason, str], str], here: Situation, reason: Reason, once: str,
    run: Runner | None,
) -> None:  # fmt: skip
    """`once` was made with the button: a double click brings the same one again."""
    (run or do_and_say)(lambda uow: act(uow, here, reason, once))


def do_and_say(act: Act, here: Situation = NOWHERE) -> None:
    """Does it in a unit of work of its own, and says what was done on the next run."""
    with offering_ways(here, "refused"):
        with work() as uow:
            told = act(uow)
        say(told)


@contextmanager
def offering_ways(here: Situation, place: str, run: Runner | None = None, /, **labels: str) -> Iterator[None]:
    """As `showing_refusals`, and under the words each way out as a button. Not for the inside of a form. `run` as
    `way_out_buttons` has it."""
    with showing_refusals(**labels):
        try:
            yield
        except RuleBroken as refusal:
            show_refusal(refusal, labels)
            way_out_buttons(refusal.reasons, here, place=place, run=run)
