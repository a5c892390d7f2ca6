"""The readers' pages in a real browser: links within the library, history, phone, nothing from elsewhere."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settle
from tests.live_server import LiveServer

pytestmark = pytest.mark.browser
ComeIn = Callable[..., Page]
PHONE = {"viewport": {"width": 390, "height": 844}}


def test_a_link_opens_within_the_app_and_back_leads_to_the_same_search(come_in: ComeIn) -> None:
    page = come_in(path="/catalogue?q=the")
    page.evaluate("window.stillTheSamePage = true")
    first = page.locator("ol.cards h2 a").first
    name = first.inner_text()
    first.click()
    page.wait_for_url("**/title?id=*")
    expect(page.locator("h1")).to_have_text(name)
    page.go_back()
    expect(page.locator("ol.cards h2 a").first).to_have_text(name)
    assert page.url.endswith("/catalogue?q=the")
    assert page.evaluate("window.stillTheSamePage") is True


def test_pages_facets_and_chips_stand_in_the_address(come_in: ComeIn) -> None:
    page = come_in(path="/catalogue?q=the")
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**/catalogue?q=the&page=2")
    expect(page.locator(".count")).to_contain_text("page 2")
    page.get_by_role("link", name="On the shelf now").first.click()
    page.wait_for_url("**/catalogue?q=the&available=true")
    page.locator(".chip").click()
    page.wait_for_url("**/catalogue?q=the")


def test_covers_are_pictures_of_ours_and_nothing_comes_from_elsewhere(come_in: ComeIn, demo: LiveServer) -> None:
    page = come_in(path="/help")
    asked: list[str] = []
    page.on("response", lambda answer: asked.append(answer.url))
    page.goto(demo.url)
    settle(page)
    picture = page.locator("img.cover").first
    expect(picture).to_be_visible()
    page.wait_for_function("picture => picture.naturalWidth > 0", arg=picture.element_handle())
    strangers = [url for url in asked if urlsplit(url).scheme in ("http", "https") and not url.startswith(demo.url)]
    assert strangers == []


def test_on_a_phone_nothing_runs_over_the_edge_and_the_facets_wait_behind_a_button(come_in: ComeIn) -> None:
    page = come_in(path="/catalogue?q=the", **PHONE)
    expect(page.locator("ol.cards")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.locator(".facet a").first).to_be_hidden()
    page.get_by_text("Narrow the results").click()
    expect(page.locator(".facet a").first).to_be_visible()


def test_a_member_borrows_and_finds_it_in_my_library(come_in: ComeIn) -> None:
    page = come_in("member", "/catalogue?available=true&sort=title")
    for at in range(6):
        page.locator("ol.cards h2 a").nth(at).click()
        page.wait_for_url("**/title?id=*")
        settle(page)
        borrow = page.get_by_role("button", name="Borrow: fetch it at")
        if borrow.count():
            break
        page.go_back()
        expect(page.locator("ol.cards")).to_be_visible()
    else:
        pytest.fail("the demo member can borrow none of six titles on the shelf")
    name = page.locator("h1").inner_text()
    borrow.click()
    expect(page.get_by_text("It is yours until")).to_be_visible()
    page.get_by_role("link", name="See it in My library").click()
    expect(page.locator(".loan .name").filter(has_text=name).first).to_be_visible()


def test_a_reader_reserves_what_is_out_pauses_it_and_gives_it_up_on_a_phone(come_in: ComeIn, demo: LiveServer) -> None:
    page = come_in("member", "/help", **PHONE)
    for title_id in range(1, 60):
        page.goto(f"{demo.url}/title?id={title_id}")
        settle(page)
        reserve = page.get_by_role("button", name="Reserve: you would be")
        if reserve.count():
            break
    else:
        pytest.fail("the demo member can reserve none of the first titles")
    reserve.dblclick()
    expect(page.get_by_text("in the queue.")).to_be_visible()
    expect(page.locator("[data-testid=stAlert]")).to_have_count(1)
    page.get_by_role("link", name="See all my reservations").click()
    page.wait_for_url("**/my-holds")
    settle(page)
    page.get_by_role("button", name="Pause", exact=True).first.click()
    page.get_by_role("button", name="Pause this reservation").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="Cancel", exact=True).first.click()
    page.get_by_role("button", name="Cancel this reservation").dblclick()
    expect(page.get_by_text("You cancelled it")).to_be_visible()


def test_a_reader_without_debts_sees_so_and_a_phone_shows_it_whole(come_in: ComeIn) -> None:
    page = come_in("member", "/my-money", **PHONE)
    expect(page.get_by_role("heading", name="You owe")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
