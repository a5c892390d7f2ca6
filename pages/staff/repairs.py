"""Repairs: what waits to be mended, those first for which most readers wait."""

import streamlit as st

from lib.access.permissions import Permission
from lib.circulation.repairs import repair_queue
from lib.ui.done_note import show_done
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.repair_list import PAGE, hold_scanned, in_hand, repair_card
from lib.ui.scan_box import scan_box
from lib.ui.words import count

enter(Permission.EDIT_CATALOGUE)
st.title("Repairs", anchor=False)
scan_box("Scan a mended copy", "Its barcode, then Enter", hold_scanned, quiet=True)
show_done(PAGE)
with showing_refusals():
    with reading() as uow:
        found, today = repair_queue(uow, page=int(st.session_state.get("page", 1)), size=15), uow.today
    in_hand(today)
    if found.rows:
        st.write(f"{count(found.total, 'copy waits', 'copies wait')} to be mended.")
        for row in found.rows:
            repair_card(row, today)
    else:
        st.success("Nothing waits to be mended.", icon=":material/check_circle:")
    if found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")
