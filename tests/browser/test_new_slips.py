"""The slips of the hold shelf in a real browser: one click prints what is new, and the page knows it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.circulation.slips import new_slips

pytestmark = pytest.mark.browser


def test_one_click_prints_the_new_slips_and_then_there_are_none(
    come_in: Callable[..., Page], demo_library: Installation
) -> None:
    with begin_reading(demo_library, SYSTEM) as uow:
        staff = uow.connection.execute(text("SELECT id FROM account WHERE role = 'librarian' LIMIT 1")).scalar_one()
    with begin_work(demo_library, Actor(staff, Role.LIBRARIAN)) as uow:
        assert new_slips(uow), "the demo library has some"
    page = come_in("librarian", "/hold-shelf")
    button = page.get_by_role("button", name="new slip")
    expect(button).to_be_visible()
    with page.expect_download() as coming:
        button.click()
    assert coming.value.suggested_filename == "hold-slips.pdf"
    assert coming.value.path().read_bytes().startswith(b"%PDF")
    expect(button).not_to_be_visible()
    expect(page.get_by_text("Print the slips of this list")).to_be_visible()
