"""Which pages there are, who sees them, and how one links to another.

ENTRIES is the whole table. Everybody gets every address, but a page somebody may not see is answered by
the gate's own words instead of its file, so that a forgotten `enter` opens nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote, urlencode, urlsplit

import streamlit as st
from streamlit.navigation.page import Page

from lib.access.actor import Actor
from lib.access.permissions import Permission, Role
from lib.kit.config import HOME

_HERE = "tome.here"
_PAGES = "tome.pages"
_closer = st.components.v2.component("tome_menu", js=(Path(__file__).parent / "assets" / "menu.js").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One page. `section` "" stands first and without a heading; `hidden` pages are reached by links only;
    `guests_only` pages leave the menu after sign-in."""

    section: str
    file: str
    title: str
    icon: str
    permission: Permission | None
    url_path: str
    hidden: bool = False
    guests_only: bool = False


def _public(name: str, title: str, icon: str, url_path: str, *, hidden: bool = False, guests: bool = False) -> Entry:
    return Entry("", f"public/{name}.py", title, icon, None, url_path, hidden, guests)


READ, ACCOUNT = Permission.SEARCH, Permission.USE_ACCOUNT
DESK, CATALOGUE, MEMBERS, RUNNING = "Desk", "Collection", "People", "Administration"
ENTRIES: tuple[Entry, ...] = (
    _public("home", "Home", ":material/home:", ""),
    _public("catalogue", "Catalogue", ":material/search:", "catalogue"),
    _public("browse", "Browse", ":material/explore:", "browse"),
    _public("title", "Title", ":material/book_2:", "title", hidden=True),
    Entry("", "member/my_library.py", "My library", ":material/auto_stories:", ACCOUNT, "my-library"),
    Entry("", "member/holds.py", "My reservations", ":material/bookmark:", ACCOUNT, "my-holds"),
    Entry("", "member/money.py", "My money", ":material/account_balance_wallet:", ACCOUNT, "my-money"),
    Entry("", "member/history.py", "History", ":material/history:", ACCOUNT, "history"),
    Entry("", "member/account.py", "My account", ":material/person:", ACCOUNT, "account"),
    _public("sign_in", "Sign in", ":material/login:", "sign-in", guests=True),
    _public("join", "Join", ":material/person_add:", "join", guests=True),
    _public("help", "Help", ":material/help:", "help"),
    _public("confirm", "Confirm", ":material/mark_email_read:", "confirm", hidden=True),
    _public("forgot", "Forgotten password", ":material/lock_reset:", "forgot", hidden=True),
    _public("reset", "New password", ":material/lock_reset:", "reset", hidden=True),
    _public("kiosk", "Self-service", ":material/tablet:", "kiosk", hidden=True),
    _public("welcome", "Welcome", ":material/waving_hand:", "welcome", hidden=True),
    Entry(DESK, "staff/desk.py", "Desk", ":material/barcode_scanner:", Permission.CIRCULATE, "desk"),
    Entry(DESK, "staff/hold_shelf.py", "Hold shelf", ":material/bookmarks:", Permission.CIRCULATE, "hold-shelf"),
    Entry(DESK, "staff/pull_list.py", "Pull list", ":material/shopping_cart_checkout:", Permission.CIRCULATE,
          "pull-list"),
    Entry(DESK, "staff/queue.py", "Queue", ":material/group:", Permission.CIRCULATE, "queue", hidden=True),
    Entry(DESK, "staff/till.py", "Till", ":material/point_of_sale:", Permission.TAKE_PAYMENTS, "till"),
    Entry(DESK, "staff/overdue.py", "Overdue", ":material/schedule:", Permission.READ_MEMBERS, "overdue"),
    Entry(DESK, "staff/offline.py", "Offline desk", ":material/cloud_off:", Permission.CIRCULATE, "offline"),
    Entry(CATALOGUE, "staff/titles.py", "Titles", ":material/library_books:", Permission.EDIT_CATALOGUE, "titles"),
    Entry(CATALOGUE, "staff/title_edit.py", "Edit title", ":material/edit:", Permission.EDIT_CATALOGUE, "edit-title",
          hidden=True),
    Entry(CATALOGUE, "staff/copies.py", "Copies", ":material/qr_code_2:", Permission.EDIT_CATALOGUE, "copies"),
    Entry(CATALOGUE, "staff/repairs.py", "Repairs", ":material/build:", Permission.EDIT_CATALOGUE, "repairs"),
    Entry(CATALOGUE, "staff/missing.py", "Missing", ":material/search_off:", Permission.CIRCULATE, "missing"),
    Entry(CATALOGUE, "staff/weeding.py", "Weeding", ":material/compost:", Permission.EDIT_CATALOGUE, "weeding"),
    Entry(CATALOGUE, "staff/authors.py", "Authors", ":material/ink_pen:", Permission.EDIT_CATALOGUE, "authors"),
    Entry(CATALOGUE, "staff/sections.py", "Sections", ":material/shelves:", Permission.EDIT_CATALOGUE, "sections"),
    Entry(CATALOGUE, "staff/imports.py", "Import", ":material/upload_file:", Permission.IMPORT, "imports"),
    Entry(MEMBERS, "staff/members.py", "Members", ":material/groups:", Permission.READ_MEMBERS, "members"),
    Entry(MEMBERS, "staff/member.py", "Member", ":material/person:", Permission.READ_MEMBERS, "member", hidden=True),
    Entry(MEMBERS, "staff/registrations.py", "Registrations", ":material/how_to_reg:", Permission.APPROVE_MEMBERS,
          "registrations"),
    Entry(RUNNING, "admin/overview.py", "Overview", ":material/monitoring:", Permission.READ_REPORTS, "overview"),
    Entry(RUNNING, "admin/users.py", "Staff and roles", ":material/badge:", Permission.MANAGE_STAFF, "users"),
    Entry(RUNNING, "admin/policy.py", "Lending policy", ":material/rule:", Permission.MANAGE_POLICY, "policy"),
    Entry(RUNNING, "admin/time_machine.py", "Policy time machine", ":material/history_toggle_off:",
          Permission.MANAGE_POLICY, "time-machine"),
    Entry(RUNNING, "admin/closures.py", "Opening days", ":material/event_busy:", Permission.MANAGE_CLOSURES,
          "closures"),
    Entry(RUNNING, "admin/settings.py", "Settings", ":material/settings:", Permission.MANAGE_SETTINGS, "settings"),
    Entry(RUNNING, "admin/terminals.py", "Terminals", ":material/tablet:", Permission.MANAGE_SETTINGS, "terminals"),
    Entry(RUNNING, "admin/audit.py", "Audit trail", ":material/fact_check:", Permission.READ_AUDIT, "audit"),
    Entry(RUNNING, "admin/integrity.py", "Integrity", ":material/verified:", Permission.READ_AUDIT, "integrity"),
    Entry(RUNNING, "admin/jobs.py", "Night jobs", ":material/bedtime:", Permission.READ_AUDIT, "jobs"),
    Entry(RUNNING, "admin/mailbox.py", "Mailbox", ":material/mail:", Permission.READ_MAILBOX, "mailbox"),
)  # fmt: skip
BY_PATH: dict[str, Entry] = {entry.url_path: entry for entry in ENTRIES}


