"""Copies in repair on screen: how long, what is wrong, who waits; mended, or withdrawn."""

from datetime import date

import streamlit as st

from lib.access.work import UnitOfWork
from lib.catalogue.models import Condition, CopyStatus
from lib.circulation.repairs import RepairRow, end_repair, in_repair
from lib.circulation.withdrawal import withdraw_copy
from lib.ui.done_note import do
from lib.ui.doorway import form_key, reading, renew_key, showing_refusals
from lib.ui.linked import anchor, esc, show_linked
from lib.ui.navigation import href
from lib.ui.words import count, day

PAGE = "repairs"
_IN_HAND = "tome.repairs.in-hand"
_TEXT = 'class="text"'
MENDED = {Condition.GOOD: "Good", Condition.NEW: "As new", Condition.WORN: "Worn"}


def repair_card(row: RepairRow, today: date) -> None:
    """One copy in repair, and the two ways out."""
    with st.container(border=True):
        told, acts = st.columns([5, 3], vertical_alignment="center")
        with told:
            show_linked(_told(row, today), f"repair-{row.copy_id}")
        with acts, st.container(horizontal=True):
            _mended(row)
            _withdrawn(row)


def hold_scanned(code: str, _seq: str) -> None:
    """A copy is scanned: it is the one in hand."""
    st.session_state[_IN_HAND] = code


def in_hand(today: date) -> None:
    """The copy that was scanned, with the form that ends its repair open: nothing to look for, nothing to click."""
    code = st.session_state.get(_IN_HAND)
    if not code:
        return
    with showing_refusals():
        with reading() as uow:
            row = in_repair(uow, code)
        with st.container(border=True):
            show_linked(_told(row, today), "in-hand")
            with st.form(f"in-hand-{row.copy_id}", border=False):
                _mending(row, primary=True)


def _told(row: RepairRow, today: date) -> str:
    title = anchor(href("title", id=row.title_id), f"<bdi>{esc(row.title)}</bdi>", more=_TEXT)
    copy = anchor(href("copies", barcode=row.barcode), esc(row.barcode), more=_TEXT)
    place = esc(" · ".join(filter(None, (row.location, row.shelf))))
    note = f"<p>{esc(row.note)}</p>" if row.note else ""
    waits = f' · <b class="soon">{esc(count(row.waiting, "reader waits", "readers wait"))}</b>' if row.waiting else ""
    return (
        f'<h3>{title}</h3>{note}<p class="small">{_since(row, today)}{waits}</p><p class="small">{copy} · {place}</p>'
    )


def _since(row: RepairRow, today: date) -> str:
    if row.last_returned_on is None:
        return f"{esc(row.condition.capitalize())}, never lent"
    days = (today - row.last_returned_on).days
    ago = f"{esc(count(days, 'day', 'days'))} ago" if days else "today"
    return f"{esc(row.condition.capitalize())}, came back {ago}, {esc(day(row.last_returned_on))}"


def _mended(row: RepairRow) -> None:
    with st.popover("It is mended", width="stretch"), st.form(f"mend-{row.copy_id}", border=False):
        _mending(row)


def _mending(row: RepairRow, *, primary: bool = False) -> None:
    """The fields of a form that ends a repair."""
    looks = list(MENDED)
    condition = st.selectbox("How it looks now", looks, format_func=lambda look: MENDED[look])
    note = st.text_input("Note", row.note, max_chars=500, help="It stays with the copy. Clear what holds no more.")
    if st.form_submit_button("End the repair", type="primary" if primary else "secondary"):
        key = form_key(name := f"mend-{row.copy_id}")

        def act(uow: UnitOfWork) -> tuple[str, int]:
            done = end_repair(uow, copy_id=row.copy_id, condition=condition, note=note, key=key)
            return f"“{done.title}” is mended. {_goes(done.status)}", done.act_id

        if do(PAGE, act):
            renew_key(name)
            st.session_state.pop(_IN_HAND, None)
            st.rerun()


def _goes(status: str) -> str:
    if status == CopyStatus.ON_HOLD_SHELF:
        return "Somebody waits for it: put it on the hold shelf and print its slip there."
    return "Put it back on its shelf."


def _withdrawn(row: RepairRow) -> None:
    with st.popover("Withdraw it", width="stretch"), st.form(f"withdraw-{row.copy_id}", border=False):
        st.write("The copy leaves the collection; its past stays on record. It can be brought back on its own page.")
        reason = st.text_input("Why", max_chars=500)
        if st.form_submit_button("Withdraw the copy"):

            def act(uow: UnitOfWork) -> tuple[str, None]:
                withdraw_copy(uow, row.copy_id, reason)
                return f"“{row.title}” ({row.barcode}) is withdrawn.", None

            if do(PAGE, act):
                st.rerun()
