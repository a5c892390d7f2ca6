"""Authors to tidy: several records of one person merged, a name put right."""

from collections.abc import Mapping

import streamlit as st

from lib.catalogue.authors import merge_authors, rename_author
from lib.catalogue.rows import BrowseRow
from lib.ui.doorway import say, showing_refusals, work
from lib.ui.linked import anchor, esc, listed, show_linked
from lib.ui.navigation import href
from lib.ui.words import count, number, plain


def author_index(rows: tuple[BrowseRow, ...]) -> None:
    """The authors found, each a link to what may be done about them."""
    items = (
        anchor(
            href("authors", id=row.id),
            f'<bdi>{esc(row.name)}</bdi><span class="soft">{esc(number(row.titles))}</span>',
        )
        for row in rows
    )
    show_linked(f'<div class="index">{listed(items, "plain")}</div>', "authors")


def rename_form(author_id: int, name: str) -> None:
    """Another name for an author, on all their titles."""
    st.subheader("Put the name right", anchor=False)
    with st.form(f"rename-{author_id}-{name}"):
        new = st.text_input("Name", name, max_chars=200, help="The old name leads here from now on, in imports too.")
        if not st.form_submit_button("Rename", type="primary"):
            return
    with showing_refusals():
        with work() as uow:
            rename_author(uow, author_id, new)
        say(f"“{name}” is “{new}” now, on all titles.")
        st.rerun()


def merge_form(author_id: int, name: str, others: Mapping[int, str]) -> None:
    """Other records of the same person, to be merged into this one."""
    st.subheader("The same person under other names", anchor=False)
    if not others:
        st.write("Look for another spelling above; what is found can be merged into this author.")
        return
    with st.form(f"merge-{author_id}"):
        chosen = st.multiselect("These are the same person", list(others), format_func=lambda number: others[number])
        st.write(
            f"Their titles move to “{plain(name)}”, and their names lead here. It cannot be taken back in one step."
        )
        if not st.form_submit_button("Merge them into this author"):
            return
    with showing_refusals():
        with work() as uow:
            moved = merge_authors(uow, author_id, chosen)
        say(f"{count(len(chosen), 'author was', 'authors were')} merged; {count(moved, 'title', 'titles')} moved.")
        st.rerun()
