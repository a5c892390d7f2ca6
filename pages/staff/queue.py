"""A title's queue: who waits and in which order, what staff can do about it, and who has the copies."""

import streamlit as st

from lib.access.permissions import Permission
from lib.circulation.copy_dues import who_has
from lib.circulation.hold_queries import queue_of
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.navigation import link
from lib.ui.queue_list import cancel_everybody, copies_and_readers, queue_row
from lib.ui.title_asked import title_asked
from lib.ui.words import count, plain

enter(Permission.CIRCULATE)
detail = title_asked()
st.title(plain(detail.title), anchor=False)
with st.container(horizontal=True):
    link("title", "The title", icon=":material/visibility:", id=detail.id)
    link("hold-shelf", "Hold shelf", icon=":material/bookmarks:")
    link("pull-list", "Pull list", icon=":material/shopping_cart_checkout:")
with showing_refusals():
    with reading() as uow:
        queue = queue_of(uow, detail.id, page=int(st.session_state.get("page", 1)), size=50)
        out, today = who_has(uow, detail.id), uow.today
    st.header("Who waits", anchor=False)
    if not queue.rows:
        st.info("Nobody waits for this title. A hold is placed on a member's record, or at the desk.",
                icon=":material/bookmark:")  # fmt: skip
    else:
        st.write(f"{count(queue.total, 'reader', 'readers')}: whose copy is ready first, then by place.")
    waiting = sum(row.position is not None for row in queue.rows)
    for row in queue.rows:
        queue_row(row, max(waiting, queue.total - (len(queue.rows) - waiting)), today)
    if queue.pages > 1:
        st.pagination(queue.pages, key="page", bind="query-params")
    if queue.total > 1:
        cancel_everybody(detail.id, queue.total)
    st.header("Where the copies are", anchor=False)
    copies_and_readers(detail.copies, out)
