"""The desk in a real browser without a mouse: what somebody waits for comes back, is handed over, money is taken."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.billing.models import ChargeKind
from lib.circulation.holds import place_hold
from lib.circulation.money import charge_member
from tests.browser.conftest import settle

pytestmark = pytest.mark.browser

FREE = (
    "SELECT a.id, a.card_number FROM account a WHERE role = 'member' AND status = 'active'"
    " AND membership_ends_on > date('now') AND NOT EXISTS"
    " (SELECT 1 FROM loan l WHERE l.account_id = a.id AND l.returned_at IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM charge g WHERE g.account_id = a.id AND g.balance_minor <> 0)"
    " ORDER BY a.id DESC LIMIT 1"
)
OUT = (
    "SELECT c.barcode, c.title_id FROM copy c WHERE c.status = 'on_loan' AND NOT EXISTS (SELECT 1 FROM copy d"
    " WHERE d.title_id = c.title_id AND d.id <> c.id) AND NOT EXISTS"
    " (SELECT 1 FROM hold h WHERE h.title_id = c.title_id) ORDER BY c.id LIMIT 1"
)


def _ask(library: Installation, question: str, **given: object) -> list[tuple[object, ...]]:
    with begin_reading(library, SYSTEM) as uow:
        return [tuple(row) for row in uow.connection.execute(text(question), given)]


def scanner(page: Page) -> Callable[[object], None]:
    """A scanner: characters without a pause, then Enter, wherever the focus stands."""

    def scan(code: object) -> None:
        page.keyboard.type(str(code))
        page.keyboard.press("Enter")

    return scan


def settled(page: Page) -> None:
    """No code is under way, and the page has answered."""
    expect(page.locator(".scan")).to_have_attribute("data-busy", "")
    settle(page)


def test_a_hold_comes_back_is_handed_over_and_money_is_taken_by_keys_alone(
    come_in: Callable[..., Page], demo_library: Installation
) -> None:
    member, card = _ask(demo_library, FREE)[0]
    barcode, title = _ask(demo_library, OUT)[0]
    staff = _ask(demo_library, "SELECT id FROM account WHERE role = 'librarian' LIMIT 1")[0][0]
    assert isinstance(staff, int)
    assert isinstance(title, int)
    assert isinstance(member, int)
    with begin_work(demo_library, Actor(staff, Role.LIBRARIAN)) as uow:
        place_hold(uow, title_id=title, member_id=member)
        charge_member(uow, member_id=member, kind=ChargeKind.OTHER, amount_minor=240, what="New library card")
    page = come_in("librarian", "/desk")
    box = page.locator(".scan input")
    answer = page.locator(".answer")
    expect(box).to_be_focused()
    scan = scanner(page)
    page.keyboard.press("Alt+2")
    expect(page.get_by_text("Taking back")).to_be_visible()
    scan(barcode)
    expect(answer).to_contain_text(f"card ends {str(card)[-4:]}")
    expect(answer).to_contain_text("put it on the hold shelf")
    slip = page.get_by_role("link", name="Print slip").get_attribute("href")
    assert slip is not None
    assert page.request.get(slip if slip.startswith("http") else page.url.split("/desk")[0] + slip).status == 200
    page.keyboard.press("Alt+1")
    expect(page.get_by_text("Scan or type")).to_be_visible()
    scan(card)
    expect(page.get_by_text("1 hold to hand over.")).to_be_visible()
    scan(barcode)
    expect(answer).to_contain_text("Their hold is collected")
    page.keyboard.press("Alt+p")
    expect(page.get_by_role("heading", name="Take €2.40")).to_be_visible()
    page.keyboard.press("Alt+5")
    expect(answer).to_contain_text("Nothing is owed any more")
    balance = "SELECT sum(balance_minor) FROM charge WHERE account_id = :id"
    assert _ask(demo_library, balance, id=member) == [(0,)]
    receipt = page.get_by_role("link", name="Receipt R-").get_attribute("href")
    assert receipt is not None
    page.keyboard.press("Alt+z")
    expect(answer).to_contain_text("Undo this?")
    page.keyboard.press("Alt+z")
    expect(answer).to_contain_text("and is owed again")
    assert _ask(demo_library, balance, id=member) == [(240,)]
    held = "SELECT state FROM hold WHERE account_id = :id AND title_id = :title"
    assert _ask(demo_library, held, id=member, title=title) == [("collected",)]
    expect(box).to_be_focused()


IN = (
    "SELECT c.barcode FROM copy c WHERE c.status = 'available' AND NOT EXISTS"
    " (SELECT 1 FROM hold h WHERE h.title_id = c.title_id) ORDER BY c.id DESC LIMIT 4"
)
HAS = "SELECT c.barcode FROM loan l JOIN copy c ON c.id = l.copy_id WHERE l.account_id = :id AND l.returned_at IS NULL"
ON_LOAN = "SELECT count(*) FROM loan WHERE account_id = :id AND returned_at IS NULL"


def test_a_scan_after_a_click_goes_into_the_input_and_presses_no_button(
    come_in: Callable[..., Page], demo_library: Installation
) -> None:
    member, card = _ask(demo_library, FREE)[0]
    first, second, *_ = [str(row[0]) for row in _ask(demo_library, IN)]
    page = come_in("librarian", "/desk")
    box, answer = page.locator(".scan input"), page.locator(".answer")
    scan = scanner(page)
    expect(box).to_be_focused()
    for code in (card, first, second):
        scan(code)
    expect(page.get_by_text("of 5 loans")).to_contain_text("2")
    settled(page)
    page.get_by_role("button", name="Undo: Lent").click()
    expect(answer).to_contain_text("Undone: Lent")
    scan(card)  # the focus was on a button whose press is not to be repeated
    expect(answer).to_be_empty()
    assert _ask(demo_library, ON_LOAN, id=member) == [(1,)]
    page.get_by_role("button", name="Take back").click()
    scan(first)
    expect(answer).to_contain_text("Back from")
    assert _ask(demo_library, ON_LOAN, id=member) == [(0,)]
    page.get_by_role("button", name="Worn").click()
    page.keyboard.type("Spine loose")
    expect(box).to_have_value("Spine loose")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Note: Spine loose")).to_be_visible()
    page.locator("button", has_text="Lend").first.focus()
    scan(second)  # as if the focus had stayed there
    expect(answer).to_contain_text("It was not on loan")
    expect(box).to_be_focused()
    page.locator("button", has_text="Lend").first.focus()
    page.keyboard.press("Enter")  # a bare Enter on a button is the keyboard's own way to press it
    expect(page.get_by_text("Scan or type")).to_be_visible()


def test_a_shortcut_in_the_same_instant_as_a_scan_is_for_what_the_scan_brings(
    come_in: Callable[..., Page], demo_library: Installation
) -> None:
    member, card = _ask(demo_library, FREE)[0]
    first, second, third, *_ = [str(row[0]) for row in _ask(demo_library, IN)]
    page = come_in("librarian", "/desk")
    answer, scan = page.locator(".answer"), scanner(page)
    expect(page.locator(".scan input")).to_be_focused()
    scan(card)
    scan(first)
    expect(answer).to_contain_text("Lent")
    settled(page)
    scan(second)
    page.keyboard.press("Alt+z")
    expect(answer).to_contain_text("Undone: Lent")
    settled(page)
    assert _ask(demo_library, HAS, id=member) == [(first,)]
    scan(third)
    page.keyboard.press("Alt+2")
    scan(first)
    expect(answer).to_contain_text("Back from")
    settled(page)
    assert _ask(demo_library, HAS, id=member) == [(third,)]
    scan(third)
    expect(answer).to_contain_text("Back from")


def test_a_scan_into_another_field_is_taken_out_again_and_typing_there_stays(
    come_in: Callable[..., Page], demo_library: Installation
) -> None:
    _, card = _ask(demo_library, FREE)[0]
    first, second, *_ = [str(row[0]) for row in _ask(demo_library, IN)]
    page = come_in("librarian", "/desk")
    answer, scan = page.locator(".answer"), scanner(page)
    expect(page.locator(".scan input")).to_be_focused()
    scan(card)
    scan(first)
    expect(answer).to_contain_text("Lent")
    scan("1")
    expect(answer).to_contain_text("What about it?")
    page.keyboard.press("Alt+u")
    why = page.get_by_label("What happened")
    why.click()
    page.keyboard.type("Left 123456", delay=80)
    expect(why).to_have_value("Left 123456")
    expect(why).to_be_focused()
    page.wait_for_timeout(200)  # a scanner is picked up
    scan(second)
    expect(answer).to_contain_text("Lent")
    expect(why).to_have_count(0)
    settled(page)
    expect(page.locator(".scan input")).to_be_focused()
    page.keyboard.press("Alt+2")
    expect(page.get_by_text("Taking back")).to_be_visible()
    page.keyboard.press("Alt+9")
    scan("yesterday")
    expect(page.locator(".scan label")).to_contain_text("in the book drop since")
    page.keyboard.press("Alt+9")
    expect(page.locator(".scan label")).to_contain_text("Which day")
    scan("today")
    expect(page.locator(".scan label")).to_have_text("Taking back")
    page.keyboard.press("Alt+4")
    expect(page.locator(".scan label")).to_contain_text("What is damaged?")
    scan("Wet")
    scan(second)  # where an amount was asked for
    expect(answer).to_contain_text("Put it with the repairs")
