"""The hold shelf: what lies there, what runs out, what comes off, what is fetched, and who may see it."""

from datetime import date, timedelta

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.circulation.capture import Fulfilled, displace, fulfil, offer_copy, undisplace, unfulfil
from lib.circulation.hold_jobs import expire_holds
from lib.circulation.hold_queries import holds_of, past_holds_of, queue_lengths, queue_of
from lib.circulation.hold_queue import find_hold, snapshot
from lib.circulation.hold_shelf import PullRow, TakeOffRow, hold_shelf, pull_list, to_take_off
from lib.circulation.models import ClosureKind
from lib.closures.opening_days import add_closure
from lib.kit.errors import Forbidden
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.hold_steps import (
    a_lent_title,
    came_back,
    cancelled,
    copy_id_of,
    forward,
    hold,
    queue,
    set_lending,
    sound,
    states,
    suspended,
)
from tests.circulation.steps import hand_in, rows


def _pulled(library: Installation, location: str | None = None) -> tuple[PullRow, ...]:
    with begin_reading(library, a_librarian(library)) as uow:
        return pull_list(uow, location=location).rows


def _left(library: Installation) -> tuple[TakeOffRow, ...]:
    with begin_reading(library, a_librarian(library)) as uow:
        return to_take_off(uow).rows


def _night(library: Installation, limit: int = 100) -> int:
    with begin_work(library, SYSTEM) as uow:
        return expire_holds(uow, limit=limit)


def _fulfilled(library: Installation, hold_id: int, barcode: str) -> Fulfilled | None:
    """The copy is issued to the holder, as far as holds see it."""
    copy_id = copy_id_of(library, barcode)
    with begin_work(library, a_librarian(library)) as uow:
        return fulfil(uow, hold_id=hold_id, copy_id=copy_id)


def test_the_shelf_day_counts_open_days_from_the_day_it_became_ready(library: Installation) -> None:
    with begin_work(library, a_librarian(library)) as uow:
        add_closure(uow, kind=ClosureKind.WEEKLY, weekday=6)
        add_closure(uow, kind=ClosureKind.DAY, first=date(2026, 3, 12))
    title, (barcode,) = a_lent_title(library)
    hold(library, a_member(library), title)
    offer = came_back(library, barcode)  # Tuesday, 10 March; seven open days later, without Thursday and Sunday
    assert offer is not None
    assert offer.shelf_until == date(2026, 3, 19)


def test_what_is_not_collected_goes_to_the_next_the_night_after_its_day(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library, "Dune")
    first, second = a_member(library), a_member(library)
    for reader in (first, second):
        hold(library, reader, title)
    came_back(library, barcode)
    forward(library, days=7)
    assert _night(library) == 0  # its day is not over
    forward(library, days=1)
    assert _night(library) == 1
    assert _night(library) == 0
    assert states(library) == ["expired", "ready"]
    told = rows(library, "SELECT account_id, kind FROM notice ORDER BY account_id")
    assert told == [(first.account_id, "hold-expired"), (second.account_id, "hold-ready")]
    assert rows(library, "SELECT shelf_until FROM hold WHERE state = 'ready'")[0][0] in (
        "2026-03-25", date(2026, 3, 25),
    )  # fmt: skip
    sound(library)


def test_expiry_comes_in_batches_and_is_for_jobs(library: Installation) -> None:
    for _ in range(3):
        title, (barcode,) = a_lent_title(library)
        hold(library, a_member(library), title)
        came_back(library, barcode)
    forward(library, days=9)
    assert [_night(library, limit=2) for _ in range(3)] == [2, 1, 0]
    assert rows(library, "SELECT DISTINCT status FROM copy") == [("available",)]
    with pytest.raises(Forbidden), begin_work(library, a_librarian(library)) as uow:
        expire_holds(uow)
    sound(library)


def test_what_nobody_waits_for_any_more_is_listed_until_the_desk_has_scanned_it(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library, "Dune")
    hold(library, a_member(library), title)
    came_back(library, barcode)
    assert _left(library) == ()
    forward(library, days=9)
    _night(library)
    (left,) = _left(library)
    assert (left.title, left.barcode, left.location, left.state) == ("Dune", barcode, "Main library", "expired")
    forward(library, minutes=1)
    hand_in(library, a_librarian(library), barcode)
    assert _left(library) == ()


