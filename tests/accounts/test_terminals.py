"""Terminals: made, rotated and revoked by admins; what they began ends with them; a kiosk remembers nobody."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import GRANTS, Permission, Role
from lib.access.work import begin_reading, begin_work
from lib.accounts.errors import WrongTerminal
from lib.accounts.kiosk_visits import begin_visit, end_visit, stay, visit_now
from lib.accounts.queries import find_members
from lib.accounts.sessions import identify, redeem_ticket, session_of_token
from lib.accounts.staff import appoint
from lib.accounts.standing import reactivate, suspend
from lib.accounts.terminals import (
    TerminalKind,
    TerminalLogin,
    make_terminal,
    open_kiosk,
    prove_terminal,
    revoke_terminal,
    rotate_secret,
    still_there,
    terminals,
)
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotFound, TooManyAttempts
from lib.ops.integrity import findings
from tests.builders import a_librarian, a_member, an_admin

HERE = "192.0.2.9"


def a_machine(library: Installation, kind: TerminalKind = TerminalKind.SIP2, login: str = "hall") -> tuple[int, str]:
    return make_terminal(library, an_admin(library), kind=kind, login=login, name="Hall")


def prove(
    library: Installation, secret: str, login: str = "hall", kind: TerminalKind = TerminalKind.SIP2
) -> TerminalLogin:
    return prove_terminal(library, login=login, secret=secret, kind=kind, address=HERE)


def a_device(library: Installation, secret: str) -> Actor:
    """A kiosk's device, as its cookie is resolved for each run."""
    ticket = open_kiosk(library, login="tablet", secret=secret, address=HERE, device="Tablet")
    redeemed = redeem_ticket(library, ticket)
    assert redeemed is not None
    assert redeemed.keep
    assert redeemed.max_age_s > 300 * 86400
    me = identify(library, session_of_token(library, redeemed.token))
    assert me is not None
    return me.actor


def test_a_terminal_may_search_and_serve_and_nothing_else() -> None:
    assert GRANTS[Role.TERMINAL] == {Permission.SEARCH, Permission.SELF_CHECK}
    assert [role for role in Role if Permission.SELF_CHECK in GRANTS[role]] == [Role.TERMINAL]


def test_an_admin_makes_a_terminal_whose_secret_is_shown_once_and_kept_as_a_hash(library: Installation) -> None:
    terminal_id, secret = a_machine(library)
    assert len(secret.replace("-", "")) == 25
    assert prove(library, secret, "  HALL ").actor.role is Role.TERMINAL
    with begin_reading(library, an_admin(library)) as uow:
        (row,) = terminals(uow)
        kept = uow.connection.execute(text("SELECT secret_hash FROM terminal")).scalar_one()
    assert (row.id, row.login, row.kind, row.last_seen_at) == (terminal_id, "hall", TerminalKind.SIP2, uow.now)
    assert kept.startswith("$argon2id$")
    assert secret not in kept


def test_nobody_but_an_admin_makes_sees_rotates_or_revokes(sqlite_library: Installation) -> None:
    terminal_id, _ = a_machine(sqlite_library)
    for actor in (a_librarian(sqlite_library), a_member(sqlite_library), prove_as_actor(sqlite_library)):
        with pytest.raises(Forbidden):
            make_terminal(sqlite_library, actor, kind=TerminalKind.SIP2, login="mine", name="Mine")
        with pytest.raises(Forbidden):
            rotate_secret(sqlite_library, actor, terminal_id)
        with begin_work(sqlite_library, actor) as uow:
            with pytest.raises(Forbidden):
                revoke_terminal(uow, terminal_id)
            with pytest.raises(Forbidden):
                terminals(uow)


def prove_as_actor(library: Installation) -> Actor:
    _, secret = a_machine(library, login="other")
    return prove(library, secret, "other").actor


@pytest.mark.parametrize("login", ["", "ab", "A wide one", "höhle", "-x-", "x" * 41])
def test_a_login_is_short_and_plain(sqlite_library: Installation, login: str) -> None:
    with pytest.raises(Invalid):
        a_machine(sqlite_library, login=login)


def test_two_terminals_do_not_share_a_login(library: Installation) -> None:
    a_machine(library)
    with pytest.raises(Invalid):
        a_machine(library, login="Hall")


@pytest.mark.parametrize("secret", ["", "wrong", "x" * 5000, "\ud800"])
def test_a_wrong_secret_or_login_or_kind_is_refused_in_the_same_words(
    sqlite_library: Installation, secret: str
) -> None:
    _, right = a_machine(sqlite_library)
    for login, given, kind in (
        ("hall", secret, TerminalKind.SIP2), ("nobody", right, TerminalKind.SIP2), ("hall", right, TerminalKind.KIOSK),
    ):  # fmt: skip
        with pytest.raises(WrongTerminal):
            prove(sqlite_library, given, login, kind)


def test_wrong_logins_are_limited_in_the_database(library: Installation, clock: SetClock) -> None:
    _, secret = a_machine(library)
    for _ in range(10):
        with pytest.raises(WrongTerminal):
            prove(library, "wrong")
    with pytest.raises(TooManyAttempts):
        prove(library, secret)
    clock.forward(timedelta(minutes=6))
    assert prove(library, secret)


