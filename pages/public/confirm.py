"""Where the links in our mails lead that prove an e-mail address. Nothing happens before the button is pressed."""

import streamlit as st

from lib.accounts.errors import LinkInvalid
from lib.accounts.models import AccountStatus
from lib.accounts.recovery import confirm_email_change
from lib.accounts.registration import resend_verification, verify_email
from lib.ui.doorway import client_address, enter, installation, showing_refusals, work
from lib.ui.navigation import link

DONE = "confirm.done"


def confirm(token: str) -> str:
    """Confirms a registration's address, or else a new address; returns what to say."""
    try:
        with work() as uow:
            status = verify_email(uow, token)
    except LinkInvalid:
        with work() as uow:
            confirm_email_change(uow, token)
        return "Your new e-mail address is confirmed. Please use it from now on."
    if status is AccountStatus.PENDING:
        return (
            "Your address is confirmed. A librarian looks at your registration now; you get a mail when it is decided."
        )
    return "Your address is confirmed, and your account is open. Welcome!"


enter()
with st.container(width=640):
    st.title("Confirm your e-mail address")
    token = st.query_params.get("token", "")
    if DONE in st.session_state:
        st.success(st.session_state[DONE], icon=":material/mark_email_read:")
        link("sign-in", "Sign in", icon=":material/login:")
    elif token:
        st.write("Press the button to say that this address is yours.")
        if st.button("Yes, this address is mine", type="primary"):
            with showing_refusals():
                st.session_state[DONE] = confirm(token)
                st.rerun()
    else:
        st.write("Open the link in the mail that we sent you. It is good for one hour.")
    if DONE not in st.session_state:
        with st.expander("The mail did not come, or the link is too old"), st.form("again", border=False):
            email = st.text_input("E-mail", autocomplete="email")
            if st.form_submit_button("Send the link again"):
                with showing_refusals():
                    resend_verification(installation(), email, client_address())
                    st.success("If a registration waits for this address, a new link is on its way.")
