"""WCAG 2.1 AA on every page, for each role, on a phone in dark colours; nothing from other hosts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from lib.access.permissions import Role
from tests.browser.every_page import EVERYBODY, walk
from tests.live_server import LiveServer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("role", EVERYBODY, ids=str)
def test_every_page_can_be_used_on_a_phone_in_the_dark(
    come_in: Callable[..., Page], demo: LiveServer, role: Role
) -> None:
    walk(come_in, demo, role, color_scheme="dark", viewport={"width": 390, "height": 844})
