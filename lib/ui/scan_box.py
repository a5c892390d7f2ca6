"""The desk's one input for scanner and keyboard: always focused, sends on Enter, loses no scan."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

_ASSETS = Path(__file__).parent / "assets"
_KEY = "tome.scan"
_ANSWERED = "tome.scan.answered"
_component = st.components.v2.component(
    "tome_scan_box",
    html='<div class="scan"><label><span></span>'
    '<input type="text" autocomplete="off" autocapitalize="none" spellcheck="false" enterkeyhint="go" maxlength="200">'
    "</label></div>",
    css=(_ASSETS / "scan_box.css").read_text("utf-8"),
    js=(_ASSETS / "scan_box.js").read_text("utf-8"),
)


def scan_box(label: str, hint: str, on_scan: Callable[[str, str], None]) -> None:
    """Draws the input. `on_scan(code, seq)` is called with each code and its number, which is never used twice:
    it runs before the page, so that the page shows what came of it."""
    data = {"label": label, "hint": hint, "answered": st.session_state.get(_ANSWERED)}
    _component(key=_KEY, data=data, on_scan_change=lambda: _scanned(on_scan))


def _scanned(on_scan: Callable[[str, str], None]) -> None:
    sent = getattr(st.session_state.get(_KEY), "scan", None)
    if not isinstance(sent, dict):
        return
    code, seq = str(sent.get("code", ""))[:200], str(sent.get("seq", ""))[:40]
    if seq == st.session_state.get(_ANSWERED):
        return
    st.session_state[_ANSWERED] = seq
    on_scan(code, seq)
