"""Copies: scan one to see and edit it; the locations they stand at."""

import streamlit as st

from lib.access.permissions import Permission
from lib.catalogue.locations import list_locations
from lib.catalogue.queries import copy_by_barcode
from lib.ui.copies_waiting import show_waiting
from lib.ui.copy_form import WORDS, edit_copy_form
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.location_list import location_list
from lib.ui.navigation import link
from lib.ui.scan_box import scan_box
from lib.ui.words import plain


def _scanned(code: str, _seq: str) -> None:
    st.query_params.clear()
    if code:
        st.query_params["barcode"] = code


enter(Permission.EDIT_CATALOGUE)
st.title("Copies", anchor=False)
scan_box("Barcode", "Scan or type a copy's barcode, then Enter", _scanned, quiet=True)
with reading() as uow:
    places = list_locations(uow)
barcode = st.query_params.get("barcode", "")
if barcode:
    with showing_refusals():
        with reading() as uow:
            found = copy_by_barcode(uow, barcode)
        st.subheader(plain(found.title), anchor=False)
        where = " ".join(filter(None, (found.location, found.shelf)))
        st.write(f"Copy **{plain(found.barcode)}**, {WORDS[found.status]}. It belongs at {plain(where)}.")
        link("edit-title", "Open the title", icon=":material/book_2:", id=found.title_id)
        edit_copy_form(found, places)
    link("copies", "Back to the list", icon=":material/arrow_back:")
else:
    with showing_refusals():
        show_waiting()
location_list(places)
