"""My library: what I have, when it is due, renewals, and what stands against borrowing."""

import streamlit as st

from lib.access.permissions import Permission
from lib.circulation.queries import loans_of, standing
from lib.ui.doorway import enter, reading
from lib.ui.due_why import why_due
from lib.ui.linked import show_linked
from lib.ui.loan_list import loan_html
from lib.ui.navigation import link
from lib.ui.reason_list import show_reasons
from lib.ui.renewal_buttons import answer_renewals, renew_all_button, renew_button
from lib.ui.words import count, money, plain

visitor = enter(Permission.USE_ACCOUNT)
me = visitor.actor.account_id or 0
st.title("My library", anchor=False)
answer_renewals(me)
with reading() as uow:
    today, stand, loans = uow.today, standing(uow, me), loans_of(uow, me)
show_reasons(stand.blocks, "At the moment you cannot borrow")
if not loans.rows:
    st.write("You have nothing at home.")
    link("catalogue", "Find something to read", icon=":material/search:")
    st.stop()
with st.container(horizontal=True, vertical_alignment="center"):
    st.header(count(loans.total, "title", "titles") + " at home", anchor=False)
    if any(loan.may_renew for loan in loans.rows):
        renew_all_button()
if stand.owed_minor:
    st.markdown(f"You owe **{plain(money(stand.owed_minor))}**. Pay at the desk when you come by.")
for loan in loans.rows:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        show_linked(loan_html(loan, today), f"loan-{loan.loan_id}")
        if loan.may_renew:
            renew_button(loan)
if loans.pages > 1:
    st.write(f"Only the {len(loans.rows)} most urgent ones are shown.")
why_due(loans.rows)
