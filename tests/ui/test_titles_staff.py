"""The list of titles as staff work on it: found, opened, changed many at once."""

from collections.abc import Callable

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.catalogue.forms import Contributor, TitleForm
from lib.catalogue.titles import add_title
from tests.builders import a_copy, a_librarian
from tests.ui.conftest import at_page
from tests.ui.on_screen import labels, read

PAGE = "staff/titles.py"
SessionOf = Callable[[Role], int]


def add(library: Installation, *titles: str) -> list[int]:
    with begin_work(library, a_librarian(library)) as uow:
        return [add_title(uow, TitleForm(title=title, contributors=[Contributor(name="Ada")])) for title in titles]


def test_an_empty_library_offers_to_add_the_first(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert "Nothing fits" in read(at)
    assert "Add a title" in labels(at)


def test_titles_are_found_and_each_leads_to_its_form(served: Installation, session_of: SessionOf) -> None:
    emma, _ = add(served, "Emma", "Dracula")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.text_input[0].set_value("emma").run()
    table = at.dataframe[0].value
    assert list(table["Title"]) == ["Emma"]
    assert list(table["Open"]) == [f"/edit-title?id={emma}"]
    assert list(table["In"]) == ["none"]
    assert "1 title" in read(at)


def test_nothing_ticked_nothing_to_edit(served: Installation, session_of: SessionOf) -> None:
    add(served, "Emma")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    act = next(found for found in at.button if found.label == "Tick titles to edit many")
    assert act.disabled


def test_words_that_fit_nothing_say_so(served: Installation, session_of: SessionOf) -> None:
    add(served, "Emma")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.text_input[0].set_value("xyzzy <b>").run()
    assert "Nothing fits" in read(at)
    assert not at.exception


def test_the_button_leads_to_an_empty_form(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    next(found for found in at.button if found.label == "Add a title").click().run()
    assert at.title[0].value == "Add a title"


def test_a_scanned_barcode_or_isbn_opens_the_title(served: Installation, session_of: SessionOf) -> None:
    add(served, "Dracula")
    with begin_work(served, a_librarian(served)) as uow:
        emma = add_title(uow, TitleForm(title="Emma", isbns=["9780141439587"]))
    session = session_of(Role.LIBRARIAN)
    for code in (a_copy(served, emma), "978-0-14-143958-7"):
        at = at_page(session, PAGE)
        at.text_input[0].set_value(code).run()
        assert at.title[0].value == "Emma", code


def test_the_order_is_named_as_the_choice_names_it(served: Installation, session_of: SessionOf) -> None:
    add(served, "Emma")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert "Best match" in at.selectbox[0].options
    assert "order:" not in read(at)
