"""What the sign-in page shows and does."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.accounts.sign_in import sign_in
from lib.kit.config import Mode
from lib.ui.doorway import Visitor, client_address, device, installation, showing_refusals
from lib.ui.navigation import landing, link, local_path
from lib.ui.sign_in import hand_over
from lib.ui.sign_in_views import Views, with_more

DEMO_PASSWORD = "galactic tome nexus"  # noqa: S105  # refused in production mode
DEMO_PEOPLE = {
    "Member": "member@demo.example",
    "Librarian": "librarian@demo.example",
    "Admin": "admin@demo.example",
}


def draw_sign_in(visitor: Visitor) -> None:
    """The form, and the ways on for those who cannot use it."""
    if visitor.signed_in:
        st.title("You are signed in")
        st.write("To come in as somebody else, sign out first.")
        link("", "To the home page", icon=":material/home:")
        return
    with st.container(width=520):
        st.title("Sign in")
        st.write(f"Welcome back to {visitor.library.name}.")
        if installation().config.mode is Mode.DEMO:
            _draw_demo_people()
        with_more("Login", _keep_me)
        Views().sign_in(_come_in)
        with st.container(horizontal=True):
            link("forgot", "I forgot my password", icon=":material/lock_reset:")
            link("join", "Become a member", icon=":material/person_add:")


def _keep_me(form: Any) -> Mapping[str, Any]:
    return {"keep": form.checkbox("Keep me signed in on this device", help="For two weeks. Not on shared computers.")}


def _draw_demo_people() -> None:
    """The demo library says who can sign in; pressing a name signs in."""
    st.info(
        "This is a demo library. Everybody's password is **galactic tome nexus**; the member's PIN for self-service "
        "is **4271**.",
        icon=":material/science:",
    )
    with st.container(horizontal=True):
        for role, email in DEMO_PEOPLE.items():
            if st.button(f"Sign in as {role.lower()}", key=f"demo.{role}"):
                _come_in(email, DEMO_PASSWORD, {})


def _come_in(login: str, password: str, more: Mapping[str, Any]) -> bool:
    """Proves the password and has the browser exchange the ticket, in a run of its own."""
    with showing_refusals():
        done = sign_in(
            installation(), login=login, password=password, address=client_address(), device=device(),
            keep=bool(more.get("keep")),
        )  # fmt: skip
        asked = st.query_params.get("next")
        hand_over(done.ticket, local_path(asked) if asked else landing(done.role))
        st.rerun()
    return False
