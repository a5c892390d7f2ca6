"""What the page's address asks for by its number."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from lib.access.work import UnitOfWork
from lib.kit.errors import NotFound
from lib.ui.doorway import reading
from lib.ui.navigation import link
from lib.ui.search_address import id_of

T = TypeVar("T")


def asked(read: Callable[[UnitOfWork, int], T], thing: str, why: str, way: tuple[str, str]) -> T:
    """What `read` gives for the number in the address; where there is none, says so in a friendly way with a link (the
    page, its words) and ends the run."""
    number = id_of(st.query_params.get("id", "")) or 0
    try:
        with reading() as uow:
            found = read(uow, number)
    except NotFound:
        st.title(f"This {thing} is not here", anchor=False)
        st.write(why)
        link(*way, icon=":material/search:")
        st.stop()
    return found
