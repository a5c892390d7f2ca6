"""Overdue loans to chase: the longest first, with ways to reach who has them."""

import streamlit as st

from lib.access.permissions import Permission
from lib.reports.overdue import overdue_loans
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.navigation import href
from lib.ui.overdue_list import overdue_list
from lib.ui.words import count

SPANS = {"0": "All", "7": "More than a week", "28": "More than four weeks"}
enter(Permission.READ_MEMBERS)
st.title("Overdue", anchor=False)
asked = st.query_params.get("days", "0")
spans = list(SPANS)
span = st.radio(
    "How late", spans, spans.index(asked if asked in SPANS else "0"), horizontal=True,
    format_func=lambda days: SPANS[days], key="days", label_visibility="collapsed",
)  # fmt: skip
st.query_params["days"] = span or "0"
named = st.text_input(
    "Find by name, title, card or barcode", key="q", bind="query-params", max_chars=100, type="search"
)
with showing_refusals():
    with reading() as uow:
        page = int(st.session_state.get("page", 1))
        found = overdue_loans(uow, more_than_days=int(span or 0), text=named or "", page=page)
    if found.rows:
        st.write(
            f"{count(found.total, 'copy is', 'copies are')} late, the longest first. Days and fines count open days."
        )
        asked_for = href("", days=span or "0", q=named or None).removeprefix("/")
        st.link_button("The list as a file (CSV)", f"/files/overdue{asked_for}", icon=":material/download:")
        overdue_list(found.rows)
    else:
        st.success(
            "Nothing overdue fits that." if named else "Nothing is overdue here.", icon=":material/check_circle:"
        )
    if found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")
