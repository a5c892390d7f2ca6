"""What is typed at the desk in answer to a question."""

from datetime import date

import pytest

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.ui.desk_answers import is_scan, read_past_day, read_taken
from tests.ui.conftest import at_page
from tests.ui.test_desk import SessionOf

TODAY = date(2026, 3, 10)  # a Tuesday


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("today", TODAY), ("Yesterday", date(2026, 3, 9)), ("mon", date(2026, 3, 9)), ("Tuesday", date(2026, 3, 3)),
        ("wed", date(2026, 3, 4)), ("9", date(2026, 3, 9)), ("11", date(2026, 2, 11)), ("31", date(2026, 1, 31)),
        ("9/3", date(2026, 3, 9)), ("11.3.", date(2025, 3, 11)), ("1.12.2025", date(2025, 12, 1)),
        ("1/12/25", date(2025, 12, 1)), ("2026-03-01", date(2026, 3, 1)),
    ],
)  # fmt: skip
def test_a_day_of_the_past_is_read_as_people_write_it(typed: str, found: date) -> None:
    assert read_past_day(typed, TODAY) == found


@pytest.mark.parametrize(
    "typed", ["2026-03-11", "11/3/2026", "31/2", "0", "32", "x", "2026-13-01", "1/1/0", "²", "monx1"]
)
def test_what_is_no_such_day_is_told_in_words(typed: str) -> None:
    assert isinstance(read_past_day(typed, TODAY), str)


def test_an_amount_and_what_is_given_for_it(served: Installation, session_of: SessionOf) -> None:
    at_page(session_of(Role.LIBRARIAN), "staff/desk.py")
    assert read_taken("10") == (1000, None)
    assert read_taken("10/50") == (1000, 5000)
    assert read_taken("2,50/2,50") == (250, 250)
    assert read_taken("50/10") == "Less is given than is to be taken."
    for wrong in ("x", "10/", "/10", "10/5/1"):
        assert "is not an amount" in str(read_taken(wrong))
    for nothing in ("0", "-5", "0/50", "-5/10"):
        assert "Type an amount above nought" in str(read_taken(nothing))


@pytest.mark.parametrize(("typed", "scanned"), [("4.50", False), ("1000,50", False), ("450", False), ("torn", False),
                                                ("30000000000012", True), ("2900 0000 0001 8", True)])  # fmt: skip
def test_a_scan_is_told_from_an_answer(served: Installation, typed: str, scanned: bool) -> None:
    assert is_scan(typed) is scanned
