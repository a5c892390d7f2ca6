"""The desk: one input for scanner and keyboard, and everything that follows from a scan."""

from datetime import timedelta

import streamlit as st

from lib.access.permissions import Permission
from lib.circulation.closure_entries import calendar_of
from lib.circulation.settings import CirculationSettings
from lib.desk.counter import member_at_desk
from lib.desk.undo import desk_acts
from lib.ui.desk_inbox import what_waits
from lib.ui.desk_offers import answer, book_drop, how_it_looks, mode_keys, what_to_do_next, wording
from lib.ui.desk_outcome import Mode
from lib.ui.desk_panels import last_acts, nobody_here, what_they_hold, who_is_here
from lib.ui.desk_state import the_desk
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.scan_box import scan_box

me = enter(Permission.CIRCULATE)
desk = the_desk()
asked = st.query_params.get("member", "")
if asked.isascii() and asked.isdigit() and len(asked) < 19:
    if desk.member_id != int(asked):
        desk.call(int(asked))
    del st.query_params["member"]
member = None
if desk.member_id is not None:
    with showing_refusals(), reading() as uow:
        member = member_at_desk(uow, desk.member_id)
with showing_refusals():
    with reading() as uow:
        today = uow.today
        acts = desk_acts(uow, limit=10, actor_id=me.actor.account_id)
        slips = uow.settings(CirculationSettings).loan_slips
        last_open = calendar_of(uow).previous_open(today - timedelta(days=1))
    taking_back = desk.mode is Mode.TAKE_BACK
    head, keys = st.columns([2, 3], vertical_alignment="bottom")
    head.title("Desk", anchor=False)
    with keys:
        mode_keys(desk)
    scan_box(*wording(desk), desk.scan, answer(desk))
    left, right = st.columns([1.75, 1], gap="medium")
    with right:
        what_to_do_next(desk, member if slips else None)
        if taking_back:
            how_it_looks(desk)
            book_drop(desk, last_open)
        if member is not None or not taking_back:
            last_acts(desk, acts, today)
    with left, showing_refusals():
        if member is None:
            nobody_here(taking_back)
            what_waits()
            if taking_back:
                last_acts(desk, acts, today)
        else:
            who_is_here(desk, member)
            what_they_hold(desk, member, today)
