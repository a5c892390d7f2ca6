"""A button for a paper that counts as printed once it was asked for: one click prints it, and nothing else can."""

from pathlib import Path

import streamlit as st

_ASSETS = Path(__file__).parent / "assets"
_component = st.components.v2.component(
    "tome_paper_button",
    html='<div class="paper"><button type="button"></button><p role="status"></p></div>',
    css=(_ASSETS / "paper_button.css").read_text("utf-8"),
    js=(_ASSETS / "paper_button.js").read_text("utf-8"),
)


def paper_button(label: str, path: str, filename: str, *, nothing: str, key: str) -> bool:
    """Draws the button; true in the run after the paper came. `nothing` is said where there is none (any more)."""
    data = {"label": label, "path": path, "filename": filename, "nothing": nothing}
    told = _component(key=key, data=data, on_printed_change=lambda: None)
    return bool(getattr(told, "printed", None))
