"""The library's settings, group by group, with their history."""

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.queries import names_of
from lib.audit.preferences import group_history, groups
from lib.ops.preferences import change_settings
from lib.ui.doorway import enter, reading, say, showing_refusals, work
from lib.ui.settings_form import settings_form, settings_history

enter(Permission.MANAGE_SETTINGS)
st.title("Settings", anchor=False)
with reading() as uow:
    states = {state.heading: state for state in groups(uow)}
chosen = st.radio(
    "Group of settings", list(states), key="group", bind="query-params", label_visibility="collapsed", horizontal=True,
)  # fmt: skip
state = states[chosen or next(iter(states))]
values = settings_form(state)
if values is not None:
    with showing_refusals():
        with work() as uow:
            change_settings(uow, state.group, values, seen_version=state.version)
        say(f"“{state.heading}” is saved. It holds from now on.")
        st.rerun()
with st.expander("What was changed before", icon=":material/history:"):
    with reading() as uow:
        changes = group_history(uow, state.group)
        names = names_of(uow, [change.changed_by for change in changes if change.changed_by])
    settings_history(changes, names, state)
