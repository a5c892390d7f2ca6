"""Terminals as an admin sees them: made, given a new secret, revoked."""

import streamlit as st

from lib.accounts.terminals import (
    TerminalKind,
    TerminalRow,
    make_terminal,
    revoke_terminal,
    rotate_secret,
    set_returns,
)
from lib.ui.doorway import actor_now, installation, say, showing_refusals, work
from lib.ui.words import plain, when

_SECRET = "terminals.secret"  # noqa: S105  # where it waits to be shown, once
KINDS = {TerminalKind.KIOSK: "Tablet with the kiosk page", TerminalKind.SIP2: "Self-check machine (SIP2)"}
LABELS = {"login": "Login", "name": "Name"}
BIN = "It has a return bin that recognises each book"
BIN_HELP = "What it takes back is returned at once. Without one, the settings of lending say what becomes of it."


def shown_secret() -> None:
    """A secret that was just made: shown in this run alone."""
    made = st.session_state.pop(_SECRET, None)
    if made is None:
        return
    login, secret, kind = made
    st.success("Copy the secret now. It is shown this once.", icon=":material/key:")
    st.code(f"{login}\n{secret}", language=None)
    if kind is TerminalKind.KIOSK:
        address = f"{installation().config.base_url}/kiosk"
        st.write(f"On the tablet, open {plain(address)} and type both in.")
    else:
        st.write("Type both into the machine's SIP2 settings, as login user and login password.")


def terminal_list(rows: tuple[TerminalRow, ...]) -> None:
    """Those in use, then those of old."""
    live = [row for row in rows if row.revoked_at is None]
    if not live:
        st.info("No terminal yet. Make the first one below.", icon=":material/tablet:")
    for row in live:
        _draw(row)
    gone = [row for row in rows if row.revoked_at is not None]
    if gone:
        with st.expander(f"Revoked ({len(gone)})"):
            for row in gone:
                st.markdown(f"{plain(row.name)} · {plain(row.login)} · revoked {plain(when(row.revoked_at))}"
                            if row.revoked_at else "")  # fmt: skip


def _draw(row: TerminalRow) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        seen = f"last seen {when(row.last_seen_at)}" if row.last_seen_at else "never seen yet"
        st.markdown(
            f"**{plain(row.name)}** · {plain(row.login)}  \n:small[{KINDS[row.kind]} · {plain(seen)}]", width="stretch"
        )
        st.toggle("Return bin", row.takes_returns, key=f"bin.{row.id}", help=BIN_HELP, on_change=_bin, args=(row,))
        with st.popover("New secret"):
            st.write("The old secret ends at once; the machine or tablet must be given the new one.")
            if st.button("Make a new secret", key=f"rotate.{row.id}", type="primary"):
                with showing_refusals():
                    secret = rotate_secret(installation(), actor_now(), row.id)
                    st.session_state[_SECRET] = (row.login, secret, row.kind)
                    st.rerun()
        with st.popover("Revoke"):
            st.write("It can serve nobody any more, for good. What it lent and took back stays as it is.")
            if st.button("Revoke the terminal", key=f"revoke.{row.id}"):
                with showing_refusals():
                    with work() as uow:
                        revoke_terminal(uow, row.id)
                    say(f"{row.name} is revoked.")
                    st.rerun()


def _bin(row: TerminalRow) -> None:
    with showing_refusals():
        with work() as uow:
            set_returns(uow, row.id, not row.takes_returns)
        how = "goes by the settings again" if row.takes_returns else "ends the loan at once"
        say(f"What {row.name} takes back {how}.")


def new_terminal() -> None:
    """A form for a new one."""
    st.subheader("Add a terminal", anchor=False)
    with st.form("new-terminal", border=False):
        kinds, names, logins = st.columns(3)
        kind = kinds.selectbox("Kind", list(KINDS), format_func=lambda value: KINDS[value])
        name = names.text_input("Name", max_chars=120, placeholder="Self-check in the hall")
        login = logins.text_input("Login", max_chars=40, placeholder="hall-1", help="Small letters, digits and dashes.")
        takes_returns = st.checkbox(BIN, help=BIN_HELP)
        pressed = st.form_submit_button("Make the terminal", type="primary")
    if pressed and kind is not None:
        with showing_refusals(**LABELS):
            _, secret = make_terminal(
                installation(), actor_now(), kind=kind, login=login, name=name, takes_returns=takes_returns
            )
            st.session_state[_SECRET] = (login.strip().lower(), secret, kind)
            st.rerun()
