"""How to cite a title, in three styles, ready to copy."""

import streamlit as st

STYLES = {"apa": "APA", "mla": "MLA", "chicago": "Chicago"}


def citation_box(cited: dict[str, str], address: str) -> None:
    """A tab a style, each with a copy button, and the title's lasting address."""
    for tab, (style, name) in zip(st.tabs(list(STYLES.values())), STYLES.items(), strict=True):
        with tab:
            st.code(cited[style], language=None, wrap_lines=True)
            st.caption(f"{name}. Check names and capitals against your school's own rules.")
    st.write("Lasting address of this page")
    st.code(address, language=None, wrap_lines=True)
