"""A title's queue on screen, each reader with what staff can do, and its copies with who has them."""

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

import streamlit as st

from lib.access.work import UnitOfWork
from lib.catalogue.rows import CopyRow
from lib.circulation.copy_dues import CopyOut
from lib.circulation.hold_queries import QueueRow
from lib.circulation.holds import cancel_all_holds
from lib.kit.clock import day_of
from lib.ui.copy_table import WORDS
from lib.ui.hold_acts import Acted, hold_acts
from lib.ui.linked import anchor, esc, show_linked, tied
from lib.ui.navigation import href
from lib.ui.ways_out import do_and_say
from lib.ui.words import count, day, the_reader

_TEXT = 'class="text"'


def queue_row(row: QueueRow, length: int, today: date) -> None:
    """One reader: the place, since when, what stands in the way, and the acts."""
    with st.container(border=True):
        told, acts = st.columns([3, 2], vertical_alignment="center")
        with told:
            show_linked(_told(row), f"queue-{row.hold_id}")
        with acts, st.container(horizontal=True):
            hold_acts(Acted(row.hold_id, row.name, row.position, length, row.suspended_until), today)


def _told(row: QueueRow) -> str:
    who = anchor(href("member", id=row.account_id), f"<bdi>{esc(row.name)}</bdi>", more=_TEXT)
    card = f' <span class="small soft">card {esc(row.card_number)}</span>' if row.card_number else ""
    since = day(day_of(row.placed_at, ZoneInfo(the_reader().zone)))
    said = [f"since {since}"]
    if row.this_copy_only and row.position is not None:
        said.append(f"only the copy {row.copy_barcode}")
    if row.suspended_until:
        said.append(f"paused until {day(row.suspended_until)}: others go first")
    if row.passed_over:
        said.append(f"{row.passed_over}: others go first")
    place = f"{row.position}." if row.position is not None else "Ready:"
    if row.position is None:
        until = f" until {day(row.shelf_until)}" if row.shelf_until else ""
        said.insert(0, f"copy {row.copy_barcode} on the hold shelf{until}")
    return f'<h3>{esc(place)} {who}{card}</h3><p class="small">{esc(", ".join(said))}</p>'


def cancel_everybody(title_id: int, total: int) -> None:
    """Ends every hold of the title, for one that leaves the library."""
    with st.popover("Cancel every hold", icon=":material/group_off:"):
        st.write(f"{count(total, 'reader is', 'readers are')} told that they need not wait any more, with the reason.")
        st.text_input("Reason", key="cancel-all-why", max_chars=500)
        st.button("Cancel all of them", key="cancel-all", on_click=_cancel_all, args=(title_id,))


def _cancel_all(title_id: int) -> None:
    reason = str(st.session_state["cancel-all-why"])

    def act(uow: UnitOfWork) -> str:
        ended = cancel_all_holds(uow, title_id=title_id, reason=reason)
        return f"{count(ended, 'hold is', 'holds are')} cancelled."

    do_and_say(act)


def copies_and_readers(copies: tuple[CopyRow, ...], out: Mapping[int, CopyOut]) -> None:
    """A table of the copies: where each is, or who has it until when."""
    if not copies:
        st.info("This title has no copies. Add one on its page under “Edit this title”.", icon=":material/library_add:")
        return
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Copy", "Place", "Now"))
    rows = "".join(_copy(copy, out.get(copy.id)) for copy in copies)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    show_linked(f'<div class="scroll" tabindex="0" role="region" aria-label="Copies">{table}</div>', "who-has")


def _copy(copy: CopyRow, out: CopyOut | None) -> str:
    place = esc(copy.location) + (f", {tied(copy.shelf)}" if copy.shelf else "")
    now = esc(WORDS[copy.status][0])
    if out is not None:
        who = anchor(href("member", id=out.account_id), f"<bdi>{esc(out.name)}</bdi>", more=_TEXT)
        now = f"{who}, until {esc(day(out.due_on))}"
    code = anchor(href("copies", barcode=copy.barcode), esc(copy.barcode), more=_TEXT)
    return f"<tr><td>{code}</td><td><bdi>{place}</bdi></td><td>{now}</td></tr>"
