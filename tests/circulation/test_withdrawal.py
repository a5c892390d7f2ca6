"""Leaving the collection: what was lent stays on record, the rest may go."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.bulk import put_copies
from lib.catalogue.copies import edit_copy
from lib.catalogue.errors import CopyCannotMove, TitleIsArchived
from lib.catalogue.forms import CopyForm
from lib.catalogue.models import CopyStatus
from lib.catalogue.policy import may_move
from lib.catalogue.search import SearchQuery, search
from lib.catalogue.search_index import rebuild_index
from lib.circulation.errors import CopyIsOut, CopyOnHoldShelf, HasHistory, TitleIsOut
from lib.circulation.withdrawal import (
    archive_title,
    delete_copy,
    delete_title,
    reinstate_copy,
    restore_title,
    withdraw_copy,
)
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotFound
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.steps import hand_in, issue, rows, undone


def _do(library: Installation, act: Callable[..., Any], *given: Any) -> None:
    with begin_work(library, a_librarian(library)) as uow:
        act(uow, *given)


def _id(library: Installation, barcode: str) -> int:
    return int(rows(library, f"SELECT id FROM copy WHERE barcode = '{barcode}'")[0][0])


def _found(library: Installation, text: str) -> int:
    with begin_reading(library, a_member(library)) as uow:
        return search(uow, SearchQuery(text=text)).total


@pytest.mark.parametrize("status", CopyStatus)
def test_a_copy_is_withdrawn_from_where_the_table_of_moves_allows(library: Installation, status: CopyStatus) -> None:
    if status is CopyStatus.ON_LOAN:
        a_loan(library, a_member(library), a_copy(library))
    else:
        a_copy(library, status=status)
    copy_id = rows(library, "SELECT id FROM copy")[0][0]
    allowed = may_move(status, CopyStatus.WITHDRAWN) and status not in (CopyStatus.WITHDRAWN, CopyStatus.ON_HOLD_SHELF)
    if allowed:
        _do(library, withdraw_copy, copy_id, "Mould")
        assert rows(library, "SELECT status FROM copy WHERE withdrawn_at IS NOT NULL") == [("withdrawn",)]
    else:
        with pytest.raises((CopyIsOut, CopyCannotMove, CopyOnHoldShelf)):
            _do(library, withdraw_copy, copy_id, "Mould")
        assert rows(library, "SELECT status FROM copy") == [(status.value,)]


def test_withdrawing_needs_a_reason_and_can_be_taken_back(library: Installation) -> None:
    copy_id = _id(library, a_copy(library))
    with pytest.raises(Invalid):
        _do(library, withdraw_copy, copy_id, " ")
    _do(library, withdraw_copy, copy_id, "Mould")
    _do(library, reinstate_copy, copy_id)
    assert rows(library, "SELECT status, withdrawn_at FROM copy") == [("available", None)]
    with pytest.raises(CopyCannotMove):
        _do(library, reinstate_copy, copy_id)
    assert [row[0] for row in rows(library, "SELECT action FROM audit ORDER BY id")] == [
        "copy.withdraw", "copy.reinstate",
    ]  # fmt: skip


def test_a_copy_that_was_never_lent_is_deleted_for_good(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library)
    hand_in(library, desk, barcode)
    undone(library, desk, issue(library, desk, barcode, a_member(library)).act_id)
    _do(library, delete_copy, _id(library, barcode))
    assert rows(library, "SELECT count(*) FROM copy") == [(0,)]


def test_a_copy_with_a_past_or_a_loan_is_not_deleted(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library)
    issue(library, desk, barcode, a_member(library))
    with pytest.raises(CopyIsOut, match=r"on loan until 31 March 2026\.") as refusal:
        _do(library, delete_copy, _id(library, barcode))
    assert refusal.value.facts["due_on"] == date(2026, 3, 31)
    hand_in(library, desk, barcode)
    with pytest.raises(HasHistory, match="Withdraw it instead"):
        _do(library, delete_copy, _id(library, barcode))


def test_archiving_hides_a_title_and_takes_its_copies_from_the_shelf_until_it_is_restored(
    library: Installation,
) -> None:
    title = a_title(library, "Dune")
    a_copy(library, title)
    a_copy(library, title, status="in_repair")
    gone = a_copy(library, title)
    _do(library, rebuild_index)
    _do(library, withdraw_copy, _id(library, gone), "Mould")
    assert _found(library, "dune") == 1
    clock = library.clock
    assert isinstance(clock, SetClock)
    clock.forward(timedelta(days=1))
    _do(library, archive_title, title)
    assert _found(library, "dune") == 0
    assert rows(library, "SELECT status FROM copy ORDER BY id") == [("withdrawn",), ("in_repair",), ("withdrawn",)]
    with pytest.raises(TitleIsArchived):
        _do(library, archive_title, title)
    with pytest.raises(TitleIsArchived):
        _do(library, reinstate_copy, _id(library, gone))
    clock.forward(timedelta(days=1))
    _do(library, restore_title, title)
    assert _found(library, "dune") == 1
    assert rows(library, "SELECT status FROM copy ORDER BY id") == [("available",), ("in_repair",), ("withdrawn",)]
    with pytest.raises(NotFound):
        _do(library, restore_title, title)


def test_a_title_with_copies_out_is_neither_archived_nor_deleted(library: Installation) -> None:
    title = a_title(library)
    a_loan(library, a_member(library), a_copy(library, title))
    for act in (archive_title, delete_title):
        with pytest.raises(TitleIsOut):
            _do(library, act, title)


def test_a_title_that_was_never_lent_is_deleted_with_its_copies(library: Installation) -> None:
    title = a_title(library, "Dune")
    a_copy(library, title)
    _do(library, rebuild_index)
    _do(library, delete_title, title)
    assert rows(library, "SELECT (SELECT count(*) FROM title), (SELECT count(*) FROM copy)") == [(0, 0)]
    assert _found(library, "dune") == 0


def test_a_title_that_was_lent_is_archived_instead(library: Installation) -> None:
    desk, title = a_librarian(library), a_title(library)
    barcode = a_copy(library, title)
    issue(library, desk, barcode, a_member(library))
    hand_in(library, desk, barcode)
    with pytest.raises(HasHistory, match="Archive it instead"):
        _do(library, delete_title, title)


def test_members_may_do_none_of_it(library: Installation) -> None:
    reader = a_member(library)
    for act in (delete_copy, archive_title, restore_title, delete_title, reinstate_copy):
        with pytest.raises(Forbidden), begin_work(library, reader) as uow:
            act(uow, 1)


def test_what_is_not_there_is_not_found(library: Installation) -> None:
    for act in (delete_copy, archive_title, restore_title, delete_title, reinstate_copy):
        with pytest.raises(NotFound):
            _do(library, act, 10**9)


def test_a_lost_copy_of_an_archived_title_does_not_go_to_the_shelf(library: Installation) -> None:
    desk, title = a_librarian(library), a_title(library)
    barcode = a_copy(library, title, status="lost")
    _do(library, archive_title, title)
    receipt = hand_in(library, desk, barcode)
    assert receipt.copy_status == "lost"
    assert receipt.note == (
        "It was not on loan. Its title was archived: restore the title first, or put the copy aside."
    )
    _do(library, restore_title, title)
    assert hand_in(library, desk, barcode).copy_status == "available"


@pytest.mark.parametrize("status", [CopyStatus.IN_REPAIR, CopyStatus.ON_ORDER, CopyStatus.LOST])
def test_no_copy_of_an_archived_title_is_put_on_the_shelf_by_hand(library: Installation, status: CopyStatus) -> None:
    title = a_title(library)
    copy_id = _id(library, a_copy(library, title, status=status))
    _do(library, archive_title, title)
    with pytest.raises(TitleIsArchived), begin_work(library, a_librarian(library)) as uow:
        edit_copy(uow, copy_id, CopyForm(location="MAIN", status=CopyStatus.AVAILABLE), seen_version=1)


def test_copies_that_come_for_an_archived_title_stand_back_with_it(library: Installation) -> None:
    title = a_title(library, "Dune")
    _do(library, archive_title, title)
    with begin_work(library, a_librarian(library)) as uow:
        put_copies(uow, [title], [CopyForm()])
    assert rows(library, "SELECT status FROM copy WHERE withdrawn_at IS NOT NULL") == [("withdrawn",)]
    _do(library, restore_title, title)
    assert rows(library, "SELECT status FROM copy WHERE withdrawn_at IS NULL") == [("available",)]
