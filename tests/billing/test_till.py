"""The till: what is in it since it was closed, and the closing by counted cash."""

from typing import Any

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.billing.errors import NothingToClose
from lib.billing.ledger import adjust
from lib.billing.models import ChargeKind, PaymentKind, PaymentMethod
from lib.billing.till import DayCloseRow, Till, close_day, day_close, day_closes, till
from lib.kit.errors import Forbidden, Invalid, NotFound
from tests.billing.steps import CARD, CASH, owes, paid, refunded, rows, sound, taken_back
from tests.builders import a_librarian, a_member

IN, OUT, BACK = PaymentKind.PAYMENT, PaymentKind.REFUND, PaymentKind.REVERSAL


def counted(library: Installation, desk: Actor, cash: int, **given: Any) -> DayCloseRow:
    with begin_work(library, desk) as uow:
        return close_day(uow, cash_counted_minor=cash, **given)


def in_the_till(library: Installation, desk: Actor) -> Till:
    with begin_reading(library, desk) as uow:
        return till(uow)


def _a_day(library: Installation, desk: Actor) -> None:
    """5.00 in cash for damage and 2.50 by card, a refund of 1.00 in cash, and 0.40 in cash taken back."""
    reader = a_member(library)
    damage = owes(library, reader, 500, kind=ChargeKind.DAMAGE, what="Coffee")
    paid(library, desk, reader, 500)
    owes(library, reader, 400)
    paid(library, desk, reader, 250, method=CARD)
    with begin_work(library, desk) as uow:
        adjust(uow, damage, -100, reason="It was less")
    refunded(library, desk, damage, 100)
    taken_back(library, desk, paid(library, desk, reader, 40).payment_id)


def test_what_went_through_the_till_by_method_kind_and_purpose(library: Installation) -> None:
    desk = a_librarian(library)
    _a_day(library, desk)
    found = in_the_till(library, desk)
    assert found.totals == {CASH: {IN: 540, OUT: -100, BACK: -40}, CARD: {IN: 250}}
    assert (found.cash_expected_minor, found.count, found.since) == (400, 5, None)
    assert found.taken_for == {ChargeKind.DAMAGE: 400, ChargeKind.OTHER: 250}


# what is counted, and the difference to the 4.00 that should be there
COUNTS = [(400, 0), (395, -5), (410, 10), (0, -400), (-100, -500)]


@pytest.mark.parametrize(("cash", "difference"), COUNTS)
def test_the_till_is_closed_with_the_difference(library: Installation, cash: int, difference: int) -> None:
    desk = a_librarian(library)
    _a_day(library, desk)
    closed = counted(library, desk, cash, note="  counted  twice ")
    assert (closed.cash_expected_minor, closed.cash_counted_minor, closed.difference_minor) == (400, cash, difference)
    assert (closed.first_receipt, closed.last_receipt, closed.count) == ("R-000001", "R-000005", 5)
    assert (closed.closer, closed.note) == (desk.name, "counted twice")
    assert closed.totals[CASH] == {IN: 540, OUT: -100, BACK: -40}
    assert closed.taken_for == {ChargeKind.DAMAGE: 400, ChargeKind.OTHER: 250}
    assert rows(library, "SELECT action, subject_id FROM audit WHERE action = 'till.close'") == [
        ("till.close", closed.id)
    ]
    sound(library)


def test_after_closing_the_till_begins_anew(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    _a_day(library, desk)
    first = counted(library, desk, 400)
    empty = in_the_till(library, desk)
    assert (empty.totals, empty.count, empty.cash_expected_minor, empty.since) == ({}, 0, 0, first.closed_at)
    owes(library, reader, 100)
    paid(library, desk, reader, 100, method=PaymentMethod.TRANSFER)
    second = counted(library, desk, 0)
    assert (second.first_receipt, second.count, second.cash_expected_minor) == ("R-000006", 1, 0)
    with begin_reading(library, desk) as uow:
        page = day_closes(uow)
        assert [row.id for row in page.rows] == [second.id, first.id]
        assert page.rows[1] == first == day_close(uow, first.id)
        assert len(day_closes(uow, page=2, size=1).rows) == 1
    sound(library)


def test_there_must_be_something_to_close(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    with pytest.raises(NothingToClose):
        counted(library, desk, 0)
    owes(library, reader, 100)
    paid(library, desk, reader, 100)
    closed = counted(library, desk, 100)
    with pytest.raises(NothingToClose) as caught:
        counted(library, desk, 100)
    assert caught.value.facts["since"] == closed.closed_at


def test_a_payment_taken_back_after_the_closing_counts_in_the_next(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    owes(library, reader, 100)
    receipt = paid(library, desk, reader, 100)
    counted(library, desk, 100)
    taken_back(library, desk, receipt.payment_id)
    assert in_the_till(library, desk).cash_expected_minor == -100
    assert counted(library, desk, -100).difference_minor == 0
    sound(library)


def test_the_same_key_closes_once(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    owes(library, reader, 100)
    paid(library, desk, reader, 100)
    first = counted(library, desk, 100, key="k")
    assert counted(library, desk, 100, key="k") == first
    with pytest.raises(Invalid):
        counted(library, desk, 90, key="k")


def test_what_cannot_be_counted_or_written_is_refused(sqlite_library: Installation) -> None:
    desk = a_librarian(sqlite_library)
    with pytest.raises(Invalid, match="amount of cash"):
        counted(sqlite_library, desk, 10**13)
    with pytest.raises(Invalid, match="500"):
        counted(sqlite_library, desk, 0, note="x" * 501)


def test_the_till_is_the_desks(sqlite_library: Installation) -> None:
    reader, desk = a_member(sqlite_library), a_librarian(sqlite_library)
    with begin_reading(sqlite_library, reader) as uow:
        for ask in (till, day_closes):
            with pytest.raises(Forbidden):
                ask(uow)
        with pytest.raises(Forbidden):
            day_close(uow, 1)
    with pytest.raises(Forbidden):
        counted(sqlite_library, reader, 0)
    with pytest.raises(NotFound), begin_reading(sqlite_library, desk) as uow:
        day_close(uow, 99)
