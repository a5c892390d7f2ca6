"""WCAG 2.1 AA on every page, for each role, on a desk in light colours; nothing from other hosts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from lib.access.permissions import Role
from lib.ui.navigation import ENTRIES
from tests.browser.conftest import settle
from tests.browser.every_page import EVERYBODY, QUERIES, stranger, walk
from tests.live_server import LiveServer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("role", EVERYBODY, ids=str)
def test_every_page_can_be_used_by_everybody(come_in: Callable[..., Page], demo: LiveServer, role: Role) -> None:
    walk(come_in, demo, role, color_scheme="light")


def test_no_page_asks_another_host_for_anything_even_where_the_policy_would_let_it(
    come_in: Callable[..., Page], demo: LiveServer
) -> None:
    page = come_in("admin", "/", bypass_csp=True)
    strangers: set[str] = set()
    page.on("request", lambda request: stranger(request, demo, strangers))
    for entry in ENTRIES:
        page.goto(f"{demo.url}/{entry.url_path}{QUERIES.get(entry.url_path, '')}")
        settle(page)
    assert strangers == set()
