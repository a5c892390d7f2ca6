"""The table of pages, and where a `next` may lead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.access.actor import GUEST, Actor
from lib.access.permissions import Role
from lib.kit.config import HOME
from lib.ui.navigation import BY_PATH, ENTRIES, href, landing, local_path, menu_of
from tests.ui.conftest import a_page

ACTORS = {Role.GUEST: GUEST} | {role: Actor(1, role) for role in (Role.MEMBER, Role.LIBRARIAN, Role.ADMIN)}


def menu(role: Role) -> list[str]:
    return [entry.title for entry in menu_of(ACTORS[role])]


def test_guests_see_six_entries() -> None:
    assert menu(Role.GUEST) == ["Home", "Catalogue", "Browse", "Sign in", "Join", "Help"]


def test_members_see_few_entries() -> None:
    assert menu(Role.MEMBER) == [
        "Home",
        "Catalogue",
        "Browse",
        "My library",
        "My reservations",
        "My money",
        "History",
        "My account",
        "Help",
    ]


def test_librarians_see_the_desk_and_no_administration_but_opening_days() -> None:
    seen = menu(Role.LIBRARIAN)
    assert {"Desk", "Titles", "Members", "Registrations", "Import", "Opening days"} <= set(seen)
    assert not {"Settings", "Lending policy", "Staff and roles", "Audit trail", "Mailbox", "Overview"} & set(seen)


def test_admins_see_everything_that_is_not_for_guests() -> None:
    assert {entry.title for entry in ENTRIES if not entry.hidden and not entry.guests_only} == set(menu(Role.ADMIN))


@pytest.mark.parametrize(("role", "first"), [(Role.LIBRARIAN, "Desk"), (Role.ADMIN, "Overview")])
def test_staff_find_their_work_first_and_begin_there_after_sign_in(role: Role, first: str) -> None:
    seen = menu(role)
    assert seen[0] == first
    assert seen.index("Members") < seen.index("Titles") < seen.index("Home") < seen.index("My library")
    assert landing(role) == f"/{next(entry.url_path for entry in ENTRIES if entry.title == first)}"
    assert landing(Role.MEMBER) == landing(Role.GUEST) == "/"


def test_every_page_has_one_address_one_file_and_lies_with_its_audience() -> None:
    assert len(BY_PATH) == len(ENTRIES) == len({entry.file for entry in ENTRIES})
    for entry in ENTRIES:
        folder = entry.file.split("/")[0]
        assert (folder == "public") == (entry.permission is None)


def test_every_page_is_written_and_every_file_is_a_page() -> None:
    files = {path.relative_to(HOME / "pages").as_posix() for path in (HOME / "pages").rglob("*.py")}
    assert files == {entry.file for entry in ENTRIES}


def test_sections_stand_together() -> None:
    order = [entry.section for entry in ENTRIES]
    assert sorted(set(order), key=order.index) == [
        name for i, name in enumerate(order) if i == 0 or order[i - 1] != name
    ]


def test_addresses_are_quoted() -> None:
    assert href("title", id=3) == "/title?id=3"
    assert href("catalogue", q="a&b=c d", page=None) == "/catalogue?q=a%26b%3Dc+d"
    assert href("") == "/"


@pytest.mark.parametrize("path", ["/my-library", "/title?id=3", "/catalogue?q=a%26b", "/"])
def test_a_next_within_the_library_is_kept(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize("path", [
    None, "", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
    "javascript:alert(1)", "/title\\..\\x", "/%2f%2fevil.example", "/\t/evil.example", "/title?x=\n", "/api/v1/titles",
    "/auth/sign-out", "/nowhere", "/sign-in?next=/sign-in", "/join", "/" + "x" * 600, "/title\x00", "http:title", "//[",
])  # fmt: skip
def test_a_next_that_leads_away_leads_home(path: str | None) -> None:
    assert local_path(path) == "/"


@given(st.text(max_size=60))
def test_whatever_next_is_it_stays_in_this_library(text: str) -> None:
    for given_path in (text, "/" + text, "/title" + text, "//" + text):
        found = local_path(given_path)
        assert found.startswith("/")
        assert not found.startswith(("//", "/\\"))
        assert found.split("?")[0].strip("/") in BY_PATH


def test_no_page_names_an_icon_that_the_browser_would_fetch_for_its_tab_from_another_host() -> None:
    at = a_page(
        "import streamlit as st\n"
        "from lib.access.actor import GUEST\n"
        "from lib.ui.navigation import ENTRIES, pages_for\n"
        "pages = pages_for(GUEST, lambda: None)\n"
        "st.text(len(pages))\n"
        "st.text(''.join(page.icon for page in pages.values()) or 'none')\n"
    ).run()
    assert [text.value for text in at.text] == [str(len(ENTRIES)), "none"]


def test_the_token_of_a_mailed_link_goes_into_no_other_address() -> None:
    at = a_page("import streamlit as st\nfrom lib.ui.navigation import here\nst.text(here())\n")
    at.query_params["token"] = "the-secret"
    at.query_params["id"] = "3"
    assert [text.value for text in at.run().text] == ["/?id=3"]