def in_menu(entry: Entry, actor: Actor) -> bool:
    """Whether the entry stands in this actor's menu."""
    if entry.hidden or (entry.guests_only and actor.role is not Role.GUEST):
        return False
    return entry.permission is None or actor.may(entry.permission)


def pages_for(actor: Actor, turned_away: Callable[[], None]) -> dict[str, Page]:
    """Streamlit's page for every address; where the actor may not go, `turned_away` runs in its place."""
    pages = {entry.url_path: _page(entry, actor, turned_away) for entry in ENTRIES}
    st.session_state[_PAGES] = pages
    return pages


def _page(entry: Entry, actor: Actor, turned_away: Callable[[], None]) -> Page:
    allowed = entry.permission is None or actor.may(entry.permission)
    return st.Page(
        HOME / "pages" / entry.file if allowed else turned_away,
        title=entry.title,  # without an icon: Streamlit would fetch it from another host for the browser's tab
        url_path=entry.url_path,
        default=entry.url_path == "",
        visibility="visible" if in_menu(entry, actor) else "hidden",
    )


def menu_of(actor: Actor) -> list[Entry]:
    """The actor's menu in its order: staff find their work first, and what they read themselves below it."""
    order = {Role.LIBRARIAN: (DESK, MEMBERS, CATALOGUE), Role.ADMIN: (RUNNING, DESK, MEMBERS, CATALOGUE)}
    first = order.get(actor.role, ())
    sections = [*first, *(entry.section for entry in ENTRIES if entry.section not in first)]
    shown = [entry for entry in ENTRIES if in_menu(entry, actor)]
    if first:  # their own pages come last
        sections = [*(name for name in sections if name), ""]
    return sorted(shown, key=lambda entry: sections.index(entry.section))


