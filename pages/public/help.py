"""Help: the guides for who is reading."""

import streamlit as st

from lib.ui.doorway import enter
from lib.ui.guide import guides_for, show_guide

visitor = enter()
st.title("Help", anchor=False)
guides = guides_for(visitor.actor)
if len(guides) == 1:
    show_guide(guides[0])
else:
    for tab, guide in zip(st.tabs([guide.name for guide in guides]), guides, strict=True):
        with tab:
            show_guide(guide)
if visitor.library.contact_email:
    st.write("Something else? Write to the library:")
    st.text(visitor.library.contact_email)
