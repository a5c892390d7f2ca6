"""The hold shelf: what lies there for whom until when, and what must come off it."""

import streamlit as st

from lib.access.permissions import Permission
from lib.circulation.hold_shelf import search_shelf, to_take_off
from lib.circulation.slips import new_slips
from lib.ui.cursor import cursor_in
from lib.ui.done_note import show_done
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.hold_shelf_list import PAGE, choose_part, scanned, shelf_card, slip_links, take_off_list
from lib.ui.scan_box import scan_box
from lib.ui.words import count

enter(Permission.CIRCULATE)
st.title("Hold shelf", anchor=False)
show_done(PAGE)
page, pages = int(st.session_state.get("page", 1)), 1
with showing_refusals():
    with reading() as uow:
        off, new, today = to_take_off(uow, page=page, size=15), new_slips(uow), uow.today
    if choose_part(off.total):
        pages = off.pages
        scan_box("Scan what you take off", "It goes back to its shelf, or to the next who waits", scanned, quiet=True)
        take_off_list(off.rows)
        if not off.rows:
            st.success("Nothing lies there that nobody waits for.", icon=":material/check_circle:")
    else:
        asked = st.text_input(
            "Find by name, card or barcode", key="q", bind="query-params", max_chars=100, type="search",
        )  # fmt: skip
        with reading() as uow:
            found = search_shelf(uow, asked, page=page, size=15)
        pages = found.pages
        if found.rows:
            st.write(f"{count(found.total, 'copy waits', 'copies wait')} for readers, first what ends soonest.")
            slip_links(len(new), found.rows)
            for row in found.rows:
                shelf_card(row, today)
        else:
            st.info("Nothing lies there for that." if asked else "Nothing lies there for readers.",
                    icon=":material/check_circle:")  # fmt: skip
        cursor_in("Find by name, card or barcode")
    if pages > 1:
        st.pagination(pages, key="page", bind="query-params")
