"""Renewing a membership."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.accounts.models import Account
from lib.accounts.policy import membership_end
from lib.accounts.renewal import renew_membership
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, NotFound
from tests.builders import a_librarian, a_member, an_admin


def ends_on(library: Installation, member: Actor) -> date | None:
    with library.engine.connect() as connection:
        return connection.scalar(select(Account.membership_ends_on).where(Account.id == member.account_id))


def renewed(library: Installation, by: Actor, member: Actor, key: str | None = None) -> date | None:
    with begin_work(library, by) as uow:
        return renew_membership(uow, member.account_id or 0, key=key)


def test_one_that_has_ended_begins_anew_today_and_one_that_runs_goes_on(library: Installation, clock: SetClock) -> None:
    desk, today = a_librarian(library), clock.now().date()
    over = a_member(library, membership_ends_on=today - timedelta(days=40))
    runs = a_member(library, membership_ends_on=today + timedelta(days=10))
    assert renewed(library, desk, over) == ends_on(library, over) == membership_end(today, 12)
    assert renewed(library, desk, runs) == ends_on(library, runs) == membership_end(today + timedelta(days=10), 12)


def test_one_without_an_end_stays_without(library: Installation) -> None:
    member = a_member(library, membership_ends_on=None)
    assert renewed(library, a_librarian(library), member) is None
    assert ends_on(library, member) is None


def test_a_double_click_renews_once(library: Installation, clock: SetClock) -> None:
    desk, member = a_librarian(library), a_member(library, membership_ends_on=clock.now().date())
    first = renewed(library, desk, member, "k")
    assert renewed(library, desk, member, "k") == first == ends_on(library, member)


def test_it_is_for_staff_and_staff_are_an_admins_business(library: Installation) -> None:
    desk = a_librarian(library)
    for by, whom in ((a_member(library), a_member(library)), (desk, an_admin(library))):
        with pytest.raises(Forbidden):
            renewed(library, by, whom)
    with pytest.raises(NotFound):
        renewed(library, desk, Actor(999_999, desk.role))
