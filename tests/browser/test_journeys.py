"""What each role comes for, done in a real browser from beginning to end."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading
from tests.browser.conftest import settle
from tests.live_server import LiveServer

pytestmark = pytest.mark.browser


def _ask(library: Installation, question: str, **given: object) -> list[tuple[object, ...]]:
    with begin_reading(library, SYSTEM) as uow:
        return [tuple(row) for row in uow.connection.execute(text(question), given)]


def test_a_member_finds_a_book_borrows_it_sees_it_and_renews_what_is_due_soon(
    come_in: Callable[..., Page], demo_library: Installation
) -> None:
    free = "SELECT t.id, t.title FROM title t JOIN copy c ON c.title_id = t.id"
    free += " WHERE c.status = 'available' AND t.title = :t"
    _, title = _ask(demo_library, free, t="Disgrace")[0]
    page = come_in("member", "/")
    page.get_by_role("searchbox").fill(str(title))
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=str(title)).first.click()
    expect(page.get_by_role("heading", name=str(title), level=1)).to_be_visible()
    page.get_by_role("button", name="Borrow").click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("yours")
    page.goto(page.url.split("/title")[0] + "/my-library")
    settle(page)
    expect(page.get_by_text(str(title)).first).to_be_visible()
    soon = "SELECT l.id, l.due_on FROM loan l JOIN account a ON a.id = l.account_id"
    soon += " WHERE a.username = 'member' AND l.returned_at IS NULL ORDER BY l.due_on LIMIT 1"
    loan, before = _ask(demo_library, soon)[0]
    page.get_by_role("button", name="Renew everything").click()
    expect(page.get_by_test_id("stAlert").filter(has_text=str(title))).to_be_visible()
    after = _ask(demo_library, "SELECT due_on FROM loan WHERE id = :id", id=loan)[0][0]
    assert str(after) > str(before)


def test_the_desk_lends_ten_copies_to_ten_members_by_scanner_alone(
    come_in: Callable[..., Page], demo_library: Installation
) -> None:
    free_members = (
        "SELECT card_number FROM account a WHERE role = 'member' AND status = 'active'"
        " AND membership_ends_on > date('now')"
        " AND NOT EXISTS (SELECT 1 FROM charge g WHERE g.account_id = a.id AND g.balance_minor <> 0)"
        " AND NOT EXISTS (SELECT 1 FROM loan l WHERE l.account_id = a.id AND l.returned_at IS NULL"
        " AND l.due_on < date('now'))"
        " AND (SELECT count(*) FROM loan l WHERE l.account_id = a.id AND l.returned_at IS NULL) < 3 LIMIT 10"
    )
    cards = [row[0] for row in _ask(demo_library, free_members)]
    copies = [
        row[0]
        for row in _ask(
            demo_library, "SELECT max(barcode) FROM copy WHERE status = 'available' GROUP BY title_id LIMIT 10"
        )
    ]
    page = come_in("librarian", "/desk")
    expect(page.locator(".scan input")).to_be_focused()
    for card, copy in zip(cards, copies, strict=True):
        for code in (card, copy):  # typed as a scanner does: without a pause, Enter at the end
            page.keyboard.type(str(code))
            page.keyboard.press("Enter")
    expect(page.get_by_text("Lent:").first).to_be_visible()
    lent = "SELECT count(*) FROM loan l JOIN copy c ON c.id = l.copy_id JOIN account a ON a.id = l.account_id"
    lent += " WHERE l.returned_at IS NULL AND c.barcode = :copy AND a.card_number = :card"
    expect(page.get_by_role("listitem").filter(has_text="Lent")).to_have_count(10)
    for card, copy in zip(cards, copies, strict=True):
        assert _ask(demo_library, lent, copy=copy, card=card) == [(1,)]
    page.keyboard.press("Alt+2")
    expect(page.get_by_text("Taking back")).to_be_visible()
    for copy in copies:
        page.keyboard.type(str(copy))
        page.keyboard.press("Enter")
    expect(page.get_by_role("listitem").filter(has_text="Back")).to_have_count(10)
    page.keyboard.press("Alt+z")
    expect(page.locator(".answer")).to_contain_text("Undone: Taken back")
    assert _ask(demo_library, lent, copy=copies[-1], card=cards[-1]) == [(1,)]


def test_a_stranger_joins_confirms_the_address_and_is_approved(
    come_in: Callable[..., Page], demo: LiveServer, demo_library: Installation
) -> None:
    page = come_in(None, "/join")
    for label, value in (
        ("First name", "Nova"), ("Last name", "Castellan"), ("E-mail", "nova@demo.example"), ("User name", "nova"),
        ("Choose a password", "a very long orbit around home"), ("The password again", "a very long orbit around home"),
    ):  # fmt: skip
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_text("I agree").first.click()
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("mail").first).to_be_visible()
    admin = come_in("admin", "/mailbox")
    admin.locator("summary", has_text="demo.example").filter(has_text="nova").first.click()
    link = admin.get_by_role("link", name="Open the link").first.get_attribute("href")
    assert link is not None
    page.goto(demo.url + link[link.index("/confirm") :])
    settle(page)
    page.get_by_role("button", name="Yes, this address is mine").click()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("confirmed")
    admin.goto(f"{demo.url}/registrations")
    settle(admin)
    row = admin.get_by_text("Nova Castellan").first
    expect(row).to_be_visible()
    waiting = _ask(demo_library, "SELECT id FROM account WHERE username = 'nova'")[0][0]
    admin.locator(f".st-key-yes-{waiting} button").click()
    expect(admin.get_by_text("is a member now").first).to_be_visible()
    assert _ask(demo_library, "SELECT status FROM account WHERE username = 'nova'") == [("active",)]


def test_an_admin_changes_a_rule_and_the_next_loan_follows_it(
    come_in: Callable[..., Page], demo: LiveServer, demo_library: Installation
) -> None:
    page = come_in("admin", "/policy")
    field = page.get_by_label("Loan period (days)")
    field.last.fill("35")
    page.get_by_role("button", name="Save this line").click()
    expect(page.get_by_text("The line is saved").first).to_be_visible()
    values = _ask(
        demo_library, "SELECT loan_days FROM policy_rule WHERE membership_type_id IS NULL AND item_kind_id IS NULL"
    )
    assert values == [(35,)]


def test_signing_out_ends_the_visit(come_in: Callable[..., Page], demo: LiveServer) -> None:
    page = come_in("member", "/my-library")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    page.goto(f"{demo.url}/my-library")
    settle(page)
    expect(page.get_by_role("heading", name="Please sign in")).to_be_visible()
