"""Readers who wait for what no copy can serve, and what can be done for them."""

from zoneinfo import ZoneInfo

import streamlit as st

from lib.access.work import UnitOfWork
from lib.circulation.hold_changes import choose_copy
from lib.circulation.unserved import UnservedHold
from lib.kit.clock import day_of
from lib.ui.hold_acts import Acted, cancel_button
from lib.ui.linked import anchor, esc, show_linked
from lib.ui.navigation import href, link
from lib.ui.ways_out import do_and_say
from lib.ui.words import count, day, the_reader

_TEXT = 'class="text"'


def unserved_card(row: UnservedHold) -> None:
    """One reader who waits in vain: why, and the ways out."""
    with st.container(border=True):
        told, acts = st.columns([3, 2], vertical_alignment="center")
        with told:
            show_linked(_told(row), f"unserved-{row.hold_id}")
        with acts, st.container(horizontal=True):
            if row.copy_barcode and row.other_copies:
                st.button("Any copy will do", key=f"any-{row.hold_id}", on_click=_any_copy, args=(row,))
            link("edit-title", "Add a copy", icon=":material/library_add:", id=row.title_id)
            cancel_button(Acted(row.hold_id, row.title, None, 0, None))


def _told(row: UnservedHold) -> str:
    who = anchor(href("member", id=row.member_id), f"<bdi>{esc(row.member)}</bdi>", more=_TEXT)
    title = anchor(href("queue", id=row.title_id), f"<bdi>{esc(row.title)}</bdi>", more=_TEXT)
    since = day(day_of(row.placed_at, ZoneInfo(the_reader().zone)))
    return f'<h3>{title}</h3><p>{who}, since {esc(since)}</p><p class="small">{esc(_why(row))}</p>'


def _why(row: UnservedHold) -> str:
    if row.copy_barcode and row.other_copies:
        others = count(row.other_copies, "other copy is", "other copies are")
        return f"Only the copy {row.copy_barcode} would do, and it is gone; {others} there."
    if row.lost:
        return f"{count(row.lost, 'copy is', 'copies are')} lost, and there is no other."
    return "The library has no copy of it."


def _any_copy(row: UnservedHold) -> None:
    def act(uow: UnitOfWork) -> str:
        choose_copy(uow, row.hold_id, None)
        return f"{row.member} waits for any copy of “{row.title}” now."

    do_and_say(act)
