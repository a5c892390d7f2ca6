"""Argon2 takes a tenth of a second: nobody who wants to write waits for somebody else's password."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import update

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.accounts import passwords, recovery, registration
from lib.accounts.errors import WrongPassword
from lib.accounts.models import Account
from lib.accounts.passwords import change_password
from lib.accounts.recovery import request_email_change, request_password_reset, reset_password
from tests.accounts.steps import HERE, OTHER, PASSWORD, a_reader, join, token_in

Act = Callable[[Installation], object]


def _change(library: Installation) -> object:
    return change_password(library, a_reader(library), old=PASSWORD, new=OTHER)


def _move(library: Installation) -> object:
    return request_email_change(library, a_reader(library), "new@example.org", PASSWORD)


def _reset(library: Installation) -> object:
    a_reader(library)
    request_password_reset(library, "ada@example.org", HERE)
    return reset_password(library, token_in(library, "password-reset"), OTHER)


@pytest.mark.parametrize("act", [join, _change, _move, _reset])
def test_while_a_password_is_hashed_or_checked_others_write(
    sqlite_library: Installation, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    found: list[bool] = []

    def watched(work: Callable[..., object]) -> Callable[..., object]:
        def called(*given: object) -> object:
            other = threading.Thread(target=_write, args=(sqlite_library, found))
            other.start()
            other.join()
            return work(*given)

        return called

    for name in ("hash_password", "check_password"):
        watching = watched(getattr(passwords, name))
        for module in (passwords, registration, recovery):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, watching)
    act(sqlite_library)
    assert found
    assert all(found)


def _write(library: Installation, found: list[bool]) -> None:
    """Says whether the turn to write was to be had at once."""
    turn = library.write_turn
    found.append(not turn._taken)
    if found[-1]:
        with begin_work(library, SYSTEM):
            pass


def test_of_two_changes_from_one_old_password_the_second_is_refused(
    library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = a_reader(library)
    before = passwords.hash_password

    def overtaken(password: str) -> str:
        with begin_work(library, SYSTEM) as uow:
            uow.connection.execute(
                update(Account).where(Account.id == reader.account_id).values(password_hash="another one")
            )
        return before(password)

    monkeypatch.setattr(passwords, "hash_password", overtaken)
    with pytest.raises(WrongPassword):
        change_password(library, reader, old=PASSWORD, new=OTHER)
