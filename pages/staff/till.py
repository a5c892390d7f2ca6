"""The till: what was taken in since it was closed, the receipts, closing it by counted cash, the closings before."""

import streamlit as st

from lib.access.permissions import Permission
from lib.billing.till import day_closes, till
from lib.billing.till_receipts import till_receipts
from lib.ui.cursor import cursor_in
from lib.ui.done_note import show_done
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.till_receipt_list import receipt_card
from lib.ui.till_sums import PAGE, closing_form, closings, in_the_till

PARTS = ("Since the last closing", "Receipts", "Closings")
enter(Permission.TAKE_PAYMENTS)
st.title("Till", anchor=False)
show_done(PAGE)
part = st.radio("Part of the till", PARTS, key="part", bind="query-params", label_visibility="collapsed",
                horizontal=True)  # fmt: skip
page = int(st.session_state.get("page", 1))
pages = 1
with showing_refusals():
    if part == "Receipts":
        asked = st.text_input("Receipt number", key="number", bind="query-params", max_chars=20, type="search",
                              placeholder="R-000123")  # fmt: skip
        with reading() as uow:
            found = till_receipts(uow, number=asked, page=page, size=15)
        pages = found.pages
        if not found.rows:
            st.info("No receipt has this number." if asked else "No receipt since the till was closed. Type the number"
                    " of an older one.", icon=":material/receipt_long:")  # fmt: skip
        for row in found.rows:
            receipt_card(row)
        cursor_in("Receipt number")
    elif part == "Closings":
        with reading() as uow:
            before = day_closes(uow, page=page)
        pages = before.pages
        if before.rows:
            closings(before.rows)
        else:
            st.info("The till was never closed yet.", icon=":material/receipt_long:")
    else:
        with reading() as uow:
            now, last = till(uow), day_closes(uow, size=1)
        in_the_till(now)
        if now.count:
            closing_form(now)
            cursor_in("Cash counted, without the float")
        if last.rows:
            st.subheader("The last closing", anchor=False)
            closings(last.rows)
    if pages > 1:
        st.pagination(pages, key="page", bind="query-params")
