"""Undo of holds, and of issues and returns that met them: the queue as before, or the reason why not."""

import itertools
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.models import Condition
from lib.circulation.errors import UndoOvertaken
from lib.circulation.holds import place_hold
from lib.circulation.returns import Inspection
from lib.desk.undo import DeskActRow, desk_acts
from tests.builders import a_copy, a_librarian, a_member
from tests.circulation.hold_steps import (
    a_lent_title,
    came_back,
    cancelled,
    copy_id_of,
    hold,
    moved,
    queue,
    sound,
    states,
    suspended,
)
from tests.circulation.steps import hand_in, issue, rows, set_rule, undone

BOOK = (
    "SELECT id, account_id, state, position, suspended_until, shelf_copy_id, shelf_until, ready_at, ended_at,"
    " end_reason FROM hold ORDER BY id"
)


def _acts(library: Installation, desk: Actor, **given: Any) -> tuple[DeskActRow, ...]:
    with begin_reading(library, desk) as uow:
        return desk_acts(uow, **given)


def test_undoing_a_hold_takes_it_out_of_the_queue(library: Installation) -> None:
    title, _ = a_lent_title(library, "Dune")
    desk, reader, behind = a_librarian(library), a_member(library, name="Ada"), a_member(library)
    receipt = hold(library, desk, title, member_id=reader.account_id)
    hold(library, behind, title)
    (row,) = [act for act in _acts(library, desk) if act.id == receipt.act_id]
    assert (row.what, row.title, row.member, row.can_undo) == ("hold placed", "Dune", "Ada", True)
    assert undone(library, desk, receipt.act_id) == "Ada no longer waits for “Dune”."
    assert queue(library, title) == [(behind.account_id, 1)]
    assert rows(library, "SELECT count(*) FROM notice") == [(0,)]
    sound(library)


