"""Weeding in a real browser: what was chosen goes, and nothing is chosen in its place."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.catalogue.models import Copy, CopyStatus
from tests.browser.conftest import settle

pytestmark = pytest.mark.browser
HEAD, LINE, BOX = 36, 36, 12  # px: the table is painted, so its boxes are reached by their place


def _withdrawn(library: Installation) -> int:
    gone = select(func.count()).select_from(Copy).where(Copy.status == CopyStatus.WITHDRAWN)
    with begin_reading(library, SYSTEM) as uow:
        return uow.connection.execute(gone).scalar_one()


def test_what_takes_the_place_of_a_withdrawn_copy_is_not_chosen(
    come_in: Callable[..., Page], demo_library: Installation
) -> None:
    before = _withdrawn(demo_library)
    page = come_in("librarian", "/weeding?years=1")
    table = page.locator("[data-testid=stDataFrame] canvas").first
    table.click(position={"x": BOX, "y": HEAD + LINE // 2}, force=True)
    press = page.get_by_role("button", name="Withdraw 1 copy")
    expect(press).to_be_visible()
    settle(page)
    page.get_by_label("Why").fill("Not borrowed for years, and worn")
    press.click()
    expect(page.get_by_test_id("stMain").get_by_text("1 copy was withdrawn.")).to_be_visible()
    settle(page)
    expect(page.get_by_role("button", name="Withdraw 1 copy")).to_have_count(0)
    assert _withdrawn(demo_library) == before + 1
