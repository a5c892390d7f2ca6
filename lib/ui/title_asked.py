"""The title that the page's address asks for."""

import streamlit as st

from lib.catalogue.queries import TitleDetail, title
from lib.kit.errors import NotFound
from lib.ui.doorway import reading
from lib.ui.navigation import link
from lib.ui.search_address import id_of


def title_asked() -> TitleDetail:
    """Reads it; where there is none, says so in a friendly way and ends the run."""
    try:
        with reading() as uow:
            found = title(uow, id_of(st.query_params.get("id", "")) or 0)
    except NotFound:
        st.title("This title is not here", anchor=False)
        st.write("Perhaps it has left the library, or the address is not complete.")
        link("catalogue", "Search the catalogue", icon=":material/search:")
        st.stop()
    return found
