"""Archive, restore or delete a title, and the way to its public page."""

from collections.abc import Callable

import streamlit as st

from lib.access.work import UnitOfWork
from lib.catalogue.rows import TitleDetail
from lib.circulation.withdrawal import archive_title, delete_title, restore_title
from lib.ui.doorway import say, showing_refusals, work
from lib.ui.navigation import go, link
from lib.ui.words import plain


def title_fate(detail: TitleDetail) -> None:
    """A row of acts about the title as a whole."""
    with st.container(horizontal=True, vertical_alignment="center"):
        link("title", "As readers see it", icon=":material/visibility:", id=detail.id)
        link("queue", "Who waits, who has it", icon=":material/group:", id=detail.id)
        if detail.archived_at:
            st.badge("Archived", color="orange")
            if st.button("Put it back into the catalogue"):
                _do(lambda uow: restore_title(uow, detail.id), "The title is back in the catalogue.", None)
            return
        with st.popover("Archive"):
            st.write(f"“{plain(detail.title)}” leaves the catalogue; its loans and copies stay on record.")
            if st.button("Archive the title"):
                _do(lambda uow: archive_title(uow, detail.id), "The title is archived.", None)
        with st.popover("Delete", help="For titles entered by mistake; one with history can only be archived."):
            st.write(f"“{plain(detail.title)}” and its copies will be gone for good.")
            if st.button("Delete the title"):
                _do(lambda uow: delete_title(uow, detail.id), "The title was deleted.", "titles")


def _do(act: Callable[[UnitOfWork], object], done: str, leave_for: str | None) -> None:
    with showing_refusals():
        with work() as uow:
            act(uow)
        say(done)
        if leave_for:
            go(leave_for)
        st.rerun()
