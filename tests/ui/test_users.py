"""Staff and roles: added, appointed; the last admin stays; one librarian where the library wants one."""

from collections.abc import Callable

from sqlalchemy import select

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.models import Account
from lib.audit.preferences import change_group
from tests.builders import a_librarian, a_member, an_admin
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, read

PAGE = "admin/users.py"
SessionOf = Callable[[Role], int]


def role_of(library: Installation, name: str) -> str:
    with library.engine.connect() as connection:
        return str(connection.scalar(select(Account.role).where(Account.name == name)))


def test_a_librarian_is_added_and_a_link_is_mailed(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), PAGE)
    at.text_input[0].set_value("Grace Hopper")
    at.text_input[1].set_value("grace@example.org")
    button(at, "Add and send the link").click().run()
    assert role_of(served, "Grace Hopper") == "librarian"
    assert "link to choose a password is on its way" in read(at)


def test_an_empty_form_is_refused(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), PAGE)
    button(at, "Add and send the link").click().run()
    assert at.error


def test_a_member_is_made_a_librarian(served: Installation, session_of: SessionOf) -> None:
    ada = a_member(served, name="Ada", card_number="2900000000018")
    at = at_page(session_of(Role.ADMIN), PAGE)
    at.text_input(key="who").set_value("2900000000018").run()
    at.selectbox(key=f"role-{ada.account_id}").set_value(Role.LIBRARIAN).run()
    button(at, "Change").click().run()
    assert role_of(served, "Ada") == "librarian"
    assert "their sessions have ended" in read(at)


def test_the_last_admin_stays(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), PAGE)
    at.text_input(key="who").set_value("admin@example.org").run()
    at.selectbox[-1].set_value(Role.MEMBER).run()
    button(at, "Change").click().run()
    assert role_of(served, "Admin") == "admin"
    assert at.error


def test_a_library_of_one_librarian_says_so_and_refuses_a_second(served: Installation, session_of: SessionOf) -> None:
    a_librarian(served)
    with begin_work(served, an_admin(served)) as uow:
        change_group(uow, "accounts", {"single_librarian": True}, seen_version=0)
    at = at_page(session_of(Role.ADMIN), PAGE)
    assert "one librarian only" in read(at)
    at.text_input[0].set_value("Grace Hopper")
    at.text_input[1].set_value("grace@example.org")
    button(at, "Add and send the link").click().run()
    assert "one librarian only" in at.error[0].value
    assert role_of(served, "Grace Hopper") == "None"
