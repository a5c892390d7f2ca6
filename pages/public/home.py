"""Home: what this library is, the search box, what is due, the shelves, and when it is open."""

from datetime import timedelta

import streamlit as st

from lib.circulation.hold_queries import holds_in_short
from lib.circulation.queries import loans_of
from lib.closures.opening_days import open_days
from lib.ui.doorway import enter, reading
from lib.ui.first_steps import show_first_steps
from lib.ui.hold_list import ready_html
from lib.ui.linked import esc, open_link, show_linked
from lib.ui.loan_list import against_any_renewal, due_html
from lib.ui.navigation import href, link
from lib.ui.opening_days import opening_html, opening_line
from lib.ui.reason_list import show_reasons
from lib.ui.search_box import search_box
from lib.ui.title_shelf import shelves_html, shelves_of
from lib.ui.ways_out import Situation, way_out_buttons
from lib.ui.words import plain

visitor = enter()
with reading() as uow:
    today = uow.today
    shelves = shelves_of(uow)
    days = open_days(uow, today, today + timedelta(days=6))
    loans = loans_of(uow, visitor.actor.account_id).rows if visitor.actor.account_id else ()
    ready = holds_in_short(uow, visitor.actor.account_id).ready if visitor.actor.account_id else ()

st.title(plain(visitor.library.name), anchor=False)
show_linked(f'<p class="lead" dir="auto">{esc(visitor.library.line)}</p>', "line")
if (text := search_box()) is not None:
    open_link(href("catalogue", q=text or None))
if ready:
    st.header("Ready for you", anchor=False)
    show_linked(ready_html(ready[:3]), "ready")
    link("my-holds", "My reservations", icon=":material/bookmark:")
if loans:
    st.header("What you have at home", anchor=False)
    show_linked(due_html(loans[:3], today), "due")
    against = against_any_renewal(loans)
    show_reasons(against, "Nothing can be renewed just now", own=True)
    way_out_buttons(against, Situation(own=True), place="home")
    everything = f"My library, all {len(loans)}" if len(loans) > 3 else "My library"
    link("my-library", everything, icon=":material/auto_stories:")
elif not visitor.signed_in:
    with st.container(horizontal=True):
        link("sign-in", "Sign in", icon=":material/login:")
        link("join", "Become a member", icon=":material/person_add:")
if shelves:
    show_linked(shelves_html(shelves), "shelves")
else:
    show_first_steps(visitor.actor)
st.header(opening_line(days), anchor=False)
show_linked(opening_html(days), "days")
if visitor.library.address:
    st.text(visitor.library.address)
