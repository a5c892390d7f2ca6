"""Saying that a copy is not where a list says it stands."""

from collections.abc import Mapping
from uuid import uuid4

import streamlit as st

from lib.access.work import UnitOfWork
from lib.circulation.not_there import not_there
from lib.ui.done_note import do


def missed(page: str, barcode: str, key: str) -> None:
    """Notes it, and what becomes of whoever the copy was kept for."""

    def act(uow: UnitOfWork) -> tuple[str, int]:
        done = not_there(uow, barcode=barcode, key=key)
        waits = " Its reader waits again, first in the queue, and is told." if done.hold_id else ""
        return f"“{done.title}”, copy {done.barcode}, counts as lost until somebody scans it.{waits}", done.act_id

    do(page, act)


def one_of_these(page: str, copies: Mapping[str, str]) -> None:
    """Chooses the copy that was not found, by barcode and how the list calls it."""
    with st.popover("Something is not there", icon=":material/search_off:"):
        chosen = st.selectbox("Which copy", list(copies), format_func=copies.__getitem__, key=f"missed-{page}")
        st.write("It leaves the list and counts as lost until somebody scans it. This can be undone.")
        st.button("It is not there", key=f"miss-{page}", on_click=missed, args=(page, chosen or "", uuid4().hex))
