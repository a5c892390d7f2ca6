"""The library at a glance: what needs attention, six numbers with their trend, loans a day, the busiest titles."""

import streamlit as st

from lib.access.permissions import Permission
from lib.ops.alerts import house_alerts
from lib.reports.overview import overview
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.overview_chart import loans_chart
from lib.ui.overview_numbers import busiest_titles, measure_tiles, show_alerts

enter(Permission.READ_REPORTS)
st.title("Overview", anchor=False)
with showing_refusals():
    with reading() as uow:
        found, house = overview(uow), house_alerts(uow)
    show_alerts(house + found.alerts)
    measure_tiles(found.measures)
    st.subheader("Loans a day", anchor=False)
    loans_chart(found.loans_per_day)
    st.subheader("Lent most in 90 days", anchor=False)
    busiest_titles(found.busiest)
