"""Opening days: closures added and taken out, refused where the library would never open."""

from collections.abc import Callable
from datetime import date

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading
from lib.circulation.closures import list_closures
from tests.builders import a_librarian
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, read

PAGE = "admin/closures.py"
SessionOf = Callable[[Role], int]


def rows(library: Installation) -> list[tuple[date | None, str]]:
    with begin_reading(library, a_librarian(library)) as uow:
        return [(row.on_date, row.reason) for row in list_closures(uow)]


def test_a_day_is_closed_with_its_reason_and_opened_again(served: Installation, session_of: SessionOf) -> None:
    before = len(rows(served))
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.date_input[0].set_value(date(2026, 5, 4))
    at.text_input[0].set_value("Stock-taking <b>")
    button(at, "Add to the calendar").click().run()
    assert (date(2026, 5, 4), "Stock-taking <b>") in rows(served)
    assert "Stock\\-taking \\<b\\>" in read(at)
    [found for found in at.button if found.label == "Take out"][-1].click().run()
    assert len(rows(served)) == before


def test_the_same_day_twice_is_refused_in_words(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    for _ in range(2):
        at.date_input[0].set_value(date(2026, 5, 4))
        button(at, "Add to the calendar").click().run()
    assert at.error
    assert [row for row in rows(served) if row[0] == date(2026, 5, 4)] == [(date(2026, 5, 4), "")]


def test_a_last_day_before_the_first_is_refused(served: Installation, session_of: SessionOf) -> None:
    before = rows(served)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.date_input[0].set_value(date(2026, 5, 4))
    at.date_input[1].set_value(date(2026, 5, 1))
    button(at, "Add to the calendar").click().run()
    assert at.error
    assert rows(served) == before


def test_every_week_is_closed_on_a_weekday(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.radio[0].set_value("weekly").run()
    at.selectbox[0].set_value(0)
    button(at, "Add to the calendar").click().run()
    assert "every Monday" in read(at)
