"""The audit trail as sentences: when, who, what, to what."""

from collections.abc import Iterable, Mapping

import streamlit as st

from lib.audit.queries import AuditEntry
from lib.ui.linked import anchor, esc, show_linked
from lib.ui.navigation import href
from lib.ui.words import when

PAGES = {"title": "title", "account": "member", "author": "authors"}
PHRASES = {
    "account.read": "Looked at a member", "session.start": "Signed in", "session.end": "Signed out",
    "session.end-others": "Ended other sessions", "loan.issue": "Lent", "loan.self-issue": "Borrowed by oneself",
    "loan.return": "Taken back", "loan.renew": "Renewed", "loan.self-renew": "Renewed by oneself",
    "loan.list-overdue": "Listed overdue loans", "copy.found": "Copy handed in without a loan",
    "settings.change": "Changed settings", "staff.appoint": "Gave a role", "staff.create": "Added staff",
    "account.print-card": "Printed a card", "account.verify-email": "Confirmed an e-mail address",
    "member.add": "Added a member", "member.edit": "Edited a member", "title.add": "Added a title",
    "title.edit": "Edited a title", "author.merge": "Merged authors", "author.rename": "Renamed an author",
}  # fmt: skip


def audit_list(entries: Iterable[AuditEntry], names: Mapping[int, str]) -> None:
    """A table of changes; titles and members are links."""
    rows = "".join(_row(entry, names) for entry in entries)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("When", "Who", "What", "Facts"))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    show_linked(f'<div class="scroll" tabindex="0" role="region" aria-label="Audit trail">{table}</div>', "audit")


def act_phrase(action: str) -> str:
    """An act as people say it: "loan.self-issue" becomes "Loan: self issue", some have words of their own."""
    thing, _, verb = action.partition(".")
    return PHRASES.get(action) or f"{thing.replace('-', ' ').capitalize()}: {verb.replace('-', ' ')}"


def _row(entry: AuditEntry, names: Mapping[int, str]) -> str:
    who = names.get(entry.actor_id or 0) or entry.actor_role
    facts = "; ".join(f"{name.replace('_', ' ')}: {_words(value)}" for name, value in entry.facts.items())
    return (
        f'<tr><td class="small">{esc(when(entry.at))}</td><td><bdi>{esc(who)}</bdi></td>'
        f'<td>{esc(act_phrase(entry.action))}<br><span class="small">{_subject(entry)}</span></td>'
        f'<td class="small">{esc(facts)}<br><span class="soft">incident {esc(entry.request_id)}</span></td></tr>'
    )


def _words(value: object) -> str:
    """A fact as people read it, at most 160 characters."""
    if isinstance(value, Mapping):
        text = ", ".join(f"{str(name).replace('_', ' ')} {_words(part)}" for name, part in value.items())
    elif isinstance(value, list):
        text = ", ".join(_words(part) for part in value)
    else:
        text = "nothing" if value in (None, "") else str(value)
    return text if len(text) <= 160 else f"{text[:157]}…"


def _subject(entry: AuditEntry) -> str:
    if entry.subject_id is None:
        return esc(entry.subject_kind)
    label = f"{entry.subject_kind} {entry.subject_id}"
    page = PAGES.get(entry.subject_kind)
    return anchor(href(page, id=entry.subject_id), esc(label), more='class="text"') if page else esc(label)


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
