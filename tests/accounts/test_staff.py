"""Roles and standing: who may change whom, the one librarian, and the last admin."""

import threading
from datetime import date

import pytest
from sqlalchemy import text, update

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.accounts.errors import LastAdmin, MoveRefused, NotOnOneself, SecondLibrarian
from lib.accounts.jobs import lift_suspensions
from lib.accounts.models import Account, AccountStatus
from lib.accounts.policy import MOVES, may_move, standing_on
from lib.accounts.recovery import reset_password
from lib.accounts.staff import StaffForm, appoint, create_staff
from lib.accounts.standing import disable, reactivate, suspend
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotFound
from tests.accounts.steps import PASSWORD, column, enter, mails, set_accounts, token_in
from tests.builders import a_librarian, a_member, an_admin

S = AccountStatus


def _id(actor: Actor) -> int:
    return actor.account_id or 0


def _do(library: Installation, actor: Actor, act: object, *args: object) -> None:
    with begin_work(library, actor) as uow:
        act(uow, *args)  # type: ignore[operator]


@pytest.mark.parametrize("was", list(S))
@pytest.mark.parametrize(
    ("act", "wanted"),
    [
        (lambda uow, who: suspend(uow, who, "books in the rain", None), S.SUSPENDED),
        (lambda uow, who: disable(uow, who, "moved away"), S.DISABLED),
        (lambda uow, who: reactivate(uow, who), S.ACTIVE),
    ],
    ids=["suspend", "disable", "reactivate"],
)
def test_every_arrow_and_every_non_arrow(sqlite_library: Installation, was: S, act: object, wanted: S) -> None:
    member = a_member(sqlite_library, status=was, status_reason="x")
    allowed = may_move(was, wanted) and (wanted is not S.ACTIVE or was in (S.SUSPENDED, S.DISABLED))
    if allowed:
        _do(sqlite_library, a_librarian(sqlite_library), act, _id(member))
    else:
        with pytest.raises(MoveRefused):
            _do(sqlite_library, a_librarian(sqlite_library), act, _id(member))
    assert column(sqlite_library, member.account_id, "status") is (wanted if allowed else was)


def test_the_table_of_moves_covers_every_standing() -> None:
    assert set(MOVES) == set(S)
    assert MOVES[S.CLOSED] == frozenset()


def test_a_suspension_has_a_reason_an_end_and_a_mail(library: Installation, clock: SetClock) -> None:
    member, librarian = a_member(library), a_librarian(library)
    today = clock.now().date()
    with pytest.raises(Invalid):
        _do(library, librarian, suspend, _id(member), "", None)
    with pytest.raises(Invalid):
        _do(library, librarian, suspend, _id(member), "books in the rain", today.replace(day=9))
    _do(library, librarian, suspend, _id(member), "books in the rain", today.replace(day=12))
    assert column(library, member.account_id, "suspended_until") == today.replace(day=12)
    assert "books in the rain" in mails(library, "suspended")[-1].body
    assert "12 March 2026" in mails(library, "suspended")[-1].body


@pytest.mark.parametrize(("language", "words"), [("en", "including 3 May 2026"), ("de", "einschließlich 3. Mai 2026")])
def test_a_suspension_names_its_last_day_as_every_mail_does(library: Installation, language: str, words: str) -> None:
    member = a_member(library, language=language)
    _do(library, a_librarian(library), suspend, _id(member), "books in the rain", date(2026, 5, 3))
    assert words in mails(library, "suspended")[-1].body


def test_a_suspension_ends_by_itself(library: Installation, clock: SetClock) -> None:
    member, librarian = a_member(library), a_librarian(library)
    last = clock.now().date().replace(day=12)
    _do(library, librarian, suspend, _id(member), "books in the rain", last)
    assert standing_on(S.SUSPENDED, last, last) is S.SUSPENDED
    assert standing_on(S.SUSPENDED, last, last.replace(day=13)) is S.ACTIVE
    for day, lifted in ((12, 0), (13, 1), (13, 0)):
        clock.at = clock.at.replace(day=day)
        with begin_work(library, SYSTEM) as uow:
            assert lift_suspensions(uow) == lifted
    assert column(library, member.account_id, "status") is S.ACTIVE


@pytest.mark.parametrize("act", [lambda u, i: suspend(u, i, "why not", None), lambda u, i: disable(u, i, "why not")])
def test_a_librarian_has_no_power_over_staff(sqlite_library: Installation, act: object) -> None:
    an_admin(sqlite_library)
    for target in (a_librarian(sqlite_library), an_admin(sqlite_library)):
        with pytest.raises(Forbidden):
            _do(sqlite_library, a_librarian(sqlite_library), act, _id(target))


def test_nobody_disables_the_account_they_use(sqlite_library: Installation) -> None:
    admin = an_admin(sqlite_library)
    an_admin(sqlite_library)
    with pytest.raises(NotOnOneself):
        _do(sqlite_library, admin, disable, _id(admin), "goodbye")


