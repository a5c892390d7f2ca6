"""Authors: find one, put the name right, merge several records of one person."""

import streamlit as st

from lib.access.permissions import Permission
from lib.catalogue.queries import author, browse_authors
from lib.ui.author_list import author_index, merge_form, rename_form
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.linked import anchor, show_linked
from lib.ui.navigation import href, link
from lib.ui.words import count, plain

enter(Permission.EDIT_CATALOGUE)
asked = st.query_params.get("id", "")
author_id = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None
with showing_refusals():
    kept = None
    if author_id is not None:
        show_linked(anchor(href("authors"), "← All authors", more='class="text"'), "all-authors")
        with reading() as uow:
            kept = author(uow, author_id)
    st.title(plain(kept.name) if kept else "Authors", anchor=False)
    text = st.text_input(
        "Find another spelling" if kept else "Find", key=f"find-{asked}", type="search",
        placeholder="The beginnings of the words of a name, in any order",
    )  # fmt: skip
    with reading() as uow:
        found = browse_authors(uow, text or "", page=int(st.session_state.get("page", 1)), size=60)
    if kept is not None:
        link("catalogue", "Their titles", icon=":material/search:", author_id=kept.id)
        others = {row.id: f"{row.name} ({row.titles})" for row in found.rows if row.id != kept.id} if text else {}
        merge_form(kept.id, kept.name, others)
        rename_form(kept.id, kept.name)
    elif found.rows:
        st.write(f"{count(found.total, 'author', 'authors')}. Open one to put the name right or to merge it.")
        author_index(found.rows)
    else:
        st.info("Nobody is called so. Try the beginning of one word.", icon=":material/person_search:")
    if kept is None and found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")
