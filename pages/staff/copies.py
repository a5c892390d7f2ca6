"""Copies: scan one to see and edit it; the locations they stand at."""

import streamlit as st

from lib.access.permissions import Permission
from lib.catalogue.locations import list_locations
from lib.catalogue.queries import copy_by_barcode
from lib.ui.copy_form import WORDS, edit_copy_form
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.location_list import location_list
from lib.ui.navigation import link
from lib.ui.scan_box import scan_box
from lib.ui.words import plain


def _scanned(code: str, _seq: str) -> None:
    st.query_params["barcode"] = code


enter(Permission.EDIT_CATALOGUE)
st.title("Copies")
scan_box("Barcode", "Scan or type a copy's barcode, then Enter", _scanned)
with reading() as uow:
    places = list_locations(uow)
barcode = st.query_params.get("barcode", "")
if barcode:
    with showing_refusals():
        with reading() as uow:
            found = copy_by_barcode(uow, barcode)
        st.subheader(plain(found.title))
        st.write(f"Copy **{found.barcode}**, {WORDS[found.status]}, {plain(found.location)} {plain(found.shelf)}")
        link("edit-title", "Open the title", icon=":material/book_2:", id=found.title_id)
        edit_copy_form(found, places)
else:
    st.info(
        "Scan a copy to see where it belongs, note its condition, move it or withdraw it.", icon=":material/qr_code:"
    )
location_list(places)
