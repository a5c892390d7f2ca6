"""What is not one's own is not taken back as one's own, and nothing that is written down of it names a loan."""

from datetime import timedelta

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.circulation.acts import CANCEL_HOLD, HOLD, ISSUE, RENEW
from lib.circulation.borrowing import borrow
from lib.desk.own_acts import own_acts, undo_own
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, NotFound
from tests.builders import a_copy, a_librarian, a_member, a_title
from tests.circulation.hold_steps import a_lent_title, cancelled, hold, sound
from tests.circulation.steps import issue, renewed, rows


def _last_act(library: Installation, kind: str) -> int:
    return int(rows(library, f"SELECT max(id) FROM desk_act WHERE kind = '{kind}'")[0][0])


def _not_theirs(library: Installation, who: Actor, kind: str) -> None:
    before = rows(library, "SELECT id, state, position FROM hold ORDER BY id")
    with begin_work(library, who) as uow:
        assert own_acts(uow) == ()
        with pytest.raises(NotFound):
            undo_own(uow, _last_act(library, kind))
    assert rows(library, "SELECT id, state, position FROM hold ORDER BY id") == before
    sound(library)


def test_a_renewal_and_a_reservation_are_no_acts_to_take_back_so(library: Installation, clock: SetClock) -> None:
    reader = a_member(library)
    lent = issue(library, a_librarian(library), a_copy(library), reader)
    clock.forward(timedelta(days=20))
    renewed(library, reader, lent.loan_id)
    _not_theirs(library, reader, RENEW)
    hold(library, reader, a_lent_title(library)[0])
    _not_theirs(library, reader, HOLD)


def test_what_staff_cancelled_for_somebody_is_not_their_own(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    number = hold(library, reader, a_lent_title(library)[0]).hold_id
    cancelled(library, desk, number, reason="Asked by phone")
    _not_theirs(library, desk, CANCEL_HOLD)
    _not_theirs(library, reader, CANCEL_HOLD)


def test_what_staff_lent_themselves_at_the_desk_is_an_act_of_the_desk(library: Installation) -> None:
    desk = a_librarian(library)
    issue(library, desk, a_copy(library), desk)
    _not_theirs(library, desk, ISSUE)


def test_only_who_may_borrow_takes_back_so(library: Installation) -> None:
    title = a_title(library)
    a_copy(library, title)
    with begin_work(library, a_member(library)) as uow:
        borrow(uow, title_id=title)
    with begin_work(library, a_member(library, role=Role.TERMINAL)) as uow, pytest.raises(Forbidden):
        undo_own(uow, _last_act(library, ISSUE))


def test_the_audit_trail_does_not_say_which_loan_was_taken_back(library: Installation) -> None:
    reader, title = a_member(library), a_title(library)
    a_copy(library, title)
    with begin_work(library, reader) as uow:
        undo_own(uow, borrow(uow, title_id=title).act_id)
    told = rows(library, "SELECT subject_kind, subject_id FROM audit WHERE action = 'loan.self-undo'")
    assert told == [("account", reader.account_id)]
