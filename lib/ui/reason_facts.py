"""The facts behind a reason, for staff: which rule, which line of the policy, which numbers."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import streamlit as st

from lib.circulation.decision import Reason
from lib.ui.words import day, money, number, plain

NAMES = {
    "rule": "Rule", "line": "Line of the policy", "limit": "Limit", "open": "On loan now",
    "not_counted": "Of kinds with a limit of their own", "titles": "Titles",
    "owed_minor": "Owed", "block_minor": "Borrowing stops above", "due_on": "Due", "barcode": "Copy",
    "waiting": "Waiting", "free": "On the shelf", "renewals": "Renewed so far", "ended_on": "Ended", "until": "Until",
    "reason": "Reason", "membership_ends_on": "Membership ends", "copies": "Copies", "next_due_on": "Next one due",
    "live": "Holds now", "location": "Location", "shelf": "Shelf", "status": "Status",
}  # fmt: skip


def why_popover(reasons: Iterable[Reason], key: str) -> None:
    """The facts behind the reasons, for staff: which rule, which line of the policy, which numbers."""
    with st.popover("Why?", icon=":material/rule:", key=key):
        st.markdown("\n\n".join(f"**{plain(reason.text)}**\n\n{facts_text(reason)}" for reason in reasons))


def facts_text(reason: Reason) -> str:
    """The facts of a reason as a Markdown list; ids and what is empty are left out."""
    facts = ((key, name, reason.facts.get(key)) for key, name in NAMES.items())
    told = [f"- {name}: {_fact(key, value)}" for key, name, value in facts if value not in (None, "", [], ())]
    return "\n".join(told)


def _fact(name: str, value: Any) -> str:
    if name.endswith("_minor"):
        return plain(money(int(value)))
    if isinstance(value, date):
        return plain(day(value))
    if isinstance(value, list | tuple):
        return plain(", ".join(map(str, value)))
    return number(value) if isinstance(value, int) else plain(str(value).replace("_", " "))
