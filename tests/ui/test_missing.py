"""Missing on screen: found as of the day that was claimed, not found and lost, lost and turned up."""

from collections.abc import Callable
from datetime import timedelta

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.desk.self_returns import self_return
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.money_steps import choose, claimed, lost
from tests.circulation.steps import rows
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, links, read

PAGE = "staff/missing.py"
SessionOf = Callable[[Role], int]


def said_returned(served: Installation, days_ago: int = 30, **copy: object) -> int:
    """A late loan whose member says it came back a week ago; the loan's id."""
    barcode = a_copy(served, a_title(served, "<i>Emma</i>"), shelf="A-7", price_minor=1250, **copy)
    loan = a_loan(served, a_member(served, name="Ada Vega"), barcode, days_ago=days_ago)
    claimed(served, a_librarian(served), loan, (served.clock.now() - timedelta(days=7)).date())
    return loan


def test_nothing_is_missing(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.LIBRARIAN)
    assert "nothing to look for" in read(at_page(session, PAGE))
    assert "No late loan is about to" in read(at_page(session, PAGE, part="Soon lost"))
    assert "No copy is lost" in read(at_page(session, PAGE, part="Lost"))


def test_a_found_copy_counts_as_returned_on_the_day_that_was_claimed(
    served: Installation, session_of: SessionOf
) -> None:
    loan = said_returned(served)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    said = read(at)
    assert "A-7" in said
    assert "Ada Vega says: returned on 3 March 2026" in said
    assert "<i>Emma" not in html_of(at)
    button(at, "Found").click().run()
    assert "It counts as returned on 3 March 2026." in read(at)
    assert rows(served, f"SELECT returned_on FROM loan WHERE id = {loan}") == [("2026-03-03",)]
    button(at, "Undo").click().run()
    assert rows(served, f"SELECT returned_on, claimed_on FROM loan WHERE id = {loan}") == [(None, "2026-03-03")]


def test_what_was_noted_at_a_tablet_is_looked_for_in_the_book_drop(served: Installation, session_of: SessionOf) -> None:
    item = a_copy(served, a_title(served, "Emma"))
    loan = a_loan(served, a_member(served, name="Ada Vega"), item)
    with begin_work(served, a_member(served, role=Role.TERMINAL, name="Hall tablet")) as uow:
        self_return(uow, barcode=item)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    said = read(at)
    assert "the book drop" in said
    assert "Noted at Hall tablet on 10 March 2026; Ada Vega has it" in said
    assert "Not found" not in said
    button(at, "Not in the drop").click().run()
    assert "it is on loan to Ada Vega as before" in read(at)
    assert rows(served, f"SELECT returned_on, claimed_on FROM loan WHERE id = {loan}") == [(None, None)]


def test_what_is_not_found_is_lost_after_the_consequence_was_told(served: Installation, session_of: SessionOf) -> None:
    choose(served, lost_fee=150)
    said_returned(served)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert "€12.50 for the copy, €1.50 fee" in read(at)
    button(at, "Declare it lost").click().run()
    assert "is lost; Ada Vega was charged €14.00." in read(at).replace("\\", "")
    assert rows(served, "SELECT status FROM copy") == [("lost",)]


def test_a_lost_copy_tells_of_the_money_and_turns_up(served: Installation, session_of: SessionOf) -> None:
    choose(served, lost_fee=0)
    reader = a_member(served, name="Ada Vega")
    lost(served, a_librarian(served), a_loan(served, reader, a_copy(served, price_minor=1250)))
    at = at_page(session_of(Role.LIBRARIAN), PAGE, part="Lost")
    assert "€12.50 was charged, €12.50 still owed" in read(at)
    assert f"/member?id={reader.account_id}" in links(at)
    button(at, "It turned up").click().run()
    assert rows(served, "SELECT status FROM copy") == [("available",)]
    assert "for its loss is taken back" in read(at)


def test_late_loans_say_when_they_count_as_lost(served: Installation, session_of: SessionOf) -> None:
    choose(served, lost_after_days=20)
    for late in (12, 25):
        a_loan(served, a_member(served), days_ago=21 + late)
    said = read(at_page(session_of(Role.LIBRARIAN), PAGE, part="Soon lost"))
    assert said.index("tonight") < said.index("in 8 open days")


def test_the_desk_says_what_waits(served: Installation, session_of: SessionOf) -> None:
    said_returned(served)
    a_copy(served, status="in_repair")
    at = at_page(session_of(Role.LIBRARIAN), "staff/desk.py")
    assert "1 copy is to be looked for" in read(at)
    assert "1 copy is in repair" in read(at)
    assert {"/missing", "/repairs"} <= set(links(at))
