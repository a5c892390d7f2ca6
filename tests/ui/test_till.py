"""The till on screen: what is in it, receipts taken back, counted and closed."""

from collections.abc import Callable

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from tests.billing.steps import CARD, owes, paid
from tests.builders import a_librarian, a_member
from tests.circulation.steps import rows
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, labels, links, read

PAGE = "staff/till.py"
SessionOf = Callable[[Role], int]


def money_came_in(served: Installation, name: str = "Ada Vega") -> Actor:
    """3.00 in cash and 2.00 by card."""
    ada = a_member(served, name=name)
    owes(served, ada, 900)
    paid(served, a_librarian(served, name="Bo"), ada, 300)
    paid(served, a_librarian(served), ada, 200, method=CARD)
    return ada


def test_an_empty_till_says_so_everywhere(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.LIBRARIAN)
    assert "Nothing went through the till" in read(at_page(session, PAGE))
    assert "No receipt since" in read(at_page(session, PAGE, part="Receipts"))
    assert "never closed yet" in read(at_page(session, PAGE, part="Closings"))


def test_it_is_counted_the_difference_shown_and_then_closed_once(served: Installation, session_of: SessionOf) -> None:
    money_came_in(served)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert {metric.label: metric.value for metric in at.metric} == {
        "Cash that should be there": "€3.00", "All of it": "€5.00",
    }  # fmt: skip
    assert not any(label.startswith("Close the till") for label in labels(at))
    at.text_input(key="counted").set_value("abc").run()
    assert "not an amount of money" in read(at)
    at.text_input(key="counted").set_value("2,50").run()
    assert "€0.50 is missing" in read(at)
    assert rows(served, "SELECT count(*) FROM day_close") == [(0,)], "nothing is saved by looking"
    at.text_input(key="close-note").set_value("A coin fell behind the desk").run()
    button(at, "Close the till with a difference of -€0.50").click().run()
    assert rows(served, "SELECT cash_counted_minor, note FROM day_close") == [(250, "A coin fell behind the desk")]
    said = read(at)
    assert "The till is closed over 2 receipts." in said
    assert "Nothing went through the till" in said
    assert "/files/day-close/1" in links(at)
    assert "/files/day-close/1" in links(at_page(session_of(Role.ADMIN), PAGE, part="Closings"))


def test_a_receipt_is_found_by_number_and_taken_back_with_a_reason(served: Installation, session_of: SessionOf) -> None:
    money_came_in(served, "<i>Ada</i>")
    at = at_page(session_of(Role.LIBRARIAN), PAGE, part="Receipts")
    assert "<i>Ada" not in html_of(at)
    at.text_input(key="number").set_value("R-000001").run()
    assert links(at)[-1] == "/files/receipt/1"
    button(at, "Take this receipt back").click().run()
    assert rows(served, "SELECT count(*) FROM payment") == [(2,)], "not without a reason"
    at.text_input[1].set_value("Paid by mistake")
    button(at, "Take this receipt back").click().run()
    assert "R-000001 is taken back by R-000003. Give <i>Ada</i> €3.00." in read(at).replace("\\", "")
    assert "taken back by R-000003" in read(at)
    assert "Take this receipt back" not in labels(at)
    assert rows(served, "SELECT sum(balance_minor) FROM charge") == [(700,)]
