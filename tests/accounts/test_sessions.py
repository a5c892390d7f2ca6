"""Sessions: one-time tickets, idle and end, listing and ending."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.accounts.sessions import (
    end_other_sessions,
    end_session,
    my_sessions,
    redeem_ticket,
    session_of_token,
    sign_out,
)  # fmt: skip
from lib.accounts.staff import appoint
from lib.accounts.standing import disable
from lib.kit.clock import SetClock
from lib.kit.errors import NotFound
from tests.accounts.steps import MINUTE, a_reader, column, doing, enter, session_for, set_accounts, who
from tests.builders import an_admin


def test_a_ticket_works_once(library: Installation) -> None:
    a_reader(library)
    ticket = enter(library).ticket
    assert redeem_ticket(library, ticket) is not None
    assert redeem_ticket(library, ticket) is None


def test_a_ticket_lasts_thirty_seconds(library: Installation, clock: SetClock) -> None:
    a_reader(library)
    ticket = enter(library).ticket
    clock.forward(timedelta(seconds=30))
    assert redeem_ticket(library, ticket) is None


@pytest.mark.parametrize("junk", ["", "x" * 9000, "é", "abc", "\ud800"])
def test_junk_is_no_ticket_and_no_cookie(sqlite_library: Installation, junk: str) -> None:
    assert redeem_ticket(sqlite_library, junk) is None
    assert session_of_token(sqlite_library, junk) is None


def test_neither_ticket_nor_token_stands_in_the_database(library: Installation) -> None:
    a_reader(library)
    ticket = enter(library).ticket
    redeemed = redeem_ticket(library, ticket)
    assert redeemed is not None
    assert len(redeemed.token) >= 43
    with begin_reading(library, SYSTEM) as uow:
        stored = str(uow.connection.execute(text("SELECT * FROM session")).all())
    assert ticket not in stored
    assert redeemed.token not in stored


def test_a_session_before_its_ticket_is_redeemed_is_nobody(sqlite_library: Installation) -> None:
    a_reader(sqlite_library)
    enter(sqlite_library)
    assert who(sqlite_library, 1) is None


def test_it_knows_who_is_signed_in(library: Installation) -> None:
    reader = a_reader(library, preferences={"page": 24})
    session = session_for(library)
    me = who(library, session)
    assert me is not None
    assert (me.account_id, me.name, me.username, me.email) == (
        reader.account_id,
        "Ada Lovelace",
        "ada",
        "ada@example.org",
    )
    assert (me.actor.session_id, me.role, me.card_number) == (session, Role.MEMBER, "2901234567896")
    assert me.preferences == {"page": 24}


@pytest.mark.parametrize("role", [Role.LIBRARIAN, Role.ADMIN])
def test_staff_end_after_thirty_idle_minutes(library: Installation, clock: SetClock, role: Role) -> None:
    a_reader(library, role=role)
    session = session_for(library)
    for _ in range(3):
        clock.forward(29 * MINUTE)
        assert who(library, session) is not None
    clock.forward(30 * MINUTE)
    assert who(library, session) is None
    clock.forward(-20 * MINUTE)
    assert who(library, session) is None  # it was ended, not just hidden


def test_members_do_not_end_by_idling(sqlite_library: Installation, clock: SetClock) -> None:
    a_reader(sqlite_library)
    session = session_for(sqlite_library)
    clock.forward(timedelta(hours=11))
    assert who(sqlite_library, session) is not None


@pytest.mark.parametrize("role", [Role.MEMBER, Role.LIBRARIAN])
def test_everybody_ends_after_twelve_hours(library: Installation, clock: SetClock, role: Role) -> None:
    a_reader(library, role=role)
    session = session_for(library, keep=role is not Role.MEMBER)
    for _ in range(35):
        clock.forward(20 * MINUTE)
        assert who(library, session) is not None
    clock.forward(20 * MINUTE)
    assert who(library, session) is None


def test_keep_me_signed_in_lasts_fourteen_days(sqlite_library: Installation, clock: SetClock) -> None:
    a_reader(sqlite_library)
    session = session_for(sqlite_library, keep=True)
    clock.forward(timedelta(days=13, hours=23))
    assert who(sqlite_library, session) is not None
    clock.forward(timedelta(hours=1))
    assert who(sqlite_library, session) is None


def test_staff_are_not_kept_signed_in(sqlite_library: Installation) -> None:
    a_reader(sqlite_library, role=Role.LIBRARIAN)
    redeemed = redeem_ticket(sqlite_library, enter(sqlite_library, keep=True).ticket)
    assert redeemed is not None
    assert not redeemed.keep
    assert redeemed.max_age_s == 12 * 3600


def test_the_settings_of_the_library_count(sqlite_library: Installation, clock: SetClock) -> None:
    set_accounts(sqlite_library, staff_idle_minutes=5, session_hours=2)
    a_reader(sqlite_library, role=Role.LIBRARIAN)
    session = session_for(sqlite_library)
    clock.forward(5 * MINUTE)
    assert who(sqlite_library, session) is None


def test_it_notes_a_visit_once_a_minute(sqlite_library: Installation, clock: SetClock) -> None:
    reader = a_reader(sqlite_library)
    session = session_for(sqlite_library)

    def seen() -> object:
        with begin_reading(sqlite_library, reader) as uow:
            return my_sessions(uow)[0].last_seen_at

    start = clock.now()
    clock.forward(timedelta(seconds=59))
    who(sqlite_library, session)
    assert seen() == start
    clock.forward(timedelta(seconds=1))
    who(sqlite_library, session)
    assert seen() == clock.now()


def test_signing_out_ends_the_session_for_good(library: Installation) -> None:
    a_reader(library)
    redeemed = redeem_ticket(library, enter(library).ticket)
    assert redeemed is not None
    session = session_of_token(library, redeemed.token)
    sign_out(library, session)
    sign_out(library, session)
    assert who(library, session or 0) is None
    assert session_of_token(library, redeemed.token) is None


def test_one_sees_and_ends_ones_own_sessions_only(library: Installation) -> None:
    reader = a_reader(library)
    a_reader(library, name="Eve", username="eve", email="eve@example.org", card_number=None)
    first, second, third = session_for(library), session_for(library, device="Phone"), session_for(library)
    eve = session_for(library, "eve")
    me = Actor(reader.account_id, reader.role, reader.name, session_id=first)
    with doing(library, me) as uow:
        assert {(row.id, row.mine) for row in my_sessions(uow)} == {(first, True), (second, False), (third, False)}
        end_session(uow, second)
    assert who(library, second) is None
    with pytest.raises(NotFound), doing(library, me) as uow:
        end_session(uow, eve)
    with doing(library, me) as uow:
        assert end_other_sessions(uow) == 1
    assert who(library, first) is not None
    assert who(library, third) is None
    assert who(library, eve) is not None


def test_a_role_change_and_disabling_end_sessions(library: Installation) -> None:
    reader, admin = a_reader(library), an_admin(library)
    session = session_for(library)
    with doing(library, admin) as uow:
        appoint(uow, reader.account_id or 0, Role.LIBRARIAN)
    assert who(library, session) is None
    session = session_for(library)
    with doing(library, admin) as uow:
        disable(uow, reader.account_id or 0, "left the school")
    assert who(library, session) is None
    assert column(library, reader.account_id, "status_reason") == "left the school"


def test_an_account_disabled_by_other_means_is_signed_out_too(library: Installation) -> None:
    a_reader(library)
    session = session_for(library)
    with begin_work(library, SYSTEM) as uow:
        uow.connection.execute(text("UPDATE account SET status = 'disabled'"))
    assert who(library, session) is None


def test_a_changed_role_counts_at_once(sqlite_library: Installation) -> None:
    a_reader(sqlite_library)
    session = session_for(sqlite_library)
    with begin_work(sqlite_library, SYSTEM) as uow:
        uow.connection.execute(text("UPDATE account SET role = 'librarian'"))
    me = who(sqlite_library, session)
    assert me is not None
    assert me.role is Role.LIBRARIAN


def test_a_ticket_that_is_none_takes_nobodys_turn_to_write(sqlite_library: Installation) -> None:
    """Anybody may send them, as fast as they can."""
    with sqlite_library.write_turn.held():
        assert redeem_ticket(sqlite_library, "x" * 43) is None
