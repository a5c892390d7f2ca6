"""Become a member: a registration that is confirmed by mail."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.accounts.registration import RegistrationForm, register
from lib.accounts.settings import AccountSettings
from lib.kit.config import Mode
from lib.ui.doorway import client_address, enter, installation, reading, showing_refusals
from lib.ui.navigation import link
from lib.ui.sign_in_views import Views, with_more
from lib.ui.words import plain

FORM, SENT = "Join", "join.sent"
LABELS = {
    "name": "Name", "email": "E-mail", "username": "User name", "password": "Password", "phone": "Telephone",
    "address": "Address", "consent": "Consent",
}  # fmt: skip


def more(form: Any) -> Mapping[str, Any]:
    """What the library asks beyond the name and the password."""
    with form.expander("Telephone and address (only if you like)"):
        phone = st.text_input("Telephone", autocomplete="tel", key="join.phone")
        postal = st.text_area("Address", height=90, key="join.address")
    consent = form.checkbox("I agree that the library keeps these data to lend to me. I can have them erased any time.")
    return {"phone": phone, "address": postal, "consent": consent}


def take_in(typed: Mapping[str, str], extra: Mapping[str, Any]) -> bool:
    """Registers; True when the mail is on its way."""
    with showing_refusals(**LABELS):
        register(installation(), RegistrationForm(**typed, **extra), address=client_address())
        st.session_state[SENT] = typed["email"]
        return True
    return False


visitor = enter()
with reading() as uow:
    rules = uow.settings(AccountSettings)
with st.container(width=640):
    if SENT in st.session_state:
        st.title("One more step")
        st.write(
            f"We sent a link to **{plain(st.session_state[SENT])}**. Open it within an hour to confirm the address."
        )
        if rules.needs_approval:
            st.write("After that a librarian looks at your registration; you get a mail when it is decided.")
        if installation().config.mode is Mode.DEMO:
            st.info(
                "In this demo no mail leaves the house: sign in as admin and open the mailbox.", icon=":material/mail:"
            )
        link("sign-in", "To the sign-in page", icon=":material/login:")
    elif visitor.signed_in or not rules.open_registration:
        st.title("You are a member already" if visitor.signed_in else "Ask for a card at the desk")
        if not visitor.signed_in:
            st.write("This library makes accounts at the desk only. Bring something with your name on it.")
        link("", "Back to the home page", icon=":material/home:")
    else:
        st.title("Become a member")
        st.write(f"With an account of {plain(visitor.library.name)} you borrow, renew and keep track of what you read.")
        with_more(FORM, more)
        if Views().join(FORM, take_in):
            st.rerun()
        link("sign-in", "I have an account already", icon=":material/login:")
