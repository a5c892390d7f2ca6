"""Sign-in, joining and leaving, through streamlit-authenticator's forms over our own accounts."""

from collections.abc import Callable

import pytest
import streamlit_authenticator.views.authentication_view as package
from sqlalchemy import event, select, text
from streamlit.testing.v1 import AppTest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading
from lib.accounts.models import Account, AccountStatus
from lib.accounts.sessions import identify
from lib.ui import sign_in_views
from tests.live_server import PASSWORD, somebody
from tests.ui.conftest import at_page, session_for, shown

SessionOf = Callable[[Role], int]
SIGN_IN, JOIN, ACCOUNT = "public/sign_in.py", "public/join.py", "member/account.py"


def field(at: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(found for found in at.text_input if found.label == label)


def button(at: AppTest, label: str):  # type: ignore[no-untyped-def]
    return next(found for found in at.button if found.label == label)


def hand_in(at: AppTest, login: str, password: str) -> AppTest:
    field(at, "User name, e-mail or card number").input(login)
    field(at, "Password").input(password)
    return button(at, "Sign in").click().run()


def ticket_in(at: AppTest) -> bool:
    return any(found.key == "tome_in" for found in at.get("bidi_component"))


@pytest.mark.parametrize("login", ["member", "MEMBER", " member ", "member@example.org"])
def test_a_member_signs_in_by_user_name_or_mail_and_a_ticket_goes_to_the_browser(
    served: Installation, login: str
) -> None:
    somebody(served, Role.MEMBER, "member")
    at = hand_in(at_page(None, SIGN_IN), login, PASSWORD)
    assert not at.exception
    assert ticket_in(at)
    assert not at.text_input, "while the ticket is exchanged no page runs"


def test_a_password_is_taken_as_it_was_typed(served: Installation) -> None:
    somebody(served, Role.MEMBER, "member")
    assert not ticket_in(hand_in(at_page(None, SIGN_IN), "member", f" {PASSWORD} "))


def test_wrong_passwords_and_unknown_people_get_the_same_answer(served: Installation) -> None:
    somebody(served, Role.MEMBER, "member")
    wrong = hand_in(at_page(None, SIGN_IN), "member", "not the password at all")
    unknown = hand_in(at_page(None, SIGN_IN), "nobody", "not the password at all")
    assert [found.value for found in wrong.error] == [found.value for found in unknown.error]
    assert "do not go together" in wrong.error[0].value
    assert not ticket_in(wrong)


def test_what_was_typed_stays_after_a_refusal(served: Installation) -> None:
    at = hand_in(at_page(None, SIGN_IN), "nobody", "not the password at all")
    assert field(at, "User name, e-mail or card number").value == "nobody"


def test_guessing_is_stopped_and_told_when_to_try_again(served: Installation) -> None:
    somebody(served, Role.MEMBER, "member")
    at = at_page(None, SIGN_IN)
    for _ in range(11):
        hand_in(at, "member", "wrong wrong wrong")
    assert "Too many attempts" in at.error[0].value
    assert not ticket_in(hand_in(at, "member", PASSWORD))


def test_keep_me_signed_in_reaches_the_session(served: Installation) -> None:
    somebody(served, Role.MEMBER, "member")
    at = at_page(None, SIGN_IN)
    at.checkbox[0].check()
    hand_in(at, "member", PASSWORD)
    with begin_reading(served, SYSTEM) as uow:
        assert uow.connection.scalar(text("SELECT keep FROM session"))


def test_whoever_is_signed_in_gets_no_form(session_of: SessionOf) -> None:
    at = at_page(session_of(Role.MEMBER), SIGN_IN)
    assert "You are signed in" in shown(at)
    assert not at.text_input


def test_sign_out_ends_the_session_at_once_and_drops_the_cookie(session_of: SessionOf, served: Installation) -> None:
    session = session_of(Role.MEMBER)
    at = at_page(session, ACCOUNT)
    button(at, "Sign out").click().run()
    assert identify(served, session) is None
    assert at.get("bidi_component")
    assert "Please sign in" in shown(at.run())


def test_the_packages_fields_say_what_they_are_to_password_managers(served: Installation) -> None:
    at = at_page(None, SIGN_IN)
    assert {found.label: found.proto.autocomplete for found in at.text_input} == {
        "User name, e-mail or card number": "username", "Password": "current-password",
    }  # fmt: skip


def test_the_packages_forms_are_drawn_through_our_seam() -> None:
    assert package.st is not None
    assert type(package.st).__name__ == "_Screen"
    assert not isinstance(sign_in_views.Views().cookie_controller, package.CookieController)


def test_the_package_keeps_nobodys_identity_in_the_session(session_of: SessionOf) -> None:
    at = at_page(session_of(Role.MEMBER), ACCOUNT)
    for name in ("authentication_status", "username", "name", "email", "roles"):
        assert name not in at.session_state


def test_opening_the_sign_in_page_reads_no_accounts(served: Installation) -> None:
    for number in range(5):
        somebody(served, Role.MEMBER, f"member{number}")
    asked: list[str] = []
    event.listen(served.engine, "before_cursor_execute", lambda c, cur, sql, *_: asked.append(sql))
    at_page(None, SIGN_IN)
    assert not [sql for sql in asked if "FROM account" in sql]


def fill_in(at: AppTest, **other: str) -> AppTest:
    typed = {
        "First name": "Nadia", "Last name": "Rahman", "E-mail": "nadia@example.org", "User name": "nadia",
        "Choose a password": "lantern orchid gravel", "The password again": "lantern orchid gravel",
    } | other  # fmt: skip
    for label, value in typed.items():
        field(at, label).input(value)
    return at


def test_somebody_joins_and_is_told_to_look_at_the_mail(served: Installation) -> None:
    at = fill_in(at_page(None, JOIN))
    at.checkbox[0].check()
    field(at, "Telephone").input("+44 20 7946 0958")
    button(at, "Join").click().run()
    assert not at.exception
    assert "One more step" in shown(at)
    with begin_reading(served, SYSTEM) as uow:
        name, status, phone = uow.connection.execute(select(Account.name, Account.status, Account.phone_sealed)).one()
    assert name == "Nadia Rahman"
    assert status is AccountStatus.UNVERIFIED
    assert served.keys.open(phone)


def test_every_fault_of_a_registration_is_named_and_nothing_is_lost(served: Installation) -> None:
    at = fill_in(at_page(None, JOIN), **{"E-mail": "no address", "Choose a password": "short",
                                         "The password again": "short"})  # fmt: skip
    told = button(at, "Join").click().run().error[0].value
    assert "**E-mail:**" in told
    assert "**Password:**" in told
    assert "**Consent:**" in told
    assert field(at, "First name").value == "Nadia"


def test_two_different_passwords_are_not_accepted(served: Installation) -> None:
    at = fill_in(at_page(None, JOIN), **{"The password again": "something else here"})
    at.checkbox[0].check()
    assert "differ" in button(at, "Join").click().run().error[0].value


def test_the_same_words_for_an_address_that_is_known(served: Installation) -> None:
    somebody(served, Role.MEMBER, "nadia.elsewhere")
    at = fill_in(at_page(None, JOIN), **{"E-mail": "nadia.elsewhere@example.org"})
    at.checkbox[0].check()
    assert "One more step" in shown(button(at, "Join").click().run())


def test_the_password_is_changed_and_this_device_stays(session_of: SessionOf, served: Installation) -> None:
    session = session_of(Role.MEMBER)
    other = session_for(served, "member")
    at = at_page(session, ACCOUNT)
    field(at, "Present password").input(PASSWORD)
    field(at, "New password").input("lantern orchid gravel")
    field(at, "New password again").input("lantern orchid gravel")
    button(at, "Change the password").click().run()
    assert not at.exception
    assert ticket_in(at)
    assert identify(served, other) is None


def test_a_wrong_present_password_changes_nothing(session_of: SessionOf, served: Installation) -> None:
    session = session_of(Role.MEMBER)
    at = at_page(session, ACCOUNT)
    field(at, "Present password").input("something else entirely")
    field(at, "New password").input("lantern orchid gravel")
    field(at, "New password again").input("lantern orchid gravel")
    button(at, "Change the password").click().run()
    assert "not your present password" in at.error[0].value
    assert identify(served, session) is not None
