"""Joining: every fault at once, a mailed link, a decision, and no word about who is known."""

from datetime import date, timedelta

import pytest

from lib.access.actor import GUEST, SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.accounts.errors import CannotSignIn, LinkInvalid, MoveRefused, RegistrationClosed, WrongCredentials
from lib.accounts.jobs import drop_unconfirmed
from lib.accounts.limits import note_failure
from lib.accounts.models import Account, AccountStatus
from lib.accounts.queries import registrations
from lib.accounts.registration import approve, register, reject, resend_verification, verify_email
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotFound, NotSignedIn, TooManyAttempts
from tests.accounts.steps import (
    HERE,
    PASSWORD,
    a_form,
    a_reader,
    column,
    enter,
    join,
    mails,
    rows_of,
    set_accounts,
    token_in,
)  # fmt: skip
from tests.builders import a_librarian, a_member


def _verify(library: Installation, token: str) -> AccountStatus:
    with begin_work(library, GUEST) as uow:
        return verify_email(uow, token)


def test_a_reader_joins_confirms_is_approved_and_signs_in(library: Installation) -> None:
    account_id = join(library)
    with pytest.raises(CannotSignIn, match="open the link"):
        enter(library)
    assert mails(library)[-1].address == "ada@example.org"
    assert _verify(library, token_in(library, "verify-email")) is AccountStatus.PENDING
    with pytest.raises(CannotSignIn, match="waits"):
        enter(library)
    librarian = a_librarian(library)
    with begin_work(library, librarian) as uow:
        assert [row.account_id for row in registrations(uow).rows] == [account_id]
        approve(uow, account_id)
    assert enter(library).name == "Ada Lovelace"
    mail = mails(library, "registration-approved")[-1]
    card = column(library, account_id, "card_number")
    assert "Ada Lovelace" in mail.body
    assert card in mail.body
    assert column(library, account_id, "membership_ends_on") == date(2027, 3, 10)
    assert column(library, account_id, "decided_by") == librarian.account_id


def test_without_approval_a_confirmed_address_is_enough(library: Installation) -> None:
    set_accounts(library, needs_approval=False)
    account_id = join(library)
    assert _verify(library, token_in(library, "verify-email")) is AccountStatus.ACTIVE
    assert column(library, account_id, "card_number").startswith("29")
    assert mails(library)[-1].kind == "welcome"
    assert enter(library).account_id == account_id


def test_a_rejected_reader_hears_the_reason_and_may_still_be_approved(library: Installation) -> None:
    account_id, librarian = join(library), a_librarian(library)
    _verify(library, token_in(library, "verify-email"))
    with pytest.raises(Invalid), begin_work(library, librarian) as uow:
        reject(uow, account_id, " ")
    with begin_work(library, librarian) as uow:
        reject(uow, account_id, "You do not live in town.")
    assert "You do not live in town." in mails(library, "registration-rejected")[-1].body
    with pytest.raises(CannotSignIn, match="not accepted"):
        enter(library)
    with begin_work(library, librarian) as uow:
        approve(uow, account_id)
    assert column(library, account_id, "status_reason") is None


def test_a_decision_is_made_once(library: Installation) -> None:
    account_id, librarian = join(library), a_librarian(library)
    with pytest.raises(MoveRefused), begin_work(library, librarian) as uow:
        approve(uow, account_id)  # not confirmed yet
    _verify(library, token_in(library, "verify-email"))
    with begin_work(library, librarian) as uow:
        approve(uow, account_id)
    for act in (lambda uow: approve(uow, account_id), lambda uow: reject(uow, account_id, "too late")):
        with pytest.raises(MoveRefused), begin_work(library, librarian) as uow:
            act(uow)
    with pytest.raises(NotFound), begin_work(library, librarian) as uow:
        approve(uow, 10**9)


def test_members_and_guests_decide_nothing(sqlite_library: Installation) -> None:
    account_id = join(sqlite_library)
    with pytest.raises(Forbidden), begin_work(sqlite_library, a_member(sqlite_library)) as uow:
        approve(uow, account_id)
    with pytest.raises(NotSignedIn), begin_work(sqlite_library, GUEST) as uow:
        reject(uow, account_id, "no reason")


