"""The API's page for people, in a real browser: nothing from other hosts, no error in the console, calls that work."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.access.installation import open_installation
from lib.access.permissions import Role
from lib.kit.config import Config, Mode
from tests.live_server import PASSWORD, LiveServer, somebody

pytestmark = pytest.mark.browser
PATIENCE_MS = 20_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[LiveServer]:
    """A live server over a library with one reader."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copy(sqlite_template, folder / "library.db")
    library = open_installation(Config(mode=Mode.DEMO, data_dir=folder))
    somebody(library, Role.MEMBER, "reader")
    library.close()
    with LiveServer(folder) as running:
        yield running


@pytest.fixture
def docs(browser: Browser, server: LiveServer) -> Iterator[Page]:
    """The page, opened; at the end nothing may have gone wrong or left this host."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((server.url, "data:", "blob:")) else wrong.append(asked.url),
    )
    page.goto(f"{server.url}/api/v1/docs")
    expect(page.locator(".opblock-tag").first).to_be_visible()
    yield page
    context.close()
    assert wrong == []


def _open(page: Page, part: str, operation: str) -> None:
    page.locator(".opblock-tag", has_text=part).first.click()
    page.locator(f"#{operation} .opblock-summary-control").first.click()
    expect(page.locator(f"#{operation} .execute")).to_be_visible()


def test_it_shows_every_part_of_the_api_under_the_products_own_policy(docs: Page) -> None:
    for tag in ("Sign in", "Titles", "Loans", "Imports and exports"):
        expect(docs.locator(".opblock-tag", has_text=tag).first).to_be_visible()
    expect(docs.get_by_role("heading", name="Tome Nexus")).to_be_visible()


def test_try_it_out_signs_in_and_asks_who_one_is(docs: Page) -> None:
    sign_in = "operations-Sign_in-post_token"
    _open(docs, "Sign in", sign_in)
    docs.locator(f"#{sign_in} textarea").fill(f'{{"login": "reader", "password": "{PASSWORD}"}}')
    docs.locator(f"#{sign_in} .execute").click()
    answer = docs.locator(f"#{sign_in} .live-responses-table")
    expect(answer.locator(".response-col_status").nth(1)).to_contain_text("200")
    token = answer.locator("code").first.inner_text().split('"access": "')[1].split('"')[0]
    docs.locator(".auth-wrapper .authorize").first.click()
    docs.locator(".auth-container input").fill(token)
    docs.locator(".auth-btn-wrapper .authorize").click()
    docs.locator(".auth-btn-wrapper .btn-done").click()
    me = "operations-My_account-get_me"
    _open(docs, "My account", me)
    docs.locator(f"#{me} .execute").click()
    expect(docs.locator(f"#{me} .live-responses-table")).to_contain_text("reader@example.org")


def test_it_reads_on_a_small_screen(docs: Page) -> None:
    docs.set_viewport_size({"width": 390, "height": 800})
    docs.locator(".opblock-tag", has_text="Holds").first.click()
    expect(docs.locator(".opblock").first).to_be_visible()
    assert docs.evaluate("document.documentElement.scrollWidth") <= 390 + 1
