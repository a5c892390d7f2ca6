"""Closing one's own account: what stands against it, what goes with it, and the password once more."""

import streamlit as st

from lib.accounts.passwords import prove_own
from lib.circulation.closing import Closing, close_account, consider_closing
from lib.ui.doorway import actor_now, installation, reading, showing_refusals, work
from lib.ui.reason_list import show_reasons
from lib.ui.sign_in import leave
from lib.ui.ways_out import Situation, way_out_buttons
from lib.ui.words import count


def draw_closing() -> None:
    """Every reason against it with its way out, or the last form of this account."""
    with reading() as uow:
        found = consider_closing(uow)
    if found.reasons:
        show_reasons(found.reasons, "Your account cannot be closed yet.", own=True)
        way_out_buttons(found.reasons, Situation(own=True), place="close")
        return
    st.write(_what_goes(found))
    with st.form("close-account"):
        password = st.text_input(
            "Your password, to be sure", type="password", max_chars=1024, autocomplete="current-password"
        )
        if st.form_submit_button("Close my account for good"):
            _close(password)


def _what_goes(found: Closing) -> str:
    ends = f" {count(found.holds, 'hold ends', 'holds end')} with it." if found.holds else ""
    return (
        "The library forgets your name, your addresses, your card and what you have read. What was paid stays in its "
        f"books without your name.{ends} This cannot be taken back."
    )


def _close(password: str) -> None:
    with showing_refusals():
        prove_own(installation(), actor_now(), password)
        with work() as uow:
            close_account(uow)
        leave()
        st.rerun()
