"""What may be done next at the desk, each with its key: modes, choices, offers about a copy, how a return looks."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from uuid import uuid4

import streamlit as st

from lib.catalogue.models import Condition
from lib.circulation.decision import Reason
from lib.desk.counter import DeskCopy, DeskMember
from lib.ui.desk_outcome import Mode, Outcome, Question
from lib.ui.desk_state import Desk
from lib.ui.desk_words import reasons_html
from lib.ui.linked import esc
from lib.ui.loan_acts import LoanAct
from lib.ui.reason_facts import why_popover
from lib.ui.scan_box import Answer
from lib.ui.ways_out import Situation, way_out_buttons
from lib.ui.words import count, day, money, plain, weekday

LOOKS = {Condition.WORN: "Worn", Condition.DAMAGED: "Damaged"}
LOAN_KEYS = {LoanAct.WHY: "Alt+I", LoanAct.CLAIM: "Alt+J", LoanAct.LOST: "Alt+U"}
PAPER_KEYS = ("Alt+S", "Alt+Q")
NOTHING = Outcome(True, "")
OVERDUE = "has-overdue"  # the reason's code


def mode_keys(desk: Desk) -> None:
    """Lend or take back, by key. No primary buttons: the name of a key is hard to read on their colour."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        for number, mode in enumerate(Mode, 1):
            st.button(
                mode.value, key=f"mode-{mode.name}", on_click=desk.switch, args=(mode,), shortcut=f"Alt+{number}",
                icon=":material/check:" if desk.mode is mode else None,
            )  # fmt: skip


def wording(desk: Desk) -> tuple[str, str]:
    """The label and the hint of the input: what it asks for just now."""
    look = LOOKS[desk.back.condition or Condition.WORN].lower()
    if desk.asks is Question.REASON:
        what = "renew" if desk.outcome and desk.outcome.loan_id else "lend"
        return f"Why {what} it anyway?", "A reason for the audit trail, then Enter. Enter alone cancels."
    if desk.asks is Question.NOTE:
        return f"What is {look}?", "A note, then Enter. Enter alone: no note."
    if desk.asks is Question.DAMAGE:
        return "What does the damage cost?", "An amount like 4.50, then Enter. Enter alone, or the next scan: nothing."
    if desk.asks is Question.DROPPED:
        return "Which day was the book drop filled?", "Like 20/11, fri or yesterday, then Enter. Enter alone: today."
    if desk.asks is Question.WAIVER and desk.till is not None:
        amount = money(desk.till.waived_minor or 0)
        return f"Why is {amount} waived?", "A reason for the audit trail, then Enter. Enter alone: it is not."
    if desk.till is not None:
        return "Money", "Alt+5 takes it in cash. What they give, or another amount: type it, then Enter."
    if desk.mode is Mode.LEND:
        return "Scan or type", "Card, copy, ISBN, title or name, then Enter"
    condition = f", the next copy is {look}" if desk.back.condition else ""
    since = f", in the book drop since {weekday(desk.back.dropped_on)}" if desk.back.dropped_on else ""
    return f"Taking back{condition}{since}", "Scan the copies that come back"


def answer(desk: Desk) -> Answer | None:
    """What is said under the input about the last scan or key."""
    outcome = desk.outcome
    told = (outcome.html or (reasons_html(outcome.reasons) if outcome.reasons else "")) if outcome else ""
    if desk.fault:
        against = told if outcome and outcome.reasons and desk.asks is Question.REASON else ""
        return Answer(f"<b>{esc(desk.fault)}</b>" + (f"<br>{against}" if against else ""), "bad")
    return Answer(told, outcome.tone) if outcome and told else None


def what_to_do_next(desk: Desk, member: DeskMember | None = None) -> None:
    """The choices and offers that follow from the last outcome, each with its key. `member`: whose slip may be had."""
    outcome = desk.outcome or NOTHING
    for number, choice in enumerate(outcome.choices, 1):
        st.button(
            f"**{number}** {plain(choice.name)}" + (f" · {plain(choice.more)}" if choice.more else ""),
            key=f"choice-{number}", on_click=desk.choose, args=(choice, uuid4().hex), width="stretch",
        )  # fmt: skip
    if (payer := outcome.payer) is not None and desk.till is None:
        st.button(
            f"Take {money(payer.owed_minor)} from {plain(payer.name)}", key="take-fine", on_click=desk.open_till_of,
            args=(payer.member_id,), shortcut="Alt+P", width="stretch",
        )  # fmt: skip
    for (label, address), key in zip(outcome.papers + _slip(desk, member), PAPER_KEYS, strict=False):
        st.link_button(label, address, icon=":material/print:", width="stretch", shortcut=key)
    if outcome.lend_now and outcome.copy is not None and desk.member_id is not None:
        st.button(
            f"Lend {plain(outcome.copy.title)} now", key="lend-now", on_click=desk.lend,
            args=(outcome.copy, uuid4().hex), shortcut="Alt+L", width="stretch",
        )  # fmt: skip
        return
    if outcome.reasons:
        _ways(desk, outcome)
    elif outcome.copy is not None and not (outcome.good and not outcome.ask):
        _about(desk, outcome.copy)
    if outcome.can_override and desk.member_id is not None and desk.asks is None:
        label = "Renew anyway" if outcome.loan_id else "Lend anyway"
        st.button(label, on_click=desk.ask, args=(Question.REASON,), shortcut="Alt+O", width="stretch",
                  help="A written reason is asked for and kept in the audit trail.")  # fmt: skip


