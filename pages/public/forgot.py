"""Ask for a link to choose a new password. The answer never tells whether an address is known."""

import streamlit as st

from lib.accounts.recovery import request_password_reset
from lib.kit.config import Mode
from lib.ui.doorway import client_address, enter, installation, showing_refusals
from lib.ui.navigation import link

enter()
with st.container(width=520):
    st.title("Forgotten password")
    st.write("Tell us your e-mail address. If there is an account, we send a link that is good for one hour.")
    with st.form("forgot", border=False):
        email = st.text_input("E-mail", autocomplete="email")
        asked = st.form_submit_button("Send me a link", type="primary", width="stretch")
    if asked:
        with showing_refusals():
            request_password_reset(installation(), email, client_address())
            st.success("If this address has an account, a link is on its way.", icon=":material/mail:")
            if installation().config.mode is Mode.DEMO:
                st.info("In this demo no mail leaves the house: sign in as admin and open the mailbox.")
    link("sign-in", "Back to sign-in", icon=":material/login:")
