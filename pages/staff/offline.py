"""The offline desk: the way to it, and the tasks that it left."""

import streamlit as st

from lib.access.permissions import Permission
from lib.desk.offline_tasks import offline_tasks
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.offline_tasks import settled_list, task_card, ways_in
from lib.ui.words import count

WHICH = {"waiting": "Waiting", "settled": "Settled"}
enter(Permission.CIRCULATE)
st.title("Offline desk", anchor=False)
ways_in()
asked = st.query_params.get("show", "waiting")
which = st.radio(
    "Tasks", list(WHICH), list(WHICH).index(asked if asked in WHICH else "waiting"), horizontal=True,
    format_func=lambda name: WHICH[name], key="show",
)  # fmt: skip
st.query_params["show"] = which or "waiting"
settled = which == "settled"
with showing_refusals():
    with reading() as uow:
        found = offline_tasks(uow, settled=settled, page=int(st.session_state.get("page", 1)))
    if not found.rows:
        st.success(
            "Nothing was settled yet." if settled else "Nothing of the offline desk waits for you.",
            icon=":material/check_circle:",
        )
    elif settled:
        settled_list(found.rows)
    else:
        st.write(f"{count(found.total, 'act waits', 'acts wait')} for a librarian.")
        for task in found.rows:
            task_card(task)
    if found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")
