"""One title's page for staff: its record, its copies, its cover, its end."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.catalogue.models import Copy, Title
from lib.catalogue.titles import edit_title, title_for_editing
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, labels, read

PAGE = "staff/title_edit.py"
SessionOf = Callable[[Role], int]


def names(library: Installation) -> list[str]:
    with library.engine.connect() as connection:
        return list(connection.scalars(select(Title.title).order_by(Title.id)))


def test_a_new_title_is_saved_and_its_copies_come_next(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.text_input[0].set_value("Emma")
    button(at, "Add the title").click().run()
    assert names(served) == ["Emma"]
    assert at.title[0].value == "Emma"
    assert "Now add its copies" in read(at)


def test_an_empty_form_is_refused_in_words(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    button(at, "Add the title").click().run()
    assert names(served) == []
    assert at.error


def test_an_edit_that_somebody_overtook_is_refused(served: Installation, session_of: SessionOf) -> None:
    title = a_title(served, "Emma")
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(title))
    with begin_work(served, a_librarian(served)) as uow:
        form, version = title_for_editing(uow, title)
        edit_title(uow, title, form.model_copy(update={"title": "Emma!"}), seen_version=version)
    at.text_input[0].set_value("Emma?")
    button(at, "Save the title").click().run()
    assert names(served) == ["Emma!"]


def test_copies_are_added_with_barcodes_of_their_own(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(a_title(served, "Emma")))
    next(found for found in at.number_input if found.label == "How many").set_value(3)
    button(at, "Add copies").click().run()
    with served.engine.connect() as connection:
        assert len(connection.scalars(select(Copy.barcode)).all()) == 3
    assert "3 copies added" in read(at)


def test_a_title_on_loan_is_neither_archived_nor_deleted(served: Installation, session_of: SessionOf) -> None:
    title = a_title(served, "Emma")
    a_loan(served, a_member(served), a_copy(served, title))
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(title))
    button(at, "Delete the title").click().run()
    assert at.error
    assert names(served) == ["Emma"]
    button(at, "Archive the title").click().run()
    with begin_reading(served, a_librarian(served)) as uow:
        assert uow.connection.scalar(select(Title.archived_at)) is None


def test_an_archived_title_comes_back_by_one_button(served: Installation, session_of: SessionOf) -> None:
    title = a_title(served, "Emma")
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(title))
    button(at, "Archive the title").click().run()
    assert "Delete the title" not in labels(at)
    button(at, "Put it back into the catalogue").click().run()
    assert "Archive the title" in labels(at)


def test_a_file_that_is_no_picture_is_refused_and_a_missing_one_asked_for(
    served: Installation, session_of: SessionOf
) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(a_title(served)))
    button(at, "Use this cover").click().run()
    assert "Choose a picture first" in read(at)
    at.file_uploader[0].upload("cover.png", b"no picture at all", "image/png")
    button(at, "Use this cover").click().run()
    assert "This file cannot be a cover" in read(at)


def test_the_title_is_shown_letter_by_letter(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(a_title(served, "![x](//e.example/a) **b**")))
    assert at.title[0].value.startswith("\\!\\[x\\]")


@pytest.mark.parametrize("asked", ["abc", "-1", "9" * 40, "²", "999"])
def test_an_id_that_names_nothing_is_no_fault(served: Installation, session_of: SessionOf, asked: str) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=asked)
    assert not at.exception
    assert "Something went wrong" not in read(at)
