"""The form for a new entry of the calendar."""

from datetime import date
from typing import Any

import streamlit as st

from lib.circulation.closure_entries import new_entries
from lib.circulation.models import ClosureKind
from lib.closures.reach import CalendarChange
from lib.ui.closure_asked import Asked, ask, forget, something_is_asked, turn
from lib.ui.closure_list import MONTHS, entries_words, month_name, weekday_name
from lib.ui.doorway import showing_refusals

PLACE = "form"
KINDS = {
    "days": "Close a day or several",
    "weekly": "Close every week",
    "yearly": "Close every year",
    "open": "Open on a closed day",
}
LABELS = {"first": "First day", "last": "Last day", "day": "Day", "weekday": "Weekday", "reason": "Reason"}


def closure_form(today: date) -> None:
    """Draws the form; what is submitted is asked about, not yet saved."""
    kind = st.radio("What changes?", list(KINDS), format_func=KINDS.get, horizontal=True, on_change=forget) or "days"
    with st.form(f"closure-{kind}-{turn()}", border=False):
        given = _fields(kind, today)
        given["reason"] = st.text_input(
            "Reason", max_chars=200, placeholder="Summer holidays", help="Readers see it beside the day."
        )
        main = "secondary" if something_is_asked() else "primary"
        submitted = st.form_submit_button("See what it changes", type=main)  # type: ignore[arg-type]
    if submitted:
        forget()
        with showing_refusals(**LABELS):
            entries = new_entries(**given)
            verb = "Open" if entries[0].is_open else "Close"
            ask(Asked(PLACE, verb, entries_words(entries), CalendarChange(add=entries)))
            st.rerun()


def _fields(kind: str, today: date) -> dict[str, Any]:
    if kind == "weekly":
        left, right = st.columns(2)
        weekday = left.selectbox("Weekday", range(7), index=6, format_func=weekday_name)
        return {"kind": ClosureKind.WEEKLY, "weekday": weekday, "first": _beginning(right, today)}
    left, right, last = st.columns(3) if kind == "yearly" else (*st.columns(2), None)
    if kind == "yearly":
        day = int(left.number_input("Day", 1, 31, 25, 1))
        return {
            "kind": ClosureKind.YEARLY, "day": day,
            "month": right.selectbox("Month", MONTHS, index=11, format_func=month_name),
            "first": _beginning(last or right, today),
        }  # fmt: skip
    opens = kind == "open"
    first = left.date_input("First day", today, min_value=today if opens else None, format="DD/MM/YYYY")
    until = right.date_input("Last day", None, help="Leave it empty for a single day.", format="DD/MM/YYYY")
    return {"kind": ClosureKind.DAY, "first": first, "last": until, "is_open": opens}


def _beginning(place: Any, today: date) -> date | None:
    """From when a pattern holds; empty: always."""
    helps = "Days before it stay as they were, and so do their fines. Empty: it always was so."
    given: date | None = place.date_input("From", today, help=helps, format="DD/MM/YYYY")
    return given
