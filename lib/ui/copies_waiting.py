"""Copies that readers cannot have: in repair, lost, on order, withdrawn; each leads to its form."""

import streamlit as st

from lib.catalogue.models import CopyStatus
from lib.reports.worklists import WaitingCopy, copies_waiting, waiting_counts
from lib.ui.doorway import reading
from lib.ui.linked import anchor, esc, tied
from lib.ui.navigation import href
from lib.ui.row_table import row_table
from lib.ui.words import number

STATES = {
    CopyStatus.IN_REPAIR: "In repair",
    CopyStatus.LOST: "Lost",
    CopyStatus.ON_ORDER: "On order",
    CopyStatus.WITHDRAWN: "Withdrawn",
}


def show_waiting() -> None:
    """A choice of the status, and the copies that have it."""
    with reading() as uow:
        counts = waiting_counts(uow, tuple(STATES))
    asked = st.query_params.get("status", "")
    values = [state.value for state in STATES]
    chosen = st.radio(
        "Not on the shelves", values, values.index(asked) if asked in values else 0, horizontal=True,
        format_func=lambda value: f"{STATES[CopyStatus(value)]} ({number(counts[CopyStatus(value)])})",
        key="status",
    )  # fmt: skip
    st.query_params["status"] = chosen or CopyStatus.IN_REPAIR.value
    with reading() as uow:
        found = copies_waiting(uow, CopyStatus(chosen or "in_repair"), page=int(st.session_state.get("page", 1)))
    if not found.rows:
        st.write("None.")
        return
    heads = ("Copy", "Title", "Belongs at", "Note")
    row_table(heads, map(_row, found.rows), label="Copies", key="waiting", stack=True)
    if found.pages > 1:
        st.pagination(found.pages, key="page", bind="query-params")


def _row(row: WaitingCopy) -> tuple[str, ...]:
    return (
        anchor(href("copies", barcode=row.barcode), esc(row.barcode), more=_TEXT),
        f"<bdi>{esc(row.title)}</bdi>",
        f"{esc(row.location)} {tied(row.shelf)}",
        f'<span class="small">{esc(row.note or row.condition)}</span>',
    )


_TEXT = 'class="text"'
