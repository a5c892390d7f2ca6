"""Browsing by section, genre and author."""

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.catalogue.forms import Contributor, TitleForm
from lib.catalogue.sections import add_section
from lib.catalogue.titles import add_title
from tests.builders import an_admin
from tests.ui.conftest import at_page
from tests.ui.on_screen import html_of, links, read

PAGE = "public/browse.py"


@pytest.fixture
def section(served: Installation) -> int:
    """A library with one title in one section."""
    with begin_work(served, an_admin(served)) as uow:
        found = add_section(uow, "Poems <i>", "For the road")
        add_title(
            uow,
            TitleForm(title="Odes", contributors=[Contributor(name="Sappho")], genres=["Poetry"], section_ids=[found]),
        )
        add_section(uow, "Empty shelf")
    return found


def test_sections_are_tiles_with_their_descriptions(section: int) -> None:
    at = at_page(None, PAGE)
    assert "Poems <i> 1 title For the road" in read(at)
    assert f"/catalogue?section={section}" in links(at)
    assert "<i>" not in html_of(at)
    assert "Empty shelf" not in read(at)


def test_genres_and_authors_lead_to_their_titles(section: int) -> None:
    assert "Poetry 1" in read(at_page(None, PAGE, by="genre"))
    authors = at_page(None, PAGE, by="author")
    assert "Sappho 1" in read(authors)
    assert any(link.startswith("/catalogue?author_id=") for link in links(authors))


def test_an_author_can_be_looked_for(section: int) -> None:
    assert "Sappho" in read(at_page(None, PAGE, by="author", q="sap"))
    assert "No author here is called “nobody”." in read(at_page(None, PAGE, by="author", q="nobody"))


@pytest.mark.parametrize("asked", [{"by": "colour"}, {"by": "author", "page": "99999"}, {"page": "-3", "by": "genre"}])
def test_odd_addresses_are_no_trouble(served: Installation, asked: dict[str, str]) -> None:
    at = at_page(None, PAGE, **asked)
    assert not at.exception
    assert at.title[0].value == "Browse"
