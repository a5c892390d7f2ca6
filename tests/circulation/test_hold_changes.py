"""What is changed of a hold while it lives: its last day on the hold shelf, and which copy would do."""

from datetime import date, timedelta

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.circulation.errors import CannotHold, HoldIsReady, HoldNotReady
from lib.circulation.hold_changes import choose_copy, extend_shelf_day
from lib.circulation.hold_jobs import expire_holds
from lib.circulation.models import ClosureKind
from lib.closures.opening_days import add_closure
from lib.kit.errors import Forbidden, Invalid, NotFound
from tests.builders import a_copy, a_librarian, a_member, an_admin
from tests.circulation.hold_steps import (
    SYSTEM,
    a_lent_title,
    came_back,
    cancelled,
    copy_id_of,
    forward,
    hold,
    queue,
    sound,
    states,
)
from tests.circulation.steps import hand_in, rows

TODAY = date(2026, 3, 10)  # a Tuesday
WHY = "In hospital until Thursday"


def _ready(library: Installation) -> tuple[int, Actor]:
    title, (barcode,) = a_lent_title(library)
    number = hold(library, a_member(library), title).hold_id
    came_back(library, barcode)
    return number, a_librarian(library)


def _extended(library: Installation, desk: Actor, hold_id: int, until: date, why: str = WHY) -> date:
    with begin_work(library, desk) as uow:
        return extend_shelf_day(uow, hold_id, until, why)


def _chosen(library: Installation, who: Actor, hold_id: int, copy_id: int | None) -> None:
    with begin_work(library, who) as uow:
        choose_copy(uow, hold_id, copy_id)


def test_a_copy_lies_there_up_to_the_new_day_and_the_reader_is_told(library: Installation) -> None:
    number, desk = _ready(library)
    first = rows(library, "SELECT count(*) FROM notice WHERE kind = 'hold-ready'")
    until = TODAY + timedelta(days=13)
    assert _extended(library, desk, number, until) == TODAY + timedelta(days=7)
    assert str(rows(library, "SELECT shelf_until FROM hold")[0][0]) == until.isoformat()
    assert rows(library, "SELECT count(*) FROM notice WHERE kind = 'hold-ready'") == first == [(1,)]
    assert "23 March" in str(rows(library, "SELECT body FROM notice WHERE kind = 'hold-ready'"))
    ((facts,),) = rows(library, "SELECT facts FROM audit WHERE action = 'hold.extend'")
    assert WHY in str(facts)
    forward(library, days=13)
    with begin_work(library, SYSTEM) as uow:
        assert expire_holds(uow) == 0
    forward(library, days=1)
    with begin_work(library, SYSTEM) as uow:
        assert expire_holds(uow) == 1
    sound(library)


def test_the_day_may_be_changed_back(library: Installation) -> None:
    number, desk = _ready(library)
    before = _extended(library, desk, number, TODAY + timedelta(days=10))
    assert _extended(library, desk, number, before) == TODAY + timedelta(days=10)
    sound(library)


@pytest.mark.parametrize(("days", "why"), [(-1, WHY), (16, WHY), (5, WHY), (3, "")])
def test_no_day_that_is_over_too_late_or_closed_and_none_without_a_reason(
    library: Installation, days: int, why: str
) -> None:
    number, desk = _ready(library)
    with begin_work(library, an_admin(library)) as uow:
        add_closure(uow, kind=ClosureKind.DAY, first=TODAY + timedelta(days=5), last=TODAY + timedelta(days=5))
    with pytest.raises(Invalid):
        _extended(library, desk, number, TODAY + timedelta(days=days), why)


def test_the_latest_day_is_said_as_people_write_it(library: Installation) -> None:
    number, desk = _ready(library)
    with pytest.raises(Invalid, match=r"Choose a day from today up to \d+ March 2026\."):
        _extended(library, desk, number, TODAY + timedelta(days=90))


def test_only_what_lies_there_lies_there_longer_and_the_desk_alone_says_so(library: Installation) -> None:
    title, _ = a_lent_title(library)
    reader = a_member(library)
    number = hold(library, reader, title).hold_id
    with pytest.raises(HoldNotReady):
        _extended(library, a_librarian(library), number, TODAY + timedelta(days=3))
    with pytest.raises(Forbidden):
        _extended(library, reader, number, TODAY + timedelta(days=3))


def test_a_hold_on_one_copy_becomes_one_on_any_copy_and_the_other_way_round(library: Installation) -> None:
    title, (first, second) = a_lent_title(library, copies=2)
    ahead, reader, desk = a_member(library), a_member(library), a_librarian(library)
    hold(library, ahead, title)
    number = hold(library, reader, title, copy_id=copy_id_of(library, first)).hold_id
    _chosen(library, reader, number, None)
    assert rows(library, f"SELECT copy_id, position FROM hold WHERE id = {number}") == [(None, 2)]
    _chosen(library, desk, number, copy_id_of(library, second))
    assert [who for who, _ in queue(library, title)] == [ahead.account_id, reader.account_id]
    assert hand_in(library, desk, first).copy_status == "on_hold_shelf"
    assert hand_in(library, desk, second).hold
    assert states(library) == ["ready", "ready"]
    assert rows(library, "SELECT action FROM audit WHERE action LIKE '%choose-copy' ORDER BY id") == [
        ("hold.self-choose-copy",), ("hold.choose-copy",),
    ]  # fmt: skip
    with pytest.raises(HoldIsReady):
        _chosen(library, reader, number, None)
    sound(library)


def test_nobody_waits_for_a_copy_that_does_not_come_back_or_is_of_another_title(library: Installation) -> None:
    title, _ = a_lent_title(library)
    reader = a_member(library)
    number = hold(library, reader, title).hold_id
    gone = copy_id_of(library, a_copy(library, title, status="lost"))
    with pytest.raises(CannotHold):
        _chosen(library, reader, number, gone)
    for who, copy in ((reader, copy_id_of(library, a_copy(library))), (a_member(library), None)):
        with pytest.raises(NotFound):
            _chosen(library, who, number, copy)
    cancelled(library, reader, number)
    sound(library)
