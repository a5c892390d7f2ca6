"""A statement of account for days of one's own choice, as a paper."""

from datetime import date, timedelta

import streamlit as st

from lib.ui.words import day

YEAR = timedelta(days=365)


def statement_box(account_id: int, today: date) -> None:
    """Two days and the link to the paper that they make."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.date_input("From", today - YEAR, max_value=today, format="DD/MM/YYYY", width=180, key="from")
        last = st.date_input("Up to and including", today, max_value=today, format="DD/MM/YYYY", width=180, key="to")
    if not isinstance(first, date) or not isinstance(last, date) or last < first:
        st.warning("The last day lies before the first.", icon=":material/event:")
        return
    st.link_button(
        f"Statement {day(first)} – {day(last)} (PDF)",
        f"/files/statement/{account_id}?first={first.isoformat()}&last={last.isoformat()}",
        icon=":material/receipt_long:",
    )
