"""Reasons of a decision in words, each with its way out."""

from collections.abc import Iterable

import streamlit as st

from lib.circulation.decision import Reason
from lib.ui.words import plain


def reason_text(reasons: Iterable[Reason]) -> str:
    """All the reasons as Markdown: one as a sentence, several as a list; the way out follows each."""
    lines = [" ".join(filter(None, (plain(reason.text), plain(reason.way_out)))) for reason in reasons]
    return lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)


def show_reasons(reasons: tuple[Reason, ...], heading: str) -> None:
    """What stands in the way, under a few words that say of what; nothing when nothing does."""
    if reasons:
        st.warning(f"**{heading}**\n\n{reason_text(reasons)}", icon=":material/info:")
