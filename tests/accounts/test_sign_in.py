"""Signing in: by three names, within limits, in the same time for names nobody has."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from prometheus_client import REGISTRY
from sqlalchemy import text, update

from lib.access.actor import SYSTEM
from lib.access.installation import Installation, open_installation
from lib.access.work import begin_reading, begin_work
from lib.accounts.credentials import _BY_CARD, _BY_EMAIL, _BY_NAME
from lib.accounts.errors import CannotSignIn, WrongCredentials
from lib.accounts.limits import LIMITS
from lib.accounts.models import Account, AccountStatus, SignInAttempt, SignInSession
from lib.kit.clock import SetClock
from lib.kit.config import Config, Mode
from lib.kit.errors import TooManyAttempts
from tests.accounts.steps import OTHER, PASSWORD, a_reader, column, enter, rows_of


@pytest.mark.parametrize(
    "login", ["ada", " ADA ", "ada@example.org", "Ada@Example.ORG", "2901234567896", "29 01234 567896"]
)
def test_it_signs_in_by_user_name_mail_or_card(library: Installation, login: str) -> None:
    reader = a_reader(library)
    assert enter(library, login).account_id == reader.account_id


@pytest.mark.parametrize(
    "login", ["ada", "nobody", "nobody@example.org", "2900000000001", "", "a\x00da\ud800x", "x" * 5000]
)
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(sqlite_library: Installation, login: str) -> None:
    a_reader(sqlite_library)
    with pytest.raises(WrongCredentials) as refused:
        enter(sqlite_library, login, OTHER)
    assert str(refused.value) == WrongCredentials.message
    assert rows_of(sqlite_library, SignInSession) == 0


def _checks() -> float:
    return REGISTRY.get_sample_value("tome_password_checks_total") or 0


@pytest.mark.parametrize("login", ["ada", "nobody"])
def test_an_unknown_name_costs_as_many_hashes_as_a_known_one(sqlite_library: Installation, login: str) -> None:
    a_reader(sqlite_library)
    before = _checks()
    with pytest.raises(WrongCredentials):
        enter(sqlite_library, login, OTHER)
    assert _checks() - before == 1


@pytest.mark.parametrize("password", ["", "é" * 200, "x" * 100_000, "\ud800", "with\x00nul"])
def test_odd_passwords_are_just_wrong(sqlite_library: Installation, password: str) -> None:
    a_reader(sqlite_library)
    with pytest.raises(WrongCredentials):
        enter(sqlite_library, "ada", password)


def test_an_account_without_a_password_lets_nobody_in(sqlite_library: Installation) -> None:
    a_reader(sqlite_library, password_hash=None)
    with pytest.raises(WrongCredentials):
        enter(sqlite_library, "ada", "no account has this password")


def test_ten_failures_close_an_account_for_five_minutes_whatever_name_is_used(
    library: Installation, clock: SetClock
) -> None:
    a_reader(library)
    names = ["ada", "ada@example.org", "2901234567896"]
    for number in range(10):
        with pytest.raises(WrongCredentials):
            enter(library, names[number % 3], OTHER, address=f"192.0.2.{number}")
    with pytest.raises(TooManyAttempts) as refused:
        enter(library, "ada", address="198.51.100.9")
    assert 299 <= refused.value.facts["retry_after_s"] <= 301
    clock.forward(timedelta(minutes=5, seconds=1))
    assert enter(library, "ada").account_id


def test_ten_failures_close_an_address_but_no_other(sqlite_library: Installation) -> None:
    a_reader(sqlite_library)
    for number in range(10):
        with pytest.raises(WrongCredentials):
            enter(sqlite_library, f"nobody{number}", OTHER, address="203.0.113.5")
    with pytest.raises(TooManyAttempts):
        enter(sqlite_library, "ada", address="203.0.113.5")
    assert enter(sqlite_library, "ada", address="203.0.113.6").account_id


def test_a_class_behind_one_address_signs_in(sqlite_library: Installation) -> None:
    a_reader(sqlite_library)
    for _ in range(12):
        enter(sqlite_library, "ada")


def test_a_thousand_failures_close_the_door_to_all(library: Installation) -> None:
    a_reader(library)
    now = library.clock.now()
    rows = [
        {"kind": "password", "account_key": f"k{n}", "address": f"a{n}", "at": now, "succeeded": False}
        for n in range(1000)
    ]
    with begin_work(library, SYSTEM) as uow:
        uow.connection.execute(SignInAttempt.__table__.insert(), rows)
    with pytest.raises(TooManyAttempts):
        enter(library, "ada")


def test_the_limits_are_those_we_promise() -> None:
    assert [(limit.column, limit.most, limit.within.seconds) for limit in LIMITS["password"]] == [
        ("account_key", 10, 300), ("address", 10, 300), (None, 1000, 300),
    ]  # fmt: skip
    assert (LIMITS["reset"][0].most, LIMITS["reset"][0].within) == (5, timedelta(days=1))


def test_thirty_guesses_at_once_get_ten_answers(library: Installation) -> None:
    a_reader(library)
    answers: list[str] = []

    def guess(number: int) -> None:
        try:
            enter(library, "ada", OTHER, address=f"192.0.2.{number}")
        except (WrongCredentials, TooManyAttempts) as refused:
            answers.append(type(refused).__name__)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["TooManyAttempts"] * 20 + ["WrongCredentials"] * 10


def test_a_failed_attempt_stays_counted(library: Installation) -> None:
    a_reader(library)
    with pytest.raises(WrongCredentials):
        enter(library, "ada", OTHER)
    assert rows_of(library, SignInAttempt) == 1


def test_attempts_keep_no_names(sqlite_library: Installation) -> None:
    with pytest.raises(WrongCredentials):
        enter(sqlite_library, "stranger@example.org", OTHER)
    with begin_reading(sqlite_library, SYSTEM) as uow:
        assert "stranger" not in str(uow.connection.execute(text("SELECT * FROM sign_in_attempt")).all())


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (AccountStatus.UNVERIFIED, "open the link in the mail"),
        (AccountStatus.PENDING, "waits for the library's approval"),
        (AccountStatus.REJECTED, "not accepted"),
        (AccountStatus.DISABLED, "closed to sign-in"),
        (AccountStatus.CLOSED, "closed"),
    ],
)
def test_only_the_right_password_learns_why_an_account_cannot_sign_in(
    sqlite_library: Installation, status: AccountStatus, words: str
) -> None:
    a_reader(sqlite_library, status=status)
    with pytest.raises(CannotSignIn) as refused:
        enter(sqlite_library)
    assert words in str(refused.value)
    assert refused.value.facts["reason"] == status.value
    with pytest.raises(WrongCredentials):
        enter(sqlite_library, "ada", OTHER)


def test_a_suspended_member_may_sign_in(sqlite_library: Installation) -> None:
    reader = a_reader(sqlite_library)
    with begin_work(sqlite_library, SYSTEM) as uow:
        uow.connection.execute(update(Account).values(status=AccountStatus.SUSPENDED, status_reason="late"))
    assert enter(sqlite_library).account_id == reader.account_id


def test_demo_accounts_are_refused_in_production(sqlite_library: Installation, tmp_path: Path, clock: SetClock) -> None:
    a_reader(sqlite_library, email="member@demo.example")
    assert enter(sqlite_library).ticket
    live = open_installation(Config(mode=Mode.PRODUCTION, data_dir=tmp_path), clock)
    with pytest.raises(CannotSignIn) as refused:
        enter(live)
    live.close()
    assert refused.value.facts["reason"] == "demo"


def test_an_old_hash_is_renewed_on_sign_in(library: Installation) -> None:
    weak = PasswordHasher(memory_cost=1024, time_cost=1, parallelism=1).hash(PASSWORD)
    reader = a_reader(library, password_hash=weak)
    enter(library)
    kept = column(library, reader.account_id, "password_hash")
    assert "m=19456,t=2,p=1" in kept
    assert enter(library).account_id == reader.account_id


@pytest.mark.parametrize("statement", [_BY_CARD, _BY_EMAIL, _BY_NAME])
def test_names_are_looked_up_in_an_index(sqlite_library: Installation, statement: object) -> None:
    with begin_reading(sqlite_library, SYSTEM) as uow:
        plan = uow.connection.execute(text("EXPLAIN QUERY PLAN " + statement.sqlite), {"value": "x"}).all()  # type: ignore[attr-defined]
    assert "USING INDEX" in str(plan)
    assert "SCAN" not in str(plan)


def test_who_has_a_whole_network_of_addresses_is_limited_as_one(library: Installation) -> None:
    """A provider gives each customer 2^64 of them; with a new one a guess there would be no limit but the last."""
    for number in range(10):
        with pytest.raises(WrongCredentials):
            enter(library, f"reader{number}", OTHER, address=f"2001:db8:1:2::{number}")
    with pytest.raises(TooManyAttempts):
        enter(library, "reader99", OTHER, address="2001:db8:1:2:ffff::1")
    with pytest.raises(WrongCredentials):
        enter(library, "reader99", OTHER, address="2001:db8:1:3::1")
