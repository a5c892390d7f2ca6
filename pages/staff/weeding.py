"""Weeding: copies nobody borrowed for years, or that are worn; chosen, and withdrawn in one step."""

import streamlit as st

from lib.access.permissions import Permission
from lib.circulation.weeding import COUNTED, weeding_list
from lib.ui.done_note import show_done
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.weeding_list import PAGE, asked_for, weeding_table, what_stayed, withdraw_chosen
from lib.ui.words import count, number

enter(Permission.EDIT_CATALOGUE)
st.title("Weeding", anchor=False)
st.write("Copies on the shelf that nobody borrowed for years. What is new, or waited for, is left out.")
show_done(PAGE)
what_stayed()
with showing_refusals():
    asked = asked_for()
    page = int(st.session_state.get("page", 1))
    with reading() as uow:
        found = weeding_list(
            uow, years=asked.years, worn=asked.worn, location=asked.location, section_id=asked.section_id, page=page
        )
    if not found.rows:
        st.success("No copy is that long unread. Try fewer years.", icon=":material/check_circle:")
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.write(
                f"More than {number(COUNTED)} copies." if found.total >= COUNTED
                else f"{count(found.total, 'copy', 'copies')}. Choose those that shall go."
            )  # fmt: skip
            st.link_button("The whole list (CSV)", asked.file, icon=":material/download:")
        chosen = weeding_table(found.rows)
        if chosen:
            withdraw_chosen(chosen)
    if found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")