@pytest.mark.parametrize("role", [Role.MEMBER, Role.LIBRARIAN])
def test_only_an_admin_appoints(sqlite_library: Installation, role: Role) -> None:
    target = a_member(sqlite_library)
    with pytest.raises(Forbidden):
        _do(sqlite_library, a_member(sqlite_library, role=role), appoint, _id(target), Role.LIBRARIAN)


def test_an_admin_appoints_and_dismisses(library: Installation) -> None:
    admin, member = an_admin(library), a_member(library)
    for role in (Role.LIBRARIAN, Role.ADMIN, Role.MEMBER, Role.MEMBER):
        _do(library, admin, appoint, _id(member), role)
        assert column(library, member.account_id, "role") == role
    with pytest.raises(NotFound):
        _do(library, admin, appoint, 10**9, Role.LIBRARIAN)
    with pytest.raises(Forbidden):
        _do(library, admin, appoint, _id(member), Role.SYSTEM)


def test_who_is_not_active_is_not_appointed(sqlite_library: Installation) -> None:
    waiting = a_member(sqlite_library, status=S.PENDING)
    with pytest.raises(MoveRefused):
        _do(sqlite_library, an_admin(sqlite_library), appoint, _id(waiting), Role.LIBRARIAN)


def test_the_last_admin_stays(library: Installation) -> None:
    admin = an_admin(library)
    an_admin(library, status=S.DISABLED)
    with pytest.raises(LastAdmin):
        _do(library, admin, appoint, _id(admin), Role.MEMBER)
    second = an_admin(library)
    _do(library, admin, appoint, _id(admin), Role.MEMBER)
    with pytest.raises(LastAdmin):
        _do(library, Actor(_id(admin), Role.ADMIN), disable, _id(second), "in a race")


def test_two_admins_cannot_remove_each_other_at_once(library: Installation) -> None:
    for _ in range(5):
        with begin_work(library, SYSTEM) as uow:
            uow.connection.execute(update(Account).values(role=Role.MEMBER))
        first, second = an_admin(library), an_admin(library)
        _race(library, (first, second), (second, first))
        with begin_reading(library, SYSTEM) as uow:
            left = uow.connection.scalar(text("SELECT count(*) FROM account WHERE role = 'admin'"))
        assert left == 1


def _race(library: Installation, *pairs: tuple[Actor, Actor]) -> None:
    start = threading.Barrier(len(pairs))

    def dismiss(by: Actor, whom: Actor) -> None:
        start.wait()
        try:
            _do(library, by, appoint, _id(whom), Role.MEMBER)
        except LastAdmin:
            return

    threads = [threading.Thread(target=dismiss, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_library_can_have_one_librarian_only(library: Installation) -> None:
    set_accounts(library, single_librarian=True)
    admin, first = an_admin(library), a_librarian(library)
    member = a_member(library)
    with pytest.raises(SecondLibrarian):
        _do(library, admin, appoint, _id(member), Role.LIBRARIAN)
    with pytest.raises(SecondLibrarian):
        _do(library, admin, create_staff, StaffForm(name="Bea", email="bea@example.org"))
    _do(library, admin, disable, _id(first), "retired")
    _do(library, admin, appoint, _id(member), Role.LIBRARIAN)
    with pytest.raises(SecondLibrarian):
        _do(library, admin, reactivate, _id(first))


def test_a_librarian_made_by_an_admin_chooses_a_password_by_mail(library: Installation) -> None:
    with begin_work(library, an_admin(library)) as uow:
        account_id = create_staff(uow, StaffForm(name="Bea", email="bea@example.org", username="bea"))
    reset_password(library, token_in(library, "choose-password"), PASSWORD)
    signed = enter(library, "bea")
    assert (signed.account_id, signed.role) == (account_id, Role.LIBRARIAN)


def test_staff_forms_tell_every_fault(sqlite_library: Installation) -> None:
    form = StaffForm(name="", email="x", username="!", role=Role.MEMBER, language="?")
    with pytest.raises(Invalid) as refused:
        _do(sqlite_library, an_admin(sqlite_library), create_staff, form)
    assert {fault.field for fault in refused.value.faults} == {"name", "email", "username", "role", "language"}


def test_each_change_is_in_the_audit_trail_without_personal_data(sqlite_library: Installation) -> None:
    member, admin = a_member(sqlite_library), an_admin(sqlite_library)
    _do(sqlite_library, admin, suspend, _id(member), "a very personal reason", None)
    _do(sqlite_library, admin, disable, _id(member), "a very personal reason")
    _do(sqlite_library, admin, reactivate, _id(member))
    _do(sqlite_library, admin, appoint, _id(member), Role.LIBRARIAN)
    with begin_reading(sqlite_library, admin) as uow:
        rows = uow.connection.execute(text("SELECT action, facts FROM audit ORDER BY id")).all()
    assert [row[0] for row in rows] == [
        "account.suspend", "account.disable", "account.reactivate", "staff.appoint",
    ]  # fmt: skip
    assert "personal" not in str(rows)