def test_a_new_secret_ends_what_the_old_one_began(library: Installation) -> None:
    terminal_id, old = a_machine(library)
    login = prove(library, old)
    assert still_there(library, login)
    new = rotate_secret(library, an_admin(library), terminal_id)
    assert new != old
    assert not still_there(library, login)
    with pytest.raises(WrongTerminal):
        prove(library, old)
    assert still_there(library, prove(library, new))


def test_a_revoked_terminal_is_gone_for_good(library: Installation) -> None:
    terminal_id, secret = a_machine(library)
    login, admin = prove(library, secret), an_admin(library)
    with begin_work(library, admin) as uow:
        revoke_terminal(uow, terminal_id)
    assert not still_there(library, login)
    with pytest.raises(WrongTerminal):
        prove(library, secret)
    with pytest.raises(NotFound):
        rotate_secret(library, admin, terminal_id)
    with begin_work(library, admin) as uow:
        assert terminals(uow)[0].revoked_at is not None
        assert findings(uow) == ()


def test_the_accounts_of_terminals_are_nobodys_to_edit_and_stand_in_no_list_of_people(
    sqlite_library: Installation,
) -> None:
    _, secret = a_machine(sqlite_library)
    terminal, desk, admin = prove(sqlite_library, secret).actor, a_librarian(sqlite_library), an_admin(sqlite_library)
    with begin_work(sqlite_library, desk) as uow:
        assert terminal.account_id not in [row.account_id for row in find_members(uow, size=100).rows]
        with pytest.raises(Forbidden):
            suspend(uow, terminal.account_id or 0, "because")
        with pytest.raises(Forbidden):
            reactivate(uow, terminal.account_id or 0)
    with begin_work(sqlite_library, admin) as uow, pytest.raises(Forbidden):
        appoint(uow, terminal.account_id or 0, Role.ADMIN)


def test_the_last_look_of_a_terminal_is_noted_once_a_minute(sqlite_library: Installation, clock: SetClock) -> None:
    _, secret = a_machine(sqlite_library)
    login = prove(sqlite_library, secret)
    seen = []
    for step in (30, 31, 10):
        clock.forward(timedelta(seconds=step))
        still_there(sqlite_library, login)
        with begin_reading(sqlite_library, an_admin(sqlite_library)) as uow:
            seen.append((uow.now - (terminals(uow)[0].last_seen_at or uow.now)).total_seconds())
    assert seen == [30, 0, 10]


def test_a_device_remembers_its_terminal_and_a_visit_stands_beside_its_session(
    library: Installation, clock: SetClock
) -> None:
    _, secret = a_machine(library, TerminalKind.KIOSK, "tablet")
    device, other = a_device(library, secret), a_device(library, secret)
    reader, next_reader = a_member(library), a_member(library)
    with begin_work(library, device) as uow:
        begin_visit(uow, reader.account_id or 0)
    with begin_reading(library, device) as uow:
        found = visit_now(uow)
        assert found is not None
        assert found.account_id == reader.account_id
    with begin_reading(library, other) as uow:
        assert visit_now(uow) is None
    with begin_work(library, device) as uow:
        begin_visit(uow, next_reader.account_id or 0)
        found = visit_now(uow)
        assert found is not None
        assert found.name == next_reader.name
        end_visit(uow)
        assert visit_now(uow) is None
    with begin_reading(library, device) as uow:
        assert uow.connection.execute(text("SELECT count(*) FROM kiosk_visit")).scalar_one() == 0


def test_a_visit_ends_by_itself_and_a_late_touch_does_not_bring_it_back(
    sqlite_library: Installation, clock: SetClock
) -> None:
    _, secret = a_machine(sqlite_library, TerminalKind.KIOSK, "tablet")
    device, reader = a_device(sqlite_library, secret), a_member(sqlite_library)
    with begin_work(sqlite_library, device) as uow:
        begin_visit(uow, reader.account_id or 0)
    for _ in range(3):
        clock.forward(timedelta(seconds=50))
        with begin_work(sqlite_library, device) as uow:
            stay(uow)
            assert visit_now(uow)
    clock.forward(timedelta(seconds=71))
    with begin_work(sqlite_library, device) as uow:
        assert visit_now(uow) is None
        stay(uow)
        assert visit_now(uow) is None


def test_a_device_ends_with_its_terminal(sqlite_library: Installation) -> None:
    terminal_id, secret = a_machine(sqlite_library, TerminalKind.KIOSK, "tablet")
    device = a_device(sqlite_library, secret)
    with begin_work(sqlite_library, an_admin(sqlite_library)) as uow:
        revoke_terminal(uow, terminal_id)
        assert findings(uow) == ()
    assert identify(sqlite_library, device.session_id) is None


def test_a_visit_needs_a_device(sqlite_library: Installation) -> None:
    _, secret = a_machine(sqlite_library)
    for actor in (prove(sqlite_library, secret).actor, a_librarian(sqlite_library)):
        with begin_work(sqlite_library, actor) as uow, pytest.raises(Forbidden):
            begin_visit(uow, 1)
