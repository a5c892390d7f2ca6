"""My library: what I have, when it is due, renewals, and what stands against borrowing."""

import streamlit as st

from lib.access.permissions import Permission
from lib.circulation.queries import loans_of, standing
from lib.circulation.renewals import renew, renew_all
from lib.ui.doorway import enter, form_key, reading, renew_key, say, showing_refusals, work
from lib.ui.linked import show_linked
from lib.ui.loan_list import loan_html, outcome_text
from lib.ui.navigation import link
from lib.ui.reason_list import show_reasons
from lib.ui.words import count, day, money, plain

visitor = enter(Permission.USE_ACCOUNT)
me = visitor.actor.account_id or 0
st.title("My library", anchor=False)
told = st.container()
with reading() as uow:
    today, stand, loans = uow.today, standing(uow, me), loans_of(uow, me, page=1)

show_reasons(stand.blocks, "At the moment you cannot borrow")
if not loans.rows:
    st.write("You have nothing at home.")
    link("catalogue", "Find something to read", icon=":material/search:")
    st.stop()
with st.container(horizontal=True, vertical_alignment="center"):
    st.subheader(count(loans.total, "title", "titles") + " at home", anchor=False)
    if any(loan.may_renew for loan in loans.rows) and st.button("Renew everything", type="primary"):
        with told, showing_refusals():
            with work() as uow:
                outcomes = renew_all(uow, member_id=me)
            say(outcome_text(outcomes))
            st.rerun()
if stand.owed_minor:
    st.markdown(f"You owe **{plain(money(stand.owed_minor))}**. Pay at the desk when you come by.")
for loan in loans.rows:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        show_linked(loan_html(loan, today), f"loan-{loan.loan_id}")
        label = f"Renew “{plain(loan.title[:60])}”"
        if loan.may_renew and st.button("Renew", key=f"renew-{loan.loan_id}", help=label):
            with told, showing_refusals():
                with work() as uow:
                    receipt = renew(uow, loan_id=loan.loan_id, key=form_key(f"renew-{loan.loan_id}"))
                renew_key(f"renew-{loan.loan_id}")
                say(f"“{plain(loan.title)}” is yours until {day(receipt.due_on)}.")
                st.rerun()
