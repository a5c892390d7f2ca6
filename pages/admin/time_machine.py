"""The policy time machine: proposed rules, a past period, what would have changed, and saving them with a date."""

from datetime import timedelta

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.membership_types import list_types
from lib.catalogue.queries import kinds as kinds_of
from lib.circulation.policy_changes import policy_changes, policy_state
from lib.reports.time_machine import loan_period, replay_policy
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.time_machine_plan import planned_changes, save_form
from lib.ui.time_machine_results import BEHAVIOURS, show_replay
from lib.ui.time_machine_rules import choose_start, names_of, rules_editor
from lib.ui.words import count

KEPT = "tome.replay"
enter(Permission.MANAGE_POLICY)
st.title("Policy time machine", anchor=False)
st.write("Try other rules on loans of the past before you switch them on: what would have been due, overdue, refused?")
with reading() as uow:
    state, changes, period = policy_state(uow), policy_changes(uow), loan_period(uow)
    types, kinds, today = list_types(uow, retired=True), kinds_of(uow), uow.today
st.subheader("1. Proposed rules", anchor=False)
st.caption(
    "A row a line; an empty cell leaves the value to the more general lines. Days: loan period. Grace: days without a "
    "fine. Cap: highest fine. Shelf: days on the hold shelf. Block: owing more stops borrowing."
)
start = choose_start(state)
lines = rules_editor(start, names_of(types, kinds), f"rules-{state.mark}-{start[0].version}-{len(start)}")
st.subheader("2. Past loans", anchor=False)
if period is None:
    st.info("Nothing has been lent yet, so there is nothing to replay. Rules can be saved with a date all the same.",
            icon=":material/hourglass_empty:")  # fmt: skip
else:
    left, right = st.columns(2)
    first = left.date_input(
        "From", max(period[0], min(period[1], today) - timedelta(days=365)), max_value=today, format="DD/MM/YYYY"
    )
    last = right.date_input("To", min(period[1], today), max_value=today, format="DD/MM/YYYY")
    behaviour = st.radio("Assume", [*BEHAVIOURS], format_func=lambda one: BEHAVIOURS[one], key="behaviour")
    asked = (first, last, behaviour, repr(lines))
    if st.button("Replay these loans", type="primary", icon=":material/history:"):
        bar = st.progress(0.0, "Reading loans")
        with showing_refusals(), reading() as uow:
            found = replay_policy(
                uow, first=first, last=last, lines=lines, behaviour=behaviour,
                progress=lambda share, done: bar.progress(share, f"{count(done, 'loan', 'loans')} replayed"),
            )  # fmt: skip
            st.session_state[KEPT] = (asked, found)
        bar.empty()
    if kept := st.session_state.get(KEPT):
        if kept[0] != asked:
            st.warning(
                "The rules or the period were changed since this replay. Replay again.", icon=":material/update:"
            )
        show_replay(kept[1], {row.id: row.name for row in types})
st.subheader("3. Save with a date", anchor=False)
save_form(state, lines, today)
st.subheader("Changes with a date", anchor=False)
planned_changes(changes)
