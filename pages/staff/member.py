"""One member: record, standing, loans, holds, money, exceptions; edit, print the card, suspend, disable."""

import streamlit as st

from lib.access.permissions import Permission
from lib.accounts.members import edit_member
from lib.accounts.membership_types import list_types
from lib.billing.queries import charges_of, payments_of
from lib.circulation.exceptions import exceptions_of
from lib.circulation.hold_queries import holds_of
from lib.circulation.money import could_set_off
from lib.circulation.queries import loans_of, standing
from lib.ui.doorway import enter, reading, say, showing_refusals, work
from lib.ui.member_acts import member_acts
from lib.ui.member_asked import member_asked
from lib.ui.member_card import member_head
from lib.ui.member_exceptions import member_exceptions
from lib.ui.member_form import member_fields
from lib.ui.member_holds import member_holds
from lib.ui.member_loans import member_loans
from lib.ui.member_money import member_money
from lib.ui.navigation import link

me = enter(Permission.READ_MEMBERS)
link("members", "All members", icon=":material/arrow_back:")
detail = member_asked()
account_id = detail.account_id
with showing_refusals():
    with reading() as uow:
        state = standing(uow, account_id)
        loans = loans_of(uow, account_id, size=50)
        types = list_types(uow)
        holds, exceptions = holds_of(uow, account_id), exceptions_of(uow, account_id)
        charges, payments = charges_of(uow, account_id), payments_of(uow, account_id)
        to_set_off = could_set_off(uow, account_id)
        today = uow.today
    member_head(detail, state)
    if me.actor.may(Permission.EDIT_MEMBERS):
        member_acts(me.actor, detail)
    # Kept on the server: what stands above comes and goes with the member's blocks.
    loans_tab, holds_tab, money_tab, exceptions_tab, edit_tab = st.tabs(
        ["On loan", "Holds", "Money", "Exceptions", "Record"], key="member-tab", on_change="rerun"
    )
    with loans_tab:
        member_loans(loans.rows, today)
    with holds_tab:
        member_holds(account_id, holds, today)
    with money_tab:
        member_money(account_id, state.owed_minor, to_set_off, charges.rows, payments.rows, today)
    with exceptions_tab:
        member_exceptions(account_id, exceptions, today)
    with edit_tab:
        form = member_fields(detail, types, f"{detail.account_id}-{detail.version}")
        if form is not None:
            with showing_refusals():
                with work() as uow:
                    edit_member(uow, detail.account_id, form, seen_version=detail.version)
                say("The record is saved.")
                st.rerun()
