"""Roles are one table; each role holds what it must, and nothing that it must not."""

import pytest

from lib.access.actor import GUEST, SYSTEM, Actor
from lib.access.permissions import GRANTS, PHRASES, Permission, Role

DESK = {
    Permission.CIRCULATE, Permission.OVERRIDE_BLOCKS, Permission.EDIT_CATALOGUE, Permission.IMPORT,
    Permission.READ_MEMBERS, Permission.EDIT_MEMBERS, Permission.APPROVE_MEMBERS, Permission.MANAGE_CLOSURES,
    Permission.TAKE_PAYMENTS, Permission.WAIVE_CHARGES,
}  # fmt: skip
OFFICE = {
    Permission.MANAGE_STAFF, Permission.MANAGE_POLICY, Permission.MANAGE_SETTINGS, Permission.READ_REPORTS,
    Permission.READ_AUDIT, Permission.READ_MAILBOX, Permission.REPAIR_DATA,
}  # fmt: skip
OWN = {Permission.SEARCH, Permission.USE_ACCOUNT, Permission.BORROW}


@pytest.mark.parametrize(
    ("role", "granted"),
    [
        (Role.GUEST, {Permission.SEARCH}),
        (Role.MEMBER, OWN),
        (Role.LIBRARIAN, OWN | DESK),
        (Role.ADMIN, OWN | DESK | OFFICE),
        (Role.TERMINAL, {Permission.SEARCH, Permission.SELF_CHECK}),
        (Role.SYSTEM, {Permission.RUN_JOBS, Permission.SEARCH, Permission.IMPORT}),
    ],
)
def test_each_role_holds_exactly_this(role: Role, granted: set[Permission]) -> None:
    assert GRANTS[role] == granted


def test_every_role_and_permission_is_known() -> None:
    assert set(GRANTS) == set(Role)
    assert set(PHRASES) == set(Permission)
    assert {permission for granted in GRANTS.values() for permission in granted} == set(Permission)


def test_nobody_signed_in_may_search_and_nothing_else() -> None:
    assert {permission for permission in Permission if GUEST.may(permission)} == {Permission.SEARCH}


def test_jobs_hold_no_power_over_people() -> None:
    assert not any(
        SYSTEM.may(permission) for permission in Permission if "member" in permission or "staff" in permission
    )


def test_a_key_narrows_what_its_owner_may_and_never_widens_it() -> None:
    admin = Actor(1, Role.ADMIN, scopes=frozenset({Permission.SEARCH}))
    assert admin.may(Permission.SEARCH)
    assert not admin.may(Permission.BORROW)
    member = Actor(2, Role.MEMBER, scopes=frozenset(Permission))
    assert not member.may(Permission.MANAGE_STAFF)
    assert not Actor(3, Role.ADMIN, scopes=frozenset()).may(Permission.SEARCH)
