"""Where copies can stand: branches and rooms, to rename and to add to."""

import streamlit as st

from lib.catalogue.locations import LocationRow, save_location
from lib.ui.doorway import say, showing_refusals, work


def location_list(places: tuple[LocationRow, ...]) -> None:
    """The locations and a form for one more, or for a new name."""
    with st.expander("Locations", icon=":material/location_on:"):
        names: dict[int | None, str] = {
            None: "A new location",
            **{row.id: f"{row.name} ({row.code})" for row in places},
        }
        chosen = st.selectbox("Location", list(names), format_func=lambda number: names[number])
        old = next((row for row in places if row.id == chosen), None)
        with st.form(f"location-{chosen}"):
            left, right = st.columns([1, 3])
            code = left.text_input("Code", old.code if old else "", max_chars=20)
            name = right.text_input("Name", old.name if old else "", max_chars=100)
            if st.form_submit_button("Save the location"):
                with showing_refusals():
                    with work() as uow:
                        save_location(uow, code=code, name=name, location_id=chosen)
                    say(f"“{name}” is saved.")
                    st.rerun()
