"""The hold shelf on screen: for whom, until when, cancelled with a reason, cleared, and its slips."""

from collections.abc import Callable
from datetime import date

from lib.access.installation import Installation
from lib.access.permissions import Role
from tests.builders import a_librarian, a_member
from tests.circulation.hold_steps import a_lent_title, came_back, cancelled, forward, hold, states
from tests.circulation.steps import rows
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, labels, links, read

PAGE = "staff/hold_shelf.py"
SessionOf = Callable[[Role], int]


def lies_there(served: Installation, name: str, title: str = "Emma") -> tuple[int, str]:
    number, (barcode,) = a_lent_title(served, title)
    found = hold(served, a_member(served, name=name), number).hold_id
    came_back(served, barcode)
    return found, barcode


def test_an_empty_shelf_says_so(served: Installation, session_of: SessionOf) -> None:
    assert "Nothing lies there for readers" in read(at_page(session_of(Role.LIBRARIAN), PAGE))
    assert "nobody waits for" in read(at_page(session_of(Role.ADMIN), PAGE, show="off"))


def test_what_ends_soonest_stands_first_and_each_has_a_slip(served: Installation, session_of: SessionOf) -> None:
    first, _ = lies_there(served, "<b>Zoe</b>")
    forward(served, days=3)
    second, barcode = lies_there(served, "Ada Vega", "Persuasion")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    said = read(at)
    assert said.index("<b>Zoe</b>") < said.index("Ada Vega")
    assert "<b>Zoe</b>" not in html_of(at)
    assert {f"/files/hold-slip/{number}" for number in (first, second)} <= set(links(at))
    found = at.text_input(key="q").set_value(barcode).run()
    assert "Persuasion" in read(found)
    assert "Emma" not in read(found)
    assert "Nothing lies there for that" in read(at.text_input(key="q").set_value("nobody").run())


def test_a_day_that_is_near_or_over_is_said(served: Installation, session_of: SessionOf) -> None:
    lies_there(served, "Ada Vega")
    (until,) = rows(served, "SELECT shelf_until FROM hold")[0]
    forward(served, days=6)
    assert "Until" in read(at_page(session_of(Role.LIBRARIAN), PAGE))
    forward(served, days=4)
    assert "tonight it goes to the next" in read(at_page(session_of(Role.ADMIN), PAGE)), until


def test_cancelling_needs_a_reason_goes_to_the_next_and_can_be_undone(
    served: Installation, session_of: SessionOf
) -> None:
    title, (barcode,) = a_lent_title(served, "Emma")
    for name in ("Ada Vega", "Bo Lind"):
        hold(served, a_member(served, name=name), title)
    came_back(served, barcode)
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    button(at, "Cancel this hold").click().run()
    assert states(served) == ["ready", "waiting"]
    at.text_input[2].set_value("Has moved away")
    button(at, "Cancel this hold").click().run()
    assert states(served) == ["cancelled", "ready"]
    assert "The hold of Ada Vega is cancelled. Put it on the hold shelf for Bo Lind" in read(at)
    button(at, "Undo").click().run()
    assert states(served) == ["ready", "waiting"]
    assert "Undone" in read(at)


def test_what_nobody_waits_for_is_put_back(served: Installation, session_of: SessionOf) -> None:
    ended, barcode = lies_there(served, "Ada Vega")
    forward(served, minutes=1)
    cancelled(served, a_librarian(served), ended, reason="Has moved away")
    forward(served, minutes=1)
    at = at_page(session_of(Role.LIBRARIAN), PAGE, show="off")
    assert barcode in read(at)
    assert "To take off (1)" in at.radio(key="show").options
    button(at, "Back on its shelf").click().run()
    assert "It goes back to its shelf." in read(at)
    assert "Back on its shelf" not in labels(at)


def test_a_copy_is_kept_for_longer_with_a_reason(served: Installation, session_of: SessionOf) -> None:
    lies_there(served, "Ada Vega")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.date_input[0].set_value(date(2026, 3, 23))
    button(at, "Set this day").click().run()
    assert rows(served, "SELECT shelf_until FROM hold") != [("2026-03-23",)]
    at.text_input[1].set_value("In hospital")
    button(at, "Set this day").click().run()
    assert str(rows(served, "SELECT shelf_until FROM hold")[0][0]) == "2026-03-23"
    assert "lies there for Ada Vega until" in read(at)
