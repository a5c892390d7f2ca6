"""Receipts at the till: those since it was closed, and one by its number."""

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.billing.till import close_day
from lib.billing.till_receipts import TillReceipt, till_receipts
from lib.kit.errors import Forbidden
from tests.billing.steps import CARD, owes, paid, rows, taken_back
from tests.builders import a_librarian, a_member


def _listed(library: Installation, number: str = "") -> list[TillReceipt]:
    with begin_reading(library, a_librarian(library)) as uow:
        found = till_receipts(uow, number=number)
    assert found.total == len(found.rows)
    return list(found.rows)


def test_receipts_since_the_till_was_closed_stand_there_newest_first(library: Installation) -> None:
    desk, ada = a_librarian(library, name="Bo"), a_member(library, name="Ada")
    owes(library, ada, 900)
    first = paid(library, desk, ada, 200)
    with begin_work(library, desk) as uow:
        close_day(uow, cash_counted_minor=200)
    second = paid(library, desk, ada, 300, method=CARD)
    counter = taken_back(library, desk, second.payment_id)
    found = _listed(library)
    assert [row.number for row in found] == [counter.number, second.number]
    assert [(row.amount_minor, row.can_take_back, row.closed) for row in found] == [
        (-300, False, False), (300, False, False),
    ]  # fmt: skip
    assert (found[1].member, found[1].taken_by, found[1].reversed_by) == ("Ada", "Bo", counter.number)
    assert found[0].reverses == second.number
    (old,) = _listed(library, first.number.lower())
    assert (old.payment_id, old.closed, old.can_take_back) == (first.payment_id, True, True)
    assert rows(library, "SELECT count(*) FROM audit WHERE action = 'till.list'") == [(2,)]


@pytest.mark.parametrize("number", ["R-000099", "nonsense", "-1", "9" * 60])
def test_a_number_that_no_receipt_has_finds_nothing(sqlite_library: Installation, number: str) -> None:
    assert _listed(sqlite_library, number) == []


def test_receipts_are_for_the_till(sqlite_library: Installation) -> None:
    with pytest.raises(Forbidden), begin_reading(sqlite_library, a_member(sqlite_library)) as uow:
        till_receipts(uow)
