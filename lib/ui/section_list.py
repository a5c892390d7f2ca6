"""One section among others: what it is, how many titles, and its form."""

import streamlit as st

from lib.catalogue.rows import SectionRow
from lib.catalogue.sections import delete_section, edit_section
from lib.ui.doorway import say, showing_refusals, work
from lib.ui.navigation import link
from lib.ui.words import count, day, plain


def section_editor(row: SectionRow) -> None:
    """A closed line that opens into the section's form."""
    with st.expander(f"**{plain(row.name)}** · {count(row.titles, 'title', 'titles')}"):
        st.write(f"Number {row.id}, created on {day(row.created_on)}")
        with st.form(f"section-{row.id}-{row.version}"):
            name = st.text_input("Name", row.name, max_chars=100)
            about = st.text_area("Description", row.description, max_chars=2000, height=80)
            if st.form_submit_button("Save"):
                with showing_refusals():
                    with work() as uow:
                        edit_section(uow, row.id, name, about, seen_version=row.version)
                    say(f"“{name}” is saved.")
                    st.rerun()
        with st.container(horizontal=True):
            link("catalogue", "Its titles", icon=":material/search:", section=row.id)
            if st.button("Delete the section", key=f"delete-{row.id}", disabled=row.titles > 0,
                         help="Only an empty section can be deleted." if row.titles else None):  # fmt: skip
                with showing_refusals():
                    with work() as uow:
                        delete_section(uow, row.id)
                    say(f"“{row.name}” was deleted.")
                    st.rerun()
