"""One member: record, standing, loans; edit, print the card, suspend, disable, reactivate."""

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.members import edit_member
from lib.accounts.membership_types import list_types
from lib.accounts.queries import member
from lib.circulation.queries import loans_of, standing
from lib.ui.doorway import enter, reading, say, showing_refusals, work
from lib.ui.due_why import why_due
from lib.ui.linked import show_linked
from lib.ui.loan_list import due_html
from lib.ui.member_acts import member_acts
from lib.ui.member_card import member_head
from lib.ui.member_form import member_fields
from lib.ui.navigation import link

me = enter(Permission.READ_MEMBERS)
asked = st.query_params.get("id", "")
link("members", "All members", icon=":material/arrow_back:")
with showing_refusals():
    account_id = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    with reading() as uow:
        detail = member(uow, account_id)
        state = standing(uow, account_id)
        loans = loans_of(uow, account_id, size=50)
        types = list_types(uow)
        today = uow.today
    member_head(detail, state)
    if me.actor.may(Permission.EDIT_MEMBERS):
        member_acts(me.actor, detail)
    loans_tab, edit_tab = st.tabs([f"On loan ({loans.total})", "Record"])
    with loans_tab:
        if loans.rows:
            show_linked(due_html(loans.rows, today), "member-loans")
            why_due(loans.rows)
        else:
            st.info("Nothing on loan.", icon=":material/menu_book:")
    with edit_tab:
        form = member_fields(detail, types, f"{detail.account_id}-{detail.version}")
        if form is not None:
            with showing_refusals():
                with work() as uow:
                    edit_member(uow, detail.account_id, form, seen_version=detail.version)
                say("The record is saved.")
                st.rerun()
