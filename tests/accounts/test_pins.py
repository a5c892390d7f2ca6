"""PINs: who may set one, what is refused, how guesses are counted, and that a PIN opens nothing but a terminal."""

from datetime import timedelta

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.errors import CannotSignIn, WrongCredentials, WrongPassword, WrongPin
from lib.accounts.models import AccountStatus
from lib.accounts.pins import (
    ProvedMember,
    clear_pin,
    has_pin,
    is_locked,
    lift_pin_lock,
    pin_fault,
    prove_member,
    set_own_pin,
    set_pin_at_desk,
)
from lib.accounts.sign_in import sign_in
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotFound, TooManyAttempts
from tests.accounts.steps import PASSWORD, a_reader, column
from tests.builders import a_librarian, a_member, an_admin
from tests.circulation.steps import rows

CARD = "2901234567896"
PIN = "4711"


def a_terminal(library: Installation) -> Actor:
    return a_member(library, role=Role.TERMINAL, card_number=None, email=None, email_key=None)


def with_pin(library: Installation) -> Actor:
    reader = a_reader(library)
    set_own_pin(library, reader, password=PASSWORD, pin=PIN)
    return reader


@pytest.mark.parametrize(
    ("pin", "good"),
    [
        ("4711", True), ("80271936", True), ("0099", True),
        ("471", False), ("471147114", False), ("47a1", False), ("٤٧١١", False), ("", False), ("4711\n", False),
        ("1111", False), ("1234", False), ("98765", False), ("7890", False),
        ("7896", False), ("2901", False),
    ],
)  # fmt: skip
def test_a_pin_has_four_to_eight_digits_and_is_not_the_first_that_a_thief_tries(pin: str, good: bool) -> None:
    assert (pin_fault(pin, CARD) is None) is good


def test_a_member_sets_a_pin_with_the_password_and_it_is_kept_as_a_hash(library: Installation) -> None:
    reader = with_pin(library)
    kept = column(library, reader.account_id, "pin_hash")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    with begin_work(library, reader) as uow:
        assert has_pin(uow, reader.account_id or 0)


def test_a_wrong_password_sets_no_pin(sqlite_library: Installation) -> None:
    reader = a_reader(sqlite_library)
    with pytest.raises(WrongPassword):
        set_own_pin(sqlite_library, reader, password="the neighbour's password", pin=PIN)
    assert column(sqlite_library, reader.account_id, "pin_hash") is None


def test_the_desk_sets_and_clears_a_members_pin_but_not_that_of_staff(sqlite_library: Installation) -> None:
    reader, desk, admin = a_reader(sqlite_library), a_librarian(sqlite_library), an_admin(sqlite_library)
    set_pin_at_desk(sqlite_library, desk, reader.account_id or 0, PIN)
    assert column(sqlite_library, reader.account_id, "pin_hash")
    with begin_work(sqlite_library, desk) as uow:
        clear_pin(uow, reader.account_id or 0)
    assert column(sqlite_library, reader.account_id, "pin_hash") is None
    with pytest.raises(Forbidden):
        set_pin_at_desk(sqlite_library, desk, admin.account_id or 0, PIN)
    with pytest.raises(Forbidden):
        set_pin_at_desk(sqlite_library, reader, desk.account_id or 0, PIN)
    with pytest.raises(NotFound):
        set_pin_at_desk(sqlite_library, desk, 987654, PIN)
    with pytest.raises(Invalid):
        set_pin_at_desk(sqlite_library, desk, reader.account_id or 0, "12")


def test_card_and_pin_prove_a_member_and_so_do_card_and_password(library: Installation) -> None:
    reader, terminal = with_pin(library), a_terminal(library)
    proved = ProvedMember(reader.account_id or 0, reader.name, CARD)
    assert prove_member(library, terminal, card=CARD, secret=PIN) == proved
    assert prove_member(library, terminal, card="2901 2345 67896", secret=PASSWORD) == proved


def test_only_a_terminal_may_ask(sqlite_library: Installation) -> None:
    with_pin(sqlite_library)
    with pytest.raises(Forbidden):
        prove_member(sqlite_library, an_admin(sqlite_library), card=CARD, secret=PIN)


@pytest.mark.parametrize(
    ("card", "secret"), [(CARD, "4712"), (CARD, "wrong words here"), ("2900000000001", PIN), ("", "")]
)
def test_what_does_not_go_together_is_refused_in_the_same_words(
    sqlite_library: Installation, card: str, secret: str
) -> None:
    with_pin(sqlite_library)
    with pytest.raises(WrongPin):
        prove_member(sqlite_library, a_terminal(sqlite_library), card=card, secret=secret)


