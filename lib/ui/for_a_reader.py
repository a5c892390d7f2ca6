"""A title as staff hand it out: the reader is found by card or name; then a hold for them, or on to the desk."""

from uuid import uuid4

import streamlit as st

from lib.circulation.holds import consider_hold, place_hold
from lib.desk.counter import read_scan
from lib.ui.desk_choices import place_in_queue
from lib.ui.doorway import reading
from lib.ui.hold_words import held_words
from lib.ui.navigation import link
from lib.ui.reason_list import show_reasons
from lib.ui.ways_out import Situation, do_and_say, way_out_buttons
from lib.ui.words import plain


def for_a_reader(title_id: int) -> None:
    """Asks for whom, and offers what can be done for them."""
    with st.expander("For a reader", icon=":material/badge:"):
        asked = st.text_input("Card, name or e-mail of the reader", key=f"reader-{title_id}", max_chars=200)
        if not asked.strip():
            return
        with reading() as uow:
            scan = read_scan(uow, asked)
        people = {person.id: f"{person.name} · {person.card_number}" for person in scan.people}
        if not people:
            st.write("No reader is called that.")
            return
        if len(people) > 1:
            _offer(title_id, st.selectbox("Which reader", list(people), format_func=people.__getitem__))
        else:
            st.write(plain(*people.values()))
            _offer(title_id, *people)


def _offer(title_id: int, member_id: int) -> None:
    with reading() as uow:
        decision = consider_hold(uow, title_id=title_id, member_id=member_id)
        place = place_in_queue(uow, title_id, member_id) if decision.may else ""
    if decision.may:
        st.write(place)
        st.button("Place a hold for them", key=f"hold-for-{member_id}", on_click=_place,
                  args=(title_id, member_id, uuid4().hex), icon=":material/bookmark_add:")  # fmt: skip
    else:
        show_reasons(decision.against, "No hold can be placed")
        way_out_buttons(decision.against, Situation(member_id, title_id=title_id), place="for-reader")
    link("desk", "Lend it at the desk", icon=":material/barcode_scanner:", member=member_id)


def _place(title_id: int, member_id: int, key: str) -> None:
    do_and_say(lambda uow: held_words(place_hold(uow, title_id=title_id, member_id=member_id, key=key)))
