"""Readers who serve themselves do not walk past the queue: what stands on the shelf for others is reserved."""

from datetime import date

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.circulation.borrowing import borrow, consider_borrow
from lib.circulation.checkout import IssueReceipt, consider_check_out
from lib.circulation.decision import Decision, ReasonKind
from lib.circulation.errors import CannotLend
from lib.circulation.hold_shelf import pull_list
from lib.desk.self_check import self_check_out
from tests.builders import a_copy, a_librarian, a_member
from tests.circulation.hold_steps import (
    a_lent_title,
    came_back,
    copy_id_of,
    hold,
    resumed,
    set_lending,
    sound,
    suspended,
)
from tests.circulation.steps import issue

TODAY = date(2026, 3, 10)


def _borrow(library: Installation, reader: Actor, title: int) -> IssueReceipt:
    with begin_work(library, reader) as uow:
        return borrow(uow, title_id=title)


def _consider(library: Installation, reader: Actor, title: int) -> Decision:
    with begin_reading(library, reader) as uow:
        return consider_borrow(uow, title_id=title)


def test_who_borrows_by_themselves_does_not_walk_past_those_who_wait(library: Installation) -> None:
    desk, walker, title, barcode, waiting = _a_shelved_copy_somebody_waits_for(library)
    decision = _consider(library, walker, title)
    (reason,) = decision.against
    assert (reason.code, reason.kind, reason.way_out_action) == ("others-wait", ReasonKind.BLOCKED, "hold")
    with pytest.raises(CannotLend):
        _borrow(library, walker, title)
    with pytest.raises(CannotLend), begin_work(library, a_member(library, role=Role.TERMINAL)) as uow:
        self_check_out(uow, barcode=barcode, member_id=walker.account_id or 0)
    assert hold(library, walker, title).position == 2, "the way out works, although a copy stands on the shelf"
    assert issue(library, desk, barcode, waiting).hold_id is not None
    sound(library)


def test_a_copy_more_than_those_who_wait_need_is_borrowed_and_who_waits_first_takes_theirs(
    library: Installation,
) -> None:
    _, walker, title, barcode, waiting = _a_shelved_copy_somebody_waits_for(library)
    assert _borrow(library, waiting, title).barcode == barcode
    sound(library)
    _, walker, title, barcode, waiting = _a_shelved_copy_somebody_waits_for(library, by_name=True)
    other = a_copy(library, title)
    assert _consider(library, walker, title).may
    assert _borrow(library, walker, title).barcode == other
    sound(library)


def test_a_library_may_let_readers_take_what_others_wait_for_and_the_desk_always_may(library: Installation) -> None:
    desk, walker, title, barcode, _ = _a_shelved_copy_somebody_waits_for(library)
    with begin_reading(library, desk) as uow:
        seen = consider_check_out(uow, barcode=barcode, member_id=walker.account_id or 0)
    assert [reason.kind for reason in seen.reasons] == [ReasonKind.NOTE]
    set_lending(library, self_issue_past_holds=True)
    assert _borrow(library, walker, title).barcode == barcode
    sound(library)


def _a_shelved_copy_somebody_waits_for(
    library: Installation, *, by_name: bool = False
) -> tuple[Actor, Actor, int, str, Actor]:
    """A hold was paused while the only copy came back; its pause is over. Somebody else, the title, the copy, and who
    waits; the copy is on the pull list."""
    desk, waiting, walker = a_librarian(library), a_member(library), a_member(library)
    title, (barcode,) = a_lent_title(library)
    number = hold(library, waiting, title, copy_id=copy_id_of(library, barcode) if by_name else None).hold_id
    suspended(library, waiting, number, TODAY)
    assert came_back(library, barcode) is None
    resumed(library, waiting, number)
    with begin_reading(library, desk) as uow:
        assert barcode in [row.barcode for row in pull_list(uow).rows]
    return desk, walker, title, barcode, waiting
