"""Terminals: self-check machines and tablets, their secrets, and when they were last seen."""

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.terminals import terminals
from lib.ui.doorway import enter, reading
from lib.ui.terminal_list import new_terminal, shown_secret, terminal_list

enter(Permission.MANAGE_SETTINGS)
st.title("Terminals", anchor=False)
st.write("Machines at which readers serve themselves: self-check machines that speak SIP2, and tablets with the kiosk.")
with reading() as uow:
    rows = terminals(uow)
shown_secret()
terminal_list(rows)
new_terminal()