def test_a_hold_is_not_undone_once_a_copy_lies_ready_or_it_has_ended(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    desk, reader = a_librarian(library), a_member(library)
    receipt = hold(library, reader, title)
    came_back(library, barcode)
    with pytest.raises(UndoOvertaken, match="lies on the hold shelf"):
        undone(library, desk, receipt.act_id)
    cancelled(library, reader, receipt.hold_id)
    with pytest.raises(UndoOvertaken, match="cancelled since"):
        undone(library, desk, receipt.act_id)


def test_undoing_a_cancellation_restores_the_place(library: Installation) -> None:
    title, _ = a_lent_title(library, "Dune")
    desk, readers = a_librarian(library), [a_member(library) for _ in range(3)]
    ids = [hold(library, reader, title).hold_id for reader in readers]
    before = rows(library, BOOK)
    receipt = cancelled(library, desk, ids[1], reason="By mistake")
    assert undone(library, desk, receipt.act_id).endswith("waits for “Dune” again.")
    assert rows(library, BOOK) == before
    assert rows(library, "SELECT count(*) FROM notice") == [(0,)]
    sound(library)


def test_a_cancelled_hold_comes_back_in_front_of_whom_it_stood_in_front_of(library: Installation) -> None:
    title, _ = a_lent_title(library)
    desk, readers = a_librarian(library), [a_member(library) for _ in range(4)]
    ids = [hold(library, reader, title).hold_id for reader in readers]
    receipt = cancelled(library, desk, ids[1], reason="By mistake")
    cancelled(library, readers[0], ids[0])
    moved(library, desk, ids[3], 1)
    undone(library, desk, receipt.act_id)
    assert [row[0] for row in queue(library, title)] == [readers[n].account_id for n in (3, 1, 2)]
    sound(library)


def test_undoing_the_cancellation_of_a_ready_hold_takes_the_copy_back_from_the_next(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library, "Dune")
    desk, first, second = a_librarian(library), a_member(library), a_member(library)
    one, _ = (hold(library, reader, title).hold_id for reader in (first, second))
    came_back(library, barcode)
    before = rows(library, BOOK)
    receipt = cancelled(library, desk, one, reason="By mistake")
    assert states(library) == ["cancelled", "ready"]
    assert "lies on the hold shelf" in undone(library, desk, receipt.act_id)
    assert rows(library, BOOK) == before
    assert rows(library, "SELECT account_id, kind FROM notice") == [(first.account_id, "hold-ready")]
    sound(library)


def test_a_cancellation_is_not_undone_once_somebody_was_told_or_went_on(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    desk, first, second = a_librarian(library), a_member(library), a_member(library)
    one, two = (hold(library, reader, title).hold_id for reader in (first, second))
    came_back(library, barcode)
    receipt = cancelled(library, first, one)
    with library.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE notice SET status = 'sent', sent_at = created_at")
    with pytest.raises(UndoOvertaken, match="has been told that it is ready"):
        undone(library, desk, receipt.act_id)
    told = cancelled(library, desk, two, reason="The copy is lost")
    with library.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE notice SET status = 'sent', sent_at = created_at")
    with pytest.raises(UndoOvertaken, match="has been told that it was cancelled"):
        undone(library, desk, told.act_id)
    late = a_lent_title(library)[0]
    again = cancelled(library, first, hold(library, first, late).hold_id)
    with library.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE title SET archived_at = added_at WHERE id = {late}")
    with pytest.raises(UndoOvertaken, match="archived"):
        undone(library, desk, again.act_id)


def test_a_cancellation_is_not_undone_once_the_member_waits_anew(library: Installation) -> None:
    title, _ = a_lent_title(library)
    desk, reader = a_librarian(library), a_member(library)
    receipt = cancelled(library, reader, hold(library, reader, title).hold_id)
    hold(library, reader, title)
    with pytest.raises(UndoOvertaken, match="anew"):
        undone(library, desk, receipt.act_id)


def test_undoing_the_issue_of_a_held_copy_puts_it_back_on_the_hold_shelf(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    desk, reader = a_librarian(library), a_member(library)
    hold(library, reader, title)
    came_back(library, barcode)
    before = rows(library, BOOK)
    receipt = issue(library, desk, barcode, reader)
    assert states(library) == ["collected"]
    undone(library, desk, receipt.act_id)
    assert rows(library, BOOK) == before
    assert rows(library, "SELECT status FROM copy") == [("on_hold_shelf",)]
    sound(library)


def test_undoing_an_issue_by_override_gives_the_copy_back_to_whom_it_was_for(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    desk, first, walk_in, second = a_librarian(library), a_member(library), a_member(library), a_member(library)
    hold(library, first, title)
    hold(library, second, title)
    came_back(library, barcode)
    before = rows(library, BOOK)
    receipt = issue(library, desk, barcode, walk_in, override="The director asks for it")
    assert queue(library, title) == [(first.account_id, 1), (second.account_id, 2)]
    sound(library)
    undone(library, desk, receipt.act_id)
    assert rows(library, BOOK) == before
    assert rows(library, "SELECT account_id, kind FROM notice") == [(first.account_id, "hold-ready")]
    sound(library)


def test_a_copy_whose_hold_was_cancelled_since_goes_to_the_next_when_its_issue_is_undone(
    library: Installation,
) -> None:
    title, (barcode,) = a_lent_title(library)
    desk, first, walk_in, second = a_librarian(library), a_member(library), a_member(library), a_member(library)
    one = hold(library, first, title).hold_id
    hold(library, second, title)
    came_back(library, barcode)
    receipt = issue(library, desk, barcode, walk_in, override="The director asks for it")
    cancelled(library, first, one)
    undone(library, desk, receipt.act_id)
    assert states(library) == ["cancelled", "ready"]
    sound(library)


def test_undoing_a_return_takes_the_copy_from_the_hold_shelf_and_its_notice_with_it(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    desk, reader, behind = a_librarian(library), a_member(library), a_member(library)
    hold(library, reader, title)
    hold(library, behind, title)
    before = rows(library, BOOK)
    receipt = hand_in(library, desk, barcode)
    assert states(library) == ["ready", "waiting"]
    undone(library, desk, receipt.act_id)
    assert rows(library, BOOK) == before
    assert rows(library, "SELECT count(*) FROM notice") == [(0,)]
    sound(library)


def test_a_member_who_waits_anew_keeps_that_hold_when_their_issue_is_undone(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    desk, reader = a_librarian(library), a_member(library)
    hold(library, reader, title)
    came_back(library, barcode)
    receipt = issue(library, desk, barcode, reader)
    with begin_work(library, desk) as uow:
        place_hold(uow, title_id=title, member_id=reader.account_id, override="For the second part")
    undone(library, desk, receipt.act_id)
    assert states(library) == ["collected", "ready"]
    assert rows(library, "SELECT shelf_copy_id FROM hold WHERE state = 'ready'") == [(copy_id_of(library, barcode),)]
    sound(library)


def test_a_copy_found_damaged_on_the_hold_shelf_goes_to_repair_and_its_reader_to_the_front(
    library: Installation,
) -> None:
    """Undone, it lies there for them again."""
    title, (barcode,) = a_lent_title(library)
    desk, reader, behind = a_librarian(library), a_member(library), a_member(library)
    hold(library, reader, title)
    hold(library, behind, title)
    came_back(library, barcode)
    before = rows(library, BOOK)
    back = hand_in(library, desk, barcode, Inspection(Condition.DAMAGED, "Wet"))
    assert back.copy_status == "in_repair"
    assert "waits again" in back.note
    assert queue(library, title) == [(reader.account_id, 1), (behind.account_id, 2)]
    assert rows(library, "SELECT count(*) FROM notice WHERE kind = 'hold-ready'") == [(0,)]
    sound(library)
    undone(library, desk, back.act_id)
    assert rows(library, BOOK) == before
    assert rows(library, "SELECT status, condition, note FROM copy") == [("on_hold_shelf", "good", "")]
    assert rows(library, "SELECT count(*) FROM notice WHERE kind = 'hold-ready'") == [(1,)]
    sound(library)


def test_undoing_the_issue_of_a_held_copy_owes_the_unsent_notice_again(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    desk, reader = a_librarian(library), a_member(library)
    hold(library, reader, title)
    came_back(library, barcode)
    undone(library, desk, issue(library, desk, barcode, reader).act_id)
    notices = "SELECT account_id, kind FROM notice ORDER BY id"
    assert rows(library, notices) == [(reader.account_id, "hold-ready")]
    with library.engine.begin() as connection:
        connection.execute(text("UPDATE notice SET status = 'sent', sent_at = created_at"))
    undone(library, desk, issue(library, desk, barcode, reader).act_id)
    assert rows(library, notices) == [(reader.account_id, "hold-ready")]
    sound(library)


@pytest.mark.parametrize("from_shelf", [True, False], ids=["from the hold shelf", "while they waited"])
def test_a_hold_comes_back_with_its_undone_issue_though_its_reader_is_at_the_limit_by_now(
    library: Installation, from_shelf: bool
) -> None:
    """Undoing is a correction: it is let through, and the audit trail says why there is one hold more."""
    set_rule(library, max_holds=1)
    title, (barcode,) = a_lent_title(library)
    desk, reader = a_librarian(library), a_member(library)
    hold(library, reader, title)
    if from_shelf:
        came_back(library, barcode)
        receipt = issue(library, desk, barcode, reader)
    else:
        receipt = issue(library, desk, a_copy(library, title), reader)
    hold(library, reader, a_lent_title(library)[0])
    undone(library, desk, receipt.act_id)
    assert states(library) == ["ready" if from_shelf else "waiting", "waiting"]
    assert rows(library, "SELECT subject_id FROM audit WHERE action = 'hold.uncollect'") == [(1,)]
    sound(library)


def test_returns_undone_in_whatever_order_leave_the_queue_as_it_was(library: Installation) -> None:
    title, barcodes = a_lent_title(library, copies=3)
    desk, readers = a_librarian(library), [a_member(library) for _ in range(5)]
    ids = [hold(library, reader, title).hold_id for reader in readers]
    moved(library, desk, ids[4], 2)
    moved(library, desk, ids[0], 3)
    before = rows(library, BOOK)
    assert [row[0] for row in queue(library, title)] == [readers[n].account_id for n in (4, 1, 0, 2, 3)]
    for order in itertools.permutations(range(3)):
        acts = [hand_in(library, desk, barcode).act_id for barcode in barcodes]
        for place in order:
            undone(library, desk, acts[place])
        assert rows(library, BOOK) == before, order
    sound(library)


def test_a_reader_who_was_put_first_and_lost_the_copy_again_keeps_that_place(library: Installation) -> None:
    """Who is passed over by an override stands first, also once the next copy came and its return was undone."""
    title, barcodes = a_lent_title(library, copies=2)
    desk, first, second, walk_in = a_librarian(library), a_member(library), a_member(library), a_member(library)
    ids = [hold(library, reader, title).hold_id for reader in (first, second)]
    suspended(library, first, ids[0], date(2026, 3, 20))
    came_back(library, barcodes[0])
    issue(library, desk, barcodes[0], walk_in, override="The director asks for it")
    assert [row[0] for row in queue(library, title)] == [second.account_id, first.account_id]
    back = hand_in(library, desk, barcodes[1])
    assert states(library) == ["waiting", "ready"]
    undone(library, desk, back.act_id)
    assert [row[0] for row in queue(library, title)] == [second.account_id, first.account_id]
    sound(library)


def test_a_cancellation_is_not_undone_once_a_copy_went_to_somebody_behind_whom_it_would_set_back(
    library: Installation,
) -> None:
    title, barcodes = a_lent_title(library, copies=2)
    desk, readers = a_librarian(library), [a_member(library) for _ in range(3)]
    ids = [hold(library, reader, title).hold_id for reader in readers]
    came_back(library, barcodes[0])
    before = rows(library, BOOK)
    receipt = cancelled(library, desk, ids[0], reason="By mistake")
    back = hand_in(library, desk, barcodes[1])
    with pytest.raises(UndoOvertaken, match="somebody who waited behind them"):
        undone(library, desk, receipt.act_id)
    undone(library, desk, back.act_id)
    undone(library, desk, receipt.act_id)
    assert rows(library, BOOK) == before
    sound(library)
