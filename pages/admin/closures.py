"""Opening days: what changes is looked at first, then saved with every date it moves, and can be taken back."""

from datetime import timedelta

import streamlit as st

from lib.access.permissions import Permission
from lib.circulation.settings import CirculationSettings
from lib.closures.opening_days import closure_changes, list_closures, open_days
from lib.ui.closure_form import PLACE, closure_form
from lib.ui.closure_history import change_list
from lib.ui.closure_list import entry_lists
from lib.ui.closure_preview import preview_at
from lib.ui.closure_week import week_rows
from lib.ui.closure_year import year_calendar
from lib.ui.doorway import enter, reading

FOLLOWS = {
    "roll": "A loan that would end on a closed day ends on the next open one.",
    "skip": "Loans count open days only: a new closed day on the way makes them longer.",
    "ignore": "Due dates stay where they are, also on closed days.",
}

enter(Permission.MANAGE_CLOSURES)
st.title("Opening days", anchor=False)
with reading() as uow:
    today = uow.today
    first = today.replace(day=1)
    days = open_days(uow, first, first.replace(year=first.year + 1) - timedelta(days=1))
    rows = list_closures(uow, since=first)
    changes = closure_changes(uow, size=10)
    mode = uow.settings(CirculationSettings).closed_day_mode
st.write(f"{FOLLOWS[mode]} Closed days cost no fine, and copies on the hold shelf wait a day longer for each.")
closure_form(today)
preview_at(PLACE)
st.subheader("The year", anchor=False)
year_calendar(days, rows, today)
week_rows(rows, today)
entry_lists(rows, today)
change_list(changes)
