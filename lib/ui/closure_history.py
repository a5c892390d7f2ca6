"""The changes of the calendar: who, what, how many dates moved, and the way back."""

import streamlit as st

from lib.circulation.closure_entries import Entry
from lib.closures.opening_days import ChangeRow
from lib.kit.paging import Page
from lib.ui.closure_asked import Asked, ask
from lib.ui.closure_list import entries_words
from lib.ui.closure_preview import loans_and_holds, preview_at
from lib.ui.words import plain, when


def change_list(page: Page[ChangeRow]) -> None:
    """The latest changes, the newest first."""
    st.subheader("Changes", anchor=False)
    if not page.rows:
        st.write(
            "Nothing was changed yet. Each change will stand here, and can be taken back until its day has passed."
        )
    for row in page.rows:
        _change(row)


def _change(row: ChangeRow) -> None:
    place = f"change-{row.id}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{change_words(row)}**  \n{_by(row)}", width="content")
        if not row.why_not:
            asked = Asked(place, "Take back", change_words(row), back=row.id)
            st.button("Take back", key=place, on_click=ask, args=(asked,), help="Shows first what goes back.")
    preview_at(place)


def change_words(row: ChangeRow) -> str:
    """What was changed: "Closed 4 May 2026 to 8 May 2026"."""
    parts: tuple[tuple[str, list[Entry]], ...] = (
        ("closed", [entry for entry in row.added if not entry.is_open]),
        ("opened", [entry for entry in row.added if entry.is_open]),
        ("took out", list(row.removed)),
    )
    said = "; ".join(f"{verb} {entries_words(entries)}" for verb, entries in parts if entries)
    return said[:1].upper() + said[1:]


def _by(row: ChangeRow) -> str:
    said = [
        f"{when(row.at)}, {plain(row.by) or 'the system'}",
        f"{loans_and_holds(row.loans, row.holds) or 'no date'} moved",
    ]
    if row.undone_at:
        said.append(f"taken back on {when(row.undone_at)} by {plain(row.undone_by)}")
    elif row.why_not:
        said.append(f"stays: {plain(row.why_not)}")
    return " · ".join(said)
