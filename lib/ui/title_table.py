"""Titles as staff work on them: a table to sort and select from, and the bulk edit of what is selected."""

from collections.abc import Sequence
from contextlib import suppress

import pandas as pd
import streamlit as st

from lib.catalogue.policy import isbn13_of
from lib.catalogue.queries import copy_by_barcode, genres, sections
from lib.catalogue.rows import TitleCard
from lib.catalogue.search import search
from lib.catalogue.search_query import SearchQuery
from lib.catalogue.titles import bulk_edit
from lib.kit.errors import NotFound
from lib.ui.doorway import reading, say, showing_refusals, work
from lib.ui.navigation import href
from lib.ui.words import count


def title_table(cards: Sequence[TitleCard], key: str) -> list[int]:
    """Draws the table; returns the ids of the selected titles."""
    table = pd.DataFrame(
        {
            "Open": [href("edit-title", id=card.id) for card in cards],
            "Title": [card.title for card in cards],
            "Authors": [", ".join(author.name for author in card.authors) for card in cards],
            "Year": [card.year for card in cards],
            "In": [f"{card.copies_in} of {card.copies_total}" if card.copies_total else "none" for card in cards],
            "Shelf": [card.first_shelf for card in cards],
            "Language": [card.language for card in cards],
            "Kind": [card.kind for card in cards],
        }
    )
    state = st.dataframe(
        table, key=key, hide_index=True, on_select="rerun", selection_mode="multi-row", alt="Titles found",
        column_config={
            "Open": st.column_config.LinkColumn("Edit", display_text="Edit", width=54),
            "Title": st.column_config.TextColumn(width=236),
            "Authors": st.column_config.TextColumn(width=164),
            "Year": st.column_config.NumberColumn(format="%d", width=58),
            "In": st.column_config.TextColumn("Copies in", width=80, help="On the shelf now, of all copies."),
            "Shelf": st.column_config.TextColumn(width=66),
            "Language": st.column_config.TextColumn(width=84),
            "Kind": st.column_config.TextColumn(width=80),
        },
    )  # fmt: skip
    return [cards[row].id for row in state.selection.rows if row < len(cards)]


def scanned_title(text: str) -> int | None:
    """The title whose copy, or whose ISBN, was scanned; None where the words are to be searched for."""
    code = text.strip()
    if not code or " " in code or not any(char.isdigit() for char in code):
        return None
    with reading() as uow:
        with suppress(NotFound):
            return copy_by_barcode(uow, code).title_id
        if isbn13_of(code) is None:
            return None
        found = search(uow, SearchQuery(text=code, include_archived=True, size=2))
        return found.cards[0].id if found.total == 1 else None


@st.dialog("Edit many titles at once", width="medium")
def bulk_edit_dialog(title_ids: Sequence[int]) -> None:
    """What to add to and take from the selected titles."""
    with reading() as uow:
        names = {row.id: row.name for row in sections(uow)}
        known = [row.name for row in genres(uow)]
    st.write(f"This changes {count(len(title_ids), 'title', 'titles')}.")
    with st.form("bulk"):
        more, fewer = st.columns(2)
        add_sections = more.multiselect("Add to sections", list(names), format_func=lambda number: names[number])
        remove_sections = fewer.multiselect(
            "Take out of sections", list(names), format_func=lambda number: names[number]
        )
        add_genres = more.multiselect("Add genres", known, accept_new_options=True)
        remove_genres = fewer.multiselect("Take genres off", known)
        add_tags = more.multiselect("Add tags", [], accept_new_options=True, placeholder="Type a tag")
        remove_tags = fewer.multiselect("Take tags off", [], accept_new_options=True, placeholder="Type a tag")
        if not st.form_submit_button("Change them", type="primary"):
            return
    with showing_refusals():
        with work() as uow:
            changed = bulk_edit(
                uow, title_ids, add_sections=add_sections, remove_sections=remove_sections, add_genres=add_genres,
                remove_genres=remove_genres, add_tags=add_tags, remove_tags=remove_tags,
            )  # fmt: skip
        say(f"{count(changed, 'title was', 'titles were')} changed.")
        st.rerun()
