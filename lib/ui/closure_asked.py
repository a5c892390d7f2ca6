"""The change of the calendar that is being looked at, and the place on the page where its effect is shown."""

from dataclasses import dataclass

import streamlit as st

from lib.closures.reach import CalendarChange
from lib.ui.doorway import renew_key

_KEPT = "closures.asked"
_TURN = "closures.turn"


@dataclass(frozen=True, slots=True)
class Asked:
    """A `change`, or `back`: the id of a change to take back. `verb` and `what` say it: "Close", "every Sunday"."""

    place: str
    verb: str
    what: str
    change: CalendarChange | None = None
    back: int | None = None


def ask(asked: Asked) -> None:
    """Shows this effect from now on, and no other."""
    st.session_state[_KEPT] = asked


def asked_at(place: str) -> Asked | None:
    """What was asked for at this place of the page."""
    found = st.session_state.get(_KEPT)
    return found if isinstance(found, Asked) and found.place == place else None


def something_is_asked() -> bool:
    """Whether an effect stands on the page: then its button is the main one."""
    return _KEPT in st.session_state


def forget() -> None:
    """Leaves the calendar as it is."""
    st.session_state.pop(_KEPT, None)


def done() -> None:
    """The change is made: the form starts anew."""
    forget()
    renew_key("closures")
    st.session_state[_TURN] = turn() + 1


def turn() -> int:
    """Counts the changes made on this screen, so that each begins with an empty form."""
    return int(st.session_state.get(_TURN, 0))
