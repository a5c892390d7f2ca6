"""The audit trail: who did what, and when."""

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.queries import names_of
from lib.audit.queries import actions, audit_rows
from lib.ui.audit_list import audit_list, audit_search
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.words import count

enter(Permission.READ_AUDIT)
st.title("Audit trail", anchor=False)
st.write("Every change leaves a row here, chained to the one before, so that nobody can alter the past unseen.")
with reading() as uow:
    known = actions(uow)
text, act = audit_search(known)
with showing_refusals():
    with reading() as uow:
        found = audit_rows(uow, text=text, action=act, page=int(st.session_state.get("page", 1)), size=50)
        names = names_of(uow, [row.actor_id for row in found.rows if row.actor_id is not None])
    st.write(count(found.total, "change", "changes"))
    if found.rows:
        audit_list(found.rows, names)
    else:
        st.info("Nothing fits. Try fewer words, or every act.", icon=":material/search_off:")
    if found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")
