"""A walk over every page of a role: WCAG 2.1 AA, the content policy, nothing from other hosts."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request

from lib.access.permissions import GRANTS, Role
from lib.ui.navigation import ENTRIES
from tests.browser.conftest import drawn
from tests.live_server import LiveServer

EVERYBODY = [Role.GUEST, Role.MEMBER, Role.LIBRARIAN, Role.ADMIN]
QUERIES = {"title": "?id=7", "edit-title": "?id=7", "member": "?id=5", "catalogue": "?q=the"}
# What passes is told by one example a rule: naming every element of it would take longer than looking.
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
}
# Streamlit's own markup, out of our hands: (rule, part of the element's HTML).
ALLOWED: tuple[tuple[str, str], ...] = (
    ("svg-img-alt", "metric_chart"),
)  # st.metric's little line; the number is beside it


def pages_of(role: Role) -> list[str]:
    """The addresses that are for this role and not for one below."""
    lower = {Role.GUEST: None, Role.MEMBER: Role.GUEST, Role.LIBRARIAN: Role.MEMBER, Role.ADMIN: Role.LIBRARIAN}[role]
    below = GRANTS[lower] if lower else frozenset()
    mine = GRANTS[role]
    if role is Role.GUEST:
        return [entry.url_path for entry in ENTRIES if entry.permission is None]
    return [entry.url_path for entry in ENTRIES if entry.permission in mine and entry.permission not in below]


def walk(come_in: Callable[..., Page], demo: LiveServer, role: Role, **look: Any) -> None:
    """Opens every page of a role as a browser with that look shows it; each must be usable and keep to itself."""
    page = come_in(None if role is Role.GUEST else role.value, "/", **look)
    said: list[str] = []
    strangers: set[str] = set()
    page.on("console", lambda message: note(message, said))
    page.on("request", lambda request: stranger(request, demo, strangers))
    faults = []
    for path in pages_of(role):
        page.goto(f"{demo.url}/{path}{QUERIES.get(path, '')}")
        drawn(page)
        for fault in Axe().run(page, options=RULES).response["violations"]:
            for node in fault["nodes"]:
                if not any(rule == fault["id"] and part in node["html"] for rule, part in ALLOWED):
                    faults.append(f"/{path}: {fault['id']}: {node['html'][:160]} {node['any'][:1]}"[:420])
    assert faults == []
    assert strangers == set()
    assert said == []


def note(message: ConsoleMessage, said: list[str]) -> None:
    if "Content Security Policy" in message.text:
        said.append(message.text)


def stranger(request: Request, demo: LiveServer, strangers: set[str]) -> None:
    parts = urlsplit(request.url)
    if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != demo.host:
        strangers.add(request.url)
