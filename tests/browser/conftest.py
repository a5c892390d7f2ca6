"""A live demo library for everything that is done in a real browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.access.installation import Installation, open_installation
from lib.kit.config import Config, Mode
from lib.ops.demo import make_demo
from lib.ops.schema import prepare_database
from tests.live_server import LiveServer

PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo library, as a first `run` makes it; copied for each file of tests."""
    folder = tmp_path_factory.mktemp("demo-template")
    library = open_installation(Config(mode=Mode.DEMO, data_dir=folder))
    prepare_database(library.engine)
    make_demo(library)
    library.close()
    return folder


@pytest.fixture(scope="module")
def demo_library(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A demo library for one file of tests: whatever else ran before, it begins with the same shelves."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(demo_template, folder, dirs_exist_ok=True)
    library = open_installation(Config(mode=Mode.DEMO, data_dir=folder))
    yield library
    library.close()


@pytest.fixture(scope="module")
def demo(demo_library: Installation) -> Iterator[LiveServer]:
    """A server of the demo library."""
    with LiveServer(Path(demo_library.config.data_dir)) as running:
        yield running


@pytest.fixture
def come_in(browser: Browser, demo: LiveServer) -> Iterator[Callable[..., Page]]:
    """Opens a page of the library in a fresh browser context, signed in as a demo person (or as nobody)."""
    contexts = []

    def make(role: str | None = None, path: str = "/", **given: Any) -> Page:
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | given))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        if role is None:
            page.goto(demo.url + path)
        else:
            page.goto(f"{demo.url}/sign-in?next={path}")
            page.get_by_role("button", name=f"Sign in as {role}").click()
            expect(page.get_by_role("button", name="Sign out")).to_be_attached(timeout=PATIENCE_MS)
        settle(page)
        return page

    yield make
    for context in contexts:
        context.close()


def settle(page: Page) -> None:
    """Waits until the page stands: a heading is there and nothing is running any more."""
    expect(page.locator("h1").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("[data-testid=stApp]")).to_have_attribute(
        "data-test-script-state", "notRunning", timeout=PATIENCE_MS
    )


# Streamlit draws charts, tables and lazy parts after the script has ended, when their own code has been fetched.
STILL = """() => new Promise(done => {
    const rest = 250
    let timer = setTimeout(end, rest)
    const watch = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(end, rest) })
    const last = setTimeout(end, 10000)
    function end() { watch.disconnect(); clearTimeout(timer); clearTimeout(last); done(true) }
    watch.observe(document.body, {childList: true, subtree: true, attributes: true, characterData: true})
})"""


def drawn(page: Page) -> None:
    """Waits until everything is drawn: nothing is fetched any more, and nothing on the page has moved for a while."""
    settle(page)
    page.wait_for_load_state("networkidle", timeout=PATIENCE_MS)
    page.evaluate(STILL)
