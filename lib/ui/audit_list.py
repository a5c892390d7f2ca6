"""The audit trail as sentences: when, who, what, to what."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from lib.audit.queries import AuditEntry
from lib.ui.audit_words import act_phrase, facts_words
from lib.ui.linked import anchor, esc, tied
from lib.ui.navigation import href
from lib.ui.row_table import row_table
from lib.ui.words import clock, day, the_reader

TEXT = 'class="text"'
PAGES = {"title": "title", "account": "member", "author": "authors"}


def audit_list(entries: Iterable[AuditEntry], names: Mapping[int, str]) -> None:
    """A table of changes; titles and members are links."""
    heads = ("When", "Who", "What", "Facts", "Incident")
    row_table(heads, (_row(entry, names) for entry in entries), label="Audit trail", key="audit", stack=True)


def _row(entry: AuditEntry, names: Mapping[int, str]) -> tuple[str, ...]:
    who = names.get(entry.actor_id or 0) or entry.actor_role
    incident = anchor(href("audit", find=entry.request_id), esc(entry.request_id[:8]), more=TEXT)
    facts = facts_words(entry.facts)
    return (
        f'<span class="small">{_when(entry.at)}</span>',
        f"<bdi>{esc(who)}</bdi>",
        f'{esc(act_phrase(entry.action))}<br><span class="small">{_subject(entry)}</span>',
        f'<span class="small">{esc(facts)}</span>' if facts else "",
        f'<span class="small">{incident}</span>',
    )


def _when(at: datetime) -> str:
    """The day in one line, the time where there is room for it."""
    return f"{tied(day(at.astimezone(ZoneInfo(the_reader().zone)).date()))}, {esc(clock(at))}"


def _subject(entry: AuditEntry) -> str:
    if entry.subject_id is None:
        return esc(entry.subject_kind)
    label = f"{entry.subject_kind} {entry.subject_id}"
    page = PAGES.get(entry.subject_kind)
    return anchor(href(page, id=entry.subject_id), esc(label), more=TEXT) if page else esc(label)


def audit_search(known: Iterable[str]) -> tuple[str, str | None]:
    """The search fields; what was typed and the kind of act chosen."""
    left, right = st.columns([2, 1])
    text = left.text_input(
        "Find", key="find", bind="query-params", type="search", placeholder="loan 12, or an incident number",
        help="A thing and its number (loan 12), the beginning of an act (loan.), or an incident.",
    )  # fmt: skip
    act = right.selectbox(
        "Act", list(known), index=None, format_func=act_phrase, placeholder="Every act", key="act", bind="query-params"
    )
    return text or "", act
