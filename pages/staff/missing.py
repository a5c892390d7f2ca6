"""Missing: what readers say they returned, what counts as lost soon, lost copies, and who waits in vain."""

import streamlit as st

from lib.access.permissions import Permission
from lib.circulation.claims import claims
from lib.circulation.unserved import unserved_holds
from lib.reports.missing import lost_copies, soon_lost
from lib.ui.done_note import show_done
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.missing_list import PAGE, claim_card, lost_card, soon_table
from lib.ui.unserved_list import unserved_card
from lib.ui.words import count

PARTS = ("To look for", "Soon lost", "Lost", "Waited for in vain")
enter(Permission.CIRCULATE)
st.title("Missing", anchor=False)
show_done(PAGE)
part = st.radio("Which", PARTS, key="part", bind="query-params", label_visibility="collapsed", horizontal=True)
page, pages = int(st.session_state.get("page", 1)), 1
with showing_refusals():
    if part == PARTS[0]:
        with reading() as uow:
            wanted = claims(uow, page=page, size=15)
        pages = wanted.pages
        if wanted.rows:
            st.write(f"Readers say they returned {count(wanted.total, 'copy', 'copies')} still on loan. The fine stands"
                     " still while you look; scanning a copy at the desk settles it too.")  # fmt: skip
            for row in wanted.rows:
                claim_card(row)
        else:
            st.success("There is nothing to look for.", icon=":material/check_circle:")
    elif part == PARTS[1]:
        with reading() as uow:
            soon = soon_lost(uow)
        if soon:
            st.write("Late loans that the library will count as lost unless the copies come back.")
            soon_table(soon)
        else:
            st.success("No late loan is about to count as lost.", icon=":material/check_circle:")
    elif part == PARTS[3]:
        with reading() as uow:
            vain = unserved_holds(uow, page=page, size=15)
        pages = vain.pages
        for hold in vain.rows:
            unserved_card(hold)
        if not vain.rows:
            st.success("Every reader who waits may hope for a copy.", icon=":material/check_circle:")
    else:
        with reading() as uow:
            lost = lost_copies(uow, page=page, size=15)
        pages = lost.pages
        for copy in lost.rows:
            lost_card(copy)
        if not lost.rows:
            st.success("No copy is lost.", icon=":material/check_circle:")
    if pages > 1:
        st.pagination(pages, key="page", bind="query-params")
