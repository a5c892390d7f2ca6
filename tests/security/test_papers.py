"""Private papers at the door: whose they are decides the use case, and to everybody else there are none."""

from collections.abc import Callable

import httpx2
import pytest
from sqlalchemy import text

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.api.throttle import PAPERS_OF_A_READER
from lib.billing.models import PaymentMethod
from lib.billing.payments import pay
from lib.billing.till import close_day
from lib.circulation.holds import place_hold
from tests.builders import a_charge, a_copy, a_loan, a_member, a_title
from tests.circulation.steps import hand_in
from tests.live_server import LiveServer, somebody
from tests.security.conftest import CookieOf

Ask = Callable[..., httpx2.Response]
FILES = ["card/1", "receipt/1", "statement/1", "hold-slip/1", "loan-slip/1", "hold-slips?ids=1", "pull-list", "weeding",
         "day-close/1"]  # fmt: skip
OUR_PAGE = {"x-requested-with": "tome"}


@pytest.fixture
def ask(server: LiveServer, cookie_of: CookieOf) -> Ask:
    """Asks for a file as somebody, or without a cookie."""

    def get(file: str, login: str = "") -> httpx2.Response:
        return httpx2.get(f"{server.url}/files/{file}", headers={"cookie": cookie_of(login)} if login else {})

    return get


@pytest.fixture
def people(attacked_library: Installation) -> dict[str, Actor]:
    """Who can sign in, by login."""
    with attacked_library.engine.connect().execution_options(read_only=True) as connection:
        found = connection.execute(text("SELECT username, id, role, name FROM account WHERE username IS NOT NULL"))
        return {row[0]: Actor(row[1], Role(row[2]), row[3]) for row in found}


def a_receipt(library: Installation, desk: Actor, reader: Actor) -> int:
    with begin_work(library, desk) as uow:
        a_charge(uow, reader, 250)
        return pay(uow, account_id=reader.account_id or 0, amount_minor=250, method=PaymentMethod.CASH).payment_id


def is_a_paper(answer: httpx2.Response) -> bool:
    return (
        answer.status_code == 200
        and answer.content.startswith(b"%PDF")
        and answer.headers["cache-control"] == "no-store"
        and answer.headers["content-disposition"].startswith("attachment; filename=")
    )


def test_a_receipt_is_for_who_paid_and_for_the_till(
    ask: Ask, attacked_library: Installation, people: dict[str, Actor]
) -> None:
    own = a_receipt(attacked_library, people["librarian"], people["member"])
    others = a_receipt(attacked_library, people["librarian"], a_member(attacked_library))
    assert is_a_paper(ask(f"receipt/{own}", "member"))
    assert is_a_paper(ask(f"receipt/{others}", "librarian"))
    assert ask(f"receipt/{others}", "member").status_code == 404
    assert ask(f"receipt/{own}").status_code == 404
    unknown = ask("receipt/999999", "member")
    assert (unknown.status_code, unknown.text) == (404, ask(f"receipt/{others}", "member").text)


def test_a_statement_is_ones_own_and_its_days_are_checked(ask: Ask, people: dict[str, Actor]) -> None:
    mine, other = people["member"].account_id, people["admin"].account_id
    assert is_a_paper(ask(f"statement/{mine}", "member"))
    assert is_a_paper(ask(f"statement/{mine}?first=2026-01-01&last=2026-02-28", "librarian"))
    assert ask(f"statement/{other}", "member").status_code == 404
    assert ask(f"statement/{mine}").status_code == 404
    for days in ("first=2026-02-01&last=2026-01-01", "first=yesterday", "last=2026-13-01", "first=0001-01-01"):
        answer = ask(f"statement/{mine}?{days}", "member")
        assert answer.status_code == 422, days
        assert answer.text.strip()
        assert "Traceback" not in answer.text


def test_slips_and_closings_are_for_the_desk_alone(
    ask: Ask, attacked_library: Installation, people: dict[str, Actor]
) -> None:
    library, desk = attacked_library, people["librarian"]
    title_id = a_title(library, "Waited for")
    barcode = a_copy(library, title_id)
    a_loan(library, a_member(library), barcode)
    taker = a_member(library)
    loan_id = a_loan(library, taker, a_copy(library))
    with begin_work(library, people["member"]) as uow:
        hold_id = place_hold(uow, title_id=title_id).hold_id
    assert hand_in(library, desk, barcode).copy_status == "on_hold_shelf"
    a_receipt(library, desk, people["member"])
    with begin_work(library, desk) as uow:
        close_id = close_day(uow, cash_counted_minor=0).id
    slips = (f"hold-slip/{hold_id}", f"hold-slips?ids={hold_id},x,-1,{10**30}")
    loans = (f"loan-slip/{taker.account_id}", f"loan-slip/{taker.account_id}?ids={loan_id},x")
    for file in (*slips, *loans, f"day-close/{close_id}"):
        assert is_a_paper(ask(file, "librarian")), file
        assert ask(file, "member").status_code == 404, file
        assert ask(file).status_code == 404, file


