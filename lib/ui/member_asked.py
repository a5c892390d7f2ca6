"""The member that the page's address asks for."""

import streamlit as st

from lib.accounts.queries import MemberDetail, member
from lib.kit.errors import NotFound
from lib.ui.doorway import reading
from lib.ui.navigation import link
from lib.ui.search_address import id_of


def member_asked() -> MemberDetail:
    """Reads the record; where there is none, says so in a friendly way and ends the run."""
    try:
        with reading() as uow:
            found = member(uow, id_of(st.query_params.get("id", "")) or 0)
    except NotFound:
        st.title("This member is not here", anchor=False)
        st.write("Perhaps the account was closed, or the address is not complete.")
        link("members", "Find a member", icon=":material/search:")
        st.stop()
    return found
