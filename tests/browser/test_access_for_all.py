"""WCAG 2.1 AA on every page, for each role, in light and dark, on a desk and on a phone; nothing from other hosts."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request

from lib.access.permissions import GRANTS, Role
from lib.ui.navigation import ENTRIES
from tests.browser.conftest import drawn, settle
from tests.live_server import LiveServer

pytestmark = pytest.mark.browser
LOOKS = {
    "light desk": {"color_scheme": "light"},
    "dark phone": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
}
QUERIES = {"title": "?id=7", "edit-title": "?id=7", "member": "?id=5", "catalogue": "?q=the"}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
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


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("role", [Role.GUEST, Role.MEMBER, Role.LIBRARIAN, Role.ADMIN], ids=str)
def test_every_page_can_be_used_by_everybody(
    come_in: Callable[..., Page], demo: LiveServer, role: Role, look: str
) -> None:
    page = come_in(None if role is Role.GUEST else role.value, "/", **LOOKS[look])
    said: list[str] = []
    strangers: set[str] = set()
    page.on("console", lambda message: _note(message, said))
    page.on("request", lambda request: _stranger(request, demo, strangers))
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


def test_no_page_asks_another_host_for_anything_even_where_the_policy_would_let_it(
    come_in: Callable[..., Page], demo: LiveServer
) -> None:
    page = come_in("admin", "/", bypass_csp=True)
    strangers: set[str] = set()
    page.on("request", lambda request: _stranger(request, demo, strangers))
    for entry in ENTRIES:
        page.goto(f"{demo.url}/{entry.url_path}{QUERIES.get(entry.url_path, '')}")
        settle(page)
    assert strangers == set()


def _note(message: ConsoleMessage, said: list[str]) -> None:
    if "Content Security Policy" in message.text:
        said.append(message.text)


def _stranger(request: Request, demo: LiveServer, strangers: set[str]) -> None:
    parts = urlsplit(request.url)
    if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != demo.host:
        strangers.add(request.url)
