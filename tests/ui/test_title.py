"""The title page: what it says of a title, and the one button that borrows it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.catalogue.forms import Contributor, TitleForm
from lib.catalogue.titles import add_title
from lib.circulation.availability import Availability
from lib.circulation.copy_dues import copy_dues
from lib.circulation.models import ClosureKind, Loan
from lib.circulation.settings import CirculationSettings
from lib.closures.opening_days import add_closure
from lib.kit.settings import save_group
from lib.ui.availability_line import availability_line, place_of
from lib.ui.title_card import kind_name, language_name, stars, year_text
from tests.builders import a_charge, a_copy, a_loan, a_member, a_title, an_admin
from tests.circulation.hold_steps import a_lent_title, came_back, hold, resumed, sound, suspended
from tests.circulation.steps import rows, set_rule
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, labels, links, page_links, read, somebody_called

PAGE = "public/title.py"
TODAY = date(2026, 3, 10)
SessionOf = Callable[[Role], int]


def a_full_title(library: Installation) -> int:
    form = TitleForm(
        title="The Dispossessed", subtitle="An ambiguous utopia", isbns=["9780061054884"], publisher="Harper & Row",
        contributors=[Contributor(name="Ursula K. Le Guin"), Contributor(name="Karl Brown", role="translator")],
        year=1974, language="en", pages=341, series="Hainish Cycle", series_number="5", genres=["Science fiction"],
        tags=["utopia"], description="Two worlds, *one* wall.", call_number="LEG",
    )  # fmt: skip
    with begin_work(library, an_admin(library)) as uow:
        return add_title(uow, form)


def test_it_tells_all_that_is_known_of_a_title(served: Installation) -> None:
    title_id = a_full_title(served)
    a_copy(served, title_id, shelf="B-12")
    at = at_page(None, PAGE, id=str(title_id))
    words = read(at)
    assert not at.exception
    for told in ("The Dispossessed", "An ambiguous utopia", "Ursula K. Le Guin", "translated by Karl Brown", "1974",
                 "Hainish Cycle", "9780061054884", "Harper & Row", "341", "LEG", "Science fiction", "utopia",
                 "On the shelf, B-12", "Two worlds"):  # fmt: skip
        assert told in words
    assert f"/files/cover/{title_id}" in html_of(at)
    assert [box.value for box in at.code][-1].endswith(f"/title?id={title_id}")
    assert "Le Guin" in at.code[0].value


def test_a_guest_is_asked_to_sign_in_and_told_where_it_stands(served: Installation) -> None:
    title_id = a_title(served)
    a_copy(served, title_id, shelf="B-12")
    at = at_page(None, PAGE, id=str(title_id))
    assert "Sign in to borrow: it stands at B\\-12" in labels(at)


def test_a_member_borrows_with_the_one_button(served: Installation, session_of: SessionOf) -> None:
    title_id = a_title(served, "Emma")
    barcode = a_copy(served, title_id, shelf="B-12")
    at = at_page(session_of(Role.MEMBER), PAGE, id=str(title_id))
    assert "Yours until" in read(at)
    button(at, "Borrow: fetch it at B\\-12").click().run()
    words = read(at)
    assert "It is yours until" in words
    assert barcode in words
    assert "On loan" in words
    assert not [label for label in labels(at) if label.startswith("Borrow")]
    me = somebody_called(served, "member").account_id
    with served.engine.connect() as connection:
        assert connection.scalars(select(Loan.account_id)).all() == [me]


def test_when_it_cannot_be_borrowed_every_reason_and_its_way_out_stand_there(
    served: Installation, session_of: SessionOf
) -> None:
    title_id, session = a_title(served, "Emma"), session_of(Role.MEMBER)
    a_copy(served, title_id)
    me = somebody_called(served, "member")
    a_loan(served, me, a_copy(served, a_title(served, "Dune")), days_ago=120)
    with begin_work(served, an_admin(served)) as uow:
        a_charge(uow, me, 100)
    at = at_page(session, PAGE, id=str(title_id))
    words = read(at)
    assert "You cannot borrow this now" in words
    assert "One loan is overdue" in words
    assert "Return “Dune”" in words
    assert "€6\\.00 is owed" in words
    assert "Settle €1\\.00 or more" in words
    assert page_links(at) >= {("See what you owe", "my-money"), ("See your loans", "my-library")}
    assert not [label for label in labels(at) if label.startswith(("Borrow", "Reserve"))]


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


def test_ones_own_loan_of_the_only_copy_is_renewed_from_here(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.MEMBER)
    title_id = a_title(served, "Emma")
    a_loan(served, somebody_called(served, "member"), a_copy(served, title_id), days_ago=18)
    at = at_page(session, PAGE, id=str(title_id))
    words = read(at)
    assert "You have it" in words
    assert "due in 3 days" in words
    assert "cannot" not in words
    button(at, "Renew it").click().run()
    assert "Renewed: due on 3 Apr 2026." in read(at)


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


def test_a_title_that_left_the_library_meanwhile_offers_nothing(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.MEMBER), PAGE, id=str(a_title(served, "Nothing to lend")))
    assert not at.exception
    assert "has no copy of this title" in read(at)
    assert not [label for label in labels(at) if label.startswith(("Reserve", "Borrow"))]


def test_who_has_the_title_already_is_led_to_its_renewal(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.MEMBER)
    title_id = a_title(served, "Emma")
    a_loan(served, somebody_called(served, "member"), a_copy(served, title_id), days_ago=18)
    a_copy(served, title_id)
    at = at_page(session, PAGE, id=str(title_id))
    assert "You have it" in read(at)
    button(at, "Renew it").click().run()
    assert "Renewed: due on" in read(at)


@pytest.mark.parametrize(
    ("days_ago", "given", "said"),
    [(2, {}, "It can be renewed from 22 March 2026"), (18, {"renewals": 2}, "no more renewals are left"),
     (18, {"claimed_on": TODAY}, "You said that you brought it back on 10 March 2026")],
)  # fmt: skip
def test_what_cannot_be_renewed_is_said_without_a_button_for_it(
    served: Installation, session_of: SessionOf, days_ago: int, given: dict[str, Any], said: str
) -> None:
    session, title_id = session_of(Role.MEMBER), a_title(served)
    a_loan(served, somebody_called(served, "member"), a_copy(served, title_id), days_ago=days_ago, **given)
    at = at_page(session, PAGE, id=str(title_id))
    assert said in read(at)
    assert "Renew it" not in labels(at)


def test_what_was_not_taken_after_all_is_given_back_from_the_page(served: Installation, session_of: SessionOf) -> None:
    title_id = a_title(served, "Emma")
    a_copy(served, title_id, shelf="B-12")
    at = at_page(session_of(Role.MEMBER), PAGE, id=str(title_id))
    button(at, "Borrow").click().run()
    assert "fetch it soon" in read(at)
    button(at, "I do not take it (until 12:10)").click().run()
    words = read(at)
    assert "“Emma” is not on loan to you any more" in words
    assert button(at, "Borrow: fetch it at B\\-12")
    assert rows(served, "SELECT status FROM copy") == [("available",)]
    sound(served)


def test_on_a_closed_day_the_page_says_so_before_and_after(served: Installation, session_of: SessionOf) -> None:
    with begin_work(served, an_admin(served)) as uow:
        add_closure(uow, kind=ClosureKind.DAY, first=TODAY)
    title_id = a_title(served)
    a_copy(served, title_id)
    at = at_page(session_of(Role.MEMBER), PAGE, id=str(title_id))
    assert "Closed today, open again on Wednesday" in read(at)
    button(at, "Borrow").click().run()
    words = read(at)
    assert "It is yours until" in words
    assert "Closed today, open again on Wednesday" in words


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


def test_where_only_the_desk_lends_the_page_says_so(served: Installation, session_of: SessionOf) -> None:
    admin = an_admin(served)
    with begin_work(served, admin) as uow:
        save_group(uow.connection, CirculationSettings(self_issue=False), seen_version=0, at=uow.now, by=None)
    title_id = a_title(served)
    a_copy(served, title_id)
    at = at_page(session_of(Role.MEMBER), PAGE, id=str(title_id))
    assert "to the desk to borrow it" in read(at)
    assert not [label for label in labels(at) if label.startswith("Borrow")]


@pytest.mark.parametrize("asked", ["", "0", "-1", "99", "abc", "½", "9" * 30, "1 OR 1=1"])
def test_an_unknown_title_is_a_friendly_word(served: Installation, asked: str) -> None:
    at = at_page(None, PAGE, id=asked)
    assert not at.exception
    assert at.title[0].value == "This title is not here"


def test_markdown_in_a_title_is_letters(served: Installation) -> None:
    title_id = a_title(served, "![x](https://evil.example/y) **bold** <b>", description="[go](https://evil.example)")
    at = at_page(None, PAGE, id=str(title_id))
    assert at.title[0].value.startswith("\\!\\[x\\]")
    assert not [text for text in at.markdown if "[go](" in text.value]


def test_titles_of_the_same_author_stand_below(served: Installation) -> None:
    first = a_full_title(served)
    with begin_work(served, an_admin(served)) as uow:
        other = add_title(
            uow, TitleForm(title="Rocannon's World", contributors=[Contributor(name="Ursula K. Le Guin")])
        )
    at = at_page(None, PAGE, id=str(first))
    assert "More by Ursula K. Le Guin" in read(at)
    assert f"/title?id={other}" in links(at)


def test_due_days_of_copies_name_nobody(library: Installation) -> None:
    title_id = a_title(library)
    a_copy(library, title_id)
    a_loan(library, a_member(library), a_copy(library, title_id), days_ago=1)
    with begin_reading(library, a_member(library)) as uow:
        dues = copy_dues(uow, title_id)
    assert list(dues.values()) == [TODAY + timedelta(days=20)]


@pytest.mark.parametrize(
    ("found", "words", "look"),
    [
        (None, "No copy in the library", "none"),
        (Availability(0, 0), "No copy in the library", "none"),
        (Availability(1, 1, "Main library", "B-12"), "On the shelf, B-12", "in"),
        (Availability(1, 1, "Main library", ""), "On the shelf, Main library", "in"),
        (Availability(3, 2, "Main library", "B-12"), "2 of 3 on the shelf, B-12", "in"),
        (Availability(2, 0), "Not available at present", "out"),
        (Availability(2, 0, next_due=TODAY), "Due back today", "out"),
        (Availability(2, 0, next_due=TODAY + timedelta(days=1)), "Due back tomorrow", "out"),
        (Availability(2, 0, next_due=date(2026, 5, 3)), "Due back 3 May 2026", "out"),
        (Availability(2, 0, next_due=date(2026, 3, 1)), "All out, one overdue since 1 Mar 2026", "late"),
    ],
)
def test_availability_is_said_in_words_and_colour(found: Availability | None, words: str, look: str) -> None:
    line = availability_line(found, TODAY)
    assert (line.words, line.look) == (words, look)


def test_nothing_is_fetched_from_where_nothing_stands() -> None:
    assert place_of(Availability(2, 0, "Main library", "B-12")) == ""
    assert place_of(Availability(2, 1, "Main library", "")) == "Main library"
    assert place_of(None) == ""


def test_small_words_of_a_card() -> None:
    assert year_text(-375) == "375 BC"
    assert year_text(None) == ""
    assert kind_name("ebook") == "E-book"
    assert kind_name("board-game") == "Board game"
    assert language_name("ja") == "Japanese"
    assert language_name("x-klingon?") == "x-klingon?"
    assert "Rated 4.4 of 5 by 1,204" in stars(4.38, 1204)
    assert stars(None, 0) == ""


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
