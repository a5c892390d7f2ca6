"""What was just done on a page of work, with its way back: it stays in sight until the next act."""

from collections.abc import Callable, Sequence

import streamlit as st

from lib.access.work import UnitOfWork
from lib.desk.undo import undo
from lib.ui.doorway import say, work
from lib.ui.ways_out import NOWHERE, Runner, Situation, offering_ways
from lib.ui.words import plain

_KEPT = "tome.done"


def note_done(page: str, text: str, act_id: int | Sequence[int] | None = None) -> None:
    """Keeps what was done, as plain text; with `act_id` it can be taken back from here, several acts at once."""
    st.session_state[f"{_KEPT}.{page}"] = (text, act_id)


def forget_done(page: str) -> None:
    """Takes the last act out of sight: something else was tried since, and nothing came of it."""
    st.session_state.pop(f"{_KEPT}.{page}", None)


def last_act(page: str) -> int | Sequence[int] | None:
    """The act (or acts) that can be taken back from this page now."""
    kept = st.session_state.get(f"{_KEPT}.{page}")
    return kept[1] if kept else None


def show_done(page: str) -> None:
    """Shows the last act of this page and its *Undo*; nothing where nothing was done yet."""
    kept = st.session_state.get(f"{_KEPT}.{page}")
    if kept is None:
        return
    text, act_id = kept
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"done-{page}"):
        st.markdown(f":material/check_circle: {plain(text)}")
        if act_id is not None and act_id != ():
            st.button("Undo", key=f"undo-{page}", icon=":material/undo:", on_click=_undo, args=(page, act_id))


def _undo(page: str, act_id: int | Sequence[int]) -> None:
    with offering_ways(NOWHERE, f"undo-{page}"):
        with work() as uow:
            several = [act_id] if isinstance(act_id, int) else sorted(act_id, reverse=True)
            told = " ".join(undo(uow, one) for one in several)
        note_done(page, f"Undone. {told}")


def do(
    page: str, act: Callable[[UnitOfWork], tuple[str, int | Sequence[int] | None]], here: Situation = NOWHERE,
    run: Runner | None = None, /, **labels: str,
) -> bool:  # fmt: skip
    """Does an act in a unit of work of its own, and notes what it tells with the act's number; whether it was done.
    A refusal comes with its ways out, so it is no call for the inside of a form; `here`, `run` and `labels` as
    `offering_ways` has them."""
    with offering_ways(here, f"refused-{page}", run, **labels):
        with work() as uow:
            told = act(uow)
        note_done(page, *told)
        say(told[0])
        return True
    return False
