"""Coming and going: a one-time ticket is exchanged for the cookie by the browser, and given back at sign-out.

Python never sees the cookie: the component posts the ticket to /auth/session, the answer sets it HttpOnly,
and the page loads anew, so that the new WebSocket's handshake carries it.
"""

from pathlib import Path

import streamlit as st

from lib.access.actor import Actor
from lib.accounts.sessions import sign_out
from lib.ui import doorway
from lib.ui.navigation import local_path
from lib.ui.sign_in_views import Views
from lib.ui.words import plain

_TICKET = "tome.ticket"
_NEXT = "tome.next"
_LEAVING = "tome.leaving"
_OWNER = "tome.owner"

_exchange = st.components.v2.component(
    "tome_exchange",
    html='<p role="status"></p>',
    js=(Path(__file__).parent / "assets" / "exchange.js").read_text("utf-8"),
)


def hand_over(ticket: str, next_path: str | None) -> None:
    """Has the browser exchange this ticket in the present run, then go to `next_path` within this library."""
    st.session_state[_TICKET] = ticket
    st.session_state[_NEXT] = local_path(next_path)


def leave() -> None:
    """Ends the present session and has the browser drop its cookie."""
    session = doorway.session_id()
    if session is not None:
        sign_out(doorway.installation(), session)
    st.session_state[_LEAVING] = True


def mind_the_door() -> bool:
    """Draws the exchange where one is due; then no page should run. True if it did."""
    ticket = st.session_state.pop(_TICKET, None)
    if ticket is not None:
        _exchange(key="tome_in", data={"ticket": ticket, "next": st.session_state.pop(_NEXT, "/")})
        return True
    if st.session_state.pop(_LEAVING, None):
        _exchange(key="tome_out", data={"next": "/"})
        return True
    return False


def draw_leave(visitor: doorway.Visitor) -> None:
    """Who is signed in, and the way out, at the foot of the menu."""
    if visitor.me is None:
        return
    st.sidebar.caption(f"Signed in as {plain(visitor.me.name)}")
    Views().sign_out_button(leave)


def forget_strangers(actor: Actor) -> None:
    """Empties the screen's memory when another session (or nobody) looks at what somebody left behind."""
    state = st.session_state
    if _OWNER in state and state[_OWNER] != actor.session_id:
        for key in [str(name) for name in state if not str(name).startswith("tome.")]:
            del state[key]
    state[_OWNER] = actor.session_id