def test_every_fault_of_every_field_is_told_at_once(sqlite_library: Installation) -> None:
    form = a_form(
        name=" 42 ", email="ada@@example", username="a b", password="short", phone="call me", address="x" * 301,
        consent=False, language="klingon-empire!",
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        register(sqlite_library, form, address=HERE)
    faulty = {fault.field for fault in refused.value.faults}
    assert faulty == {"name", "email", "username", "password", "phone", "address", "consent", "language"}
    assert "short" not in str(refused.value)
    assert rows_of(sqlite_library, Account) == 0


@pytest.mark.parametrize(
    ("field", "value", "good"),
    [
        ("name", "X", True), ("name", "李", True), ("name", "O’Brien, Séamus", True), ("name", "", False),
        ("name", "…", False), ("name", "a" * 121, False), ("name", "a\x00b", False), ("name", "a\u202eb", False),
        ("username", "élodie.b-3", True), ("username", "12345", False), ("username", "admin", False),
        ("username", "ab", False), ("username", ".ab", False), ("username", "a@b.c", False),
        ("username", "a" * 41, False),
        ("email", "ünï@bücher.example", True), ("email", "a@localhost", False), ("email", "", False),
        ("email", "a b@example.org", False), ("email", "a@example.org\r\nBcc: x@example.org", False),
        ("phone", "", True), ("phone", "030/123456", True), ("phone", "12", False), ("phone", "+" + "1" * 17, False),
        ("language", "pt-BR", True), ("language", "", False),
    ],
)  # fmt: skip
def test_fields_are_judged_one_by_one(sqlite_library: Installation, field: str, value: str, good: bool) -> None:
    form = a_form(**{field: value})
    if good:
        assert register(sqlite_library, form, address=HERE)
        return
    with pytest.raises(Invalid) as refused:
        register(sqlite_library, form, address=HERE)
    assert [fault.field for fault in refused.value.faults] == [field]


def test_a_known_address_gets_the_same_answer_and_its_owner_a_mail(library: Installation) -> None:
    owner = a_reader(library)
    before = rows_of(library, Account)
    join(library, username="mallory", email="ADA@example.org")
    assert rows_of(library, Account) == before
    assert [(mail.kind, mail.account_id) for mail in mails(library)] == [
        ("someone-tried-to-register", owner.account_id)
    ]
    assert column(library, owner.account_id, "username") == "ada"


def test_a_user_name_does_not_tell_whether_the_address_was_known(library: Installation) -> None:
    a_reader(library)
    join(library, username="fresh-one", email="new@example.org")  # makes an account
    join(library, username="fresh-two", email="ada@example.org")  # makes none
    for name in ("fresh-one", "fresh-two"):
        with pytest.raises(Invalid, match="taken"):
            join(library, username=name, email=f"{name}@example.org")


def test_a_taken_user_name_is_told_in_any_spelling(sqlite_library: Installation) -> None:
    a_reader(sqlite_library, username="Élodie")
    with pytest.raises(Invalid, match="taken"):
        join(sqlite_library, username="elodie", email="other@example.org")


def test_a_mail_to_an_unproved_address_holds_nothing_the_sender_chose(sqlite_library: Installation) -> None:
    join(sqlite_library, name="BUY AT EVIL DOT EXAMPLE", username="buy-now")
    body = mails(sqlite_library, "verify-email")[-1].body
    assert "EVIL" not in body
    assert "buy-now" not in body


def test_a_link_works_once_and_for_an_hour(library: Installation, clock: SetClock) -> None:
    join(library)
    token = token_in(library, "verify-email")
    clock.forward(timedelta(hours=1))
    with pytest.raises(LinkInvalid):
        _verify(library, token)
    resend_verification(library, "ada@example.org", HERE)
    second = token_in(library, "verify-email")
    _verify(library, second)
    for used in (token, second, "", "x" * 500, "é", "\ud800"):
        with pytest.raises(LinkInvalid):
            _verify(library, used)


def test_a_new_link_voids_the_one_before(sqlite_library: Installation) -> None:
    join(sqlite_library)
    first = token_in(sqlite_library, "verify-email")
    resend_verification(sqlite_library, "ada@example.org", HERE)
    with pytest.raises(LinkInvalid):
        _verify(sqlite_library, first)


def test_resending_is_silent_for_strangers_and_bounded(library: Installation) -> None:
    a_reader(library, email="active@example.org", username="active", card_number=None)
    join(library)
    for email in ("nobody@example.org", "active@example.org", "no address at all"):
        resend_verification(library, email, HERE)
    assert len(mails(library, "verify-email")) == 1
    for _ in range(10):
        resend_verification(library, "ada@example.org", "198.51.100.1")
    assert len(mails(library, "verify-email")) == 5


def test_one_address_cannot_register_without_end(sqlite_library: Installation) -> None:
    for number in range(30):  # a class of pupils behind one address
        join(sqlite_library, username=f"reader-{number}", email=f"r{number}@example.org")
    with begin_work(sqlite_library, GUEST) as uow:
        for _ in range(30):
            note_failure(uow, "register", "", HERE)
    with pytest.raises(TooManyAttempts):
        join(sqlite_library, username="reader-x", email="rx@example.org")


def test_a_whole_school_registers_in_five_minutes(sqlite_library: Installation) -> None:
    for number in range(30):
        form = a_form(username=f"pupil-{number}", email=f"pupil{number}@example.org")
        register(sqlite_library, form, address=f"192.0.2.{number}")
    assert len(mails(sqlite_library, "verify-email")) == 30


def test_a_closed_library_takes_nobody_in(sqlite_library: Installation) -> None:
    set_accounts(sqlite_library, open_registration=False)
    with pytest.raises(RegistrationClosed):
        join(sqlite_library)


def test_who_never_confirms_is_forgotten_after_a_week(library: Installation, clock: SetClock) -> None:
    join(library)
    clock.forward(timedelta(days=7, seconds=1))
    with begin_work(library, SYSTEM) as uow:
        assert drop_unconfirmed(uow) == 1
        assert drop_unconfirmed(uow) == 0
    with pytest.raises(WrongCredentials):
        enter(library)
    assert join(library, password=PASSWORD)


def test_phone_and_address_are_not_readable_in_the_database(library: Installation) -> None:
    account_id = join(library)
    with begin_work(library, SYSTEM) as uow:
        raw = str(uow.connection.exec_driver_sql("SELECT * FROM account").all())
    assert "7946" not in raw
    assert "James" not in raw
    assert library.keys.open(column(library, account_id, "phone_sealed")) == "+44 20 7946 0018"
