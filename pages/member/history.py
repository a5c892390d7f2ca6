"""My history: what I have read; to keep, to switch off, to erase."""

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.queries import profile
from lib.circulation.history import erase_history, keep_history
from lib.circulation.queries import history_of
from lib.ui.doorway import enter, reading, say, showing_refusals, work
from lib.ui.history_table import history_csv, history_html
from lib.ui.linked import show_linked
from lib.ui.search_address import id_of
from lib.ui.words import count

visitor = enter(Permission.USE_ACCOUNT)
me = visitor.actor.account_id or 0
number = id_of(st.query_params.get("page", "")) or 1


def switch_keeping() -> None:
    """Keeps the history from now on, or no longer."""
    keep = bool(st.session_state.keep)
    with showing_refusals():
        with work() as uow:
            keep_history(uow, keep)
        say("Your history is kept from now on." if keep else "From now on, what you bring back is forgotten.")


def erase() -> None:
    """Forgets every returned loan."""
    with showing_refusals():
        with work() as uow:
            gone = erase_history(uow)
        say(f"Erased: {count(gone, 'title', 'titles')}. The library has forgotten them.")


with reading() as uow:
    past, kept = history_of(uow, me, page=number), profile(uow).keep_history
st.title("History", anchor=False)
st.write("What you have read. Only you see this list." if past.total else "Nothing here: no returned title is kept.")
st.toggle("Keep my history", kept, key="keep", on_change=switch_keeping)
if past.rows:
    show_linked(history_html(past), "past")
    with st.expander("Copy as CSV", icon=":material/content_copy:"):
        st.code(history_csv(past), language=None)
    with st.popover("Erase my history", icon=":material/delete:"):
        st.write("The library will no longer know what you have read. Nobody can bring this back.")
        st.button("Erase it for good", type="primary", on_click=erase)
