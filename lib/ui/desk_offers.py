"""What may be done next at the desk, each with its key: modes, choices, offers about a copy, how a return looks."""

from datetime import date
from functools import partial
from uuid import uuid4

import streamlit as st

from lib.catalogue.models import Condition
from lib.desk.counter import DeskCopy
from lib.ui.desk_outcome import Mode, Outcome, Question
from lib.ui.desk_state import Desk
from lib.ui.desk_words import reasons_html
from lib.ui.reason_facts import why_popover
from lib.ui.scan_box import Answer
from lib.ui.ways_out import Situation, way_out_buttons
from lib.ui.words import plain, weekday

LOOKS = {Condition.WORN: "Worn", Condition.DAMAGED: "Damaged"}


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
    if desk.asks is Question.REASON:
        return "Why lend it anyway?", "A reason for the audit trail, then Enter. Enter alone cancels."
    if desk.asks is Question.NOTE:
        return (
            f"What is {LOOKS[desk.condition or Condition.WORN].lower()}?",
            "A note, then Enter. Enter alone: no note.",
        )
    if desk.till is not None:
        return "Money", "Alt+5 takes it in cash. Another amount: type it, then Enter. Enter alone: not now."
    if desk.mode is Mode.LEND:
        return "Scan or type", "Card, copy, ISBN, title or name, then Enter"
    look = f", the next copy is {LOOKS[desk.condition].lower()}" if desk.condition else ""
    when = f", in the book drop since {weekday(desk.dropped_on)}" if desk.dropped_on else ""
    return f"Taking back{look}{when}", "Scan the copies that come back"


def answer(desk: Desk) -> Answer | None:
    """What is said under the input about the last scan or key."""
    if (outcome := desk.outcome) is None:
        return None
    html = outcome.html or (reasons_html(outcome.reasons) if outcome.reasons else "")
    return Answer(html, "ask" if outcome.choices else "good" if outcome.good else "bad") if html else None


def what_to_do_next(desk: Desk) -> None:
    """The choices and offers that follow from the last outcome, each with its key."""
    outcome = desk.outcome
    if outcome is None:
        return
    for number, choice in enumerate(outcome.choices, 1):
        st.button(
            f"**{number}** {plain(choice.name)}" + (f" · {plain(choice.more)}" if choice.more else ""),
            key=f"choice-{number}", on_click=desk.choose, args=(choice, uuid4().hex), width="stretch",
        )  # fmt: skip
    for number, (label, address) in enumerate(outcome.papers):
        st.link_button(label, address, icon=":material/print:", width="stretch", shortcut=None if number else "Alt+S")
    if outcome.lend_now and outcome.copy is not None and desk.member_id is not None:
        st.button(
            f"Lend {plain(outcome.copy.title)} now", key="lend-now", on_click=desk.lend,
            args=(outcome.copy, uuid4().hex), shortcut="Alt+L", width="stretch",
        )  # fmt: skip
        return
    if outcome.reasons:
        _ways(desk, outcome)
    elif outcome.copy is not None and not outcome.good:
        _about(desk, outcome.copy)
    if outcome.can_override and desk.member_id is not None and desk.asks is None:
        st.button("Lend anyway", on_click=desk.ask, args=(Question.REASON,), shortcut="Alt+O", width="stretch",
                  help="A written reason is asked for and kept in the audit trail.")  # fmt: skip


def _ways(desk: Desk, outcome: Outcome) -> None:
    """What would help against the reasons, and the facts behind them."""
    copy = outcome.copy
    instead = {"pay": desk.open_till, "return": desk.offer_returns}
    if copy is not None:
        instead["return-first"] = partial(desk.take_back, copy, uuid4().hex, then_lend=True)
    here = Situation(desk.member_id, title_id=outcome.title_id or (copy.title_id if copy else None))
    way_out_buttons(outcome.reasons, here, place="desk", run=desk.run, instead=instead, keys=True)
    why_popover(outcome.reasons, "why-desk")


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


def how_it_looks(desk: Desk) -> None:
    """The inspection of the next copy that is taken back, and the day of the book drop."""
    st.subheader("The next copy is", anchor=False)
    with st.container(horizontal=True):
        for key, (condition, word) in enumerate(LOOKS.items(), 3):
            chosen = desk.condition is condition
            st.button(
                word, key=f"look-{word}", on_click=desk.look, args=(None if chosen else condition,),
                shortcut=f"Alt+{key}", icon=":material/check:" if chosen else None,
                help="Damaged copies go to repair, not to the shelf." if condition is Condition.DAMAGED else None,
            )  # fmt: skip
    if desk.note:
        st.write(f"Note: {plain(desk.note)}")
    if desk.condition is not None:
        field = f"damage-{desk.turns}-{desk.condition}"
        st.text_input("Charge them for it", key=field, on_change=_charged, args=(desk, field), placeholder="Nothing",
                      help="An amount like 4.50, charged to whoever brings the next copy back.")  # fmt: skip


def _charged(desk: Desk, key: str) -> None:
    desk.price_damage(str(st.session_state.get(key) or ""))


def book_drop(desk: Desk, today: date) -> None:
    """The day on which what is scanned now lay in the book drop, so that nobody pays for the library's own delay."""
    key = f"drop-{desk.turns}"
    st.date_input(
        "From the book drop of", desk.dropped_on, max_value=today, key=key, format="DD/MM/YYYY",
        on_change=_dropped, args=(desk, key, today),
        help="Fines are counted to this day for every copy scanned until you change it. Empty: they came back today.",
    )  # fmt: skip


def _dropped(desk: Desk, key: str, today: date) -> None:
    chosen = st.session_state.get(key)
    desk.dropped_on = chosen if isinstance(chosen, date) and chosen < today else None
