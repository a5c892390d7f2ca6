"""What an empty library shows: to staff the ways in, to everybody else a friendly word."""

import streamlit as st

from lib.access.actor import Actor
from lib.access.permissions import Permission
from lib.ui.navigation import link


def show_first_steps(actor: Actor) -> None:
    """The first run: import a file, or add the first title."""
    st.header("The shelves are still empty", anchor=False)
    if not actor.may(Permission.EDIT_CATALOGUE):
        st.write("The first titles are on their way. Come back soon.")
        return
    st.write("Fill them from a file of titles, or begin with a single one. Both take a minute.")
    with st.container(horizontal=True):
        if actor.may(Permission.IMPORT):
            link("imports", "Import a file", icon=":material/upload_file:")
        link("edit-title", "Add the first title", icon=":material/add:")
    st.write("Only looking around? This command fills a library of its own with titles, members and years of loans:")
    st.code("python3 manage.py demo", language=None)
