"""Races for places and copies: whatever comes at once, places are 1..n and a copy lies ready for one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.catalogue.models import Condition
from lib.circulation.checkout import check_out
from lib.circulation.errors import CannotHold, UndoOvertaken
from lib.circulation.hold_jobs import expire_holds
from lib.circulation.hold_queue import lock_queue
from lib.circulation.holds import HoldReceipt, cancel_all_holds
from lib.circulation.returns import Inspection
from lib.circulation.withdrawal import withdraw_copy
from lib.kit.errors import Busy, Refusal
from tests.builders import a_copy, a_librarian, a_member, a_title
from tests.circulation.hold_steps import (
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
from tests.circulation.steps import hand_in, issue, rows, set_rule, undone
from tests.circulation.test_races import together

THREADS = 50
DAMAGED = Inspection(Condition.DAMAGED, "Torn")


def _patiently(library: Installation, reader: Actor, title: int) -> HoldReceipt:
    """As people do who are told that the library is very busy: they try again."""
    while True:
        try:
            return hold(library, reader, title)
        except Busy:
            continue


def _race_for_places(library: Installation, count: int) -> None:
    title, _ = a_lent_title(library)
    readers = [a_member(library) for _ in range(count)]
    receipts = together([lambda reader=reader: _patiently(library, reader, title) for reader in readers])
    assert sorted(receipt.position for receipt in receipts) == list(range(1, count + 1))
    assert [place for _, place in queue(library, title)] == list(range(1, count + 1))
    sound(library)


def test_members_who_race_for_the_first_place_stand_one_behind_the_other(library: Installation) -> None:
    _race_for_places(library, THREADS)


@pytest.mark.slow
def test_two_hundred_members_race_for_the_first_place(library: Installation) -> None:
    _race_for_places(library, 200)


def test_two_returns_at_once_give_one_waiting_reader_one_copy(library: Installation) -> None:
    desk = a_librarian(library)
    for _ in range(5):
        title, copies = a_lent_title(library, copies=2)
        reader = a_member(library)
        hold(library, reader, title)
        together([lambda barcode=barcode: hand_in(library, desk, barcode) for barcode in copies])
        assert rows(library, f"SELECT state FROM hold WHERE title_id = {title}") == [("ready",)]
        there = rows(library, f"SELECT status FROM copy WHERE title_id = {title} ORDER BY status")
        assert there == [("available",), ("on_hold_shelf",)]
    sound(library)


def test_a_copy_that_comes_back_while_somebody_begins_to_wait_is_not_missed(library: Installation) -> None:
    """Either the reader is told that it is on the shelf, or it lies ready for them: never both waiting."""
    desk = a_librarian(library)
    for _ in range(10):
        title, (barcode,) = a_lent_title(library)
        reader = a_member(library)
        acts: list[Callable[[], Any]] = [
            lambda title=title, reader=reader: hold(library, reader, title),
            lambda barcode=barcode: hand_in(library, desk, barcode),
        ]
        placed, _ = together(acts)
        status = rows(library, f"SELECT status FROM copy WHERE title_id = {title}")[0][0]
        if isinstance(placed, HoldReceipt):
            assert status == "on_hold_shelf"
        else:
            assert isinstance(placed, CannotHold)
            assert status == "available"
    sound(library)


def test_one_member_places_one_hold_and_keeps_the_limit_however_often_they_press(library: Installation) -> None:
    set_rule(library, max_holds=3)
    reader = a_member(library)
    titles = [a_lent_title(library)[0] for _ in range(6)]
    together([lambda title=title: hold(library, reader, title) for title in titles * 3])
    assert rows(library, "SELECT count(*), count(DISTINCT title_id) FROM hold") == [(3, 3)]
    sound(library)


def test_the_last_copy_is_not_withdrawn_while_somebody_begins_to_wait(library: Installation) -> None:
    def withdraw(desk: Actor, copy_id: int) -> None:
        with begin_work(library, desk) as uow:
            withdraw_copy(uow, copy_id, "Mould")

    desk = a_librarian(library)
    for _ in range(8):
        title = a_title(library)
        barcode = a_copy(library, title, status="in_repair")
        reader, copy_id = a_member(library), copy_id_of(library, barcode)
        placed, gone = together([
            lambda reader=reader, title=title: hold(library, reader, title),
            lambda copy_id=copy_id: withdraw(desk, copy_id),
        ])  # fmt: skip
        assert isinstance(placed, Refusal) != isinstance(gone, Refusal)


def test_cancelling_expiring_returning_and_issuing_at_once_breaks_nothing(library: Installation) -> None:
    desk = a_librarian(library)
    set_rule(library, max_holds=50, max_loans=50)
    title, copies = a_lent_title(library, copies=3)
    readers = [a_member(library) for _ in range(6)]

    def night() -> None:
        with begin_work(library, SYSTEM) as uow:
            expire_holds(uow)

    for round_number, walk_in in enumerate(readers[:4]):
        ids = [result.hold_id for result in together([lambda r=r: hold(library, r, title) for r in readers])
               if isinstance(result, HoldReceipt)]  # fmt: skip
        came_back(library, copies[round_number % 3])
        forward(library, days=8)
        acts: list[Callable[[], Any]] = [night, night]
        acts += [lambda code=code: hand_in(library, desk, code) for code in copies]
        acts += [lambda code=code, who=walk_in: issue(library, desk, code, who) for code in copies]
        acts += [lambda number=number: cancelled(library, desk, number, reason="In the way") for number in ids]
        together(acts)
        places = [place for _, place in queue(library, title)]
        assert places == list(range(1, len(places) + 1))
        for code in copies:
            hand_in(library, desk, code)
    assert set(states(library)) <= {"waiting", "ready", "collected", "cancelled", "expired"}
    sound(library)


def test_a_cancellation_is_not_undone_behind_an_issue_that_was_faster(postgres_library: Installation) -> None:
    """The undo has looked and waits for the copy's row, which another desk is just lending."""
    library = postgres_library
    title, (barcode,) = a_lent_title(library)
    desk, reader, walk_in = a_librarian(library), a_member(library), a_member(library)
    receipt = hold(library, reader, title)
    came_back(library, barcode)
    act = cancelled(library, reader, receipt.hold_id).act_id
    with ThreadPoolExecutor(1) as pool:
        with begin_work(library, desk) as uow:
            check_out(uow, barcode=barcode, member_id=walk_in.account_id or 0)
            taking_back = pool.submit(undone, library, desk, act)
            while not taking_back.done() and not _somebody_waits(library):
                pass
        with pytest.raises(UndoOvertaken, match="elsewhere"):
            taking_back.result(30)
    assert states(library) == ["cancelled"]
    sound(library)


