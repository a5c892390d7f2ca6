"""The first admin takes the keys, with the one-time link that the library printed when it first started."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.accounts.first_admin import accept_first_admin
from lib.accounts.registration import RegistrationForm
from lib.ui.doorway import enter, showing_refusals, work
from lib.ui.navigation import link
from lib.ui.sign_in_views import Views

FORM, DONE = "Welcome", "welcome.done"
LABELS = {"name": "Name", "email": "E-mail", "username": "User name", "password": "Password"}


def take_the_keys(typed: Mapping[str, str], _more: Mapping[str, Any]) -> bool:
    """Makes the first admin; True when it is done."""
    token = st.query_params.get("token", "")
    with showing_refusals(**LABELS):
        with work() as uow:
            accept_first_admin(uow, token, RegistrationForm(**typed, consent=True))
        st.session_state[DONE] = True
        return True
    return False


visitor = enter()
with st.container(width=640):
    if DONE in st.session_state:
        st.title("The library is yours")
        st.write("Sign in, and the overview shows what to do first: name the library, then bring in its books.")
        link("sign-in", "Sign in", icon=":material/login:", next="/overview")
    elif not st.query_params.get("token"):
        st.title(f"Welcome to {visitor.library.name}")
        st.write("The set-up link stands in the library's log. It makes the first admin, once.")
        link("", "To the home page", icon=":material/home:")
    else:
        st.title("Welcome. Who runs this library?")
        st.write("You become its first admin: you appoint librarians, set the rules and see how it goes.")
        if Views().join(FORM, take_the_keys):
            st.rerun()
