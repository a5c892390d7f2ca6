"""Sections are made, renamed, and taken away when empty."""

from datetime import date

import pytest

from lib.access.actor import GUEST
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.errors import NameTaken, SectionNotEmpty
from lib.catalogue.queries import SectionRow, sections
from lib.catalogue.sections import add_section, delete_section, edit_section, sections_named
from lib.catalogue.titles import TitleForm, add_title, bulk_edit
from lib.kit.errors import Forbidden, Invalid, NotFound, StaleEdit
from tests.builders import a_librarian, a_member


def listed(library: Installation) -> tuple[SectionRow, ...]:
    with begin_reading(library, GUEST) as uow:
        return sections(uow)


def test_a_section_has_a_name_a_day_and_a_count(library: Installation) -> None:
    actor = a_librarian(library)
    with begin_work(library, actor) as uow:
        poetry = add_section(uow, "  Poetry ", "Verse of all ages.")
        add_title(uow, TitleForm(title="Leaves of Grass", section_ids=[poetry]))
    assert listed(library) == (SectionRow(poetry, "Poetry", "Verse of all ages.", date(2026, 3, 10), 1, 1),)
    with begin_work(library, actor) as uow:
        add_title(uow, TitleForm(title="Howl", section_ids=[poetry]))
    assert [row.titles for row in listed(library)] == [2]


def test_two_sections_never_share_a_name(library: Installation) -> None:
    actor = a_librarian(library)
    with begin_work(library, actor) as uow:
        add_section(uow, "Éclat")
        other = add_section(uow, "Other")
        with pytest.raises(NameTaken):
            add_section(uow, "ECLAT")
        with pytest.raises(NameTaken):
            edit_section(uow, other, "eclat", "", seen_version=1)
    assert [row.name for row in listed(library)] == ["Éclat", "Other"]


def test_a_stale_edit_of_a_section_names_who_was_first(library: Installation) -> None:
    anna, ben = a_librarian(library, name="Anna"), a_librarian(library)
    with begin_work(library, ben) as uow:
        section = add_section(uow, "Poetry")
    with begin_work(library, anna) as uow:
        edit_section(uow, section, "Verse", "", seen_version=1)
    with pytest.raises(StaleEdit) as refusal, begin_work(library, ben) as uow:
        edit_section(uow, section, "Poems", "", seen_version=1)
    assert refusal.value.facts["changed_by"] == "Anna"
    assert [row.name for row in listed(library)] == ["Verse"]


def test_a_section_goes_only_when_it_is_empty(library: Installation) -> None:
    actor = a_librarian(library)
    with begin_work(library, actor) as uow:
        section = add_section(uow, "Poetry")
        title_id = add_title(uow, TitleForm(title="Howl", section_ids=[section]))
        with pytest.raises(SectionNotEmpty) as refusal:
            delete_section(uow, section)
        assert refusal.value.facts == {"name": "Poetry", "titles": 1}
        bulk_edit(uow, [title_id], remove_sections=[section])
        delete_section(uow, section)
        with pytest.raises(NotFound):
            delete_section(uow, section)
    assert listed(library) == ()


def test_an_import_finds_sections_by_name_or_makes_them(library: Installation) -> None:
    actor = a_librarian(library)
    with begin_work(library, actor) as uow:
        poetry = add_section(uow, "Poetry")
        found = sections_named(uow, ["POETRY", "Maps", "maps"])
    assert found["POETRY"] == poetry
    assert found["Maps"] == found["maps"] != poetry


def test_a_section_needs_a_name_and_somebody_who_may_make_it(library: Installation) -> None:
    with begin_work(library, a_librarian(library)) as uow:
        for name in ("", "   ", "x" * 121):
            with pytest.raises(Invalid):
                add_section(uow, name)
        with pytest.raises(NotFound):
            edit_section(uow, 99, "X", "", seen_version=1)
    with begin_work(library, a_member(library)) as uow:
        with pytest.raises(Forbidden):
            add_section(uow, "X")
        with pytest.raises(Forbidden):
            delete_section(uow, 1)
