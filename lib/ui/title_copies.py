"""The copies of a title on its staff page: a table, one to edit, and a form for more."""

import pandas as pd
import streamlit as st

from lib.catalogue.locations import LocationRow
from lib.catalogue.rows import TitleDetail
from lib.ui.copy_form import WORDS, add_copies_form, edit_copy_form


def title_copies(detail: TitleDetail | None, places: tuple[LocationRow, ...]) -> None:
    """Draws them; a new title has none yet."""
    if detail is None:
        st.info("Save the title first; then add its copies here.", icon=":material/library_add:")
        return
    if detail.copies:
        table = pd.DataFrame(
            {
                "Barcode": [copy.barcode for copy in detail.copies],
                "Location": [copy.location for copy in detail.copies],
                "Shelf": [copy.shelf for copy in detail.copies],
                "Condition": [copy.condition.value for copy in detail.copies],
                "Status": [WORDS[copy.status] for copy in detail.copies],
                "Acquired": [copy.acquired_on for copy in detail.copies],
                "Note": [copy.note for copy in detail.copies],
            }
        )
        state = st.dataframe(
            table,
            hide_index=True,
            on_select="rerun",
            selection_mode="single-row",
            key="copies",
            alt="Copies",
            column_config={"Acquired": st.column_config.DateColumn(format="localized")},
        )
        chosen = [detail.copies[row] for row in state.selection.rows if row < len(detail.copies)]
        if chosen:
            st.subheader(f"Copy {chosen[0].barcode}")
            edit_copy_form(chosen[0], places)
        else:
            st.write("Tick a copy to edit it.")
    st.subheader("Add copies")
    add_copies_form(detail.id, places, detail.copies[-1] if detail.copies else None)
