"""Closing an account on screen: by staff on the record, by the reader on their own page."""

from collections.abc import Callable

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.accounts.passwords import hash_password
from tests.builders import a_loan, a_member
from tests.circulation.steps import rows
from tests.live_server import PASSWORD
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, labels, read

SessionOf = Callable[[Role], int]


def test_staff_are_told_what_stands_against_it_or_close_it_for_a_reason(
    served: Installation, session_of: SessionOf
) -> None:
    busy, free = a_member(served, name="Ada Vega"), a_member(served, name="Bo Lind")
    a_loan(served, busy)
    at = at_page(session_of(Role.LIBRARIAN), "staff/member.py", id=str(busy.account_id))
    assert "cannot be closed yet" in read(at)
    assert "One loan is open" in read(at)
    assert "Close the account for good" not in labels(at)
    at = at_page(session_of(Role.ADMIN), "staff/member.py", id=str(free.account_id))
    button(at, "Close the account for good").click().run()
    assert rows(served, f"SELECT status FROM account WHERE id = {free.account_id}") == [("active",)], "no reason given"
    next(box for box in at.text_input if "not kept" in (box.help or "")).set_value("Moves away")
    button(at, "Close the account for good").click().run()
    assert rows(served, f"SELECT name, status FROM account WHERE id = {free.account_id}") == [
        ("Closed account", "closed")
    ]
    assert not at.exception


def test_readers_close_their_own_account_with_their_password(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.MEMBER)
    me = rows(served, "SELECT id FROM account WHERE role = 'member'")[0][0]
    with served.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE account SET password_hash = '{hash_password(PASSWORD)}' WHERE id = {me}")
    at = at_page(session, "member/account.py")
    box = next(box for box in at.text_input if box.label == "Your password, to be sure")
    box.set_value("not this one")
    button(at, "Close my account for good").click().run()
    assert rows(served, f"SELECT status FROM account WHERE id = {me}") == [("active",)]
    next(box for box in at.text_input if box.label == "Your password, to be sure").set_value(PASSWORD)
    button(at, "Close my account for good").click().run()
    assert rows(served, f"SELECT status FROM account WHERE id = {me}") == [("closed",)]
    assert rows(served, f"SELECT count(*) FROM session WHERE account_id = {me}") == [(0,)]
    assert not at.exception