def test_without_a_pin_no_digits_open_an_account(sqlite_library: Installation) -> None:
    a_reader(sqlite_library)
    with pytest.raises(WrongPin):
        prove_member(sqlite_library, a_terminal(sqlite_library), card=CARD, secret="0000")


def test_five_wrong_pins_in_a_quarter_of_an_hour_close_the_card_also_for_the_right_one(
    library: Installation, clock: SetClock
) -> None:
    reader, terminals = with_pin(library), [a_terminal(library), a_terminal(library)]
    for attempt in range(5):
        with pytest.raises(WrongPin):
            prove_member(library, terminals[attempt % 2], card=CARD, secret=f"90{attempt}1")
    with pytest.raises(TooManyAttempts) as refused:
        prove_member(library, terminals[0], card=CARD, secret=PIN)
    assert 0 < refused.value.facts["retry_after_s"] <= 901
    clock.forward(timedelta(minutes=15, seconds=1))
    assert prove_member(library, terminals[0], card=CARD, secret=PIN).account_id == reader.account_id


def test_the_desk_lets_a_member_try_again_and_a_new_pin_begins_anew(library: Installation) -> None:
    reader, terminal, desk = with_pin(library), a_terminal(library), a_librarian(library)
    member_id = reader.account_id or 0

    def close_it() -> None:
        for attempt in range(5):
            with pytest.raises(WrongPin):
                prove_member(library, terminal, card=CARD, secret=f"90{attempt}1")

    close_it()
    with begin_work(library, desk) as uow:
        assert is_locked(uow, member_id)
        lift_pin_lock(uow, member_id)
        assert not is_locked(uow, member_id)
        lift_pin_lock(uow, member_id)
    assert prove_member(library, terminal, card=CARD, secret=PIN).account_id == member_id
    assert rows(library, "SELECT count(*) FROM audit WHERE action = 'pin.unlock'") == [(1,)]
    close_it()
    set_pin_at_desk(library, desk, member_id, "8027")
    assert prove_member(library, terminal, card=CARD, secret="8027").account_id == member_id


def test_nobody_lifts_a_lock_who_may_not_set_a_pin(sqlite_library: Installation) -> None:
    other = a_librarian(sqlite_library, name="Bea")
    with begin_work(sqlite_library, with_pin(sqlite_library)) as uow, pytest.raises(Forbidden):
        lift_pin_lock(uow, uow.actor.account_id or 0)
    with begin_work(sqlite_library, a_librarian(sqlite_library)) as uow, pytest.raises(Forbidden):
        lift_pin_lock(uow, other.account_id or 0)
    with begin_work(sqlite_library, an_admin(sqlite_library)) as uow, pytest.raises(NotFound):
        lift_pin_lock(uow, 987654)


def test_one_readers_guesses_do_not_close_the_machine_for_others(sqlite_library: Installation) -> None:
    with_pin(sqlite_library)
    terminal = a_terminal(sqlite_library)
    for attempt in range(6):
        with pytest.raises((WrongPin, TooManyAttempts)):
            prove_member(sqlite_library, terminal, card="2900000000001", secret=f"90{attempt}1")
    assert prove_member(sqlite_library, terminal, card=CARD, secret=PIN)


def test_somebody_who_may_not_sign_in_is_told_so_only_with_the_right_pin(sqlite_library: Installation) -> None:
    reader, terminal = with_pin(sqlite_library), a_terminal(sqlite_library)
    with begin_work(sqlite_library, SYSTEM) as uow:
        from sqlalchemy import text

        uow.connection.execute(text("UPDATE account SET status = 'disabled' WHERE id = :id"), {"id": reader.account_id})
    with pytest.raises(WrongPin):
        prove_member(sqlite_library, terminal, card=CARD, secret="9021")
    with pytest.raises(CannotSignIn):
        prove_member(sqlite_library, terminal, card=CARD, secret=PIN)
    assert column(sqlite_library, reader.account_id, "status") == AccountStatus.DISABLED


def test_a_pin_does_not_open_the_screens(sqlite_library: Installation) -> None:
    with_pin(sqlite_library)
    with pytest.raises(WrongCredentials):
        sign_in(sqlite_library, login=CARD, password=PIN, address="192.0.2.1", device="Firefox")
