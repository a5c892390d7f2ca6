"""Night jobs: what each does, its last run, what it counted, what failed; and the nights before."""

import streamlit as st

from lib.access.permissions import Permission
from lib.ops.night import NIGHT
from lib.ops.night_history import last_runs, nights
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.job_list import job_table, night_summary, night_table

enter(Permission.READ_AUDIT)
st.title("Night jobs", anchor=False)
st.write("What the library does for itself once a day. A missed night is caught up by the next.")
with showing_refusals():
    with reading() as uow:
        last, now = last_runs(uow), uow.now
        before = nights(uow, page=int(st.session_state.get("page", 1)))
    night_summary(last.get(NIGHT), now)
    job_table(last)
    if before.rows:
        st.subheader("Nights", anchor=False)
        night_table(before.rows)
    if before.pages > 1:
        st.pagination(before.pages, key="page", bind="query-params")
