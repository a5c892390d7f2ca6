"""Forgotten and changed passwords, changed addresses, and the first admin."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from lib.access.actor import GUEST, SYSTEM, Actor
from lib.access.installation import Installation, open_installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.errors import AdminExists, LinkInvalid, WrongCredentials, WrongPassword
from lib.accounts.first_admin import ensure_first_admin
from lib.accounts.models import AccountStatus, SignInAttempt
from lib.accounts.passwords import change_password
from lib.accounts.recovery import (
    accept_first_admin,
    confirm_email_change,
    first_admin_link,
    request_email_change,
    request_password_reset,
    reset_password,
)  # fmt: skip
from lib.kit.clock import SetClock
from lib.kit.config import Config, Mode
from lib.kit.errors import Forbidden, Invalid, NotSignedIn, TooManyAttempts
from tests.accounts.steps import (
    HERE,
    OTHER,
    PASSWORD,
    a_form,
    a_reader,
    column,
    enter,
    join,
    mails,
    rows_of,
    session_for,
    token_in,
    who,
)  # fmt: skip
from tests.builders import an_admin


def _reset(library: Installation, token: str, new: str = OTHER) -> None:
    reset_password(library, token, new)


def _asked(library: Installation) -> str:
    request_password_reset(library, "ada@example.org", HERE)
    return token_in(library, "password-reset")


def test_a_forgotten_password_is_chosen_anew_by_mail(library: Installation) -> None:
    a_reader(library)
    session = session_for(library)
    _reset(library, _asked(library))
    assert who(library, session) is None
    with pytest.raises(WrongCredentials):
        enter(library, "ada", PASSWORD)
    assert enter(library, "ada", OTHER)
    assert mails(library)[-1].kind == "password-changed"


def test_a_reset_link_works_once_for_an_hour_and_until_the_next_sign_in(library: Installation, clock: SetClock) -> None:
    a_reader(library)
    token = _asked(library)
    clock.forward(timedelta(hours=1))
    with pytest.raises(LinkInvalid):
        _reset(library, token)
    token = _asked(library)
    enter(library)
    with pytest.raises(LinkInvalid):
        _reset(library, token)
    token = _asked(library)
    _reset(library, token)
    with pytest.raises(LinkInvalid):
        _reset(library, token)


def test_a_reset_link_ends_with_a_changed_password(sqlite_library: Installation) -> None:
    reader = a_reader(sqlite_library)
    token = _asked(sqlite_library)
    change_password(sqlite_library, reader, old=PASSWORD, new=OTHER)
    with pytest.raises(LinkInvalid):
        _reset(sqlite_library, token)


def test_a_weak_password_leaves_the_link_good(library: Installation) -> None:
    a_reader(library)
    token = _asked(library)
    with pytest.raises(Invalid):
        _reset(library, token, "password1234")
    _reset(library, token)


@pytest.mark.parametrize("email", ["nobody@example.org", "not an address", "", "\ud800@example.org"])
def test_asking_for_a_reset_tells_nothing(sqlite_library: Installation, email: str) -> None:
    a_reader(sqlite_library)
    request_password_reset(sqlite_library, email, HERE)
    assert mails(sqlite_library) == []


@pytest.mark.parametrize("status", [AccountStatus.DISABLED, AccountStatus.CLOSED, AccountStatus.REJECTED])
def test_an_account_that_cannot_sign_in_gets_no_reset_mail(sqlite_library: Installation, status: AccountStatus) -> None:
    a_reader(sqlite_library, status=status)
    request_password_reset(sqlite_library, "ada@example.org", HERE)
    assert mails(sqlite_library) == []


def test_an_unconfirmed_account_is_mailed_its_confirmation_instead(sqlite_library: Installation) -> None:
    join(sqlite_library)
    request_password_reset(sqlite_library, "ada@example.org", HERE)
    assert [mail.kind for mail in mails(sqlite_library)] == ["verify-email", "verify-email"]


def test_five_reset_mails_a_day(library: Installation, clock: SetClock) -> None:
    a_reader(library)
    for _ in range(8):
        request_password_reset(library, "ada@example.org", HERE)
        clock.forward(timedelta(hours=1))
    assert len(mails(library, "password-reset")) == 5
    clock.forward(timedelta(hours=17))
    request_password_reset(library, "ada@example.org", HERE)
    assert len(mails(library, "password-reset")) == 6


def test_changing_the_password_ends_every_session(library: Installation) -> None:
    reader = a_reader(library)
    sessions = [session_for(library), session_for(library)]
    change_password(library, reader, old=PASSWORD, new=OTHER)
    assert [who(library, session) for session in sessions] == [None, None]
    assert enter(library, "ada", OTHER)


def test_the_present_password_can_be_guessed_ten_times_only(library: Installation) -> None:
    reader = a_reader(library)
    for _ in range(10):
        with pytest.raises(WrongPassword):
            change_password(library, reader, old=OTHER, new="another fine sentence")
    assert rows_of(library, SignInAttempt) == 10
    with pytest.raises(TooManyAttempts):
        change_password(library, reader, old=PASSWORD, new=OTHER)


def test_a_guest_changes_no_password(sqlite_library: Installation) -> None:
    with pytest.raises(NotSignedIn):
        change_password(sqlite_library, GUEST, old=PASSWORD, new=OTHER)


def test_a_new_address_counts_once_it_is_confirmed(library: Installation) -> None:
    reader = a_reader(library)
    with pytest.raises(WrongPassword):
        request_email_change(library, reader, "new@example.org", OTHER)
    request_email_change(library, reader, "new@example.org", PASSWORD)
    assert column(library, reader.account_id, "email") == "ada@example.org"
    token = token_in(library, "email-change")
    with begin_work(library, GUEST) as uow:
        confirm_email_change(uow, token)
    assert column(library, reader.account_id, "email") == "new@example.org"
    assert [(mail.kind, mail.address) for mail in mails(library)] == [
        ("email-change", "new@example.org"), ("email-changed", "ada@example.org"),
    ]  # fmt: skip
    with pytest.raises(LinkInvalid), begin_work(library, GUEST) as uow:
        confirm_email_change(uow, token)
    assert enter(library, "new@example.org")


def test_asking_for_somebody_elses_address_tells_nothing(sqlite_library: Installation) -> None:
    a_reader(sqlite_library)
    other = a_reader(sqlite_library, username="eve", email="eve@example.org", card_number=None)
    request_email_change(sqlite_library, other, "ada@example.org", PASSWORD)
    assert [(mail.kind, mail.address) for mail in mails(sqlite_library)] == [
        ("someone-tried-to-register", "ada@example.org")
    ]


def test_an_address_taken_meanwhile_is_refused(library: Installation) -> None:
    reader = a_reader(library)
    request_email_change(library, reader, "new@example.org", PASSWORD)
    token = token_in(library, "email-change")
    a_reader(library, username="eve", email="new@example.org", card_number=None)
    with pytest.raises(Invalid), begin_work(library, GUEST) as uow:
        confirm_email_change(uow, token)


def _admin_token(library: Installation) -> str:
    with begin_work(library, SYSTEM) as uow:
        return first_admin_link(uow)


def test_the_first_admin_comes_by_a_one_time_link(library: Installation) -> None:
    void, token = _admin_token(library), _admin_token(library)
    form = a_form(username="admin")
    with pytest.raises(LinkInvalid), begin_work(library, GUEST) as uow:
        accept_first_admin(uow, void, form)
    with pytest.raises(Invalid), begin_work(library, GUEST) as uow:
        accept_first_admin(uow, token, a_form(password="weak"))
    with begin_work(library, GUEST) as uow:
        account_id = accept_first_admin(uow, token, form)
    assert enter(library, "admin").role is Role.ADMIN
    assert column(library, account_id, "status") is AccountStatus.ACTIVE
    with pytest.raises(LinkInvalid), begin_work(library, GUEST) as uow:
        accept_first_admin(uow, token, a_form(username="second", email="second@example.org"))
    with pytest.raises(AdminExists):
        _admin_token(library)


def test_the_link_is_worth_nothing_once_there_is_an_admin(sqlite_library: Installation) -> None:
    token = _admin_token(sqlite_library)
    an_admin(sqlite_library)
    with pytest.raises(AdminExists), begin_work(sqlite_library, GUEST) as uow:
        accept_first_admin(uow, token, a_form())


def test_only_the_system_asks_for_the_first_admins_link(sqlite_library: Installation) -> None:
    with pytest.raises(Forbidden), begin_work(sqlite_library, Actor(1, Role.ADMIN)) as uow:
        first_admin_link(uow)


def _configured(folder: Path, clock: SetClock, password: str) -> Installation:
    config = Config(
        mode=Mode.PRODUCTION, data_dir=folder, admin_email="boss@example.org", admin_password=SecretStr(password)
    )
    return open_installation(config, clock)


def test_the_configuration_can_name_the_first_admin(
    sqlite_library: Installation, tmp_path: Path, clock: SetClock
) -> None:
    library = _configured(tmp_path, clock, PASSWORD)
    with begin_work(library, SYSTEM) as uow:
        assert ensure_first_admin(uow) is not None
        assert ensure_first_admin(uow) is None
    assert enter(library, "boss@example.org").role is Role.ADMIN
    library.close()


def test_a_weak_configured_password_is_named(sqlite_library: Installation, tmp_path: Path, clock: SetClock) -> None:
    library = _configured(tmp_path, clock, "password12345")
    with pytest.raises(Invalid) as refused, begin_work(library, SYSTEM) as uow:
        ensure_first_admin(uow)
    library.close()
    assert refused.value.faults[0].field == "TOME_ADMIN_PASSWORD"