@pytest.mark.parametrize("file", FILES)
def test_without_a_live_session_there_is_no_paper(server: LiveServer, file: str) -> None:
    for cookie in ("", "tome_session=forged", "__Host-tome_session=forged"):
        answer = httpx2.get(f"{server.url}/files/{file}", headers={"cookie": cookie})
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
        assert answer.headers["x-content-type-options"] == "nosniff"


DIGITS = "9" * 5000  # more than Python reads


@pytest.mark.parametrize(
    "file",
    ["receipt/0", "loan-slip/1?ids=", "loan-slip/1?ids=x",
     f"receipt/{10**40}", "hold-slips", "hold-slips?ids=", f"receipt/{DIGITS}", f"card/{DIGITS}",
     f"cover/{DIGITS}", f"statement/{'0' * 30}1"],
)  # fmt: skip
def test_numbers_that_cannot_be_are_answered_calmly(ask: Ask, file: str) -> None:
    answer = ask(file, "librarian")
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


def test_lists_to_carry_and_to_take_away_are_for_staff(ask: Ask, attacked_library: Installation) -> None:
    for file in ("pull-list", "weeding?years=5"):
        assert ask(file, "member").status_code == 404
        assert ask(file).status_code == 404
    listed = ask("weeding?years=5&worn=1&location=nowhere&section=3", "librarian")
    assert (listed.status_code, listed.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert listed.headers["cache-control"] == "no-store"
    assert listed.content.decode("utf-8-sig").startswith("barcode,title,")
    for query in ("years=x", "years=101", f"years={'9' * 30}", "section=-1", "years=5&location=%00"):
        assert ask(f"weeding?{query}", "librarian").status_code == 422


def test_the_pull_list_and_new_slips_come_as_papers_and_asking_by_address_prints_nothing(
    ask: Ask, server: LiveServer, cookie_of: CookieOf, attacked_library: Installation, people: dict[str, Actor]
) -> None:
    def send(login: str, **headers: str) -> httpx2.Response:
        known = {"cookie": cookie_of(login)} if login else {}
        return httpx2.post(f"{server.url}/files/hold-slips/new", headers=known | headers)

    title = a_title(attacked_library)
    a_loan(attacked_library, a_member(attacked_library), barcode := a_copy(attacked_library, title))
    reader = a_member(attacked_library)
    with begin_work(attacked_library, people["librarian"]) as uow:
        place_hold(uow, title_id=title, member_id=reader.account_id)
    hand_in(attacked_library, people["librarian"], barcode)
    ours = OUR_PAGE | {"origin": server.url}
    for _ in range(2):
        assert ask("hold-slips/new", "librarian").status_code == 405, "a link or a picture of another site"
    for headers in ({}, {"origin": server.url}, OUR_PAGE, OUR_PAGE | {"origin": "https://elsewhere.example"}):
        assert send("librarian", **headers).status_code == 403
    assert send("member", **ours).status_code == 404
    assert send("", **ours).status_code == 404
    assert is_a_paper(send("librarian", **ours)), "none of those printed anything"
    assert send("librarian", **ours).status_code == 404, "all are printed"
    assert ask("pull-list?location=nowhere", "librarian").status_code == 404


def test_a_reader_who_asks_for_paper_after_paper_is_told_when_to_come_back(
    server: LiveServer, cookie_of: CookieOf, ask: Ask, attacked_library: Installation
) -> None:
    mine = somebody(attacked_library, Role.MEMBER, "printer")
    cookies = [{"cookie": cookie_of("printer")} for _ in range(2)]

    def get(file: str, cookie: int = 0) -> httpx2.Response:
        return httpx2.get(f"{server.url}/files/{file}", headers=cookies[cookie])

    answers = [get(f"statement/{mine}") for _ in range(2 * PAPERS_OF_A_READER)]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert sum(answer.status_code == 200 for answer in answers) <= PAPERS_OF_A_READER + 2  # the clock goes on meanwhile
    assert 0 < int(refused.headers["retry-after"]) <= 61
    assert "try again in" in refused.text
    assert get(f"card/{mine}").status_code == 429, "whatever paper it is"
    assert get(f"card/{mine}", cookie=1).status_code == 429, "and whatever browser asks"
    assert is_a_paper(ask(f"statement/{mine}", "librarian")), "nobody else waits for it"
