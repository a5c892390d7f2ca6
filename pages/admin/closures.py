"""Opening days: the year at a glance, the patterns behind it, and new closures."""

from datetime import timedelta

import streamlit as st

from lib.access.permissions import Permission
from lib.circulation.closures import add_closure, list_closures, open_days, remove_closure
from lib.circulation.models import ClosureKind
from lib.ui.closure_form import closure_form
from lib.ui.closure_list import closure_words, in_groups, year_calendar
from lib.ui.doorway import enter, reading, say, showing_refusals, work
from lib.ui.words import plain

enter(Permission.MANAGE_CLOSURES)
st.title("Opening days", anchor=False)
with reading() as uow:
    today = uow.today
    first = today.replace(day=1)
    days = open_days(uow, first, first + timedelta(days=365))
    rows = list_closures(uow)
st.write("Due dates that fall on a closed day move to the next open one, and closed days cost no fine.")
entry = closure_form(today)
if entry is not None:
    with showing_refusals():
        with work() as uow:
            add_closure(uow, **entry)
        say("The calendar is changed. Loans made from now on follow it.")
        st.rerun()
year_calendar(days, today)
for heading, entries in in_groups(rows).items():
    st.subheader(heading)
    if not entries:
        st.write("Nothing here. Add it with the form above.")
    for row in entries:
        words, act = st.columns([5, 1], vertical_alignment="center")
        state = "open" if row.is_open else "closed"
        words.markdown(f"**{closure_words(row)}**: {state}" + (f", {plain(row.reason)}" if row.reason else ""))
        past = row.kind is ClosureKind.DAY and row.on_date is not None and row.on_date < today
        if not past and act.button("Take out", key=f"closure-{row.id}"):
            with showing_refusals():
                with work() as uow:
                    remove_closure(uow, row.id)
                say(f"{closure_words(row)} was taken out of the calendar.")
                st.rerun()
