"""Members: found by any part of what is known, added in a dialog."""

from collections.abc import Callable

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.members import MemberForm, add_member
from lib.accounts.queries import member
from tests.builders import a_librarian
from tests.ui.conftest import at_page
from tests.ui.on_screen import html_of, links, read

PAGE = "staff/members.py"
SessionOf = Callable[[Role], int]


def add(library: Installation, name: str, **given: str) -> int:
    with begin_work(library, a_librarian(library)) as uow:
        return add_member(uow, MemberForm(name=name, **given))  # type: ignore[arg-type]


def test_somebody_is_found_by_words_of_their_name_in_any_order(served: Installation, session_of: SessionOf) -> None:
    ada = add(served, "Ada King Lovelace", email="ada@example.org")
    add(served, "Grace Hopper")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.text_input[0].set_value("love ada").run()
    assert "1 person" in read(at)
    assert links(at) == [f"/member?id={ada}"]
    assert "ada@<wbr>example.org" in html_of(at)


def test_nobody_fits_and_the_page_says_what_to_do(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.text_input[0].set_value("xyzzy").run()
    assert "Nobody fits" in read(at)


def test_the_status_narrows_the_list(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.LIBRARIAN)
    at = at_page(session, PAGE)
    at.selectbox[0].set_value("suspended").run()
    assert "Nobody fits" in read(at)


def test_names_are_shown_letter_by_letter(served: Installation, session_of: SessionOf) -> None:
    add(served, "<img src=x> Eve")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert "&lt;img src=x&gt; Eve" in html_of(at)
    assert "<img" not in html_of(at)


def test_the_list_is_paged(served: Installation, session_of: SessionOf) -> None:
    for number in range(27):
        add(served, f"Reader {number:02}")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert len(links(at)) == 25
    assert at.get("pagination")


def test_a_scanned_card_opens_the_record(served: Installation, session_of: SessionOf) -> None:
    ada = add(served, "Ada King")
    add(served, "Ada Vega")
    with begin_work(served, a_librarian(served)) as uow:
        card = member(uow, ada).card_number
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.text_input[0].set_value(card or "").run()
    assert at.title[0].value == "Ada King"
