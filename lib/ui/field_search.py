"""Search by field: title, author, publisher, series, years; for those who know exactly what they want."""

from typing import Any

import streamlit as st

from lib.catalogue.search_query import SearchQuery

FIELDS = {"title": "Title", "author": "Author", "series": "Series", "publisher": "Publisher"}


def field_search(query: SearchQuery) -> dict[str, Any] | None:
    """Draws the folded form; returns what it changes in the search once it is sent, else None."""
    with st.expander("Search by field", icon=":material/tune:"), st.form("field-search", border=False):
        columns = st.columns(2)
        texts = {
            name: columns[at % 2].text_input(label, query.fields.get(name, ""), max_chars=200)
            for at, (name, label) in enumerate(FIELDS.items())
        }
        first, last = st.columns(2)
        years = {
            "year_from": first.number_input("Published from", -3000, 2999, query.year_from, step=1, format="%d"),
            "year_to": last.number_input("Published until", -3000, 2999, query.year_to, step=1, format="%d"),
        }
        sent = st.form_submit_button("Search these fields")
    others = {name: text for name, text in query.fields.items() if name not in FIELDS}
    fields = others | {name: text.strip() for name, text in texts.items() if text and text.strip()}
    return {"fields": fields, **years} if sent else None
