"""My reservations: what lies ready for me, what I wait for and how long, and what became of the others."""

import streamlit as st

from lib.access.permissions import Permission
from lib.circulation.acts import CANCEL_HOLD
from lib.circulation.hold_models import HoldState
from lib.circulation.hold_queries import holds_of, past_holds_of
from lib.desk.own_acts import own_acts
from lib.ui.doorway import enter, reading
from lib.ui.hold_buttons import hold_buttons, undo_buttons
from lib.ui.hold_list import hold_html, past_html
from lib.ui.linked import show_linked
from lib.ui.navigation import link
from lib.ui.search_address import id_of
from lib.ui.words import count

visitor = enter(Permission.USE_ACCOUNT)
me = visitor.actor.account_id or 0
number = id_of(st.query_params.get("page", "")) or 1
st.title("My reservations", anchor=False)
with reading() as uow:
    today, holds, past = uow.today, holds_of(uow, me), past_holds_of(uow, me, page=number, size=20)
    undoable = [act for act in own_acts(uow) if act.kind == CANCEL_HOLD]
undo_buttons(undoable)
waiting = sum(1 for hold in holds if hold.state is HoldState.WAITING)
if not holds:
    st.write("You wait for nothing. When a title is out, its page lets you reserve it.")
    link("catalogue", "Find something to read", icon=":material/search:")
for state, heading in (
    (HoldState.READY, "Ready to fetch"),
    (HoldState.WAITING, f"You wait for {count(waiting, 'title', 'titles')}"),
):
    shown = [hold for hold in holds if hold.state is state]
    if shown:
        st.header(heading, anchor=False)
    for hold in shown:
        with st.container(border=True, key=f"hold-{hold.id}"):
            show_linked(hold_html(hold), f"hold-words-{hold.id}")
            hold_buttons(hold, today)
if past.rows:
    st.header("Ended", anchor=False)
    show_linked(past_html(past), "past")
