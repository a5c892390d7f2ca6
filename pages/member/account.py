"""My account: my record, getting in, privacy, and keys for programs."""

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.queries import profile
from lib.circulation.history import erase_history, keep_history
from lib.ui.account_access import draw_devices, draw_keys, draw_password, draw_pin
from lib.ui.account_closing import draw_closing
from lib.ui.account_profile import draw_card, draw_email_change, draw_profile
from lib.ui.doorway import enter, reading, say, showing_refusals, work
from lib.ui.navigation import link
from lib.ui.words import count

visitor = enter(Permission.USE_ACCOUNT)
with reading() as uow:
    mine = profile(uow)


@st.dialog("Erase my history")
def ask_to_erase() -> None:
    """Says what goes before it goes."""
    st.write("The library forgets which titles you have returned. What you have at home now stays. "
             "This cannot be taken back.")  # fmt: skip
    if st.button("Erase my history", type="primary"):
        with showing_refusals():
            with work() as uow:
                erased = erase_history(uow)
            say(f"{count(erased, 'loan is', 'loans are')} forgotten.")
            st.rerun()


with st.container(width=720):
    st.title("My account")
    draw_card(mine)
    st.header("About me")
    draw_profile(mine)
    st.header("Getting in")
    with st.expander("Change the password", icon=":material/password:"):
        draw_password(mine)
    with st.expander("Change the e-mail address", icon=":material/mail:"):
        draw_email_change()
    if mine.card_number:
        with st.expander("PIN for the library's machines", icon=":material/pin:"):
            draw_pin(mine)
    with st.expander("Devices that are signed in", icon=":material/devices:"):
        draw_devices()
    st.header("What the library remembers")
    keep = st.toggle("Keep a list of what I have borrowed", mine.keep_history, help="Only you see it.")
    if keep != mine.keep_history:
        with showing_refusals():
            with work() as uow:
                keep_history(uow, keep)
            say("Your history is kept from now on." if keep else "From now on a return is forgotten at once.")
            st.rerun()
    with st.container(horizontal=True):
        link("history", "See my history", icon=":material/history:")
        if st.button("Erase my history", icon=":material/delete:"):
            ask_to_erase()
    with st.expander("Close my account", icon=":material/person_off:"):
        draw_closing()
    st.header("For programs")
    with st.expander("Keys for the API", icon=":material/key:"):
        st.write("A program that holds a key acts as you, within what you allow. The API is described at /api/v1/docs.")
        draw_keys(visitor.actor)
