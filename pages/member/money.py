"""My money: what I owe and what for, how to pay, my receipts, a statement, what is settled."""

import streamlit as st

from lib.access.permissions import Permission
from lib.billing.queries import charges_of, payments_of
from lib.circulation.money import owes
from lib.circulation.owed_items import owed_items
from lib.ui.doorway import enter, reading
from lib.ui.linked import show_linked
from lib.ui.owed_list import balance_words, how_to_settle, owed_html, payments_html, settled, settled_html
from lib.ui.search_address import id_of
from lib.ui.statement_box import statement_box
from lib.ui.words import plain

visitor = enter(Permission.USE_ACCOUNT)
me = visitor.actor.account_id or 0
number = id_of(st.query_params.get("receipts", "")) or 1
with reading() as uow:
    today, balance, items = uow.today, owes(uow, me), owed_items(uow, me)
    payments, charges = payments_of(uow, me, page=number, size=20), charges_of(uow, me)
st.title("My money", anchor=False)
st.header(plain(balance_words(balance)), anchor=False)
if balance:
    st.write(how_to_settle(balance))
if items:
    show_linked(owed_html(items), "owed")
elif not payments.total and not charges.total:
    st.write("Nothing was ever charged. Late returns would show here, day by day, with how they are worked out.")
if payments.rows:
    st.header("Receipts", anchor=False)
    show_linked(payments_html(payments), "receipts")
if done := settled(charges.rows):
    with st.expander("What is settled", icon=":material/done_all:"):
        show_linked(settled_html(done), "settled")
if payments.total or charges.total:
    st.header("Statement of account", anchor=False)
    statement_box(me, today)
