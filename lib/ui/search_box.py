"""The search box: one large field and its button; Enter is enough."""

import streamlit as st

LONGEST = 300


def search_box(value: str = "", *, key: str = "search", label: str = "Title, author, subject or ISBN") -> str | None:
    """Draws the box; returns what was just asked for ("" for everything), None when nothing was."""
    with st.form(key, border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            label,
            value,
            max_chars=LONGEST,
            type="search",
            icon=":material/search:",
            placeholder=label,
            label_visibility="collapsed",
        )
        asked = st.form_submit_button("Search", type="primary")
    return (text or "").strip() if asked else None
