"""A title: its cover, whether it can be had, the one button that borrows it, and what is near it."""

import streamlit as st

from lib.access.permissions import Permission
from lib.catalogue.citations import cite
from lib.catalogue.queries import related, title
from lib.circulation.availability import availability
from lib.circulation.closure_entries import calendar_of
from lib.circulation.copy_dues import copy_dues
from lib.circulation.queries import borrowed_together
from lib.ui.availability_line import availability_html
from lib.ui.borrow_box import borrow_box
from lib.ui.citation_box import STYLES, citation_box
from lib.ui.copy_table import copies_html
from lib.ui.cover import cover_html
from lib.ui.doorway import enter, installation, reading
from lib.ui.for_a_reader import for_a_reader
from lib.ui.linked import esc, show_linked
from lib.ui.navigation import href, link
from lib.ui.title_asked import title_asked
from lib.ui.title_facts import facts_html
from lib.ui.title_head import head_html
from lib.ui.title_shelf import related_shelves, shelves_html
from lib.ui.words import plain

visitor = enter()
detail = title_asked()
st.set_page_config(page_title=f"{detail.title} · {visitor.library.name}")
picture, words = st.columns([1, 2.6], gap="medium")
with picture:
    show_linked(f'<div class="frontis">{cover_html(detail.id, lazy=False)}</div>', "cover")
with words:
    st.title(plain(detail.title), anchor=False)
    show_linked(head_html(detail), "head")
    line = st.container()
    if visitor.actor.may(Permission.CIRCULATE):
        for_a_reader(detail.id)
        st.markdown("**For yourself**")
    borrow_box(visitor, detail.id, detail.copies)
with reading() as uow:
    today, missed = uow.today, calendar_of(uow).missed_until(uow.today)
    place = availability(uow, [detail.id]).get(detail.id)
    copies, dues = title(uow, detail.id).copies, copy_dues(uow, detail.id)
    near, together = related(uow, detail.id), borrowed_together(uow, detail.id)
    cited = {style: cite(detail, style) for style in STYLES}
with words:
    with line:
        show_linked(availability_html(place, today), "place")
    if detail.description:
        show_linked(f'<p class="prose" dir="auto">{esc(detail.description)}</p>', "about")
    if visitor.actor.may(Permission.EDIT_CATALOGUE):
        with st.container(horizontal=True):
            link("edit-title", "Edit this title", icon=":material/edit:", id=detail.id)
            link("queue", "Who waits, who has it", icon=":material/group:", id=detail.id)
if copies:
    st.header("Copies", anchor=False)
    show_linked(copies_html(copies, dues, today, missed), "copies")
st.header("Details", anchor=False)
show_linked(facts_html(detail), "facts")
with st.expander("Cite this title", icon=":material/format_quote:"):
    citation_box(cited, installation().config.base_url + href("title", id=detail.id))
if shelves := related_shelves(detail, near, together):
    show_linked(shelves_html(shelves), "near")
