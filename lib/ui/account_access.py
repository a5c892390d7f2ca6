"""The account page's part about getting in: password, devices, and keys for programs."""

from datetime import timedelta

import streamlit as st

from lib.access.actor import Actor
from lib.access.permissions import PHRASES, Permission
from lib.accounts.api_keys import create_key, my_keys, revoke_key
from lib.accounts.passwords import change_password
from lib.accounts.pins import clear_pin, has_pin, set_own_pin
from lib.accounts.queries import MemberDetail
from lib.accounts.sessions import SessionRow, end_other_sessions, end_session, my_sessions
from lib.accounts.sign_in import sign_in
from lib.ui.doorway import actor_now, client_address, device, installation, reading, say, showing_refusals, work
from lib.ui.sign_in import hand_over
from lib.ui.sign_in_views import Views
from lib.ui.words import day, plain, when

NEW_KEY = "account.new_key"
LABELS = {"password": "New password"}
LIVES = {"30 days": 30, "A year": 365, "Until I revoke it": None}


def draw_password(mine: MemberDetail) -> None:
    """A new password ends every session; this device is signed in again at once."""

    def change(old: str, new: str) -> bool:
        with showing_refusals(**LABELS):
            change_password(installation(), actor_now(), old=old, new=new)
            again = sign_in(
                installation(), login=mine.email or mine.username or "", password=new, address=client_address(),
                device=device(),
            )  # fmt: skip
            hand_over(again.ticket, "/account")
            say("Your password is changed. Other devices have to sign in again.")
            st.rerun()
        return False

    Views().change_password(change)


def draw_pin(mine: MemberDetail) -> None:
    """A PIN for the library's machines: four to eight digits; it opens nothing else."""
    with reading() as uow:
        there = has_pin(uow, mine.account_id)
    st.write(
        "With your card and a PIN you borrow and return at the library's machines. It opens nothing else. "
        + ("You have a PIN." if there else "You have none yet; your password works there too.")
    )
    with st.form("pin", border=False, clear_on_submit=True):
        pin = st.text_input("New PIN", type="password", max_chars=8, help="Four to eight digits.", autocomplete="off")
        password = st.text_input("Your password", type="password", autocomplete="current-password", key="pin.password")
        pressed = st.form_submit_button("Change the PIN" if there else "Set the PIN")
    if pressed:
        with showing_refusals(pin="New PIN"):
            set_own_pin(installation(), actor_now(), password=password, pin=pin)
            say("Your PIN is set.")
            st.rerun()
    if there and st.button("Remove the PIN"):
        with showing_refusals():
            with work() as uow:
                clear_pin(uow, mine.account_id)
            say("Your PIN is removed.")
            st.rerun()


def draw_devices() -> None:
    """Where one is signed in, to be ended one by one or all others at once."""
    with reading() as uow:
        rows = my_sessions(uow)
    for row in rows:
        _draw_device(row)
    if len(rows) > 1 and st.button("Sign out everywhere else"):
        with showing_refusals():
            with work() as uow:
                end_other_sessions(uow)
            say("Every other device is signed out.")
            st.rerun()


def _draw_device(row: SessionRow) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        here = " · **this device**" if row.mine else ""
        st.markdown(f"{plain(browser_name(row.device))}{here}  \n:small[Last used {plain(when(row.last_seen_at))}]")
        if not row.mine and st.button("Sign out", key=f"end.{row.id}", help=f"Signed in {when(row.created_at)}"):
            with showing_refusals():
                with work() as uow:
                    end_session(uow, row.id)
                say("That device is signed out.")
                st.rerun()


def browser_name(agent: str) -> str:
    """A browser's own long name as people say it: "Firefox on Windows"."""
    browsers = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
    systems = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "Mac",
               "Linux": "Linux"}  # fmt: skip
    browser = next((name for mark, name in browsers.items() if mark in agent), "")
    system = next((name for mark, name in systems.items() if mark in agent), "")
    return f"{browser} on {system}" if browser and system else (browser or system or "Another program")


def draw_keys(actor: Actor) -> None:
    """Keys for programs: the secret is shown once."""
    if secret := st.session_state.pop(NEW_KEY, None):
        st.success("Copy the key now. It is shown this once.", icon=":material/key:")
        st.code(secret, language=None)
    with reading() as uow:
        now, keys = uow.now, my_keys(uow)
    for key in keys:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            ends = f"ends {day(key.expires_at.date())}" if key.expires_at else "no end"
            st.markdown(
                f"**{plain(key.name)}** · …{plain(key.hint)} · {ends}  \n:small[{plain(', '.join(key.scopes))}]"
            )
            if st.button("Revoke", key=f"revoke.{key.id}"):
                with showing_refusals():
                    with work() as uow:
                        revoke_key(uow, key.id)
                    say("The key is revoked.")
                    st.rerun()
    with st.form("key", border=False, clear_on_submit=False):
        name = st.text_input("What the key is for", placeholder="Website")
        mine = [permission for permission in Permission if actor.may(permission)]
        scopes = st.multiselect("What it may do", mine, [Permission.SEARCH], format_func=lambda found: PHRASES[found])
        life = st.selectbox("How long", list(LIVES))
        pressed = st.form_submit_button("Make a key")
    if pressed:
        days = LIVES[life]
        with showing_refusals(name="Name", scopes="What it may do"):
            with work() as uow:
                _, made = create_key(uow, name, scopes, now + timedelta(days=days) if days else None)
            st.session_state[NEW_KEY] = made
            st.rerun()
