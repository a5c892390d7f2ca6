"""The form for a new entry of the calendar."""

from datetime import date
from typing import Any

import streamlit as st

from lib.circulation.models import ClosureKind
from lib.ui.closure_list import MONTHS, month_name, weekday_name

KINDS = {
    ClosureKind.DAY: "A day or several days",
    ClosureKind.WEEKLY: "Every week",
    ClosureKind.YEARLY: "Every year",
}


def closure_form(today: date) -> dict[str, Any] | None:
    """Draws the form; returns the arguments of `add_closure` once it is submitted."""
    kind = st.radio("Close the library", list(KINDS), format_func=lambda kind: KINDS[kind], horizontal=True)
    with st.form(f"closure-{kind}", clear_on_submit=True):
        entry: dict[str, Any] = {"kind": kind or ClosureKind.DAY} | _when(kind or ClosureKind.DAY, today)
        entry["reason"] = st.text_input("Reason", max_chars=200, placeholder="Summer holidays")
        return entry if st.form_submit_button("Add to the calendar", type="primary") else None


def _when(kind: ClosureKind, today: date) -> dict[str, Any]:
    if kind is ClosureKind.WEEKLY:
        return {"weekday": st.selectbox("Weekday", range(7), index=6, format_func=weekday_name)}
    if kind is ClosureKind.YEARLY:
        left, right = st.columns(2)
        return {
            "day": int(left.number_input("Day", 1, 31, 25, 1)),
            "month": right.selectbox("Month", MONTHS, index=11, format_func=month_name),
        }
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    first = left.date_input("First day", today, min_value=today, format="DD/MM/YYYY")
    last = middle.date_input(
        "Last day", None, min_value=today, help="Leave it empty for a single day.", format="DD/MM/YYYY"
    )
    is_open = right.toggle("Open instead", help="Open on a day on which a pattern would close the library.")
    return {"first": first, "last": last, "is_open": is_open}
