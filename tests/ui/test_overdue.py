"""Overdue loans on screen: the longest first, links to title and member, spans."""

from collections.abc import Callable

from lib.access.installation import Installation
from lib.access.permissions import Role
from tests.builders import a_copy, a_loan, a_member, a_title
from tests.ui.conftest import at_page
from tests.ui.on_screen import html_of, links, read

PAGE = "staff/overdue.py"
SessionOf = Callable[[Role], int]


def test_nothing_is_overdue(served: Installation, session_of: SessionOf) -> None:
    a_loan(served, a_member(served), days_ago=21)
    assert "Nothing is overdue here" in read(at_page(session_of(Role.LIBRARIAN), PAGE))


def test_the_longest_overdue_stands_first_with_ways_to_reach_them(served: Installation, session_of: SessionOf) -> None:
    ada = a_member(served, name="<b>Ada</b>", email="ada@example.org")
    title = a_title(served, "Emma")
    a_loan(served, ada, a_copy(served, title), days_ago=70)
    a_loan(served, ada, days_ago=24)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    words = read(at)
    assert words.index("49 days") < words.index("3 days")
    assert "ada@example.org" in words
    assert links(at)[:2] == [f"/title?id={title}", f"/member?id={ada.account_id}"]
    assert "<b>Ada</b>" not in html_of(at)


def test_a_span_leaves_the_rest_out(served: Installation, session_of: SessionOf) -> None:
    for days in (24, 70):
        a_loan(served, a_member(served), days_ago=days)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.radio(key="days").set_value("28").run()
    assert "1 copy is late" in read(at)


def test_a_row_on_a_phone_keeps_its_roles_and_says_what_its_number_is(
    served: Installation, session_of: SessionOf
) -> None:
    """There the cells stand below one another; without roles that is no table to a screen reader."""
    a_loan(served, a_member(served), days_ago=24)
    html = html_of(at_page(session_of(Role.LIBRARIAN), PAGE))
    assert '<table role="table" class="stack">' in html
    assert html.count('<tr role="row">') == 2
    assert '<td role="cell" class="num" data-head="Fine so far">' in html
