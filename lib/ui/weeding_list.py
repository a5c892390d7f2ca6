"""The weeding list on screen: which copies to look at, a table to choose from, and withdrawing what was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from lib.access.once import fingerprint
from lib.catalogue.locations import list_locations
from lib.catalogue.queries import sections
from lib.circulation.weeding import WeedingRow
from lib.circulation.withdrawal import withdraw_copy
from lib.kit.errors import Refusal
from lib.kit.money import Money
from lib.ui.done_note import note_done
from lib.ui.doorway import reading, say, showing_refusals, work
from lib.ui.navigation import href
from lib.ui.words import count, plain, the_reader

PAGE = "weeding"
MOST_YEARS = 30
_FAILED = "tome.weeding.failed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which copies the list shall have."""

    years: int
    worn: bool
    location: str
    section_id: int

    @property
    def file(self) -> str:
        """Where the list is had as a file."""
        asked = {"years": self.years, "worn": int(self.worn), "location": self.location or None,
                 "section": self.section_id or None}  # fmt: skip
        return f"/files/weeding{href('', **asked).removeprefix('/')}"


def asked_for() -> Wanted:
    """The questions above the list."""
    with reading() as uow:
        places = {"": "All locations"} | {row.code: row.name for row in list_locations(uow)}
        parts = {0: "All sections"} | {row.id: row.name for row in sections(uow)}
    years = st.slider("Not borrowed for so many years", 0, MOST_YEARS, 5, key="years", bind="query-params")
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    place = left.selectbox("Location", list(places), format_func=lambda code: places[code])
    part = middle.selectbox("Section", list(parts), format_func=lambda number: parts[number])
    worn = right.toggle("Worn only", key="worn", bind="query-params")
    return Wanted(years, worn, place or "", part or 0)


def weeding_table(rows: Sequence[WeedingRow]) -> list[WeedingRow]:
    """Draws the table; returns the rows that were chosen. A choice is kept by its place in the table, so it holds for
    these rows alone: once some are gone, nothing is chosen."""
    currency, many = the_reader().currency, len({row.location for row in rows}) > 1
    table = pd.DataFrame(
        {
            "Title": [row.title for row in rows],
            "Barcode": [row.barcode for row in rows],
            "Place": [" · ".join(filter(None, (row.shelf, row.call_number, row.location if many else "")))
                      for row in rows],
            "Last loan": [row.last_issued_on for row in rows],
            "Loans": [row.loans for row in rows],
            "Condition": [row.condition for row in rows],
            "Other copies": [row.others for row in rows],
            "Price": [None if row.price_minor is None else float(Money(row.price_minor, currency).decimal)
                      for row in rows],
        }
    )  # fmt: skip
    state = st.dataframe(
        table, key=f"weeding-{fingerprint([row.copy_id for row in rows])}", hide_index=True, placeholder="–",
        on_select="rerun", selection_mode="multi-row", alt="Copies that might go",
        column_config={
            "Title": st.column_config.TextColumn(width=192 if not many else 168),
            "Barcode": st.column_config.TextColumn(width=118),
            "Place": st.column_config.TextColumn(width=198 if many else 174),
            "Last loan": st.column_config.DateColumn(format="localized", width=92),
            "Loans": st.column_config.NumberColumn(width=56),
            "Condition": st.column_config.TextColumn(width=82),
            "Other copies": st.column_config.NumberColumn("Others", width=60, help="Further copies of the title."),
            "Price": st.column_config.NumberColumn(format="%.2f", width=58),
        },
    )  # fmt: skip
    return [rows[at] for at in state.selection.rows if at < len(rows)]


def withdraw_chosen(chosen: Sequence[WeedingRow]) -> None:
    """The form that withdraws them: what it means, the reason, one bar for all."""
    last = sum(row.others == 0 for row in chosen)
    with st.form("withdraw", border=True):
        st.write(
            f"**{count(len(chosen), 'copy leaves', 'copies leave')} the collection.** There is no undo for all of them"
            " at once: each can only be brought back on its own page. Their past stays on record."
        )
        if last:
            st.write(
                f":material/info: {count(last, 'of them is the last copy of its title', 'of them are last copies')}."
            )
        reason = st.text_input("Why", max_chars=500, placeholder="Not borrowed for years, and worn")
        if st.form_submit_button(f"Withdraw {count(len(chosen), 'copy', 'copies')}", type="primary"):
            _withdraw(chosen, reason)


def _withdraw(chosen: Sequence[WeedingRow], reason: str) -> None:
    """Each copy by itself, so that one that may not go keeps none of the others."""
    failed: list[str] = []
    bar = st.progress(0.0, "Withdrawing …")
    done = 0
    with showing_refusals(reason="Why"):
        for at, row in enumerate(chosen, 1):
            try:
                with work() as uow:
                    withdraw_copy(uow, row.copy_id, reason)
                done += 1
            except Refusal as refusal:
                if not done and at == 1 and not reason.strip():
                    raise
                failed.append(f"“{row.title}” ({row.barcode}): {refusal}")
            bar.progress(at / len(chosen), f"{count(at, 'copy', 'copies')} of {len(chosen)}")
        told = f"{count(done, 'copy was', 'copies were')} withdrawn." if done else "Nothing was withdrawn."
        note_done(PAGE, told)
        say(told)
        st.session_state[_FAILED] = failed
        st.rerun()


def what_stayed() -> None:
    """Which of the last ones could not go, and why."""
    if failed := st.session_state.pop(_FAILED, None):
        st.warning(
            "These stayed:\n\n" + "\n".join(f"- {plain(text)}" for text in failed), icon=":material/info:"
        )  # fmt: skip
