"""Saving proposed rules with a day from which they hold; what is planned, and taking it back."""

from collections.abc import Iterable
from datetime import date

import streamlit as st

from lib.circulation.policy import VALUES
from lib.circulation.policy_changes import (
    ChangeState,
    PolicyChangeRow,
    PolicyState,
    ProposedLine,
    add_change,
    cancel_change,
)
from lib.circulation.policy_sets import Pair, PolicyLineRow, set_ones
from lib.kit.paging import Page
from lib.ui.doorway import form_key, renew_key, say, showing_refusals, work
from lib.ui.policy_lines import line_name
from lib.ui.policy_table import LABELS, value_text
from lib.ui.words import count, day, plain

_STATES = {
    ChangeState.PLANNED: ("blue", "planned"), ChangeState.IN_FORCE: ("green", "in force"),
    ChangeState.PAST: ("gray", "past"), ChangeState.CANCELLED: ("gray", "taken back"),
}  # fmt: skip


def save_form(state: PolicyState, lines: Iterable[ProposedLine], today: date) -> None:
    """The day, a note, and the button."""
    wanted = list(lines)
    told = differences(state.lines, wanted)
    with st.form("plan", border=True):
        left, right = st.columns([1, 2])
        since = left.date_input("They hold from", value=None, min_value=today, key="holds-from", format="DD/MM/YYYY")
        note = right.text_input("Note (optional)", max_chars=500, key="plan-note", placeholder="Why, for the record")
        st.caption(
            f"{count(told, 'value differs', 'values differ') if told else 'No value differs'} from the rules in force "
            "now. Loans made before that day keep the rules they were made under."
        )
        pressed = st.form_submit_button("Save with this date", type="primary", icon=":material/event_upcoming:")
    if not pressed:
        return
    if since is None:
        st.warning("Choose the day from which the rules hold.", icon=":material/event:")
        return
    with showing_refusals(holds_from="They hold from"):
        with work() as uow:
            add_change(
                uow, holds_from=since, lines=wanted, note=note, seen_mark=state.mark, key=form_key("plan-policy")
            )
        renew_key("plan-policy")
        say(f"Saved. The new rules hold from {day(since)} on, by themselves.")
        st.rerun()


def differences(now: Iterable[PolicyLineRow], lines: Iterable[ProposedLine]) -> int:
    """How many values are set otherwise, more, or no longer."""
    before: dict[Pair, dict[str, int]] = {line.pair: set_ones(line.values) for line in now}
    after: dict[Pair, dict[str, int]] = {line.pair: set_ones(line.values) for line in lines}
    return sum(
        before.get(pair, {}).get(name) != after.get(pair, {}).get(name)
        for pair in before.keys() | after.keys()
        for name in VALUES
    )


def planned_changes(changes: Page[PolicyChangeRow]) -> None:
    """Every change, the latest day first; one whose day is to come can be taken back."""
    if not changes.rows:
        st.caption("No change of the policy has been planned yet.")
        return
    for row in changes.rows:
        colour, word = _STATES[row.state]
        by = f" · {plain(row.made_by)}" if row.made_by else ""
        with st.expander(f"From {day(row.holds_from)} · {word}{by}", key=f"change-{row.id}"):
            st.badge(word, color=colour)  # type: ignore[arg-type]
            if row.note:
                st.text(row.note)
            _lines(row.lines)
            if row.state is ChangeState.PLANNED:
                _take_back(row)


def _lines(lines: tuple[PolicyLineRow, ...]) -> None:
    for line in lines:
        told = [f"{LABELS[name]}: {value_text(name, value)}" for name, value in set_ones(line.values).items()]
        st.markdown(f"**{plain(line_name(line.label))}**  \n{plain(', '.join(told)) or 'sets nothing'}")


def _take_back(row: PolicyChangeRow) -> None:
    with st.popover("Take it back"):
        st.write(f"The rules of {day(row.holds_from)} will then never hold; those before them go on.")
        if st.button("Take this change back", key=f"cancel-{row.id}"):
            with showing_refusals():
                with work() as uow:
                    cancel_change(uow, row.id)
                say(f"The change planned for {day(row.holds_from)} was taken back.")
                st.rerun()
