"""Return: fine, condition, place, backdating, and copies that were never lent."""

from datetime import UTC, date, datetime, timedelta

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.catalogue.models import Condition
from lib.circulation.errors import NoSuchCopy, ReturnBeforeIssue, ReturnInFuture
from lib.circulation.models import ClosureKind
from lib.circulation.returns import Inspection
from lib.closures.opening_days import add_closure
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid
from tests.builders import a_copy, a_librarian, a_loan, a_member
from tests.circulation.steps import hand_in, issue, rows, set_rule

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_a_copy_in_time_comes_back_without_a_fine(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library, name="Ada"), a_copy(library)
    loan = issue(library, desk, barcode, reader)
    receipt = hand_in(library, desk, barcode)
    assert (receipt.loan_id, receipt.member_id, receipt.member_name) == (loan.loan_id, reader.account_id, "Ada")
    assert (receipt.days_late, receipt.fine_minor, receipt.copy_status, receipt.note) == (0, 0, "available", "")
    assert rows(library, "SELECT status FROM copy") == [("available",)]
    assert rows(library, "SELECT returned_by FROM loan") == [(desk.account_id,)]


def test_the_example_of_29_days_at_1_00_capped_at_5_00(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    a_loan(library, reader, (first := a_copy(library)), days_ago=50, fine_per_day=100, grace_days=0, fine_cap=10**6)
    a_loan(library, reader, (second := a_copy(library)), days_ago=50, fine_per_day=100, grace_days=0)
    assert [hand_in(library, desk, code).fine_minor for code in (first, second)] == [2900, 500]


def test_the_example_of_4_to_10_april(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    set_rule(library, grace_days=0, fine_per_day=25)
    a_loan(library, reader, barcode, due_on=date(2026, 4, 4), fine_per_day=25, grace_days=0)
    _set(library, datetime(2026, 4, 10, 9, tzinfo=UTC))
    receipt = hand_in(library, desk, barcode)
    assert (receipt.days_late, receipt.fine_minor) == (6, 150)


def _set(library: Installation, at: datetime) -> None:
    clock = library.clock
    assert isinstance(clock, SetClock)
    clock.at = at


def test_closed_days_cost_nothing_and_a_due_day_that_became_closed_rolls(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, due_on=date(2026, 3, 22), grace_days=0)  # a Sunday
    with begin_work(library, desk) as uow:
        add_closure(uow, kind=ClosureKind.WEEKLY, weekday=6)
    _set(library, datetime(2026, 3, 30, 9, tzinfo=UTC))  # Monday a week later
    assert hand_in(library, desk, barcode).days_late == 6  # Tuesday to Saturday, and Monday


def test_the_day_of_the_return_is_the_librarys_day_across_a_daylight_saving_change(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, due_on=date(2026, 3, 29), grace_days=0)  # clocks go on in London
    _set(library, datetime(2026, 3, 29, 23, 30, tzinfo=UTC))  # half past midnight on the 30th there
    receipt = hand_in(library, desk, barcode)
    assert rows(library, "SELECT returned_on FROM loan")[0][0] in ("2026-03-30", date(2026, 3, 30))
    assert receipt.days_late == 1


def test_a_book_from_the_drop_is_backdated(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, days_ago=26)  # five days late today
    receipt = hand_in(library, desk, barcode, returned_at=NOW - timedelta(days=5))
    assert (receipt.days_late, receipt.fine_minor) == (0, 0)


def test_a_return_lies_neither_in_the_future_nor_before_the_issue(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, days_ago=2)
    with pytest.raises(ReturnInFuture):
        hand_in(library, desk, barcode, returned_at=NOW + timedelta(seconds=1))
    with pytest.raises(ReturnBeforeIssue):
        hand_in(library, desk, barcode, returned_at=NOW - timedelta(days=3))
    with pytest.raises(Invalid):
        hand_in(library, desk, barcode, returned_at=datetime(2026, 3, 9))
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(1,)]


def test_a_damaged_copy_goes_to_repair_and_its_note_is_kept(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    issue(library, desk, barcode, reader)
    receipt = hand_in(library, desk, barcode, Inspection(Condition.DAMAGED, "Spine is broken"))
    assert (receipt.copy_status, receipt.note) == ("in_repair", "It goes to repair.")
    assert rows(library, "SELECT status, condition, note FROM copy") == [("in_repair", "damaged", "Spine is broken")]


def test_a_worn_copy_goes_back_to_the_shelf(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library, note="Signed")
    issue(library, desk, barcode, reader)
    assert hand_in(library, desk, barcode, Inspection(Condition.WORN)).copy_status == "available"
    assert rows(library, "SELECT condition, note FROM copy") == [("worn", "Signed")]


FOUND = [
    ("available", "available", "It was not on loan."),
    ("lost", "available", "It was not on loan. It was marked as lost and is on the shelf again."),
    ("in_repair", "in_repair", "It was not on loan. It is still in repair."),
    ("withdrawn", "withdrawn", "It was not on loan. It was withdrawn from the collection: do not shelve it."),
    ("on_hold_shelf", "on_hold_shelf", "It was not on loan. It belongs on the hold shelf."),
    ("on_order", "on_order",
     "It was not on loan. It is still on order: mark it as arrived when it is ready for the shelf."),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "note"), FOUND)
def test_a_copy_without_a_loan_says_so(library: Installation, before: str, after: str, note: str) -> None:
    receipt = hand_in(library, a_librarian(library), a_copy(library, status=before))
    assert (receipt.loan_id, receipt.member_id, receipt.member_name) == (None, None, "")
    assert (receipt.copy_status, receipt.note) == (after, note)
    assert rows(library, "SELECT action FROM audit") == [("copy.found",)]


def test_the_same_key_again_returns_once_and_keeps_no_name(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library, name="Ada"), a_copy(library)
    issue(library, desk, barcode, reader)
    first = hand_in(library, desk, barcode, key="k")
    issue(library, desk, barcode, a_member(library))
    assert hand_in(library, desk, barcode, key="k") == first
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(1,)]
    assert "Ada" not in str(rows(library, "SELECT result FROM once_key"))


def test_unknown_barcodes_are_not_found_and_members_may_not_return(library: Installation) -> None:
    with pytest.raises(NoSuchCopy):
        hand_in(library, a_librarian(library), "nonsense")
    with pytest.raises(Forbidden):
        hand_in(library, a_member(library), a_copy(library))


def test_a_scanner_may_put_spaces_and_stars_round_a_barcode(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library, barcode="AB-12")
    issue(library, desk, "*ab-12*", a_member(library))
    assert hand_in(library, desk, " ab-12 ").barcode == barcode
