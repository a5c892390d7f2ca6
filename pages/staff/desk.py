"""The desk: one input for scanner and keyboard, and everything that follows from a scan."""

import streamlit as st

from lib.access.permissions import Permission
from lib.circulation.desk import member_at_desk
from lib.circulation.undo import desk_acts
from lib.ui.desk_panels import (
    how_it_looks,
    last_acts,
    mode_keys,
    what_they_hold,
    what_to_do_next,
    what_was_done,
    who_is_here,
)
from lib.ui.desk_state import Mode, the_desk
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.scan_box import scan_box

me = enter(Permission.CIRCULATE)
desk = the_desk()
if (asked := st.query_params.get("member", "")).isdigit() and desk.member_id != int(asked):
    desk.call(int(asked))
    del st.query_params["member"]
head, keys = st.columns([3, 2], vertical_alignment="bottom")
head.title("Desk")
with keys:
    mode_keys(desk)
lending = desk.mode is Mode.LEND
hint = "Card, copy, ISBN or name, then Enter" if lending else "Scan the copies that come back"
scan_box("Scan or type" if lending else "Taking back", hint, desk.scan)
with showing_refusals():
    with reading() as uow:
        today = uow.today
        member = member_at_desk(uow, desk.member_id) if desk.member_id is not None else None
        acts = desk_acts(uow, limit=10, actor_id=me.actor.account_id)
    left, middle, right = st.columns([1.2, 2.1, 1.5], gap="medium")
    with left:
        who_is_here(desk, member)
    with middle:
        what_was_done(desk.outcome)
        if member is not None:
            what_they_hold(desk, member, today)
    with right:
        if not lending:
            how_it_looks(desk)
        what_to_do_next(desk)
        last_acts(desk, acts)
