"""Registrations: yes in one click, no with a reason; both once."""

from collections.abc import Callable

from sqlalchemy import select

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.models import Account, AccountStatus
from lib.accounts.registration import approve
from tests.builders import a_librarian, a_member
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, read

PAGE = "staff/registrations.py"
SessionOf = Callable[[Role], int]


def pending(library: Installation, name: str) -> int:
    found = a_member(library, name=name, status=AccountStatus.PENDING, card_number=None).account_id
    assert found is not None
    return found


def status_of(library: Installation, account_id: int) -> str:
    with library.engine.connect() as connection:
        return str(connection.scalar(select(Account.status).where(Account.id == account_id)))


def test_nobody_waits(served: Installation, session_of: SessionOf) -> None:
    assert "Nobody is waiting" in read(at_page(session_of(Role.LIBRARIAN), PAGE))


def test_somebody_is_approved_in_one_click(served: Installation, session_of: SessionOf) -> None:
    ada = pending(served, "Ada")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    assert "1 person waits" in read(at)
    button(at, "Approve").click().run()
    assert status_of(served, ada) == "active"
    assert "Ada is a member now" in read(at)


def test_somebody_is_rejected_with_a_reason(served: Installation, session_of: SessionOf) -> None:
    eve = pending(served, "Eve")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    at.text_input[0].set_value("You live elsewhere.")
    button(at, "Reject the registration").click().run()
    assert status_of(served, eve) == "rejected"


def test_what_a_colleague_decided_meanwhile_is_told(served: Installation, session_of: SessionOf) -> None:
    ada = pending(served, "Ada")
    at = at_page(session_of(Role.LIBRARIAN), PAGE)
    with begin_work(served, a_librarian(served)) as uow:
        approve(uow, ada)
    at.text_input[0].set_value("No.")
    button(at, "Reject the registration").click().run()
    assert status_of(served, ada) == "active"
    assert not at.exception


def test_names_are_shown_letter_by_letter(served: Installation, session_of: SessionOf) -> None:
    pending(served, "![x](//e.example/a) **b**")
    assert "\\!\\[x\\]" in read(at_page(session_of(Role.LIBRARIAN), PAGE))
