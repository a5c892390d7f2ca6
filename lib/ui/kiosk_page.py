"""What the kiosk page shows: to a terminal's device the self-service, to everybody else how to make it one."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.settings import AccountSettings
from lib.accounts.terminals import open_kiosk
from lib.desk.self_check import PatronSummary, patron_summary
from lib.desk.self_returns import returns_here
from lib.ui.doorway import Visitor, client_address, device, installation, reading, showing_refusals
from lib.ui.kiosk_box import KioskView, kiosk_box
from lib.ui.kiosk_state import Kiosk, the_kiosk, visiting
from lib.ui.kiosk_words import facts_html
from lib.ui.navigation import link
from lib.ui.sign_in import hand_over

_ALONE = Path(__file__).parent / "assets" / "kiosk_alone.css"  # no menu to be seen, nor to be reached by keys


def draw_kiosk(visitor: Visitor) -> None:
    """The page."""
    if not visitor.actor.may(Permission.SELF_CHECK):
        _draw_set_up(visitor)
        return
    st.html(_ALONE)
    st.title(visitor.library.name, anchor=False, text_alignment="center")
    kiosk = the_kiosk()
    with showing_refusals():
        with reading() as uow:
            visit = visiting(uow, kiosk)
            found = patron_summary(uow, visit.account_id) if visit else None
            idle, how = uow.settings(AccountSettings).kiosk_idle_seconds, returns_here(uow)
        kiosk_box(replace(_view(kiosk, found, idle), returns=how.value), kiosk.take)


def _view(kiosk: Kiosk, found: PatronSummary | None, idle: int) -> KioskView:
    if found is None:
        return KioskView(
            step=kiosk.step, answer=kiosk.answer, answered=kiosk.answered, idle=idle, parting=kiosk.parting
        )  # fmt: skip
    return KioskView(
        step="visit", answer=kiosk.answer, answered=kiosk.answered, idle=idle, who=found.name,
        facts=facts_html(found), done=tuple(kiosk.done), choices=tuple(kiosk.choices), renewable=bool(found.loans),
        lends=not found.blocks,
    )  # fmt: skip


def _draw_set_up(visitor: Visitor) -> None:
    with st.container(width=520):
        st.title("Set up a self-service tablet")
        if visitor.signed_in:
            st.write("You are signed in on this device. Sign out first: a kiosk belongs to nobody.")
            return
        st.write("An admin makes a login and a secret under Terminals. They are typed in once; this device remembers.")
        with st.form("kiosk", border=False):
            login = st.text_input("Login of the terminal", max_chars=64, autocomplete="off")
            secret = st.text_input("Its secret", max_chars=64, autocomplete="off")
            pressed = st.form_submit_button("Make this device a kiosk", type="primary")
        if pressed:
            with showing_refusals():
                ticket = open_kiosk(
                    installation(), login=login, secret=secret, address=client_address(), device=device()
                )
                hand_over(ticket, "/kiosk")
                st.rerun()
        link("", "Back to the home page", icon=":material/home:")
