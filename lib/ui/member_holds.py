"""What a member waits for, on their record: place a hold for them, pause it, move it in its queue, cancel it."""

from datetime import date, timedelta
from uuid import uuid4

import streamlit as st

from lib.access.work import UnitOfWork
from lib.circulation.hold_queries import HoldRow
from lib.circulation.holds import cancel_hold, consider_hold, move_hold, place_hold, resume_hold, suspend_hold
from lib.desk.counter import read_scan
from lib.ui.desk_choices import place_in_queue
from lib.ui.doorway import reading, showing_refusals
from lib.ui.hold_words import held_words, wait_words
from lib.ui.reason_list import show_reasons
from lib.ui.ways_out import Situation, do_and_say, way_out_buttons
from lib.ui.words import day, plain

PAUSE = timedelta(days=14)


def member_holds(account_id: int, holds: tuple[HoldRow, ...], today: date) -> None:
    """Each hold with its place and its acts; then a new one."""
    if not holds:
        st.info("No holds.", icon=":material/bookmark:")
    for hold in holds:
        words, acts = st.columns([3, 2], vertical_alignment="center")
        words.markdown(f"**{plain(hold.title)}**  \n{_where(hold)}")
        with acts, st.container(horizontal=True):
            _acts(hold, today)
    _new_hold(account_id)


def _where(hold: HoldRow) -> str:
    if hold.position is None:
        until = f" until {day(hold.shelf_until)}" if hold.shelf_until else ""
        return f":green[**On the hold shelf**{until}] · {plain(hold.copy_barcode)}"
    wait = wait_words(hold.wait)
    paused = f" · paused until {day(hold.suspended_until)}" if hold.suspended_until else ""
    return f"Place {hold.position} of {hold.queue_length}" + (f", {wait}" if wait else "") + paused


def _acts(hold: HoldRow, today: date) -> None:
    if hold.position is None:
        st.link_button("Print slip", f"/files/hold-slip/{hold.id}", icon=":material/print:")
    elif hold.suspended_until:
        st.button("Resume", key=f"resume-{hold.id}", on_click=_resume, args=(hold,))
    else:
        with st.popover("Pause", key=f"pause-{hold.id}"):
            key = f"pause-until-{hold.id}"
            st.date_input("Up to and including", today + PAUSE, min_value=today, key=key, format="DD/MM/YYYY")
            st.button("Pause it", key=f"pause-it-{hold.id}", on_click=_pause, args=(hold, key))
    if hold.position is not None:
        with st.popover("Move", key=f"move-{hold.id}"):
            place = f"place-{hold.id}"
            st.number_input("New place", 1, max(hold.queue_length, 1), 1, key=place)
            st.text_input("Reason", key=f"move-why-{hold.id}", max_chars=500)
            st.button("Move it", key=f"move-it-{hold.id}", on_click=_move, args=(hold, place, f"move-why-{hold.id}"))
    with st.popover("Cancel", key=f"cancel-{hold.id}"):
        st.write("The reader is told, with the reason.")
        st.text_input("Reason", key=f"cancel-why-{hold.id}", max_chars=500)
        st.button(
            "Cancel the hold", key=f"cancel-it-{hold.id}", on_click=_cancel,
            args=(hold, f"cancel-why-{hold.id}", uuid4().hex),
        )  # fmt: skip


def _resume(hold: HoldRow) -> None:
    def act(uow: UnitOfWork) -> str:
        resume_hold(uow, hold.id)
        return f"“{hold.title}” waits again, at the place it kept."

    do_and_say(act)


def _pause(hold: HoldRow, field: str) -> None:
    until = st.session_state[field]

    def act(uow: UnitOfWork) -> str:
        suspend_hold(uow, hold.id, until)
        return f"“{hold.title}” is paused until {day(until)}. It keeps its place."

    do_and_say(act)


def _move(hold: HoldRow, field: str, why: str) -> None:
    wanted, reason = int(st.session_state[field]), str(st.session_state[why])
    do_and_say(lambda uow: f"“{hold.title}”: place {move_hold(uow, hold.id, wanted, reason)} now.")


def _cancel(hold: HoldRow, field: str, key: str) -> None:
    reason = str(st.session_state[field])

    def act(uow: UnitOfWork) -> str:
        done = cancel_hold(uow, hold.id, reason=reason, key=key)
        if done.offer is not None:
            return f"The hold is cancelled. The copy on the shelf is {done.offer.name}’s now: print a new slip."
        freed = " Take the copy off the hold shelf." if done.freed_copy_id else ""
        return f"The hold on “{done.title}” is cancelled.{freed}"

    do_and_say(act)


def _new_hold(account_id: int) -> None:
    st.subheader("A new hold", anchor=False)
    asked = st.text_input("Title, ISBN or barcode", key="hold-search", max_chars=200)
    if not asked.strip():
        return
    with showing_refusals():
        with reading() as uow:
            scan = read_scan(uow, asked)
        found = {card.id: card.title for card in scan.titles}
        if scan.copy is not None:
            found = {scan.copy.title_id: scan.copy.title}
        if not found:
            st.write("The library has no such title.")
            return
        chosen = st.selectbox("Which one", list(found), format_func=found.__getitem__, key="hold-title")
        if chosen is not None:
            _offer(account_id, chosen)


def _offer(account_id: int, title_id: int) -> None:
    with reading() as uow:
        decision = consider_hold(uow, title_id=title_id, member_id=account_id)
        place = place_in_queue(uow, title_id, account_id) if decision.may else ""
    if not decision.may:
        show_reasons(decision.against, "No hold can be placed")
        way_out_buttons(decision.against, Situation(account_id, title_id=title_id), place="new-hold")
        return
    st.write(place)
    st.button("Place the hold", key="place-hold", on_click=_place, args=(account_id, title_id, uuid4().hex))


def _place(account_id: int, title_id: int, key: str) -> None:
    do_and_say(lambda uow: held_words(place_hold(uow, title_id=title_id, member_id=account_id, key=key)))
