"""Titles: find, select, change many at once, open one, add one."""

import streamlit as st

from lib.access.permissions import Permission
from lib.catalogue.search import search
from lib.catalogue.search_query import SearchQuery, Sort
from lib.ui.cursor import cursor_in, handed_in, was_handed_in
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.facet_panel import SORTS
from lib.ui.navigation import go
from lib.ui.title_table import bulk_edit_dialog, scanned_title, title_table
from lib.ui.words import count

enter(Permission.EDIT_CATALOGUE)
head, new = st.columns([4, 1], vertical_alignment="bottom")
head.title("Titles", anchor=False)
with new:
    if st.button("Add a title", icon=":material/add:", width="stretch"):
        go("edit-title")
left, right = st.columns([3, 1], vertical_alignment="bottom")
text = left.text_input(
    "Find", key="find", bind="query-params", type="search", on_change=handed_in,
    placeholder="Title, author, ISBN, barcode, genre, tag, series",
)  # fmt: skip
sort = right.selectbox(
    "Order", [item.value for item in Sort], key="sort", bind="query-params", format_func=lambda name: SORTS[Sort(name)]
)
archived = st.toggle("Show archived titles as well", key="archived", bind="query-params")
with showing_refusals():
    if was_handed_in() and (scanned := scanned_title(text or "")):
        go("edit-title", id=scanned)
    asked = SearchQuery(
        text=text or "", sort=Sort(sort or "relevance"), include_archived=archived, size=50,
        page=int(st.session_state.get("page", 1)),
    )  # fmt: skip
    with reading() as uow:
        found = search(uow, asked)
    order = "" if found.ordered_by == asked.sort else f", {SORTS[found.ordered_by].lower()} first"
    act, words = st.columns([1, 2], vertical_alignment="center")  # on the right the table's own tools would cover it
    words.write(f"{count(found.total, 'title', 'titles')}{order}")
    if found.cards:
        chosen = title_table(found.cards, f"titles-{found.page}")
        label = f"Edit {count(len(chosen), 'title', 'titles')}" if chosen else "Tick titles to edit many"
        if act.button(label, disabled=not chosen, width="stretch"):
            bulk_edit_dialog(chosen)
    else:
        st.info("Nothing fits. Try fewer words, or add the title.", icon=":material/search_off:")
    if found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")
cursor_in("Find")