def landing(role: Role) -> str:
    """Where somebody of this role begins their work after sign-in."""
    return {Role.LIBRARIAN: "/desk", Role.ADMIN: "/overview"}.get(role, "/")


def draw_menu(actor: Actor, pages: dict[str, Page], running: Page) -> None:
    """The menu in the sidebar: plain links under small headings."""
    section = ""
    for entry in menu_of(actor):
        if entry.section != section:
            section = entry.section
            st.sidebar.caption(section or "Reading room")
        back = {"next": here()} if entry.url_path == "sign-in" and local_path(here()) != "/" else None
        st.sidebar.page_link(pages[entry.url_path], icon=entry.icon, width="stretch", query_params=back)
    if "Mobi" in (st.context.headers.get("User-Agent") or ""):
        with st.sidebar:
            _closer(key="tome_menu", data={"page": running.url_path}, height="content")


def set_here(page: Page) -> None:
    """Notes the page that runs, for links back to it."""
    st.session_state[_HERE] = page.url_path


def here() -> str:
    """The address of the page that runs, with its query: "/title?id=3"; without the token of a mailed link."""
    asked = {name: value for name, value in st.query_params.to_dict().items() if name != "token"}
    return href(str(st.session_state.get(_HERE, "")), **asked)


def href(page_path: str, **query: object) -> str:
    """The address of a page within this library: href("title", id=3) → "/title?id=3"."""
    asked = _asked(query)
    return f"/{quote(page_path.strip('/'))}" + (f"?{urlencode(asked)}" if asked else "")


def page_at(page_path: str) -> Page:
    """Streamlit's page at an address, for `st.page_link` and `st.switch_page`."""
    page: Page = st.session_state[_PAGES][page_path.strip("/")]
    return page


def link(page_path: str, label: str | None = None, *, icon: str | None = None, **query: object) -> None:
    """Draws a link to a page: link("title", "Open", id=3)."""
    st.page_link(page_at(page_path), label=label, icon=icon, query_params=_asked(query))


def go(page_path: str, **query: object) -> NoReturn:
    """Leaves for another page at once; nothing after it runs."""
    st.switch_page(page_at(page_path), query_params=_asked(query))


def _asked(query: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in query.items() if value is not None}


def local_path(text: str | None) -> str:
    """Where to go after sign-in: a known page of this library with its query, else home. Never another host."""
    if not text or len(text) > 500 or not text.startswith("/") or text.startswith(("//", "/\\")):
        return "/"
    if any(char <= " " or char in "\\\x7f" for char in text):
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    entry = BY_PATH.get(parts.path.strip("/"))
    if parts.scheme or parts.netloc or entry is None or entry.guests_only:
        return "/"
    return f"/{entry.url_path}" + (f"?{parts.query}" if parts.query else "")