def test_what_goes_to_the_next_does_not_come_off_the_shelf(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    one, _ = (hold(library, a_member(library), title).hold_id for _ in range(2))
    came_back(library, barcode)
    forward(library, minutes=1)
    cancelled(library, a_librarian(library), one, reason="Moved away")
    assert _left(library) == ()


def test_the_shelf_lists_what_lies_there_by_the_readers_names(library: Installation) -> None:
    for name in ("Zoe", "Ada"):
        title, (barcode,) = a_lent_title(library)
        hold(library, a_member(library, name=name, sort_name=name.lower()), title)
        came_back(library, barcode)
    with begin_reading(library, a_librarian(library)) as uow:
        page = hold_shelf(uow)
    assert ([row.name for row in page.rows], page.total) == (["Ada", "Zoe"], 2)
    assert not page.rows[0].overdue
    forward(library, days=8)
    with begin_reading(library, a_librarian(library)) as uow:
        assert all(row.overdue for row in hold_shelf(uow).rows)


def test_the_pull_list_names_each_copy_and_each_hold_once_in_the_order_of_a_walk(library: Installation) -> None:
    set_lending(library, hold_on_shelf=True)
    dune, emma = a_title(library, "Dune", call_number="B"), a_title(library, "Emma", call_number="A")
    a_copy(library, dune, shelf="2")
    last = a_copy(library, dune, shelf="9")
    a_copy(library, emma, shelf="2")
    own = hold(library, a_member(library), dune, copy_id=copy_id_of(library, last))
    hold(library, a_member(library), dune)
    hold(library, a_member(library), dune)  # two copies only
    hold(library, a_member(library), emma)
    pulled = _pulled(library)
    assert [(row.title, row.shelf) for row in pulled] == [("Emma", "2"), ("Dune", "2"), ("Dune", "9")]
    assert pulled[2].hold_id == own.hold_id
    assert _pulled(library, "ELSEWHERE") == ()
    assert len(_pulled(library, "MAIN")) == 3


def test_a_title_hold_leaves_the_copy_that_somebody_behind_depends_on(library: Installation) -> None:
    set_lending(library, hold_on_shelf=True)
    title = a_title(library)
    only = a_copy(library, title)
    a_copy(library, title)
    hold(library, a_member(library), title)
    hold(library, a_member(library), title, copy_id=copy_id_of(library, only))
    assert len(_pulled(library)) == 2


def test_who_wakes_from_a_suspension_is_on_the_pull_list_without_any_job(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    reader = a_member(library)
    number = hold(library, reader, title).hold_id
    suspended(library, reader, number, library.clock.now().date() + timedelta(days=1))
    assert came_back(library, barcode) is None
    assert _pulled(library) == ()
    forward(library, days=1)
    assert _pulled(library) == ()
    forward(library, days=1)
    assert [row.hold_id for row in _pulled(library)] == [number]


def test_new_copies_of_a_title_that_is_waited_for_are_on_the_pull_list(library: Installation) -> None:
    title, _ = a_lent_title(library)
    hold(library, a_member(library), title)
    assert _pulled(library) == ()
    new = a_copy(library, title)
    assert [row.barcode for row in _pulled(library)] == [new]


def test_the_holder_who_takes_another_copy_frees_the_one_on_the_shelf_for_the_next(library: Installation) -> None:
    title, (first, second) = a_lent_title(library, copies=2)
    reader, behind = a_member(library), a_member(library)
    one, two = (hold(library, who, title).hold_id for who in (reader, behind))
    came_back(library, first)
    done = _fulfilled(library, one, second)
    assert done is not None
    assert done.offer is not None
    assert (done.freed_copy_id, done.offer.hold_id) == (copy_id_of(library, first), two)
    assert states(library) == ["collected", "ready"]
    assert _fulfilled(library, one, second) is None
    sound(library)


def test_a_waiting_hold_is_collected_with_any_copy_and_undone_to_its_place(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    readers = [a_member(library) for _ in range(3)]
    ids = [hold(library, reader, title).hold_id for reader in readers]
    done = _fulfilled(library, ids[1], barcode)
    assert done is not None
    assert queue(library, title) == [(readers[0].account_id, 1), (readers[2].account_id, 2)]
    with begin_work(library, a_librarian(library)) as uow:
        unfulfil(uow, done.was)
    assert queue(library, title) == [(reader.account_id, n) for n, reader in enumerate(readers, 1)]
    sound(library)


def test_a_ready_hold_that_was_collected_is_ready_again_when_the_issue_is_undone(library: Installation) -> None:
    title, (first, second) = a_lent_title(library, copies=2)
    one = hold(library, a_member(library), title).hold_id
    came_back(library, first)
    done = _fulfilled(library, one, first)
    assert done is not None
    with begin_work(library, a_librarian(library)) as uow:
        unfulfil(uow, done.was)
    assert states(library) == ["ready"]
    elsewhere = _fulfilled(library, one, second)
    assert elsewhere is not None
    hold(library, a_member(library), title, copy_id=copy_id_of(library, second))
    with begin_work(library, a_librarian(library)) as uow:
        unfulfil(uow, elsewhere.was)
    assert states(library) == ["ready", "waiting"]
    sound(library)


def test_who_is_passed_over_by_an_override_waits_first_again_and_is_told_if_they_were(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    first, second = a_member(library), a_member(library)
    number = hold(library, first, title).hold_id
    hold(library, second, title)
    came_back(library, barcode)
    with library.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE notice SET status = 'sent', sent_at = created_at")
    with begin_work(library, a_librarian(library)) as uow:
        found = find_hold(uow, number)
        assert found is not None
        was = snapshot(found)
        assert displace(uow, copy_id=copy_id_of(library, barcode)) == number
    assert queue(library, title) == [(first.account_id, 1), (second.account_id, 2)]
    assert rows(library, "SELECT kind, status FROM notice ORDER BY id") == [
        ("hold-ready", "sent"), ("hold-delayed", "queued"),
    ]  # fmt: skip
    with begin_work(library, a_librarian(library)) as uow:
        assert undisplace(uow, was) is None
    assert states(library) == ["ready", "waiting"]
    assert rows(library, "SELECT kind FROM notice") == [("hold-ready",)]
    sound(library)


def test_own_holds_say_where_they_stand_and_nothing_of_others(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library, "Dune")
    ahead, reader = a_member(library, name="Ada"), a_member(library)
    hold(library, ahead, title)
    number = hold(library, reader, title).hold_id
    with begin_reading(library, reader) as uow:
        (mine,) = holds_of(uow, reader.account_id or 0)
        assert queue_lengths(uow, [title, 999]) == {title: 2, 999: 0}
        for read in (lambda: holds_of(uow, ahead.account_id or 0), lambda: queue_of(uow, title)):
            with pytest.raises(Forbidden):
                read()
    assert (mine.position, mine.queue_length, mine.copy_barcode, mine.title) == (2, 2, "", "Dune")
    assert mine.wait is not None
    assert "Ada" not in repr(mine)
    came_back(library, barcode)
    with begin_reading(library, a_librarian(library)) as uow:
        first, second = queue_of(uow, title).rows
        (ready,) = holds_of(uow, ahead.account_id or 0)
    assert (first.name, first.position, first.copy_barcode) == ("Ada", None, barcode)
    assert (second.hold_id, second.position) == (number, 1)
    assert (ready.state, ready.wait, ready.copy_barcode) == ("ready", None, barcode)
    cancelled(library, reader, number)
    with begin_reading(library, reader) as uow:
        assert holds_of(uow, reader.account_id or 0) == ()
        assert [row.state for row in past_holds_of(uow, reader.account_id or 0).rows] == ["cancelled"]


@pytest.mark.parametrize("read", [hold_shelf, to_take_off, pull_list])
def test_the_lists_of_the_shelf_are_for_the_desk(sqlite_library: Installation, read: object) -> None:
    with pytest.raises(Forbidden), begin_reading(sqlite_library, a_member(sqlite_library)) as uow:
        read(uow)  # type: ignore[operator]


def test_a_copy_that_is_not_in_hand_is_offered_to_nobody(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    hold(library, a_member(library), title)
    copy = a_copy(library, title, status="in_repair")
    a_loan(library, a_member(library), a_copy(library, title))
    for code in (barcode, copy):
        with begin_work(library, a_librarian(library)) as uow:
            assert offer_copy(uow, copy_id=copy_id_of(library, code), title_id=title) is None
    assert states(library) == ["waiting"]


def test_the_holds_of_an_account_that_was_disabled_end_by_night_and_their_copy_goes_on(library: Installation) -> None:
    gone, waiting, last = (a_member(library) for _ in range(3))
    title, (barcode,) = a_lent_title(library)
    other, _ = a_lent_title(library)
    for reader in (gone, waiting):
        hold(library, reader, title)
    hold(library, gone, other)
    hold(library, last, other)
    came_back(library, barcode)
    with library.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE account SET status = 'disabled' WHERE id = {gone.account_id}")
    assert _night(library) == 2
    assert states(library) == ["cancelled", "ready", "cancelled", "waiting"]
    assert queue(library, other) == [(last.account_id, 1)]
    assert _night(library) == 0
    sound(library)
