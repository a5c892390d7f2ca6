"""Opening days: a change is looked at with what it moves, saved with one button, and taken back from the list."""

from collections.abc import Callable
from datetime import date

from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading
from lib.closures.opening_days import list_closures
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.steps import rows
from tests.closures.steps import due_days, on_the_shelf
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, labels, read

PAGE = "admin/closures.py"
SessionOf = Callable[[Role], int]
LOOK = "See what it changes"
DUE = date(2026, 3, 31)


def entries(library: Installation) -> list[tuple[date | None, str]]:
    with begin_reading(library, a_librarian(library)) as uow:
        return [(row.on_date, row.reason) for row in list_closures(uow)]


def look_at(at: AppTest, first: date, last: date | None = None, reason: str = "") -> AppTest:
    at.date_input[0].set_value(first)
    at.date_input[1].set_value(last)
    at.text_input[0].set_value(reason)
    return button(at, LOOK).click().run()


def do(at: AppTest) -> Button:
    """The one button that does what is looked at."""
    (found,) = (found for found in at.button if (found.key or "").startswith("do-"))
    return found


def test_a_change_is_looked_at_saved_and_taken_back(served: Installation, session_of: SessionOf) -> None:
    reader = a_member(served, name="Ada Vega")
    a_loan(served, reader, a_copy(served, a_title(served, "Dune")))
    on_the_shelf(served, reader, DUE)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    look_at(at, DUE, date(2026, 4, 2), "Stock-taking <b>")
    said = read(at)
    assert "Close: 31 March 2026 to 2 April 2026" in said
    assert "1 loan and 1 hold move. No fine changes." in said
    assert "Dune Ada Vega 31 March 2026 3 April 2026" in said
    assert entries(served) == []

    button(at, "Close and move 2 dates").click().run()
    assert due_days(served) == [date(2026, 4, 3)]
    assert [reason for _, reason in entries(served)] == ["Stock-taking <b>"] * 3
    assert "Stock\\-taking \\<b\\>" in read(at)
    assert "1 loan and 1 hold moved" in read(at)
    assert at.text_input[0].value == "", "the form starts anew"

    button(at, "Take back").click().run()
    assert "1 loan and 1 hold get their earlier date again." in read(at)
    button(at, "Take back and restore 2 dates").click().run()
    assert due_days(served) == [DUE]
    assert entries(served) == []
    assert "taken back on" in read(at)
    assert "Take back" not in labels(at)


def test_what_was_only_looked_at_changes_nothing(served: Installation, session_of: SessionOf) -> None:
    at = look_at(at_page(session_of(Role.ADMIN), PAGE), DUE)
    assert "No due date and no hold moves." in read(at)
    button(at, "Leave it as it is").click().run()
    assert "No due date and no hold moves." not in read(at)
    assert rows(served, "SELECT count(*) FROM closure_change") == [(0,)]


def test_fines_that_fall_are_told_in_money(served: Installation, session_of: SessionOf) -> None:
    a_loan(served, a_member(served), days_ago=30, due_on=date(2026, 3, 1))
    at = look_at(at_page(session_of(Role.LIBRARIAN), PAGE), date(2026, 3, 5), date(2026, 3, 6))
    assert "No due date and no hold moves. Fines fall by €0.20." in read(at)
    button(at, "Close and lower fines by €0.20").click().run()
    assert "5 March 2026 to 6 March 2026" in read(at)


def test_a_weekday_is_closed_from_today_on_and_no_fine_of_the_past_changes(
    served: Installation, session_of: SessionOf
) -> None:
    a_loan(served, a_member(served), days_ago=30, due_on=date(2026, 3, 1))
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    button(at, "Close every Sunday").click().run()
    assert "No fine changes." in read(at)
    button(at, "Close").click().run()
    assert "Open every Sunday" in labels(at)
    assert "every Sunday" in read(at)


def test_the_same_day_twice_is_refused_in_words(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    look_at(at, DUE)
    do(at).click().run()
    look_at(at, DUE)
    assert "There is an entry for 31 March 2026 already" in at.error[0].value
    button(at, "Never mind").click().run()
    assert not at.error


def test_a_last_day_before_the_first_is_refused_and_what_was_typed_stays(
    served: Installation, session_of: SessionOf
) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    look_at(at, date(2026, 5, 4), date(2026, 5, 1), "Holidays")
    assert at.error
    assert at.text_input[0].value == "Holidays"
    assert entries(served) == []


def test_every_day_of_the_week_cannot_be_closed(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    for name in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"):
        button(at, f"Close every {name}").click().run()
        do(at).click().run()
    button(at, "Close every Sunday").click().run()
    assert "would not open on a single day" in at.error[0].value
    assert len(rows(served, "SELECT id FROM closure")) == 6


def test_yearly_days_and_openings_are_entered_and_taken_out(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.radio[0].set_value("yearly").run()
    button(at, LOOK).click().run()
    do(at).click().run()
    at.radio[0].set_value("open").run()
    look_at(at, date(2026, 12, 25), reason="Open day")
    do(at).click().run()
    assert rows(served, "SELECT kind, is_open + 0 FROM closure ORDER BY id") == [("yearly", 0), ("day", 1)]
    assert "open against the pattern, Open day" in read(at)
    button(at, "Take out").click().run()
    do(at).click().run()
    assert rows(served, "SELECT kind FROM closure") == [("day",)]


def test_an_empty_calendar_says_what_to_do(served: Installation, session_of: SessionOf) -> None:
    said = read(at_page(session_of(Role.LIBRARIAN), PAGE))
    for words in ("Open on 365 of 365 days.", "No day is closed every year.", "No single day is entered.",
                  "Nothing was changed yet."):  # fmt: skip
        assert words in said
