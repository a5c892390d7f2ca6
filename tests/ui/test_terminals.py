"""Terminals as an admin sees them, and PINs where members and staff set them."""

from collections.abc import Callable

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.accounts.pins import prove_member
from lib.accounts.terminals import TerminalKind, prove_terminal
from tests.builders import a_member
from tests.circulation.steps import rows
from tests.live_server import PASSWORD
from tests.ui.conftest import at_page, shown
from tests.ui.on_screen import button

SessionOf = Callable[[Role], int]


def test_a_terminal_is_made_and_its_secret_shown_once(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), "admin/terminals.py")
    assert "No terminal yet" in shown(at)
    at.selectbox[0].set_value(TerminalKind.SIP2)
    at.text_input[0].set_value("Self-check in the hall")
    at.text_input[1].set_value("hall-1")
    button(at, "Make the terminal").click().run()
    login, secret = at.code[0].value.split("\n")
    assert prove_terminal(served, login=login, secret=secret, kind=TerminalKind.SIP2, address="192.0.2.1")
    at.run()
    assert not at.code
    button(at, "Make a new secret").click().run()
    assert at.code[0].value.split("\n")[1] != secret
    button(at, "Revoke the terminal").click().run()
    assert rows(served, "SELECT count(*) FROM terminal WHERE revoked_at IS NULL") == [(0,)]


def test_what_is_wrong_with_a_new_terminal_is_said(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), "admin/terminals.py")
    button(at, "Make the terminal").click().run()
    assert "Give a name" in shown(at)
    assert "Use 3 to 40 letters" in shown(at)


def test_a_member_sets_a_pin_with_the_password(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.MEMBER), "member/account.py")
    field = next(one for one in at.text_input if one.label == "New PIN")
    field.set_value("4711")
    next(one for one in at.text_input if one.key == "pin.password").set_value(PASSWORD)
    button(at, "Set the PIN").click().run()
    assert "Your PIN is set." in shown(at)
    (card,) = rows(served, "SELECT card_number FROM account WHERE role = 'member'")[0]
    assert prove_member(served, a_member(served, role=Role.TERMINAL), card=card, secret="4711")
    button(at, "Remove the PIN").click().run()
    assert rows(served, "SELECT pin_hash FROM account WHERE role = 'member'") == [(None,)]


def test_the_desk_sets_a_members_pin(served: Installation, session_of: SessionOf) -> None:
    reader = a_member(served)
    at = at_page(session_of(Role.LIBRARIAN), "staff/member.py", id=str(reader.account_id))
    next(one for one in at.text_input if one.label == "New PIN").set_value("4711")
    button(at, "Set the PIN").click().run()
    (kept,) = rows(served, f"SELECT pin_hash FROM account WHERE id = {reader.account_id}")[0]
    assert kept.startswith("$argon2id$")
