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
from lib.circulation.copy_dues import copy_dues
from lib.circulation.models import ClosureKind, Loan
from lib.circulation.settings import CirculationSettings
from lib.closures.opening_days import add_closure
from lib.kit.settings import save_group
from tests.builders import a_charge, a_copy, a_loan, a_member, a_title, an_admin
from tests.circulation.hold_steps import sound
from tests.circulation.steps import rows
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
    assert "Renewed: due on 3 April 2026." in read(at)


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