def _somebody_waits(library: Installation, count: int = 1) -> bool:
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return int(rows(library, asked)[0][0]) >= count


def _behind_the_title(library: Installation, title: int, acts: list[Callable[[], Any]]) -> list[Any]:
    """What comes of acts that all begin while somebody holds the title's row, which each of them needs at last."""
    with ThreadPoolExecutor(len(acts)) as pool:
        with begin_work(library, SYSTEM) as uow:
            lock_queue(uow, title)
            running = [pool.submit(act) for act in acts]
            while not _somebody_waits(library, len(acts)):
                pass
        return [future.result(30) for future in running]


def _two_who_swap(library: Installation) -> tuple[int, list[str], list[Actor]]:
    """A title, and two readers for each of whom a copy lies on the hold shelf; the copies in the order of their ids."""
    title, copies = a_lent_title(library, copies=2)
    readers = [a_member(library), a_member(library)]
    for reader, barcode in zip(readers, copies, strict=True):
        hold(library, reader, title)
        came_back(library, barcode)
    return title, copies, readers


def test_two_desks_that_give_each_reader_the_others_copy_do_not_lock_one_another_out(
    postgres_library: Installation,
) -> None:
    library = postgres_library
    title, (first, second), (one, two) = _two_who_swap(library)
    desk = a_librarian(library)
    why = "The better print is needed"
    done = _behind_the_title(library, title, [
        lambda: issue(library, desk, second, one, override=why),
        lambda: issue(library, desk, first, two, override=why),
    ])  # fmt: skip
    assert [receipt.barcode for receipt in done] == [second, first]
    assert states(library) == ["collected", "collected"]
    sound(library)


def test_two_issues_that_are_undone_at_once_take_their_copies_in_one_order(postgres_library: Installation) -> None:
    library = postgres_library
    title, (first, second), (one, two) = _two_who_swap(library)
    desk, why = a_librarian(library), "The better print is needed"
    acts = [issue(library, desk, second, one, override=why).act_id, issue(library, desk, first, two).act_id]
    done = _behind_the_title(library, title, [lambda act=act: undone(library, desk, act) for act in acts])
    assert all("is no longer issued" in sentence for sentence in done)
    assert states(library) == ["ready", "ready"]
    assert rows(library, "SELECT DISTINCT status FROM copy") == [("on_hold_shelf",)]
    sound(library)


def test_ending_all_holds_of_a_title_takes_its_copies_first(postgres_library: Installation) -> None:
    library = postgres_library
    title, (_, second), _ = _two_who_swap(library)
    desk = a_librarian(library)

    def end_all() -> int:
        with begin_work(library, desk) as uow:
            return cancel_all_holds(uow, title_id=title, reason="Mould in the stacks")

    done = _behind_the_title(library, title, [end_all, lambda: hand_in(library, desk, second, DAMAGED)])
    assert done[0] == 2
    sound(library)
