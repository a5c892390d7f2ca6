"""The help page: the guides of one's role."""

from collections.abc import Callable

import pytest

from lib.access.actor import GUEST
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.ui.guide import FOLDER, GUIDES, Guide, Picture, _parts, guides_for
from tests.builders import a_librarian, a_member, an_admin
from tests.ui.conftest import at_page
from tests.ui.on_screen import read

SessionOf = Callable[[Role], int]


@pytest.mark.parametrize("role", [None, Role.MEMBER, Role.LIBRARIAN, Role.ADMIN])
def test_everybody_finds_the_readers_guide(session_of: SessionOf, role: Role | None) -> None:
    at = at_page(session_of(role) if role else None, "public/help.py")
    assert not at.exception
    assert "Finding something to read" in read(at)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.file)
def test_every_picture_of_a_guide_is_there_and_says_what_it_shows(guide: Guide) -> None:
    parts = _parts(guide.file)
    pictures = [part for part in parts if isinstance(part, Picture)]
    assert len(pictures) == (FOLDER / guide.file).read_text("utf-8").count("![")
    assert all(len(picture.says) > 5 for picture in pictures)
    assert not any("](" in part for part in parts if isinstance(part, str))


def test_staff_guides_are_for_staff(sqlite_library: Installation) -> None:
    there = [guide.file for guide in GUIDES if (FOLDER / guide.file).is_file()]
    assert [guide.file for guide in guides_for(GUEST)] == ["member.md"]
    assert [guide.file for guide in guides_for(a_member(sqlite_library))] == ["member.md"]
    assert "admin.md" not in [guide.file for guide in guides_for(a_librarian(sqlite_library))]
    assert [guide.file for guide in guides_for(an_admin(sqlite_library))] == there
