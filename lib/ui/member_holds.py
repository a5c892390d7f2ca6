"""What a member waits for, on their record, and a new hold for them."""

from datetime import date
from uuid import uuid4

import streamlit as st

from lib.circulation.hold_queries import HoldRow
from lib.circulation.holds import consider_hold, place_hold
from lib.desk.counter import read_scan
from lib.ui.desk_choices import place_in_queue
from lib.ui.doorway import reading, showing_refusals
from lib.ui.hold_acts import Acted, hold_acts
from lib.ui.hold_words import held_words, wait_words
from lib.ui.navigation import link
from lib.ui.reason_list import show_reasons
from lib.ui.ways_out import Situation, do_and_say, way_out_buttons
from lib.ui.words import day, plain


def member_holds(account_id: int, holds: tuple[HoldRow, ...], today: date) -> None:
    """Each hold with its place and its acts; then a new one."""
    if not holds:
        st.info("No holds.", icon=":material/bookmark:")
    for hold in holds:
        words, acts = st.columns([3, 2], vertical_alignment="center")
        words.markdown(f"**{plain(hold.title)}**  \n{_where(hold)}")
        with acts, st.container(horizontal=True):
            hold_acts(Acted(hold.id, hold.title, hold.position, hold.queue_length, hold.suspended_until), today)
            link("queue", "Queue", id=hold.title_id)
    _new_hold(account_id)


def _where(hold: HoldRow) -> str:
    if hold.position is None:
        until = f" until {day(hold.shelf_until)}" if hold.shelf_until else ""
        return f":green[**On the hold shelf**{until}] · {plain(hold.copy_barcode)}"
    wait = wait_words(hold.wait)
    paused = f" · paused until {day(hold.suspended_until)}" if hold.suspended_until else ""
    return f"Place {hold.position} of {hold.queue_length}" + (f", {wait}" if wait else "") + paused


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
