"""The pull list: what stands on the shelves and is waited for, in the order of a walk; scanned when fetched."""

import streamlit as st

from lib.access.permissions import Permission
from lib.catalogue.locations import list_locations
from lib.circulation.hold_shelf import pull_list
from lib.ui.done_note import show_done
from lib.ui.doorway import enter, reading, showing_refusals
from lib.ui.navigation import href
from lib.ui.not_there import one_of_these
from lib.ui.pull_rows import PAGE, answer, fetched, names_of, pull_rows
from lib.ui.scan_box import scan_box
from lib.ui.words import count

enter(Permission.CIRCULATE)
st.title("Pull list", anchor=False)
with reading() as uow:
    places = {row.code: row.name for row in list_locations(uow)}
where = None
if len(places) > 1:
    codes = ["", *places]
    asked = st.query_params.get("location", "")
    where = st.selectbox(
        "Location", codes, codes.index(asked) if asked in codes else 0, key="location",
        format_func=lambda code: places[code] if code else "All locations",
    )  # fmt: skip
    st.query_params["location"] = where or ""
with showing_refusals():
    with reading() as uow:
        found = pull_list(uow, location=where or None, page=int(st.session_state.get("page", 1)), size=100)
    scan_box("Scan what you fetched", "It is put aside for whoever waits", fetched, answer())
    show_done(PAGE)
    if found.rows:
        st.write(f"{count(found.total, 'copy is', 'copies are')} on the shelves and waited for.")
        st.link_button(
            "Print the list", "/files/pull-list" + href("", location=where or None).removeprefix("/"),
            icon=":material/print:",
        )  # fmt: skip
        pull_rows(found.rows)
        one_of_these(PAGE, names_of(found.rows))
    else:
        st.success("Nothing is to be fetched: whoever waits, waits for a copy that is out.",
                   icon=":material/check_circle:")  # fmt: skip
    if found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")
