"""Sections: added, renamed, deleted when empty."""

from collections.abc import Callable

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.catalogue.forms import TitleForm
from lib.catalogue.queries import sections
from lib.catalogue.sections import add_section, edit_section
from lib.catalogue.titles import add_title
from tests.builders import a_librarian
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, read

PAGE = "staff/sections.py"
SessionOf = Callable[[Role], int]


def names(library: Installation) -> list[str]:
    with begin_reading(library, a_librarian(library)) as uow:
        return [row.name for row in sections(uow)]


def a_section(library: Installation, name: str, *titles: str) -> int:
    with begin_work(library, a_librarian(library)) as uow:
        made = add_section(uow, name)
        for title in titles:
            add_title(uow, TitleForm(title=title, section_ids=[made]))
        return made


def test_the_first_section_is_added(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.text_input[0].set_value("Poetry")
    button(at, "Add the section").click().run()
    assert names(served) == ["Poetry"]
    assert "is there now" in read(at)


def test_no_name_and_a_taken_name_are_refused(served: Installation, session_of: SessionOf) -> None:
    a_section(served, "Poetry")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    button(at, "Add the section").click().run()
    assert at.error
    at.text_input[0].set_value("poetry")
    button(at, "Add the section").click().run()
    assert "already" in read(at)
    assert names(served) == ["Poetry"]


def test_a_section_with_titles_cannot_be_deleted_an_empty_one_can(served: Installation, session_of: SessionOf) -> None:
    full, empty = a_section(served, "Full", "Emma"), a_section(served, "Empty")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert at.button(key=f"delete-{full}").disabled
    at.button(key=f"delete-{empty}").click().run()
    assert names(served) == ["Full"]


def test_an_edit_that_somebody_overtook_is_refused(served: Installation, session_of: SessionOf) -> None:
    made = a_section(served, "Poetry")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    with begin_work(served, a_librarian(served)) as uow:
        edit_section(uow, made, "Verse", "", seen_version=1)
    at.text_input[1].set_value("Poems")
    button(at, "Save").click().run()
    assert names(served) == ["Verse"]


def test_names_are_shown_letter_by_letter(served: Installation, session_of: SessionOf) -> None:
    a_section(served, "![x](//e.example/a) **b**")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert "\\!\\[x\\]" in at.expander[1].label
