"""What staff do with one hold wherever it is listed: pause and resume it, move it in its queue, cancel it."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

import streamlit as st

from lib.access.work import UnitOfWork
from lib.circulation.holds import cancel_hold, move_hold, resume_hold, suspend_hold
from lib.ui.ways_out import do_and_say
from lib.ui.words import day

PAUSE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Acted:
    """A live hold: `name` says which one on its page (the title, or the reader); `position` None: its copy is ready."""

    id: int
    name: str
    position: int | None
    queue_length: int
    suspended_until: date | None


def hold_acts(hold: Acted, today: date) -> None:
    """The buttons, in a row."""
    if hold.position is None:
        st.link_button("Print slip", f"/files/hold-slip/{hold.id}", icon=":material/print:")
    elif hold.suspended_until:
        st.button("Resume", key=f"resume-{hold.id}", on_click=_resume, args=(hold,))
    else:
        with st.popover("Pause", key=f"pause-{hold.id}"):
            key = f"pause-until-{hold.id}"
            st.date_input("Up to and including", today + PAUSE, min_value=today, key=key, format="DD/MM/YYYY")
            st.button("Pause it", key=f"pause-it-{hold.id}", on_click=_pause, args=(hold, key))
    if hold.position is not None and hold.queue_length > 1:
        at = f"{hold.id}-{hold.position}"  # moved, it is closed, and asks anew
        with st.popover("Move", key=f"move-{at}"):
            place, why = f"place-{at}", f"move-why-{at}"
            st.number_input(f"New place (of {hold.queue_length})", 1, hold.queue_length, hold.position, key=place)
            st.text_input("Reason", key=why, max_chars=500)
            st.button("Move it", key=f"move-it-{hold.id}", on_click=_move, args=(hold, place, why))
    cancel_button(hold)


def cancel_button(hold: Acted) -> None:
    """Cancels a hold, for a reason that its reader is told."""
    with st.popover("Cancel", key=f"cancel-{hold.id}"):
        st.write("The reader is told, with the reason.")
        why = f"cancel-why-{hold.id}"
        st.text_input("Reason", key=why, max_chars=500)
        st.button(
            "Cancel the hold", key=f"cancel-it-{hold.id}", on_click=_cancel, args=(hold, why, uuid4().hex)
        )  # fmt: skip


def _resume(hold: Acted) -> None:
    def act(uow: UnitOfWork) -> str:
        resume_hold(uow, hold.id)
        return f"“{hold.name}” waits again, at the place it kept."

    do_and_say(act)


def _pause(hold: Acted, field: str) -> None:
    until = st.session_state[field]

    def act(uow: UnitOfWork) -> str:
        suspend_hold(uow, hold.id, until)
        return f"“{hold.name}” is paused until {day(until)}. It keeps its place."

    do_and_say(act)


def _move(hold: Acted, field: str, why: str) -> None:
    wanted, reason = int(st.session_state[field]), str(st.session_state[why])
    do_and_say(lambda uow: f"“{hold.name}”: place {move_hold(uow, hold.id, wanted, reason)} now.")


def _cancel(hold: Acted, field: str, key: str) -> None:
    reason = str(st.session_state[field])

    def act(uow: UnitOfWork) -> str:
        done = cancel_hold(uow, hold.id, reason=reason, key=key)
        if done.offer is not None:
            return f"The hold is cancelled. The copy on the shelf is {done.offer.name}’s now: print a new slip."
        freed = " Take the copy off the hold shelf." if done.freed_copy_id else ""
        return f"The hold on “{done.title}” is cancelled.{freed}"

    do_and_say(act)
