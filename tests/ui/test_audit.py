"""The audit trail on screen: acts in words, found by thing, act and incident."""

from collections.abc import Callable

import pytest

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.catalogue.sections import add_section
from lib.ui.audit_words import act_phrase, facts_words
from tests.builders import a_librarian
from tests.ui.conftest import at_page
from tests.ui.on_screen import html_of, read

PAGE = "admin/audit.py"
SessionOf = Callable[[Role], int]


def test_a_change_stands_with_who_what_and_its_facts(served: Installation, session_of: SessionOf) -> None:
    with begin_work(served, a_librarian(served, name="Grace <b>")) as uow:
        add_section(uow, "Poetry")
    at = at_page(session_of(Role.ADMIN), PAGE)
    words = read(at)
    assert "Grace <b>" in words
    assert "Added a section" in words
    assert "Grace <b>" not in html_of(at)


def test_it_is_searched_by_the_beginning_of_an_act(served: Installation, session_of: SessionOf) -> None:
    with begin_work(served, a_librarian(served)) as uow:
        add_section(uow, "Poetry")
    at = at_page(session_of(Role.ADMIN), PAGE)
    at.text_input[0].set_value("section.").run()
    assert "1 change" in read(at)
    at.text_input[0].set_value("nothing like it").run()
    assert "Nothing fits" in read(at)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("loan.issue", "Lent"),
        ("api-key.create", "Made an API key"),
        ("ghost.walk-by", "Ghost: walk by"),
        ("session.end-others", "Ended other sessions"),
    ],
)
def test_acts_are_told_in_words(action: str, words: str) -> None:
    assert act_phrase(action) == words


def test_facts_are_told_as_people_read_them(served: Installation, session_of: SessionOf) -> None:
    given = {"amount_minor": 350, "due_on": "2026-05-04", "shelf": "A-15", "left": None, "ids": [3, 4], "over": True}
    assert facts_words(given) == "amount: €3.50; due on: 4 May 2026; shelf: A-15; ids: 3, 4; over: yes"
