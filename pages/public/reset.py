"""Choose a new password with a mailed link."""

import streamlit as st

from lib.accounts.recovery import reset_password
from lib.ui.doorway import enter, installation, showing_refusals
from lib.ui.navigation import link
from lib.ui.sign_in_views import PASSWORD_ADVICE

DONE = "reset.done"

enter()
with st.container(width=520):
    token = st.query_params.get("token", "")
    st.title("Choose a new password")
    if DONE in st.session_state:
        st.success("Your password is changed, and every device is signed out.", icon=":material/check_circle:")
        link("sign-in", "Sign in with the new password", icon=":material/login:")
    elif not token:
        st.write("Open the link in the mail that we sent you. It is good for one hour and works once.")
        link("forgot", "Send me a link", icon=":material/lock_reset:")
    else:
        with st.form("reset", border=False):
            new = st.text_input("New password", type="password", autocomplete="new-password", help=PASSWORD_ADVICE)
            again = st.text_input("New password again", type="password", autocomplete="new-password")
            pressed = st.form_submit_button("Change the password", type="primary", width="stretch")
        if pressed and new != again:
            st.error("The two passwords differ.", icon=":material/error:")
        elif pressed:
            with showing_refusals():
                reset_password(installation(), token, new)
                st.session_state[DONE] = True
                st.rerun()
        link("forgot", "Send me a new link", icon=":material/lock_reset:")
