"""The kiosk's screen as one component: what it shows, and the acts that come back from it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from lib.kit.assets import TONE
from lib.ui.scan_box import Answer

_ASSETS = Path(__file__).parent / "assets"
KEY = "tome.kiosk"
_component = st.components.v2.component(
    "tome_kiosk_box",
    html=(_ASSETS / "kiosk_box.html").read_text("utf-8"),
    css=(_ASSETS / "kiosk_box.css").read_text("utf-8"),
    js=TONE.read_text("utf-8") + (_ASSETS / "kiosk_box.js").read_text("utf-8"),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A button: what it does (`kind`), with which copy."""

    label: str
    kind: str
    code: str = ""
    main: bool = False


@dataclass(frozen=True, slots=True)
class KioskView:
    """What the screen shows. `step`: card, pin or visit; `answered`: the number of the act that this answers;
    `returns`: what becomes of a copy that is brought back: off, drop or at_once; `lends`: the reader may borrow;
    `parting`: the answer is gone after a few seconds."""

    step: str
    answer: Answer | None
    answered: str
    idle: int
    who: str = ""
    facts: str = ""
    done: tuple[str, ...] = ()
    choices: tuple[Offer, ...] = ()
    renewable: bool = False
    lends: bool = True
    parting: bool = False
    returns: str = "at_once"


def kiosk_box(view: KioskView, on_act: Callable[[dict[str, str]], None]) -> None:
    """Draws the screen. `on_act` is called with each act before the page runs, so that it shows what came of it."""
    data: dict[str, Any] = {
        "step": view.step, "answered": view.answered, "idle": view.idle, "who": view.who, "facts": view.facts,
        "done": "".join(f"<li>{line}</li>" for line in view.done), "renewable": view.renewable,
        "lends": view.lends, "parting": view.parting,
        "returns": view.returns,
        "choices": [
            {"label": one.label, "kind": one.kind, "code": one.code, "main": one.main} for one in view.choices
        ],
    }  # fmt: skip
    if view.answer is not None:
        data |= {"html": view.answer.html, "tone": view.answer.tone}
    _component(key=KEY, data=data, on_act_change=lambda: _acted(on_act))


def _acted(on_act: Callable[[dict[str, str]], None]) -> None:
    sent = getattr(st.session_state.get(KEY), "act", None)
    if isinstance(sent, dict):
        on_act({name: str(sent.get(name, ""))[:200] for name in ("kind", "code", "secret", "seq")})
