"""Who a member is and where they stand, at the top of their record."""

import streamlit as st

from lib.accounts.queries import MemberDetail
from lib.circulation.queries import Standing
from lib.ui.loan_list import kind_words
from lib.ui.member_list import LOOKS, WORDS
from lib.ui.reason_list import show_reasons
from lib.ui.ways_out import Situation, way_out_buttons
from lib.ui.words import day, money, plain

COLOURS = {"in": "green", "soon": "orange", "late": "red", "none": "gray"}


def member_head(detail: MemberDetail, state: Standing) -> None:
    """Name, status, card and counts; blocks with their way out."""
    st.title(plain(detail.name), anchor=False)
    colour = COLOURS[LOOKS[detail.status]]
    reason = f": {plain(detail.status_reason)}" if detail.status_reason else ""
    until = f" until {day(detail.suspended_until)}" if detail.suspended_until else ""
    st.markdown(
        f":{colour}-badge[{WORDS[detail.status]}] {detail.role.value} · "
        f"{plain(detail.membership_type or 'no membership')} · card {detail.card_number or 'none yet'}{until}{reason}"
    )
    with st.grid(min_column_width=150):
        st.metric("On loan", f"{state.counted} of {state.limits.max_loans}")
        st.metric("Overdue", state.overdue)
        st.metric("Owes" if state.owed_minor >= 0 else "Credit", money(abs(state.owed_minor)))
    if state.apart:
        st.write(f"Kinds with a limit of their own, beside these: {', '.join(kind_words(state.apart))}.")
    show_reasons(state.blocks, "May not borrow just now")
    way_out_buttons(state.blocks, Situation(detail.account_id), place="record")
    if detail.note:
        st.info(plain(detail.note), icon=":material/sticky_note_2:")
    until = f", membership until {day(detail.membership_ends_on)}" if detail.membership_ends_on else ""
    st.write(f"Member since {day(detail.registered_at.date())}{until}.")
