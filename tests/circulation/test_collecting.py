"""Issue and hold: a loan collects the member's own hold, and an override sends somebody else's back to the front."""

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.circulation.borrowing import borrow
from lib.circulation.errors import CannotLend
from lib.circulation.holds import place_hold
from lib.ops.integrity import findings
from tests.builders import a_copy, a_librarian, a_member, a_title, an_admin
from tests.circulation.steps import hand_in, issue, rows

HOLDS = "SELECT account_id, state, position FROM hold ORDER BY id"


def _place(library: Installation, desk: Actor, reader: Actor, title: int) -> None:
    with begin_work(library, desk) as uow:
        place_hold(uow, title_id=title, member_id=reader.account_id)


def _whole(library: Installation) -> None:
    with begin_reading(library, an_admin(library)) as uow:
        assert [found for found in findings(uow) if found.name != "every-title-is-indexed"] == []


def test_a_ready_hold_is_collected_with_its_copy(library: Installation) -> None:
    desk, first, second, title = a_librarian(library), a_member(library), a_member(library), a_title(library)
    barcode = a_copy(library, title)
    issue(library, desk, barcode, second)
    _place(library, desk, first, title)
    hand_in(library, desk, barcode)
    receipt = issue(library, desk, barcode, first)
    assert receipt.hold_id is not None
    assert rows(library, HOLDS) == [(first.account_id, "collected", None)]
    assert rows(library, "SELECT status FROM copy") == [("on_loan",)]
    _whole(library)


def test_a_hold_that_still_waited_is_collected_too_and_the_queue_moves_up(library: Installation) -> None:
    desk, first, second, title = a_librarian(library), a_member(library), a_member(library), a_title(library)
    out, spare = a_copy(library, title), a_copy(library, title, status="on_order")
    issue(library, desk, out, a_member(library))
    for reader in (first, second):
        _place(library, desk, reader, title)
    with library.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE copy SET status = 'available' WHERE barcode = '{spare}'")
    issue(library, desk, spare, first)
    assert rows(library, HOLDS) == [(first.account_id, "collected", None), (second.account_id, "waiting", 1)]


def test_another_copy_that_lay_there_for_them_goes_to_the_next(library: Installation) -> None:
    desk, first, second, title = a_librarian(library), a_member(library), a_member(library), a_title(library)
    lying, other = a_copy(library, title), a_copy(library, title)
    for barcode in (lying, other):
        issue(library, desk, barcode, a_member(library))
    for reader in (first, second):
        _place(library, desk, reader, title)
    hand_in(library, desk, lying)
    hand_in(library, desk, other)
    with library.engine.begin() as connection:  # as if the second reader's copy had stayed on its shelf
        connection.exec_driver_sql(
            "UPDATE hold SET state = 'waiting', position = 1, shelf_copy_id = NULL, ready_at = NULL, shelf_until = NULL"
            f" WHERE account_id = {second.account_id}"
        )
        connection.exec_driver_sql(f"UPDATE copy SET status = 'available' WHERE barcode = '{other}'")
    receipt = issue(library, desk, other, first)
    assert lying in receipt.note
    assert "next reader" in receipt.note
    assert rows(library, HOLDS) == [(first.account_id, "collected", None), (second.account_id, "ready", None)]
    _whole(library)


def test_an_override_lends_what_lies_there_for_another_who_is_first_again(library: Installation) -> None:
    desk, first, second, title = a_librarian(library), a_member(library), a_member(library), a_title(library)
    barcode = a_copy(library, title)
    issue(library, desk, barcode, a_member(library))
    for reader in (first, second):
        _place(library, desk, reader, title)
    hand_in(library, desk, barcode)
    with pytest.raises(CannotLend) as refused:
        issue(library, desk, barcode, a_member(library))
    assert [reason.code for reason in refused.value.reasons] == ["on-hold-shelf"]
    issue(library, desk, barcode, a_member(library), override="Needed for an exam today")
    assert rows(library, HOLDS) == [(first.account_id, "waiting", 1), (second.account_id, "waiting", 2)]
    _whole(library)


def test_a_member_who_borrows_by_themselves_collects_their_hold(library: Installation) -> None:
    desk, reader, title = a_librarian(library), a_member(library), a_title(library)
    out = a_copy(library, title)
    issue(library, desk, out, a_member(library))
    _place(library, desk, reader, title)
    a_copy(library, title)
    with begin_work(library, reader) as uow:
        receipt = borrow(uow, title_id=title)
    assert receipt.hold_id is not None
    assert rows(library, HOLDS) == [(reader.account_id, "collected", None)]
