"""Reserving on the title page: the one button, the place in the queue, and how long one would wait."""

from collections.abc import Callable
from datetime import date

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.circulation.settings import CirculationSettings
from lib.kit.settings import save_group
from tests.builders import a_charge, a_copy, a_loan, a_member, a_title, an_admin
from tests.circulation.hold_steps import a_lent_title, came_back, hold, resumed, sound, suspended
from tests.circulation.steps import rows, set_rule
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, labels, read, somebody_called

PAGE = "public/title.py"
TODAY = date(2026, 3, 10)
SessionOf = Callable[[Role], int]


def test_a_title_that_is_out_is_reserved_with_the_one_button(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.MEMBER)
    title_id, _ = a_lent_title(served, "Emma")
    hold(served, a_member(served, name="Zelda Secret"), title_id)
    at = at_page(session, PAGE, id=str(title_id))
    (label,) = [label for label in labels(at) if label.startswith("Reserve")]
    assert label.startswith("Reserve: you would be 2nd, about ")
    assert "cannot" not in read(at)
    button(at, label).click().run()
    words = read(at)
    assert "“Emma” is reserved for you: place 2, about" in words
    assert "2nd of 2 in the queue" in words
    assert "A copy should be ready in about" in words
    assert "Zelda" not in words
    assert not [label for label in labels(at) if label.startswith("Reserve")]
    button(at, "Cancel this reservation").click().run()
    assert "Your reservation of “Emma” is cancelled." in read(at)
    assert [label for label in labels(at) if label.startswith("Reserve")] == [label]
    sound(served)


def test_a_second_tab_is_told_and_reserves_nothing_more(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.MEMBER)
    title_id, _ = a_lent_title(served, "Emma")
    at = at_page(session, PAGE, id=str(title_id))
    again = at_page(session, PAGE, id=str(title_id))
    reserve = button(at, "Reserve")
    reserve.click().run()
    button(again, "Reserve").click().run()
    assert not at.error
    assert "waits for “Emma” already" in again.error[0].value  # another tab: told so, and the queue is as it was
    assert rows(served, "SELECT state, position FROM hold") == [("waiting", 1)]


def test_what_lies_ready_says_until_when_and_where(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.MEMBER)
    title_id, (barcode,) = a_lent_title(served, "Emma")
    hold(served, somebody_called(served, "member"), title_id)
    came_back(served, barcode)
    at = at_page(session, PAGE, id=str(title_id))
    words = read(at)
    assert "Ready for you until Tuesday, 17 March 2026" in words
    assert "Fetch it at the desk" in words
    assert not [label for label in labels(at) if label.startswith(("Reserve", "Borrow"))]


def test_who_cannot_reserve_hears_every_reason_in_their_own_words(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.MEMBER)
    set_rule(served, max_holds=1)
    title_id, _ = a_lent_title(served, "Emma")
    other, _ = a_lent_title(served, "Dune")
    me = somebody_called(served, "member")
    hold(served, me, other)
    with begin_work(served, an_admin(served)) as uow:
        a_charge(uow, me, 600)
    at = at_page(session, PAGE, id=str(title_id))
    words = read(at)
    assert "You cannot reserve this now" in words
    assert "The limit of 1 reservations is reached" in words
    assert "Collect or cancel one of “Dune”" in words
    assert "€6\\.00 is owed" in words
    assert not [label for label in labels(at) if label.startswith("Reserve")]


def test_one_copy_alone_can_be_waited_for_where_the_copies_differ(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.MEMBER)
    title_id = a_title(served, "Collected works")
    second = a_copy(served, title_id, shelf="Volume 2")
    a_copy(served, title_id, shelf="Volume 1")
    a_loan(served, a_member(served), second)
    at = at_page(session, PAGE, id=str(title_id))
    assert button(at, "Borrow: fetch it at Volume 1")
    choice = at.selectbox(key=f"one-copy-{title_id}")
    (volume,) = [option for option in choice.options if "Volume 2" in option]
    choice.set_value(volume).run()
    button(at, "Reserve this copy").click().run()
    assert f"Only the copy {second} will do\\." in read(at)
    assert rows(served, "SELECT copy_id IS NOT NULL FROM hold") == [(1,)]
    sound(served)


def test_one_copy_that_stands_on_the_shelf_is_not_waited_for(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.MEMBER)
    title_id = a_title(served, "Collected works")
    a_copy(served, title_id, shelf="Volume 1")
    a_copy(served, title_id, shelf="Volume 2")
    at = at_page(session, PAGE, id=str(title_id))
    choice = at.selectbox(key=f"one-copy-{title_id}")
    choice.set_value(choice.options[0]).run()
    words = read(at)
    assert "You cannot wait for this copy now" in words
    assert "It is on the shelf\\: borrow it" in words
    assert not [label for label in labels(at) if label.startswith("Reserve")]


def test_guests_hear_how_many_wait_and_how_long_one_would(served: Installation) -> None:
    title_id, _ = a_lent_title(served, "Emma")
    for name in ("Zelda Secret", "Yorick Hidden", "Xenia Unseen"):
        hold(served, a_member(served, name=name), title_id)
    at = at_page(None, PAGE, id=str(title_id))
    words = read(at)
    assert "3 readers wait for it. Whoever reserves it now waits about" in words
    assert "Sign in to reserve it" in labels(at)
    assert not any(name in words + html_of(at) for name in ("Zelda", "Yorick", "Xenia"))


def test_where_only_the_desk_lends_what_is_out_can_still_be_reserved(
    served: Installation, session_of: SessionOf
) -> None:
    with begin_work(served, an_admin(served)) as uow:
        save_group(uow.connection, CirculationSettings(self_issue=False), seen_version=0, at=uow.now, by=None)
    title_id, _ = a_lent_title(served, "Emma")
    at = at_page(session_of(Role.MEMBER), PAGE, id=str(title_id))
    assert "to the desk to borrow it" not in read(at)
    assert button(at, "Reserve: you would be 1st")


def test_what_others_wait_for_is_reserved_not_borrowed(served: Installation, session_of: SessionOf) -> None:
    session, waiting = session_of(Role.MEMBER), a_member(served)
    title_id, (barcode,) = a_lent_title(served, "Emma")
    number = hold(served, waiting, title_id).hold_id
    suspended(served, waiting, number, TODAY)
    came_back(served, barcode)
    resumed(served, waiting, number)
    at = at_page(session, PAGE, id=str(title_id))
    words = read(at)
    assert "One reader waits for this title, and this copy is to go to them" in words
    assert not [label for label in labels(at) if label.startswith("Borrow")]
    button(at, "Reserve: you would be 2nd").click().run()
    assert "“Emma” is reserved for you: place 2" in read(at)


def test_staff_place_a_hold_for_a_reader_and_see_which_button_is_their_own(
    served: Installation, session_of: SessionOf
) -> None:
    reader = a_member(served, name="Ada Vega")
    title, _ = a_lent_title(served)
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(title))
    assert "**For yourself**" in [found.value for found in at.markdown]
    ((card,),) = rows(served, f"SELECT card_number FROM account WHERE id = {reader.account_id}")
    at.text_input(key=f"reader-{title}").set_value(card).run()
    assert "A hold would have place 1" in read(at)
    button(at, "Place a hold for them").click().run()
    assert rows(served, "SELECT account_id FROM hold") == [(reader.account_id,)]
    sound(served)


def test_readers_are_asked_for_nobody_else(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.MEMBER), PAGE, id=str(a_title(served)))
    assert "For yourself" not in read(at)
    assert not [found for found in at.text_input if found.key and found.key.startswith("reader-")]
