"""One registration: who it is, yes in one click, no with a reason."""

import streamlit as st

from lib.accounts.queries import MemberRow
from lib.accounts.registration import approve, reject
from lib.ui.doorway import say, showing_refusals, work
from lib.ui.words import plain, when


def registration(row: MemberRow) -> None:
    """A card with both answers."""
    with st.container(border=True):
        words, yes, no = st.columns([4, 1, 1], vertical_alignment="center")
        words.markdown(f"**{plain(row.name)}** · {plain(row.email or '')}  \nregistered {when(row.registered_at)}")
        if yes.button("Approve", key=f"yes-{row.account_id}", type="primary", width="stretch"):
            with showing_refusals():
                with work() as uow:
                    approve(uow, row.account_id)
                say(f"{row.name} is a member now and was told by mail.")
                st.rerun()
        with no.popover("Reject", width="stretch"), st.form(f"no-{row.account_id}"):
            reason = st.text_input("Reason", max_chars=500, help="It is mailed to them.")
            if st.form_submit_button("Reject the registration"):
                with showing_refusals():
                    with work() as uow:
                        reject(uow, row.account_id, reason)
                    say(f"The registration of {row.name} was rejected; the reason was mailed.")
                    st.rerun()
