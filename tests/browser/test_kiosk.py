"""A tablet with a scanner: set up once, then card, PIN, scan, done; and nothing of the reader is left."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import text

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.accounts.passwords import hash_password
from lib.accounts.terminals import TerminalKind, make_terminal
from tests.browser.conftest import drawn, settle
from tests.browser.every_page import RULES
from tests.live_server import LiveServer

pytestmark = pytest.mark.browser
PIN = "4711"
# Every text and every input's value on the page, inside components too, and what the browser keeps for it.
EVERYTHING = """() => {
  const all = (root) => [...root.querySelectorAll("*")].flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])]);
  const own = (e) => [e.value, ...[...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data)].join(" ");
  return [...all(document).map(own), JSON.stringify([{...sessionStorage}, {...localStorage}]), location.href].join();
}"""
TABLET = {"viewport": {"width": 1024, "height": 768}, "has_touch": True}


@pytest.fixture
def reader(demo_library: Installation) -> dict[str, Any]:
    """A member of the demo library with a PIN and room for more loans, and two copies on the shelf."""
    with demo_library.engine.begin() as connection:
        row = connection.execute(
            text(
                "SELECT a.id, a.card_number, a.name FROM account a WHERE a.role = 'member' AND a.status = 'active'"
                " AND a.membership_ends_on > '2026-12-31'"
                " AND NOT EXISTS (SELECT 1 FROM loan l WHERE l.account_id = a.id AND l.returned_at IS NULL)"
                " AND NOT EXISTS (SELECT 1 FROM charge c WHERE c.account_id = a.id) ORDER BY a.id LIMIT 1"
            )
        ).one()
        connection.execute(
            text("UPDATE account SET pin_hash = :hash WHERE id = :id"), {"hash": hash_password(PIN), "id": row.id}
        )
        copies = connection.execute(
            text(
                "SELECT c.barcode, t.title FROM copy c JOIN title t ON t.id = c.title_id"
                " WHERE c.status = 'available' AND NOT EXISTS"
                " (SELECT 1 FROM hold h WHERE h.title_id = t.id AND h.state IN ('waiting', 'ready'))"
                " ORDER BY c.id DESC LIMIT 40"
            )
        ).all()
    first = copies[0]
    second = next(copy for copy in copies if copy.title != first.title)
    return {"card": row.card_number, "name": row.name, "copies": (first, second)}


@pytest.fixture
def kiosk(demo_library: Installation, demo: LiveServer, come_in: Callable[..., Page]) -> Page:
    """A tablet that was just set up."""
    with demo_library.engine.begin() as connection:
        admin = connection.execute(text("SELECT id FROM account WHERE role = 'admin' ORDER BY id")).scalars().first()
        number = connection.execute(text("SELECT count(*) FROM terminal")).scalar_one()
    login = f"hall-{number + 1}"
    _, secret = make_terminal(
        demo_library, Actor(admin, Role.ADMIN, "Admin"), kind=TerminalKind.KIOSK, login=login, name="Hall"
    )
    page = come_in(None, "/kiosk", **TABLET)
    page.get_by_label("Login of the terminal").fill(login)
    page.get_by_label("Its secret").fill(secret)
    page.get_by_role("button", name="Make this device a kiosk").click()
    expect(page.get_by_role("textbox", name="Scan your library card")).to_be_focused()
    settle(page)
    return page


def scan(page: Page, code: str) -> None:
    """What a scanner does that types like a keyboard."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def sign_in(page: Page, card: str) -> None:
    scan(page, card)
    expect(page.get_by_role("textbox", name="Your PIN")).to_be_focused()
    for digit in PIN:
        page.get_by_role("button", name=digit, exact=True).tap()
    page.locator(".kiosk .pad").get_by_role("button", name="OK").tap()
    expect(page.get_by_role("textbox", name="Scan what you borrow")).to_be_focused()


