"""The readers' pages in a real browser: links within the library, history, phone, nothing from elsewhere."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.catalogue.forms import Contributor, TitleForm
from lib.catalogue.titles import add_title
from tests.builders import a_copy, an_admin
from tests.live_server import LiveServer

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine; set CHROMIUM to its path"),
]
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
def site(sqlite_library: Installation, tmp_path: Path) -> Iterator[str]:
    """A served library with fifteen titles by one author; its address."""
    admin = an_admin(sqlite_library)
    for number in range(15):
        form = TitleForm(title=f"Discworld {number:02d}", contributors=[Contributor(name="Terry Pratchett")])
        with begin_work(sqlite_library, admin) as uow:
            title_id = add_title(uow, form)
        a_copy(sqlite_library, title_id, shelf="B-12")
    with LiveServer(tmp_path) as server:
        yield server.url


@pytest.fixture
def page(site: str) -> Iterator["playwright.Page"]:
    """A desktop screen on the catalogue."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        found = browser.new_page(viewport={"width": 1280, "height": 900})
        found.goto(f"{site}/catalogue?q=discworld")
        found.wait_for_selector("ol.cards")
        yield found
        browser.close()


def test_a_link_opens_within_the_app_and_back_leads_to_the_same_search(page: "playwright.Page") -> None:
    page.evaluate("window.stillTheSamePage = true")
    page.locator("ol.cards h2 a").first.click()
    page.wait_for_url("**/title?id=*")
    page.wait_for_selector("h1:has-text('Discworld')")
    page.go_back()
    page.wait_for_selector("ol.cards")
    assert page.url.endswith("/catalogue?q=discworld")
    assert page.evaluate("window.stillTheSamePage") is True


def test_pages_and_facets_stand_in_the_address(page: "playwright.Page") -> None:
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**/catalogue?q=discworld&page=2")
    playwright.expect(page.locator("ol.cards > li")).to_have_count(3)
    page.get_by_role("link", name="On the shelf now").first.click()
    page.wait_for_url("**/catalogue?q=discworld&available=true")
    playwright.expect(page.locator(".chip")).to_contain_text("On the shelf now")


def test_covers_are_pictures_of_ours_and_nothing_comes_from_elsewhere(page: "playwright.Page", site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/")
    page.wait_for_selector(".shelf img")
    page.wait_for_function(
        "[...document.querySelectorAll('*')].some(e => e.shadowRoot?.querySelector('img.cover')?.naturalWidth > 0)"
    )
    strangers = [url for url in asked if urlsplit(url).scheme in ("http", "https") and not url.startswith(site)]
    assert strangers == []


def test_on_a_phone_nothing_runs_over_the_edge_and_the_facets_wait_behind_a_button(page: "playwright.Page") -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.wait_for_selector("ol.cards")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator(".facet a").first.is_hidden()
    page.get_by_text("Narrow the results").click()
    assert page.locator(".facet a").first.is_visible()
