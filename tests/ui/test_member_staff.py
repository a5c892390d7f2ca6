"""One member's record: standing, edit, suspension, disabling."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.accounts.models import Account
from lib.audit.models import AuditRow
from tests.builders import a_copy, a_loan, a_member, a_title, an_admin
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, labels, read

PAGE = "staff/member.py"
SessionOf = Callable[[Role], int]


def kept(library: Installation, account_id: int | None) -> tuple[str, str]:
    with library.engine.connect() as connection:
        row = connection.execute(select(Account.name, Account.status).where(Account.id == account_id)).one()
    return row[0], str(row[1])


def test_the_record_says_what_they_hold_and_the_look_is_audited(served: Installation, session_of: SessionOf) -> None:
    ada = a_member(served, name="Ada")
    a_loan(served, ada, a_copy(served, a_title(served, "<b>Emma</b>")), days_ago=30)
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(ada.account_id))
    assert at.title[0].value == "Ada"
    assert "May not borrow just now" in read(at)
    assert at.metric[0].value == "1 of 5"
    assert "<b>Emma</b>" not in html_of(at)
    with served.engine.connect() as connection:
        looks = select(AuditRow.subject_id).where(AuditRow.action == "account.read")
        assert ada.account_id in connection.scalars(looks).all()


def test_a_record_is_edited(served: Installation, session_of: SessionOf) -> None:
    ada = a_member(served, name="Ada")
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(ada.account_id))
    next(found for found in at.text_input if found.label == "Name").set_value("Ada Lovelace")
    button(at, "Save").click().run()
    assert kept(served, ada.account_id)[0] == "Ada Lovelace"
    assert "The record is saved" in read(at)


def test_an_empty_name_is_refused(served: Installation, session_of: SessionOf) -> None:
    ada = a_member(served, name="Ada")
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(ada.account_id))
    next(found for found in at.text_input if found.label == "Name").set_value("")
    button(at, "Save").click().run()
    assert at.error
    assert kept(served, ada.account_id)[0] == "Ada"


def test_a_suspension_needs_a_reason_and_is_lifted_by_one_button(served: Installation, session_of: SessionOf) -> None:
    ada = a_member(served, name="Ada")
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(ada.account_id))
    reasons = [found for found in at.text_input if found.label == "Reason"]
    reasons[0].set_value("Three books lost")
    button(at, "Suspend").click().run()
    assert kept(served, ada.account_id)[1] == "suspended"
    assert "Three books lost" in read(at)
    button(at, "Lift the suspension").click().run()
    assert kept(served, ada.account_id)[1] == "active"


def test_a_librarian_cannot_shut_an_admin_out(served: Installation, session_of: SessionOf) -> None:
    admin = an_admin(served)
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(admin.account_id))
    assert "Disable the account" not in labels(at)
    assert "Suspend" not in labels(at)


@pytest.mark.parametrize("asked", ["abc", "-1", "9" * 40, "²", "99999", ""])
def test_an_id_that_names_nobody_is_no_fault(served: Installation, session_of: SessionOf, asked: str) -> None:
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=asked)
    assert at.title[0].value == "This member is not here"
    assert not at.tabs
    assert not at.error
    assert not at.exception
    assert "Something went wrong" not in read(at)
