"""The door in a real browser: coming, going, and a content policy that nothing on our pages breaks."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from lib.access.installation import Installation
from lib.accounts.sessions import session_of_token
from lib.ui.navigation import ENTRIES
from tests.live_server import PASSWORD, LiveServer

pytestmark = pytest.mark.browser
PATIENCE_MS = 30_000
PLAIN = [entry for entry in ENTRIES if not entry.hidden]


class Watched:
    """A browser window that notes what the content policy refused and what went to other hosts."""

    def __init__(self, browser: Browser, home: str, *, telephone: bool = False) -> None:
        phone = {
            "viewport": {"width": 390, "height": 844},
            "is_mobile": True,
            "user_agent": "Mozilla/5.0 (Android) Mobi",
        }
        self.context = browser.new_context(**(phone if telephone else {"viewport": {"width": 1280, "height": 900}}))
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.home, self.refused, self.foreign = home, [], []  # type: ignore[var-annotated]
        self.page.on("console", self._console)
        self.page.on("request", self._request)

    def _console(self, message: object) -> None:
        text = str(getattr(message, "text", ""))
        if "Content Security Policy" in text or "Content-Security-Policy" in text:
            self.refused.append(text)

    def _request(self, request: object) -> None:
        url = str(getattr(request, "url", ""))
        if not url.startswith((self.home, "data:", "blob:")):
            self.foreign.append(url)

    def go(self, path: str) -> None:
        """Opens an address and waits for the page's heading."""
        self.page.goto(f"{self.home}/{path}")
        self.page.locator("h1").first.wait_for()

    def sign_in(self, login: str) -> None:
        """Fills the form in that the screen shows."""
        self.page.get_by_label("User name, e-mail or card number").fill(login)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def cookie(self) -> dict[str, object] | None:
        """The sign-in cookie."""
        return next((dict(found) for found in self.context.cookies() if found["name"] == "tome"), None)


@pytest.fixture
def window(browser: Browser, server: LiveServer) -> Iterator[Watched]:
    """A fresh window at a desk."""
    found = Watched(browser, server.url)
    yield found
    found.context.close()


def test_somebody_signs_in_where_they_were_stays_over_a_reload_and_leaves(
    window: Watched, attacked_library: Installation
) -> None:
    window.go("account")
    page = window.page
    page.get_by_test_id("stMain").get_by_role("link", name="Sign in").click()
    window.sign_in("member")
    page.get_by_role("heading", name="My account").wait_for()
    assert page.url == f"{window.home}/account"
    cookie = window.cookie()
    assert cookie is not None
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert cookie["expires"] == -1
    assert "tome=" not in page.evaluate("document.cookie")
    page.reload()
    page.get_by_role("heading", name="My account").wait_for()
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url(f"{window.home}/")
    page.get_by_role("link", name="Sign in").first.wait_for()
    assert window.cookie() is None
    assert session_of_token(attacked_library, str(cookie["value"])) is None
    assert window.refused == []
    assert window.foreign == []


@pytest.mark.parametrize(
    "leading", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_next_that_leads_away_leads_home(window: Watched, leading: str) -> None:
    window.go(f"sign-in?next={leading}")
    window.sign_in("member")
    window.page.get_by_role("button", name="Sign out").first.wait_for()
    assert window.page.url == f"{window.home}/"
    assert window.foreign == []


def test_keep_me_signed_in_outlives_the_window(window: Watched) -> None:
    window.go("sign-in")
    window.page.get_by_text("Keep me signed in").click()
    window.sign_in("member")
    window.page.get_by_role("button", name="Sign out").first.wait_for()
    cookie = window.cookie()
    assert cookie is not None
    assert float(str(cookie["expires"])) > 0


def test_no_page_breaks_the_content_policy_or_asks_another_host(window: Watched) -> None:
    window.go("sign-in")
    window.sign_in("admin")
    window.page.get_by_role("button", name="Sign out").first.wait_for()
    for entry in PLAIN:
        window.page.goto(f"{window.home}/{entry.url_path}")
        window.page.locator("h1").first.wait_for()
        window.page.wait_for_load_state("networkidle")
    assert window.refused == []
    assert window.foreign == []


def test_the_policy_is_really_in_force(window: Watched) -> None:
    window.go("help")
    for attack in (
        "new Image().src = 'https://evil.example/pixel.png'",
        "document.body.appendChild(document.createElement('script')).textContent = 'window.owned = 1'",
    ):
        with window.page.expect_console_message(lambda message: "Content Security Policy" in message.text):
            window.page.evaluate(attack)
    assert len(window.refused) == 2
    assert window.page.evaluate("window.owned") is None


def test_on_a_phone_the_menu_opens_leads_on_and_closes(browser: Browser, server: LiveServer) -> None:
    window = Watched(browser, server.url, telephone=True)
    window.go("")
    page = window.page
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Help").click()
    page.get_by_role("heading", name="Help", exact=True).wait_for()
    page.get_by_test_id("stExpandSidebarButton").wait_for()
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Join").click()
    page.get_by_role("heading", name="Become a member").wait_for()
    page.get_by_test_id("stExpandSidebarButton").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    window.context.close()


def test_the_fonts_are_our_own(window: Watched) -> None:
    window.go("help")
    window.page.wait_for_load_state("networkidle")
    loaded = window.page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert {"Tome Sans", "Tome Serif"} <= {name.strip("\"'") for name in loaded}
