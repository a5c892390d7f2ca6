"""The offline desk in a real browser: it opens, keeps and survives without the server, and sends once it is back."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import text

from lib.access.installation import Installation, open_installation
from lib.access.permissions import Role
from lib.accounts.cards import card_number_of, check_digit
from lib.accounts.sign_in import sign_in
from lib.catalogue.policy import OWN_LENGTH, OWN_PREFIX, barcode_of, barcode_ok, number_of_own, own_barcode
from lib.kit.config import Config, Mode
from lib.ops.schema import prepare_database
from tests.browser.conftest import PATIENCE_MS
from tests.builders import a_copy, a_loan, a_member
from tests.live_server import PASSWORD, LiveServer, free_port, somebody

pytestmark = pytest.mark.browser
CARD = "298880000000"
CARD += check_digit(CARD)


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Installation]:
    """A small library whose server comes and goes."""
    library = open_installation(Config(mode=Mode.DEMO, data_dir=tmp_path))
    prepare_database(library.engine)
    somebody(library, Role.LIBRARIAN, "librarian")
    a_member(library, card_number=CARD, name="Ada Vega")
    yield library
    library.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    made.set_default_timeout(PATIENCE_MS)
    yield made
    made.close()


def signed_in(context: BrowserContext, server: LiveServer, library: Installation, login: str = "librarian") -> None:
    """Gives the browser the cookie of a sign-in."""
    ticket = sign_in(library, login=login, password=PASSWORD, address="192.0.2.1", device="test").ticket
    name, _, value = server.exchange(ticket).headers["set-cookie"].partition(";")[0].partition("=")
    context.add_cookies([{"name": name, "value": value, "url": server.url, "httpOnly": True}])


def opened(context: BrowserContext, url: str) -> Page:
    """The page, kept by the browser."""
    page = context.new_page()
    page.goto(f"{url}/offline-desk")
    expect(page.get_by_text("This page is kept on this computer")).to_be_visible()
    return page


def scan(page: Page, *codes: str) -> None:
    """What a scanner does: keys and Enter, into whatever has the focus."""
    for code in codes:
        page.keyboard.type(code)
        page.keyboard.press("Enter")


def acts(page: Page) -> list[str]:
    """The list, newest first: act, copy and what came of it."""
    lines = page.locator("#rows tr").all()
    return [" | ".join(line.locator("td").all_inner_texts()[1:5]) for line in lines]


def test_the_whole_way_scans_without_the_server_a_restart_sending_and_a_task(
    away: Installation, context: BrowserContext
) -> None:
    lent, brought, stranger = a_copy(away), a_copy(away), "NOWHERE-1"
    a_loan(away, a_member(away), brought, days_ago=3)
    port = free_port()
    with LiveServer(away.config.data_dir, port=port) as server:
        page = opened(context, server.url)
        expect(page.locator("#server")).to_have_text("The server is there")
    url = server.url
    page.reload()  # nobody listens there any more
    expect(page.locator("h1")).to_have_text("Offline desk")
    expect(page.locator("#server")).to_have_text("The server is away")
    before = datetime.now(UTC)
    scan(page, brought, CARD, lent, stranger)
    expect(page.locator("#state")).to_have_text("Working offline: 3 acts kept on this computer")
    assert acts(page) == [f"Lent | {stranger} | {CARD} | Kept here", f"Lent | {lent} | {CARD} | Kept here",
                          f"Taken back | {brought} | – | Kept here"]  # fmt: skip
    after = datetime.now(UTC)
    page.close()
    page = context.new_page()  # the window was closed, and opened again without the server
    page.goto(f"{url}/offline-desk")
    expect(page.locator("#state")).to_have_text("Working offline: 3 acts kept on this computer")
    with LiveServer(away.config.data_dir, port=port) as server:
        expect(page.locator("#server")).to_have_text("The server is there")
        expect(page.locator("#state")).to_contain_text("Server is back: send them")
        expect(page.locator("#send")).to_be_disabled()
        expect(page.locator("#sign-in")).to_be_visible()
        signed_in(context, server, away)
        page.reload()
        page.get_by_role("button", name="Send them").click()
        expect(page.locator("#answer")).to_have_text("Sent: 2 done, 1 needs attention.")
        said = acts(page)
        assert said[0].startswith(f"Lent | {stranger} | …{CARD[-4:]} | Needs attention No copy has the barcode")
        assert "Done Issued; due back on" in said[1]
        assert "Done Returned." in said[2]
        _loans_have_their_times(away, before, after)
        page.get_by_role("button", name="Clear what is sent").click()
        expect(page.locator("#rows tr")).to_have_count(0)
        task = context.new_page()
        task.goto(f"{server.url}/offline")
        expect(task.get_by_text(f"copy {stranger}")).to_be_visible()
        expect(task.get_by_text("Ada Vega")).to_be_visible()
        expect(task.get_by_role("button", name="Try again")).to_be_visible()


def _loans_have_their_times(library: Installation, before: datetime, after: datetime) -> None:
    with library.engine.connect().execution_options(read_only=True) as connection:
        found = connection.execute(text("SELECT issued_at, returned_at, channel FROM loan ORDER BY id")).all()
    assert [row[2] for row in found] == ["desk", "offline"]
    for told in (found[0][1], found[1][0]):
        assert before <= datetime.fromisoformat(told).replace(tzinfo=UTC) <= after


@pytest.fixture
def standing(away: Installation) -> Iterator[LiveServer]:
    """Its server, which stays."""
    with LiveServer(away.config.data_dir) as running:
        yield running


def test_modes_are_switched_by_key_and_said_in_big_words(standing: LiveServer, context: BrowserContext) -> None:
    page = opened(context, standing.url)
    context.set_offline(True)
    mode, answer = page.locator("#mode"), page.locator("#answer")
    expect(mode).to_have_text("Taking back")
    page.keyboard.press("F2")
    expect(mode).to_have_text("Lending: whose card?")
    scan(page, "31000001")
    expect(answer).to_contain_text("Scan the member’s card first")
    scan(page, CARD)
    expect(mode).to_have_text(f"Lending to card {CARD}")
    scan(page, "31000001", "31000001")
    expect(answer).to_have_text("31000001 is kept already.")
    page.keyboard.press("Escape")
    expect(mode).to_have_text("Lending: whose card?")
    page.keyboard.press("F4")
    scan(page, "AB-17")
    expect(mode).to_have_text("Lending to card AB-17")
    page.keyboard.press("F2")
    expect(mode).to_have_text("Taking back")
    assert len(acts(page)) == 1
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#rows tr")).to_have_count(0)


def test_what_was_misread_is_told_at_once_and_not_kept(standing: LiveServer, context: BrowserContext) -> None:
    page = opened(context, standing.url)
    answer = page.locator("#answer")
    wrong_card = CARD[:-1] + str((int(CARD[-1]) + 1) % 10)
    wrong_copy = own_barcode(7)[:-1] + str((int(own_barcode(7)[-1]) + 1) % 10)
    for code, words in (
        (wrong_card, "This card was misread"), (wrong_copy, "This copy was misread"),
        ("9780141439587", "That is the book’s ISBN"), ("<b>!", "This is not a barcode"),
    ):  # fmt: skip
        scan(page, code)
        expect(answer).to_contain_text(words)
    assert acts(page) == []


def test_both_sides_agree_on_check_digits(standing: LiveServer, context: BrowserContext) -> None:
    page = opened(context, standing.url)
    numbers = [f"29{n * 7_919_317 % 10**11:011d}" for n in range(1500)]
    numbers += [own_barcode(n * 104_729 % 10**11)[:-1] + str(n % 10) for n in range(1500)]
    numbers += [f"{n * 15_485_863 % 10**14:014d}" for n in range(1500)]
    numbers += [f" {CARD[:4]}-{CARD[4:]} ", "", "29", "٢٩٠٠٠٠٠٠٠٠٠٠١", "x" * 13, "2" * 15]
    cards = page.evaluate(
        "async (all) => { const codes = await import('/offline-desk/codes.js'); return all.map(codes.cardNumberOf); }",
        numbers,
    )
    assert cards == [card_number_of(number) for number in numbers]
    assert 100 < sum(card is not None for card in cards) < len(numbers) - 1000
    codes = [*numbers, "*a-1*", " 30 12 ", "ｂ１２", "ß", "x.y/z$+%_-", "-a", "a" * 41, "é"]
    found = page.evaluate(
        """async (all) => { const codes = await import('/offline-desk/codes.js');
        return all.map((one) => [codes.barcodeOf(one), codes.barcodeProven(codes.barcodeOf(one))]); }""",
        codes,
    )
    assert [one[0] for one in found] == [barcode_of(code) for code in codes]
    for code, proven in found:
        own = len(code) == OWN_LENGTH and code.startswith(OWN_PREFIX) and code.isascii() and code.isdigit()
        assert proven == (not own or number_of_own(code) is not None)
    kinds = page.evaluate(
        """async (all) => { const codes = await import('/offline-desk/codes.js');
        return all.map((one) => codes.readScan(one)); }""",
        codes,
    )
    assert all(barcode_ok(one["code"]) for one in kinds if one["kind"] == "copy")


def test_sending_twice_or_from_two_windows_does_everything_once(
    away: Installation, standing: LiveServer, context: BrowserContext
) -> None:
    signed_in(context, standing, away)
    page = opened(context, standing.url)
    scan(page, CARD, *(a_copy(away) for _ in range(5)))
    expect(page.locator("#rows tr")).to_have_count(5)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    saved = Path(download.value.path())
    other = opened(context, standing.url)
    expect(other.locator("#state")).to_contain_text("5 acts kept")
    other.get_by_role("button", name="Send them").click()
    expect(other.locator("#answer")).to_have_text("Sent: 5 done.")
    page.get_by_role("button", name="Send them").click()  # it does not know yet
    expect(page.locator("#answer")).to_have_text("Sent: 5 done.")
    again = context.browser.new_context() if context.browser else context
    signed_in(again, standing, away)
    third = opened(again, standing.url)  # a third computer reads the file
    third.locator("#file").set_input_files(saved)
    expect(third.locator("#answer")).to_have_text("5 acts read, 0 known already.")
    third.get_by_role("button", name="Send them").click()
    expect(third.locator("#answer")).to_have_text("Sent: 5 done.")
    again.close()
    with away.engine.connect().execution_options(read_only=True) as connection:
        assert connection.execute(text("SELECT count(*) FROM loan")).scalar_one() == 5


def test_a_file_that_is_damaged_or_another_is_told(
    standing: LiveServer, context: BrowserContext, tmp_path: Path
) -> None:
    page = opened(context, standing.url)
    path, answer = tmp_path / "given.json", page.locator("#answer")
    good = {"client_id": "7c0d5b52-6a0e-4a57-9a6c-0f8f4f1f8f11", "kind": "return", "barcode": "31000001", "card": "",
            "recorded_at": "2026-03-10T09:00:00+01:00", "device": "", "state": "kept", "told": ""}  # fmt: skip
    for content, words in (
        ("{", "not one of an offline desk, or it is damaged"), ('{"acts": []}', "not one of an offline desk."),
        (json.dumps(_file([good, good, good | {"kind": "steal"}, good | {"recorded_at": "soon"}, None])),
         "1 act read, 1 known already; 3 lines are damaged and left out."),
    ):  # fmt: skip
        path.write_text(content)
        page.locator("#file").set_input_files(path)
        expect(answer).to_contain_text(words)
    assert acts(page) == ["Taken back | 31000001 | – | Kept here"]


def _file(found: list[Any]) -> dict[str, Any]:
    return {"format": "tome-offline-desk", "version": 1, "acts": found}


def test_signing_out_leaves_the_page_and_what_is_kept(
    away: Installation, standing: LiveServer, context: BrowserContext
) -> None:
    signed_in(context, standing, away)
    page = opened(context, standing.url)
    scan(page, "31000001")
    expect(page.locator("#rows tr")).to_have_count(1)
    page.evaluate("fetch('/auth/sign-out', { method: 'POST', headers: { 'x-requested-with': 'tome' } })")
    context.set_offline(True)
    page.reload()
    expect(page.locator("#state")).to_have_text("Working offline: 1 act kept on this computer")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_for_everybody_and_asks_no_other_host(
    away: Installation, standing: LiveServer, browser: Browser, colours: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=colours)  # type: ignore[arg-type]
    strangers: list[str] = []
    context.on("request", lambda asked: None if asked.url.startswith(standing.url) else strangers.append(asked.url))
    signed_in(context, standing, away)
    page = opened(context, standing.url)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    scan(page, "31000001", CARD, "NOWHERE-1", "31000002")
    for _ in ("kept", "sent"):
        expect(page.locator("#rows tr")).to_have_count(3)
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]})
        assert [(one["id"], one["nodes"][0]["html"][:160]) for one in found.response["violations"]] == []
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        if page.locator("#send").is_visible():
            page.get_by_role("button", name="Send them").click()
            expect(page.locator("#answer")).to_contain_text("Sent:")
    assert strangers == []
    assert faults == []
    context.close()
