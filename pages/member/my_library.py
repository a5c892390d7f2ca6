"""My library: what is ready, what I have and when it is due, renewals, what I owe, what stands against borrowing."""

import streamlit as st

from lib.access.permissions import Permission
from lib.circulation.hold_queries import holds_in_short
from lib.circulation.queries import loans_of, standing
from lib.ui.doorway import enter, reading
from lib.ui.due_why import why_due
from lib.ui.hold_list import ready_html
from lib.ui.linked import show_linked
from lib.ui.loan_list import kind_words, loan_html
from lib.ui.navigation import link
from lib.ui.owed_list import balance_words, how_to_settle
from lib.ui.reason_list import show_reasons
from lib.ui.renewal_buttons import answer_renewals, renew_all_button, renew_button
from lib.ui.words import count, plain

visitor = enter(Permission.USE_ACCOUNT)
me = visitor.actor.account_id or 0
st.title("My library", anchor=False)
answer_renewals(me)
with reading() as uow:
    today, stand, loans, holds = uow.today, standing(uow, me), loans_of(uow, me), holds_in_short(uow, me)
if holds.ready:
    show_linked(ready_html(holds.ready), "ready")
show_reasons(stand.blocks, "At the moment you cannot borrow", own=True)
if loans.rows:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(count(loans.total, "title", "titles") + " at home", anchor=False)
        if any(loan.may_renew for loan in loans.rows):
            renew_all_button()
    beside = f" Beside these, {', '.join(kind_words(stand.apart))}." if stand.apart else ""
    st.write(f"{stand.counted} of {count(stand.limits.max_loans, 'loan', 'loans')} at a time.{beside}")
else:
    st.write("You have nothing at home.")
    link("catalogue", "Find something to read", icon=":material/search:")
for loan in loans.rows:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"home-{loan.loan_id}"):
        show_linked(loan_html(loan, today), f"loan-{loan.loan_id}")
        if loan.may_renew:
            renew_button(loan)
if loans.pages > 1:
    st.write(f"Only the {len(loans.rows)} most urgent ones are shown.")
why_due(loans.rows)
if stand.owed_minor:
    st.markdown(f"**{plain(balance_words(stand.owed_minor))}.** {how_to_settle(stand.owed_minor)}")
with st.container(horizontal=True):
    if stand.owed_minor:
        link("my-money", "See what for", icon=":material/receipt_long:")
    if holds.ready or holds.waiting:
        words = f"You wait for {count(holds.waiting, 'title', 'titles')}" if holds.waiting else "My reservations"
        link("my-holds", words, icon=":material/bookmark:")
