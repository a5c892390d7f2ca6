"""What a reader can do with a reservation: pause it for a while, resume it, cancel it, and undo that."""

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from lib.access.work import UnitOfWork
from lib.circulation.hold_changes import choose_copy
from lib.circulation.hold_models import HoldState
from lib.circulation.hold_queries import HoldRow
from lib.circulation.holds import LONGEST_SUSPENSION, cancel_hold, resume_hold, suspend_hold
from lib.desk.own_acts import OwnAct, undo_own, undone_words
from lib.ui.doorway import form_key, renew_key, say, showing_refusals, work
from lib.ui.ways_out import do_and_say
from lib.ui.words import clock, day, plain

USUAL_PAUSE = timedelta(days=14)


def hold_buttons(hold: HoldRow, today: date) -> None:
    """The buttons of one live hold, in a row."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"hold-acts-{hold.id}"):
        if hold.state is HoldState.WAITING and hold.suspended_until:
            st.button("Resume", key=f"resume-{hold.id}", on_click=_resume, args=(hold,))
        elif hold.state is HoldState.WAITING:
            _pause_box(hold, today)
        if hold.state is HoldState.WAITING and hold.copy_barcode:
            st.button("Any copy will do", key=f"any-copy-{hold.id}", on_click=_any_copy, args=(hold,))
        _cancel_box(hold)


def _pause_box(hold: HoldRow, today: date) -> None:
    with st.popover("Pause", key=f"pause-box-{hold.id}"):
        st.write("Away for a while? Others go first until the day you choose, and you keep your place.")
        st.date_input(
            "Pause until", today + USUAL_PAUSE, min_value=today, max_value=today + LONGEST_SUSPENSION,
            key=f"pause-until-{hold.id}", format="DD/MM/YYYY",
        )  # fmt: skip
        st.button("Pause this reservation", key=f"pause-{hold.id}", on_click=_pause, args=(hold,))


def _cancel_box(hold: HoldRow) -> None:
    with st.popover("Cancel", key=f"cancel-box-{hold.id}"):
        ready = hold.state is HoldState.READY
        st.write("The copy will not be kept for you any longer." if ready else "You give up your place in the queue.")
        st.button(
            "Cancel this reservation", key=f"cancel-{hold.id}", on_click=_cancel,
            args=(hold, form_key(f"cancel-hold-{hold.id}")),
        )  # fmt: skip


def undo_buttons(acts: Sequence[OwnAct]) -> None:
    """Reservations that were cancelled a moment ago, each with the button that brings it back to its place."""
    for act in acts:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"cancelled-{act.act_id}"):
            st.write(f"Your reservation of “{plain(act.title)}” is cancelled.")
            st.button(
                f"Undo (until {clock(act.until)})", key=f"uncancel-{act.act_id}", on_click=_uncancel,
                args=(act.act_id,), icon=":material/undo:",
            )  # fmt: skip


def _uncancel(act_id: int) -> None:
    def act(uow: UnitOfWork) -> str:
        return undone_words(undo_own(uow, act_id), uow.words)

    do_and_say(act)


def _pause(hold: HoldRow) -> None:
    until = st.session_state.get(f"pause-until-{hold.id}")
    with showing_refusals():
        if not isinstance(until, date):
            st.warning("Choose a day.", icon=":material/event:")
            return
        with work() as uow:
            suspend_hold(uow, hold.id, until)
        say(f"Paused until {day(until)}. You keep your place for “{hold.title}”.")


def _any_copy(hold: HoldRow) -> None:
    with showing_refusals():
        with work() as uow:
            choose_copy(uow, hold.id, None)
        say(f"Any copy of “{hold.title}” will do. You keep your place.")


def _resume(hold: HoldRow) -> None:
    with showing_refusals():
        with work() as uow:
            resume_hold(uow, hold.id)
        say(f"You wait for “{hold.title}” again, at the place you kept.")


def _cancel(hold: HoldRow, key: str) -> None:
    with showing_refusals():
        with work() as uow:
            cancel_hold(uow, hold.id, key=key)
        renew_key(f"cancel-hold-{hold.id}")
        say(f"Your reservation of “{hold.title}” is cancelled.")
