"""Reserving a title: the button that says at which place and how long one would wait, and the hold one has already."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from lib.catalogue.models import CopyStatus
from lib.catalogue.rows import CopyRow
from lib.circulation.hold_models import HoldState
from lib.circulation.hold_queries import HoldRow
from lib.circulation.holds import consider_hold, expected_wait, place_hold
from lib.circulation.waits import Wait
from lib.ui.copy_table import WORDS
from lib.ui.doorway import form_key, reading, renew_key, say, showing_refusals, work
from lib.ui.hold_buttons import hold_buttons
from lib.ui.hold_list import next_words, ordinal, standing_words
from lib.ui.hold_words import reserved_words, wait_words
from lib.ui.navigation import link
from lib.ui.reason_list import show_reasons
from lib.ui.words import count, plain


def held_box(hold: HoldRow, today: date) -> None:
    """The reservation one has on this title: where it stands, and what can be done with it."""
    words = f"**{plain(standing_words(hold))}.** {plain(next_words(hold))}"
    if hold.state is HoldState.READY:
        st.success(words, icon=":material/inventory_2:")
    else:
        st.info(words, icon=":material/hourglass_empty:")
    hold_buttons(hold, today)
    link("my-holds", "See all my reservations", icon=":material/bookmark:")


def reserve_label(waiting: int, wait: Wait | None) -> str:
    """ "Reserve: you would be 2nd, about 9–14 days"."""
    return f"Reserve: you would be {', '.join(filter(None, (ordinal(waiting + 1), wait_words(wait))))}"


def reserve_button(title_id: int, waiting: int, *, main: bool = True) -> None:
    """The button for any copy of a title; `waiting` readers wait already."""
    with reading() as uow:
        wait = expected_wait(uow, title_id=title_id)
    _button(reserve_label(waiting, wait), title_id, None, main=main)


def one_copy_box(title_id: int, copies: Sequence[CopyRow]) -> None:
    """Waiting for one copy alone, where the copies differ: a volume, a branch."""
    here = [copy for copy in copies if copy.status is not CopyStatus.WITHDRAWN]
    if len({(copy.location, copy.shelf, copy.condition) for copy in here}) < 2:
        return
    with st.expander("Only one of the copies will do", icon=":material/filter_1:"):
        chosen = st.selectbox(
            "Which copy?", here, index=None, key=f"one-copy-{title_id}", format_func=_copy_words,
            placeholder="Choose the copy to wait for",
        )  # fmt: skip
        if chosen is None:
            return
        with reading() as uow:
            decision = consider_hold(uow, title_id=title_id, copy_id=chosen.id)
            wait = wait_words(expected_wait(uow, title_id=title_id, copy_id=chosen.id)) if decision.may else ""
        if not decision.may:
            show_reasons(decision.against, "You cannot wait for this copy now", own=True)
            return
        _button("Reserve this copy" + (f": {wait}" if wait else ""), title_id, chosen.id, main=False)


def queue_words(waiting: int, wait: Wait | None) -> str:
    """For those who are not signed in: how many wait, and how long one would; "" where there is nothing to say."""
    queue = count(waiting, "reader waits", "readers wait") + " for it." if waiting else ""
    long = wait_words(wait)
    return " ".join(filter(None, (queue, f"Whoever reserves it now waits {long}." if long else "")))


def _copy_words(copy: CopyRow) -> str:
    place = ", ".join(filter(None, (copy.location, copy.shelf)))
    return f"{place}: {WORDS[copy.status][0].lower()}, {copy.condition.value}, {copy.barcode}"


def _button(label: str, title_id: int, copy_id: int | None, *, main: bool) -> None:
    name = f"reserve-{title_id}-{copy_id or 'any'}"
    st.button(
        label, type="primary" if main else "secondary", icon=":material/bookmark_add:", key=name, on_click=_place,
        args=(title_id, copy_id, name, form_key(name)),
    )  # fmt: skip


def _place(title_id: int, copy_id: int | None, name: str, key: str) -> None:
    """The key was made with the button: a double click brings the same one again."""
    with showing_refusals():
        with work() as uow:
            done = place_hold(uow, title_id=title_id, copy_id=copy_id, key=key)
        renew_key(name)
        say(reserved_words(done))
