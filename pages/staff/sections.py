"""Sections of the collection: add, rename, describe, delete when empty."""

import streamlit as st

from lib.access.permissions import Permission
from lib.catalogue.queries import sections
from lib.catalogue.sections import add_section
from lib.ui.doorway import enter, form_key, reading, renew_key, say, showing_refusals, work
from lib.ui.section_list import section_editor

enter(Permission.EDIT_CATALOGUE)
st.title("Sections", anchor=False)
st.write("The named parts of the collection, as readers browse them. A title stands in one or more.")
with reading() as uow:
    rows = sections(uow)
with st.expander("Add a section", icon=":material/add:", expanded=not rows), st.form(form_key("section")):
    name = st.text_input("Name", max_chars=100, key=f"{form_key('section')}-name")
    about = st.text_area("Description", max_chars=2000, height=80, key=f"{form_key('section')}-about")
    if st.form_submit_button("Add the section", type="primary"):
        with showing_refusals():
            with work() as uow:
                add_section(uow, name, about)
            renew_key("section")
            say(f"“{name}” is there now. Put titles into it from the list of titles.")
            st.rerun()
for row in rows:
    section_editor(row)
