"""Authors: renamed, merged; what is found in no catalogue says so."""

from collections.abc import Callable

import pytest

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.catalogue.forms import Contributor, TitleForm
from lib.catalogue.queries import browse_authors
from lib.catalogue.titles import add_title
from tests.builders import a_librarian
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, links, read

PAGE = "staff/authors.py"
SessionOf = Callable[[Role], int]


def wrote(library: Installation, name: str, title: str) -> int:
    with begin_work(library, a_librarian(library)) as uow:
        add_title(uow, TitleForm(title=title, contributors=[Contributor(name=name)]))
        return next(row.id for row in browse_authors(uow, name).rows if row.name == name)


def names(library: Installation) -> dict[str, int]:
    with begin_reading(library, a_librarian(library)) as uow:
        return {row.name: row.titles for row in browse_authors(uow).rows}


def test_authors_are_listed_with_their_titles_and_lead_to_their_page(
    served: Installation, session_of: SessionOf
) -> None:
    made = wrote(served, "<b>Jane</b> Austen", "Emma")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert links(at) == [f"/authors?id={made}"]
    assert "<b>Jane" not in html_of(at)
    at.text_input[0].set_value("xyzzy").run()
    assert "Nobody is called so" in read(at)


def test_a_name_is_put_right(served: Installation, session_of: SessionOf) -> None:
    made = wrote(served, "Jane Austin", "Emma")
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(made))
    next(found for found in at.text_input if found.label == "Name").set_value("Jane Austen")
    button(at, "Rename").click().run()
    assert names(served) == {"Jane Austen": 1}


def test_a_taken_name_is_refused_with_its_way_out(served: Installation, session_of: SessionOf) -> None:
    wrote(served, "Jane Austen", "Persuasion")
    made = wrote(served, "Jane Austin", "Emma")
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(made))
    next(found for found in at.text_input if found.label == "Name").set_value("Jane Austen")
    button(at, "Rename").click().run()
    assert "already" in at.error[0].value
    assert names(served) == {"Jane Austen": 1, "Jane Austin": 1}


def test_another_spelling_is_merged(served: Installation, session_of: SessionOf) -> None:
    keep, other = wrote(served, "Jane Austen", "Emma"), wrote(served, "Austen J.", "Persuasion")
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(keep))
    at.text_input[0].set_value("austen").run()
    at.multiselect[0].set_value([other])
    button(at, "Merge them").click().run()
    assert names(served) == {"Jane Austen": 2}
    assert "1 title moved" in read(at)


@pytest.mark.parametrize("asked", ["abc", "-1", "9" * 40, "²", "999"])
def test_an_id_that_names_nobody_is_no_fault(served: Installation, session_of: SessionOf, asked: str) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=asked)
    assert not at.exception
    assert "Something went wrong" not in read(at)
