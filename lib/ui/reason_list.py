"""Reasons of a decision in words, each with its way out."""

from collections.abc import Iterable

import streamlit as st

from lib.circulation.decision import Reason
from lib.desk.self_check_words import reader_words
from lib.ui.words import plain


def reason_text(reasons: Iterable[Reason], *, own: bool = False) -> str:
    """All the reasons as Markdown: one as a sentence, several as a list; the way out follows each. `own`: said to
    the reader whom they are about."""
    lines = [plain(reader_words(reason) if own else staff_words(reason)) for reason in reasons]
    return lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)


def staff_words(reason: Reason) -> str:
    """One reason with the way out, as staff are told: what was written down about a suspension is theirs to read."""
    why = str(reason.facts.get("reason") or "").strip()
    because = f"Reason: {why.rstrip('.')}." if why and reason.code == "member-suspended" else ""
    return " ".join(filter(None, (reason.text, because, reason.way_out)))


def show_reasons(reasons: tuple[Reason, ...], heading: str, *, own: bool = False) -> None:
    """What stands in the way, under a few words that say of what; nothing when nothing does."""
    if reasons:
        st.warning(f"**{heading}**\n\n{reason_text(reasons, own=own)}", icon=":material/info:")