def _slip(desk: Desk, member: DeskMember | None) -> tuple[tuple[str, str], ...]:
    """The slip of what the member at the desk takes along this time."""
    here = [loan.loan_id for loan in member.loans if loan.loan_id in desk.lent] if member else []
    if member is None or not here:
        return ()
    label = f"Print slip of {count(len(here), 'loan', 'loans')}"
    return ((label, f"/files/loan-slip/{member.detail.id}?ids={','.join(map(str, here))}"),)


def _ways(desk: Desk, outcome: Outcome) -> None:
    """What would help against the reasons, and the facts behind them."""
    copy = outcome.copy
    instead = {"pay": desk.open_till, "return": desk.offer_returns}
    if copy is not None:
        instead["return-first"] = partial(desk.take_back, copy, uuid4().hex, then_lend=True)
    title_id = outcome.title_id or (copy.title_id if copy else None)
    here = Situation(desk.member_id, title_id=title_id, loan_id=outcome.loan_id)
    renew_overdue(desk, outcome.reasons)
    way_out_buttons(outcome.reasons, here, place="desk", run=desk.run, instead=instead, keys=True)
    why_popover(outcome.reasons, "why-desk")


def renew_overdue(desk: Desk, reasons: Iterable[Reason]) -> None:
    """Overdue loans block: beside taking them back they may be renewed."""
    if any(reason.code == OVERDUE for reason in reasons):
        st.button("Renew what is overdue", key="renew-overdue", on_click=desk.renew_overdue, shortcut="Alt+G")


def _about(desk: Desk, copy: DeskCopy) -> None:
    """What may be done with a copy that is on loan."""
    mine = copy.member_id is not None and copy.member_id == desk.member_id
    if mine and copy.loan_id is not None:
        st.button("Renew it", on_click=desk.renew, args=(copy.loan_id, uuid4().hex), shortcut="Alt+W",
                  width="stretch")  # fmt: skip
    if copy.member_id is not None and desk.member_id is not None and not mine:
        st.button(
            "Take back, lend here", on_click=desk.take_back, args=(copy, uuid4().hex),
            kwargs={"then_lend": True}, shortcut="Alt+T", width="stretch",
        )  # fmt: skip
    if copy.member_id is not None:
        st.button("Take it back", on_click=desk.take_back, args=(copy, uuid4().hex), shortcut="Alt+B", width="stretch")
    if mine and copy.loan_id is not None:
        for act, key in LOAN_KEYS.items():
            st.button(act.value, key=f"about-{act.name}", on_click=desk.pick, args=(copy.loan_id, act), shortcut=key,
                      width="stretch")  # fmt: skip


def how_it_looks(desk: Desk) -> None:
    """The inspection of the next copy that is taken back."""
    back = desk.back
    st.subheader("The next copy is", anchor=False)
    with st.container(horizontal=True):
        for key, (condition, word) in enumerate(LOOKS.items(), 3):
            chosen = back.condition is condition
            st.button(
                word, key=f"look-{word}", on_click=desk.look, args=(None if chosen else condition,),
                shortcut=f"Alt+{key}", icon=":material/check:" if chosen else None,
                help="Damaged copies go to repair, not to the shelf." if condition is Condition.DAMAGED else None,
            )  # fmt: skip
        if back.condition is not None:
            st.button("Charge for it", key="price", on_click=desk.ask, args=(Question.DAMAGE,), shortcut="Alt+8",
                      help="Charged to whoever brings the next copy back.")  # fmt: skip
    cost = f"Charged for it: **{money(back.charge_minor)}**" if back.charge_minor else ""
    if told := "  \n".join(filter(None, (f"Note: {plain(back.note)}" if back.note else "", cost))):
        st.markdown(told)


def book_drop(desk: Desk, last_open: date) -> None:
    """The day on which what is scanned now lay in the book drop, so that nobody pays for the library's own delay."""
    chosen = desk.back.dropped_on
    st.subheader("From the book drop of", anchor=False)
    with st.container(horizontal=True):
        _day(day(last_open), chosen == last_open, desk.drop, last_open, "Alt+Y")
        other = chosen not in (None, last_open)
        _day(day(chosen) if chosen and other else "Another day", other, desk.ask, Question.DROPPED, "Alt+9")
    st.markdown(
        "Fines are counted to this day, for every copy you scan until you press its key again." if chosen else
        "Copies count as brought back today."
    )  # fmt: skip


def _day(label: str, chosen: bool, press: Callable[..., None], given: object, key: str) -> None:
    st.button(label, key=f"drop-{key}", on_click=press, args=(given,), shortcut=key,
              icon=":material/check:" if chosen else None)  # fmt: skip
