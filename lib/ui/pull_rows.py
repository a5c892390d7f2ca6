"""The pull list on screen: what to fetch for those who wait, place by place, and scanning what was fetched."""

from collections.abc import Iterable
from itertools import groupby

import streamlit as st

from lib.access.work import UnitOfWork
from lib.circulation.hold_shelf import PullRow
from lib.circulation.returns import check_in
from lib.kit.errors import Refusal
from lib.ui.done_note import forget_done, last_act, note_done
from lib.ui.doorway import work
from lib.ui.fetched_words import fetched_words
from lib.ui.linked import anchor, esc, show_linked
from lib.ui.navigation import href
from lib.ui.row_table import row_table
from lib.ui.scan_box import Answer
from lib.ui.words import count, day

PAGE = "pull-list"
_KEPT = "tome.pulled"
_TEXT = 'class="text"'


def fetched(code: str, key: str) -> None:
    """A fetched copy is scanned: it is put aside for whoever waits, and the page says for whom."""
    if not code.strip():
        return
    try:
        with work() as uow:
            told, title, act_id, held = _capture(uow, code, key)
    except Refusal as refusal:
        st.session_state[_KEPT] = (Answer(esc(str(refusal)), "bad"), None)
        forget_done(PAGE)  # "Scanned: …" with its Undo would be read as this scan's
        return
    st.session_state[_KEPT] = (Answer(esc(told), "good" if held else "ask"), act_id)
    note_done(PAGE, f"Scanned: “{title}”.", act_id)


def _capture(uow: UnitOfWork, code: str, key: str) -> tuple[str, str, int, bool]:
    done = check_in(uow, barcode=code, key=key)
    return fetched_words(done), done.title, done.act_id, done.hold is not None


def answer() -> Answer | None:
    """What came of the last scan on this page; nothing once it was undone, or something else was done since."""
    found, act_id = st.session_state.get(_KEPT) or (None, None)
    return found if act_id is None or act_id == last_act(PAGE) else None


def pull_rows(rows: Iterable[PullRow]) -> None:
    """The list, a table a place, in the order of a walk."""
    for at, (place, group) in enumerate(groupby(rows, key=lambda row: row.location)):
        found = list(group)
        show_linked(
            f"<h2{' class=gap' if at else ''}><bdi>{esc(place)}</bdi> "
            f'<span class="small soft">{esc(count(len(found), "copy", "copies"))}</span></h2>',
            f"place-{at}",
        )
        row_table(
            ("Shelf", "Title", "Copy"), map(_row, found),
            label=f"To fetch at {place}", key=f"pull-{at}",
        )  # fmt: skip


def names_of(rows: Iterable[PullRow]) -> dict[str, str]:
    """What each copy of the list is called where one is chosen, by barcode."""
    return {row.barcode: " · ".join(filter(None, (row.shelf, row.call_number, row.title, row.barcode))) for row in rows}


def _row(row: PullRow) -> tuple[str, ...]:
    title = anchor(href("title", id=row.title_id), f"<bdi>{esc(row.title)}</bdi>", more=_TEXT)
    authors = f'<br><span class="small soft"><bdi>{esc(row.authors)}</bdi></span>' if row.authors else ""
    place = f'<b>{esc(row.shelf)}</b><br><span class="small soft">{esc(row.call_number)}</span>'
    since = f'<span class="small soft">waited for since {esc(day(row.placed_at.date()))}</span>'
    return place, f"{title}{authors}", f"<code>{esc(row.barcode)}</code><br>{since}"
