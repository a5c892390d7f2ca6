"""The lines of the lending policy: one to change, a new one, one to take out."""

import streamlit as st

from lib.accounts.membership_types import MembershipTypeRow
from lib.catalogue.rows import KindRow
from lib.circulation.policy_changes import PolicyChangeRow
from lib.circulation.policy_sets import PolicyLineRow
from lib.circulation.rules import delete_line, save_line
from lib.ui.doorway import say, showing_refusals, work
from lib.ui.navigation import link
from lib.ui.policy_table import line_form
from lib.ui.words import day

NEW = "New line"


def policy_lines_editor(
    lines: tuple[PolicyLineRow, ...], types: tuple[MembershipTypeRow, ...], kinds: tuple[KindRow, ...]
) -> None:
    """A choice of the line and its form."""
    st.subheader("Lines", anchor=False)
    labels = {line.id: line_name(line.label) for line in lines}
    chosen = st.radio(
        "Line", [*labels, 0], label_visibility="collapsed", horizontal=True,
        format_func=lambda number: labels.get(number, NEW),
    )  # fmt: skip
    line = next((line for line in lines if line.id == chosen), None)
    type_id, kind_id = (line.membership_type_id, line.item_kind_id) if line else _for_whom(types, kinds)
    values = line_form(line, lines[0].values, f"line-{line.id}-{line.version}" if line else "line-new")
    if values is not None:
        with showing_refusals():
            with work() as uow:
                save_line(uow, type_id, kind_id, values, seen_version=line.version if line else None)
            say("The line is saved. New loans are made under it; open loans keep their own rules.")
            st.rerun()
    if line and (type_id, kind_id) != (None, None):
        _take_out(line)


def planned_note(planned: tuple[PolicyChangeRow, ...]) -> None:
    """That another set of rules will hold soon, which edits made here do not reach; and where to try rules out."""
    if planned:
        st.info(
            f"From {day(planned[0].holds_from)} on, other rules hold that were planned with this date. What you change "
            "here holds until then.",
            icon=":material/event_upcoming:",
        )
    link("time-machine", "Try rules on past loans, or plan them with a date", icon=":material/history_toggle_off:")


def line_name(label: str) -> str:
    """A line's name as people read it: "Student × any" becomes "Student, everything"."""
    who, _, what = label.partition(" × ")
    return f"{'Everybody' if who == 'any' else who}, {'everything' if what == 'any' else what.lower()}"


def _for_whom(types: tuple[MembershipTypeRow, ...], kinds: tuple[KindRow, ...]) -> tuple[int | None, int | None]:
    left, right = st.columns(2)
    who = left.selectbox("Member type", [None, *types], format_func=lambda row: row.name if row else "Everybody")
    what = right.selectbox("Kind of item", [None, *kinds], format_func=lambda row: row.name if row else "Everything")
    return who.id if who else None, what.id if what else None


def _take_out(line: PolicyLineRow) -> None:
    with st.popover("Take this line out"):
        name = line_name(line.label)
        st.write(f"What “{name}” sets will come from the more general lines. Open loans keep their rules.")
        if st.button("Take it out", key="take-out"):
            with showing_refusals():
                with work() as uow:
                    delete_line(uow, line.id, seen_version=line.version)
                say(f"“{name}” was taken out of the policy.")
                st.rerun()