def test_card_pin_scan_scan_done_and_nothing_is_left(kiosk: Page, reader: dict[str, Any]) -> None:
    sign_in(kiosk, reader["card"])
    expect(kiosk.get_by_text(reader["name"])).to_be_visible()
    for copy in reader["copies"]:
        scan(kiosk, copy.barcode)
        expect(kiosk.locator(".kiosk .answer")).to_contain_text(copy.title)
        expect(kiosk.locator(".kiosk .answer")).to_contain_text("Bring it back by")
    expect(kiosk.get_by_text("Signing out in")).to_be_visible()
    scan(kiosk, reader["copies"][0].barcode)
    expect(kiosk.get_by_role("button", name="Give it back")).to_be_visible()
    before = kiosk.evaluate("history.length")
    kiosk.get_by_role("button", name="Done").tap()
    expect(kiosk.get_by_role("textbox", name="Scan your library card")).to_be_focused()
    parting = kiosk.locator(".kiosk .answer")
    expect(parting).to_contain_text("You are signed out. Thank you!")
    for copy in reader["copies"]:
        expect(parting).to_contain_text(copy.title)
    expect(parting).to_be_empty()  # after some seconds
    settle(kiosk)
    left = kiosk.evaluate(EVERYTHING)
    for trace in (reader["name"], reader["card"], PIN, *(copy.title for copy in reader["copies"])):
        assert trace not in left
    assert kiosk.evaluate("history.length") == before
    for copy in reader["copies"]:  # and brought back, without a card
        scan(kiosk, copy.barcode)
        expect(kiosk.locator(".kiosk .answer")).to_contain_text(copy.title)
        expect(kiosk.locator(".kiosk .answer")).to_contain_text("book drop")


def test_a_device_stays_a_kiosk_and_shows_no_other_page(kiosk: Page, demo: LiveServer) -> None:
    for path in ("/", "/catalogue", "/desk", "/kiosk"):
        kiosk.goto(demo.url + path)
        expect(kiosk.get_by_role("textbox", name="Scan your library card")).to_be_focused()
    expect(kiosk.get_by_role("button", name="Sign out")).to_have_count(0)
    expect(kiosk.get_by_role("link", name="Catalogue")).to_have_count(0)


# What has the focus, inside components too.
FOCUSED = """() => {
  let found = document.activeElement;
  while (found.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return [found.getAttribute("data-testid"), found.closest("header, [data-testid=stSidebar], [data-testid=stToolbar]")]
    .map(String).join(" ");
}"""


def test_no_menu_is_there_to_be_seen_or_to_be_reached_by_keys(kiosk: Page) -> None:
    for part in ("stMainMenu", "stToolbar", "stHeader", "stSidebar"):
        expect(kiosk.get_by_test_id(part)).not_to_be_visible()
    reached = set()
    for _ in range(12):
        kiosk.keyboard.press("Tab")
        reached.add(kiosk.evaluate(FOCUSED))
    assert len(reached) > 1
    assert not [found for found in reached if "Menu" in found or "HTML" in found]


def test_a_reload_in_the_middle_of_a_visit_ends_it(kiosk: Page, reader: dict[str, Any]) -> None:
    sign_in(kiosk, reader["card"])
    kiosk.reload()
    expect(kiosk.get_by_role("textbox", name="Scan your library card")).to_be_focused()
    settle(kiosk)
    assert reader["name"] not in kiosk.evaluate(EVERYTHING)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(kiosk: Page, reader: dict[str, Any], scheme: Any) -> None:
    kiosk.emulate_media(color_scheme=scheme)

    def faults() -> list[str]:
        drawn(kiosk)
        found = Axe().run(kiosk, options=RULES).response["violations"]
        return [f"{fault['id']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]]

    assert faults() == []
    scan(kiosk, "9780306406157")
    expect(kiosk.locator(".kiosk .answer")).to_contain_text("publisher's barcode")
    assert faults() == []
    sign_in(kiosk, reader["card"])
    scan(kiosk, "31000000")
    expect(kiosk.locator(".kiosk .answer")).to_contain_text("no book of this library")
    assert faults() == []


def test_who_walks_away_is_signed_out(kiosk: Page, reader: dict[str, Any]) -> None:
    kiosk.clock.install()
    sign_in(kiosk, reader["card"])
    kiosk.clock.run_for(45_000)
    expect(kiosk.get_by_text("Signing out in 1")).to_be_visible()
    kiosk.clock.run_for(20_000)
    expect(kiosk.get_by_role("textbox", name="Scan your library card")).to_be_visible()
    expect(kiosk.get_by_text(reader["name"])).to_have_count(0)
