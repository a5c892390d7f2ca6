"""The mailbox: what the library has written, letter by letter, with its links."""

from collections.abc import Callable

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.members import MemberForm, add_member
from tests.builders import a_librarian
from tests.ui.conftest import at_page
from tests.ui.on_screen import read

PAGE = "admin/mailbox.py"
SessionOf = Callable[[Role], int]


def test_an_empty_mailbox_says_how_to_fill_it(served: Installation, session_of: SessionOf) -> None:
    assert "No messages yet" in read(at_page(session_of(Role.ADMIN), PAGE))


def test_a_message_is_shown_with_its_link(served: Installation, session_of: SessionOf) -> None:
    with begin_work(served, a_librarian(served)) as uow:
        add_member(uow, MemberForm(name="![x](//e.example/a) Ada", email="ada@example.org"))
    at = at_page(session_of(Role.ADMIN), PAGE)
    assert "ada@example" in at.expander[0].label.replace("\\", "").replace("\u2060", "")
    assert "![x]" not in at.expander[0].label
    assert any("://" in element.value for element in at.text)
    assert at.get("link_button")
