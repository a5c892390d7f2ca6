"""How to cite a title, in three styles, ready to copy."""

import streamlit as st

STYLES = {"apa": "APA", "mla": "MLA", "chicago": "Chicago"}


def citation_box(cited: dict[str, str], address: str) -> None:
    """A tab a style, each with a copy button, and the title's lasting address."""
    for tab, style in zip(st.tabs(list(STYLES.values())), STYLES, strict=True):
        with tab:
            st.code(cited[style], language=None, wrap_lines=True)
    st.write("Lasting address of this page")
    st.code(address, language=None, wrap_lines=True)
