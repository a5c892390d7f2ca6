"""A charge that turns out to be less: what was paid of it is owed to the reader, what was only forgiven is not."""

from datetime import timedelta
from typing import Any

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.billing.models import PaymentMethod
from lib.billing.queries import charges_of
from lib.circulation.claims import clear_claim
from lib.circulation.money import refund_charge, waive_charge
from lib.desk.undo import desk_acts
from lib.kit.errors import RuleBroken
from tests.builders import a_copy, a_librarian, a_loan, a_member
from tests.circulation.money_steps import claimed, forward, lost, night, owed_by, sound
from tests.circulation.steps import hand_in, paid, rows, undone


def _forgiven(library: Installation, desk: Actor, amount: int) -> None:
    with begin_work(library, desk) as uow:
        charge = rows(library, "SELECT max(id) FROM charge")[0][0]
        waive_charge(uow, charge_id=charge, amount_minor=amount, reason="Was in hospital")


def _charge(library: Installation, desk: Actor, reader: Actor) -> Any:
    with begin_reading(library, desk) as uow:
        return charges_of(uow, reader.account_id or 0).rows[-1]


def _late(library: Installation, paid_minor: int, waived_minor: int) -> tuple[Actor, Actor, str, int]:
    """A copy that is thirty days late at 10 a day: its fine is in the ledger, and some of it paid and forgiven."""
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    loan = a_loan(library, reader, barcode, days_ago=51)
    night(library)
    if paid_minor:
        paid(library, desk, reader, paid_minor)
    if waived_minor:
        _forgiven(library, desk, waived_minor)
    return desk, reader, barcode, loan


BACKDATED = [
    # of a fine of 300: paid, forgiven, days late after all; then the fine, forgiven, owed, to be given back
    (0, 0, 10, 100, 0, 100, 0),
    (300, 0, 10, 100, 0, -200, 200),
    (300, 0, 0, 0, 0, -300, 300),
    (300, 0, 1, 0, 0, -300, 300),  # within the grace
    (300, 0, 30, 300, 0, 0, 0),
    (100, 0, 10, 100, 0, 0, 0),
    (50, 0, 10, 100, 0, 50, 0),
    (0, 300, 10, 100, 100, 0, 0),
    (0, 300, 0, 0, 0, 0, 0),
    (0, 200, 10, 100, 100, 0, 0),
    (0, 200, 25, 250, 200, 50, 0),
    (0, 200, 20, 200, 200, 0, 0),
    (100, 200, 20, 200, 100, 0, 0),
    (100, 200, 10, 100, 0, 0, 0),
    (200, 100, 10, 100, 0, -100, 100),
    (200, 100, 25, 250, 50, 0, 0),
    (100, 100, 25, 250, 100, 50, 0),
]


@pytest.mark.parametrize(("paid_minor", "waived", "late", "fine", "forgiven", "owed", "back"), BACKDATED)
def test_a_backdated_return_gives_back_what_was_paid_and_never_what_was_forgiven(
    library: Installation, paid_minor: int, waived: int, late: int, fine: int, forgiven: int, owed: int, back: int
) -> None:
    desk, reader, barcode, _ = _late(library, paid_minor, waived)
    before = owed_by(library, reader)
    with begin_reading(library, desk) as uow:
        then = uow.now - timedelta(days=30 - late)
    receipt = hand_in(library, desk, barcode, returned_at=then)
    charge = _charge(library, desk, reader)
    assert (receipt.fine_minor, charge.charged_minor, charge.waived_minor) == (fine, fine, forgiven)
    assert (charge.balance_minor, owed_by(library, reader), charge.refundable_minor) == (owed, owed, back)
    with begin_work(library, desk) as uow, pytest.raises(RuleBroken):
        refund_charge(
            uow, charge_id=charge.id, amount_minor=back + 1, method=PaymentMethod.CASH, reason="Too much taken"
        )  # fmt: skip
    sound(library)
    undone(library, desk, receipt.act_id)
    assert owed_by(library, reader) == before
    assert (_charge(library, desk, reader).waived_minor, _charge(library, desk, reader).state) == (waived, "accruing")
    sound(library)


def test_what_was_forgiven_counts_again_when_the_fine_grows_again(library: Installation) -> None:
    desk, reader, _, loan = _late(library, 0, 250)
    with begin_reading(library, desk) as uow:
        on = uow.today - timedelta(days=20)
    claimed(library, desk, loan, on=on)
    charge = _charge(library, desk, reader)
    assert (charge.charged_minor, charge.waived_minor, charge.balance_minor) == (100, 100, 0)
    with begin_work(library, desk) as uow:
        clear_claim(uow, loan_id=loan)
    charge = _charge(library, desk, reader)
    assert (charge.charged_minor, charge.waived_minor, charge.balance_minor) == (300, 250, 50)
    forward(library, days=1)
    night(library)
    charge = _charge(library, desk, reader)
    assert (charge.charged_minor, charge.waived_minor, charge.balance_minor) == (310, 250, 60)
    sound(library)


def test_the_night_that_makes_a_fine_less_makes_what_was_forgiven_less(library: Installation) -> None:
    desk, reader, _, loan = _late(library, 0, 300)
    with library.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE loan SET due_on = '2026-03-01' WHERE id = {loan}")  # as a closure moves it
    night(library)
    charge = _charge(library, desk, reader)
    assert (charge.charged_minor, charge.waived_minor, charge.balance_minor) == (90, 90, 0)
    with library.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE loan SET due_on = '2026-02-08' WHERE id = {loan}")
    night(library)
    charge = _charge(library, desk, reader)
    assert (charge.charged_minor, charge.waived_minor, charge.balance_minor) == (300, 300, 0)
    sound(library)


FOUND = [
    # of a replacement of 2000: paid, forgiven; taken back at the desk, then owed to the reader, forgiven after undoing
    (0, 0, 2000, 0),
    (2000, 0, 2000, -2000),
    (0, 2000, 0, 0),
    (1200, 500, 1500, -1200),
    (500, 500, 1500, -500),
]


@pytest.mark.parametrize(("paid_minor", "waived", "given_back", "owed"), FOUND)
def test_a_copy_that_is_found_gives_back_what_was_paid_for_it(
    library: Installation, paid_minor: int, waived: int, given_back: int, owed: int
) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library, price_minor=2000)
    loan = a_loan(library, reader, barcode)
    lost(library, desk, loan)
    number = rows(library, "SELECT id FROM charge WHERE kind = 'replacement'")[0][0]
    if paid_minor:
        paid(library, desk, reader, paid_minor, charge_ids=[number])
    if waived:
        with begin_work(library, desk) as uow:
            waive_charge(uow, charge_id=number, amount_minor=waived, reason="First time")
    receipt = hand_in(library, desk, barcode)
    assert receipt.given_back_minor == given_back
    found = [row for row in _charges(library, desk, reader) if row.id == number]
    assert [(row.charged_minor, row.waived_minor, row.balance_minor) for row in found] == [(0, 0, owed)]
    assert found[0].refundable_minor == -owed
    with begin_reading(library, desk) as uow:
        assert desk_acts(uow, limit=1)[0].can_undo
    undone(library, desk, receipt.act_id)
    found = [row for row in _charges(library, desk, reader) if row.id == number]
    assert [(row.waived_minor, row.balance_minor) for row in found] == [(waived, 2000 - paid_minor - waived)]
    sound(library)


def _charges(library: Installation, desk: Actor, reader: Actor) -> Any:
    with begin_reading(library, desk) as uow:
        return charges_of(uow, reader.account_id or 0).rows
