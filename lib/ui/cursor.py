"""The cursor waits in one field of a page from its opening on: a scanned card or a typed name is not lost."""

from pathlib import Path

import streamlit as st

from lib.ui.navigation import here

_component = st.components.v2.component(
    "tome_cursor", js=(Path(__file__).parent / "assets" / "cursor.js").read_text("utf-8")
)
_SCANNED = "tome.handed-in"


def cursor_in(label: str, part: str = "") -> None:
    """Puts the cursor into the field of this label, once for each opening of the page or of a `part`. Called last, so
    that it takes no room between others."""
    mark = f"{here().partition('?')[0]} {part}"
    _component(key=f"cursor-{part}", data={"label": label, "mark": mark}, height="content")


def handed_in() -> None:
    """For a field's `on_change`: what stands in it was scanned or typed just now."""
    st.session_state[_SCANNED] = True


def was_handed_in() -> bool:
    """Whether the field was filled just now, and not left by an earlier visit; asked once."""
    return bool(st.session_state.pop(_SCANNED, False))
