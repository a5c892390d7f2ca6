"""My holds: what is ready, the place in the queue and how long, pausing, cancelling, what ended; nobody else's name."""

from collections.abc import Callable
from datetime import date

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.circulation.waits import Wait
from lib.ui.hold_list import ordinal
from lib.ui.hold_words import wait_words
from tests.builders import a_librarian, a_member
from tests.circulation.hold_steps import a_lent_title, came_back, cancelled, copy_id_of, hold, queue, suspended
from tests.circulation.steps import rows
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, labels, read, somebody_called

PAGE = "member/holds.py"
TODAY = date(2026, 3, 10)
SessionOf = Callable[[Role], int]


@pytest.fixture
def session(session_of: SessionOf) -> int:
    return session_of(Role.MEMBER)


@pytest.fixture
def me(session: int, served: Installation) -> Actor:
    return somebody_called(served, "member")


def test_who_waits_for_nothing_is_led_to_the_catalogue(session: int) -> None:
    at = at_page(session, PAGE)
    assert not at.exception
    assert "You wait for nothing" in read(at)


def test_it_tells_the_place_the_wait_and_never_who_else_waits(served: Installation, session: int, me: Actor) -> None:
    title_id, _ = a_lent_title(served, "Dune")
    hold(served, a_member(served, name="Zelda Secret"), title_id)
    hold(served, me, title_id)
    at = at_page(session, PAGE)
    words = read(at)
    assert "You wait for 1 title" in words
    assert "2nd of 2 in the queue" in words
    assert "A copy should be ready in about" in words
    assert "Zelda" not in words + html_of(at)


def test_what_is_ready_stands_first_with_its_last_day_and_place(
    served: Installation, session: int, me: Actor
) -> None:  # fmt: skip
    waiting, _ = a_lent_title(served, "Dune")
    ready, (barcode,) = a_lent_title(served, "Emma")
    hold(served, me, waiting)
    hold(served, me, ready)
    came_back(served, barcode)
    words = read(at_page(session, PAGE))
    assert "Ready for you until Tuesday, 17 March 2026" in words
    assert f"Fetch it at the desk. It lies on the hold shelf, barcode {barcode}." in words
    assert words.index("Emma") < words.index("Dune")


def test_a_hold_is_paused_and_resumed_and_keeps_its_place(served: Installation, session: int, me: Actor) -> None:
    title_id, _ = a_lent_title(served, "Dune")
    hold(served, me, title_id)
    at = at_page(session, PAGE)
    at.date_input[0].set_value(date(2026, 4, 1))
    button(at, "Pause this reservation").click().run()
    words = read(at)
    assert "Paused until 1 April 2026. You keep your place for “Dune”." in words
    assert "Paused until 1 April 2026, first in the queue" in words
    assert "Pause this reservation" not in labels(at)
    button(at, "Resume").click().run()
    assert "You wait for “Dune” again" in read(at)
    assert queue(served, title_id) == [(me.account_id, 1)]
    assert rows(served, "SELECT suspended_until FROM hold") == [(None,)]


def test_cancelling_asks_says_what_is_lost_and_tells_nothing_of_the_next(
    served: Installation, session: int, me: Actor
) -> None:
    title_id, (barcode,) = a_lent_title(served, "Emma")
    hold(served, me, title_id)
    hold(served, a_member(served, name="Zelda Secret"), title_id)
    came_back(served, barcode)
    at = at_page(session, PAGE)
    assert "The copy will not be kept for you any longer." in read(at)
    button(at, "Cancel this reservation").click().run()
    words = read(at)
    assert "Your reservation of “Emma” is cancelled." in words
    assert "You cancelled it" in words
    assert "Zelda" not in words + html_of(at)
    assert sorted(rows(served, "SELECT state FROM hold")) == [("cancelled",), ("ready",)]


def test_a_cancelled_reservation_is_brought_back_to_its_place(served: Installation, session: int, me: Actor) -> None:
    title_id, _ = a_lent_title(served, "Emma")
    hold(served, me, title_id)
    hold(served, a_member(served), title_id)
    at = at_page(session, PAGE)
    button(at, "Cancel this reservation").click().run()
    assert "Your reservation of “Emma” is cancelled" in read(at)
    button(at, "Undo (until 12:10)").click().run()
    words = read(at)
    assert "“Emma” is reserved for you again, at place 1 of the queue." in words
    assert "First in the queue" in words
    assert queue(served, title_id)[0] == (me.account_id, 1)
    assert not [label for label in labels(at) if label.startswith("Undo")]


def test_a_hold_that_ended_meanwhile_is_refused_in_words(served: Installation, session: int, me: Actor) -> None:
    title_id, _ = a_lent_title(served, "Dune")
    placed = hold(served, me, title_id)
    at = at_page(session, PAGE)
    cancelled(served, me, placed.hold_id)
    button(at, "Cancel this reservation").click().run()
    assert not at.exception
    assert [found.value for found in at.error]
    assert "You cancelled it" in read(at)


def test_what_ended_says_how_with_the_librarys_reason(served: Installation, session: int, me: Actor) -> None:
    title_id, _ = a_lent_title(served, "Dune")
    cancelled(served, a_librarian(served), hold(served, me, title_id).hold_id, reason="The last copy is lost")
    words = read(at_page(session, PAGE))
    assert "Ended" in words
    assert "The library cancelled it: The last copy is lost" in words


def test_a_paused_hold_shows_until_when(served: Installation, session: int, me: Actor) -> None:
    title_id, _ = a_lent_title(served, "<b>Dune</b>")
    suspended(served, me, hold(served, me, title_id).hold_id, date(2026, 3, 20))
    at = at_page(session, PAGE)
    assert "Others go first until then; you keep your place. Then a copy should be ready about" in read(at)
    assert "<b>Dune" not in html_of(at)


@pytest.mark.parametrize(
    ("value", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (13, "13th"), (21, "21st"),
     (102, "102nd"), (111, "111th"), (1003, "1,003rd")],
)  # fmt: skip
def test_places_are_said_as_people_say_them(value: int, words: str) -> None:
    assert ordinal(value) == words


@pytest.mark.parametrize(
    ("wait", "words"),
    [(None, ""), (Wait(9, 14), "about 9–14 days"), (Wait(1, 1), "about 1 day"), (Wait(7, 28), "about 7–28 days"),
     (Wait(35, 50), "about 5–8 weeks")],
)  # fmt: skip
def test_waits_are_said_in_days_or_weeks(wait: Wait | None, words: str) -> None:
    assert wait_words(wait) == words


def test_who_waits_for_one_copy_may_take_any(served: Installation, me: Actor, session: int) -> None:
    title_id, (barcode,) = a_lent_title(served, "Emma")
    hold(served, me, title_id, copy_id=copy_id_of(served, barcode))
    at = at_page(session, PAGE)
    assert f"Only the copy {barcode} will do" in read(at)
    button(at, "Any copy will do").click().run()
    assert rows(served, "SELECT copy_id, position FROM hold") == [(None, 1)]
    assert "Any copy will do" not in labels(at)
