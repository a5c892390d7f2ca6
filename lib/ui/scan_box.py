"""The desk's one input for scanner and keyboard: always focused, sends on Enter, loses no scan, and answers in large
type right under it, where the eye already is. A sound can be switched on, for each desk's own browser."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from lib.kit.assets import TONE

_ASSETS = Path(__file__).parent / "assets"
_KEY = "tome.scan"
_ANSWERED = "tome.scan.answered"
_component = st.components.v2.component(
    "tome_scan_box",
    html=(_ASSETS / "scan_box.html").read_text("utf-8"),
    css=(_ASSETS / "scan_box.css").read_text("utf-8"),
    js=TONE.read_text("utf-8") + (_ASSETS / "scan_box.js").read_text("utf-8"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said under the input: HTML of our own with escaped text, and how it turned out: good, bad or ask."""

    html: str
    tone: str


def scan_box(
    label: str, hint: str, on_scan: Callable[[str, str], None], answer: Answer | None = None, *, quiet: bool = False
) -> None:
    """Draws the input; `quiet` leaves the switch of the sound out.

    `on_scan(code, seq)` is called with each code and its number, which is never used twice: it runs before the
    page, so that the page shows what came of it.
    """
    data = {"label": label, "hint": hint, "quiet": quiet, "answered": _answered().get("seq")}
    if answer is not None:
        data |= {"html": answer.html, "tone": answer.tone}
    _component(key=_KEY, data=data, on_scan_change=lambda: _scanned(on_scan))


def _scanned(on_scan: Callable[[str, str], None]) -> None:
    sent = getattr(st.session_state.get(_KEY), "scan", None)
    if not isinstance(sent, dict):
        return
    code, seq = str(sent.get("code", ""))[:200], str(sent.get("seq", ""))[:60]
    answered = _answered()
    if seq == answered.get("seq"):
        return
    try:
        on_scan(code, seq)
    except Exception:
        answered["seq"] = seq  # it would fail again
        raise
    answered["seq"] = seq  # not before: where Streamlit ends the run meanwhile, the browser sends it again


def _answered() -> dict[str, str]:
    """The number of the code that was answered last."""
    kept: dict[str, str] = st.session_state.setdefault(_ANSWERED, {})
    return kept
