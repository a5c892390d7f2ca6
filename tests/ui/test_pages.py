"""Every page × every role: the gate answers, or the page runs without a fault."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.ui.navigation import ENTRIES, Entry
from tests.live_server import somebody
from tests.ui.conftest import at_page, session_for, shown, the_library

ROLES = (Role.GUEST, Role.MEMBER, Role.LIBRARIAN, Role.ADMIN)


def look(served: Installation, role: Role, entry: Entry) -> AppTest:
    session = None
    if role is not Role.GUEST:
        somebody(served, role, "somebody")
        session = session_for(served, "somebody")
    return at_page(session, entry.file)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.url_path or "home")
def test_a_page_lets_in_who_may_and_runs_clean(served: Installation, role: Role, entry: Entry) -> None:
    at = look(served, role, entry)
    told = shown(at)
    assert not at.exception
    assert "Something went wrong" not in told
    actor = GUEST if role is Role.GUEST else Actor(1, role)
    if entry.permission is None or actor.may(entry.permission):
        assert "Please sign in" not in told
        assert "This page is not for you" not in told
        assert at.title or "There is no such" in told, "a page has a heading"
    else:
        assert ("Please sign in" if role is Role.GUEST else "This page is not for you") in told


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.permission], ids=lambda entry: entry.url_path)
def test_a_page_that_is_not_for_somebody_is_not_even_read(served: Installation, entry: Entry) -> None:
    """Even a page that forgets `enter` opens nothing: the gate stands in place of its file."""
    at = the_library().run()
    page = at.session_state["tome.pages"][entry.url_path]
    assert callable(page._page)


def test_an_unknown_address_is_the_home_page(served: Installation) -> None:
    at = the_library()
    at._page_hash = "no such page"
    assert not at.run().exception
    assert "Please sign in" not in shown(at)


@pytest.mark.parametrize("query", [{"id": "abc"}, {"id": "-1"}, {"id": "9" * 40}, {"id": ""}, {"id": "1'--"}, {}])
@pytest.mark.parametrize("file", ["public/title.py", "public/confirm.py", "public/reset.py", "public/welcome.py"])
def test_a_query_that_makes_no_sense_gets_a_friendly_page(
    served: Installation, file: str, query: dict[str, str]
) -> None:
    at = at_page(None, file, **query)
    assert not at.exception
    assert "Something went wrong" not in shown(at)
