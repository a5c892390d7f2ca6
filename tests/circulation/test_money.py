"""Money at the desk: what is owed as of today, taken once whatever races, undone as long as nothing built on it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.billing.errors import AlreadyPaid, AlreadyReversed, NothingOwed, PaysTooMuch
from lib.billing.models import ChargeKind, PaymentMethod
from lib.circulation.errors import UndoOvertaken
from lib.circulation.money import charge_member, owes, refund_charge, take_back_receipt, waive_charge
from lib.desk.undo import desk_acts
from lib.kit.errors import Forbidden, NotFound
from tests.builders import a_charge, a_copy, a_librarian, a_loan, a_member
from tests.circulation.money_steps import charges, forward, night, owed_by, sound
from tests.circulation.steps import hand_in, paid, renewed, rows, undone
from tests.circulation.test_races import together


def _act(library: Installation) -> int:
    return int(rows(library, "SELECT max(id) FROM desk_act")[0][0])


def _waived(library: Installation, desk: Actor, charge: int, amount: int | None = None) -> int:
    with begin_work(library, desk) as uow:
        return waive_charge(uow, charge_id=charge, amount_minor=amount, reason="Was in hospital")


def test_a_payment_first_brings_the_running_fine_up_to_today(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    a_loan(library, reader, days_ago=31)
    assert owed_by(library, reader) == 100
    assert charges(library) == []
    receipt = paid(library, desk, reader, 100)
    assert [part.left_minor for part in receipt.parts] == [0]
    assert owed_by(library, reader) == 0
    forward(library, days=1)
    assert owed_by(library, reader) == 10
    with pytest.raises(PaysTooMuch):
        paid(library, desk, reader, 11)
    sound(library)


def test_a_running_fine_is_forgiven_as_of_today(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    a_loan(library, reader, days_ago=31)
    night(library)
    forward(library, days=2)
    _waived(library, desk, rows(library, "SELECT id FROM charge")[0][0])
    assert owed_by(library, reader) == 0
    assert rows(library, "SELECT sum(amount_minor) FROM ledger_entry WHERE kind = 'waiver'") == [(-120,)]
    sound(library)


def test_the_same_key_again_takes_money_once(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    a_loan(library, reader, days_ago=31)
    assert paid(library, desk, reader, 40, key="k") == paid(library, desk, reader, 40, key="k")
    assert owed_by(library, reader) == 60
    assert rows(library, "SELECT count(*) FROM desk_act") == [(1,)]


def test_one_charge_is_paid_once_when_many_desks_take_money_for_it(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, days_ago=31)
    hand_in(library, desk, barcode)
    results = together([lambda: paid(library, desk, reader, 100) for _ in range(20)])
    assert sum(hasattr(result, "number") for result in results) == 1
    assert sum(isinstance(result, (AlreadyPaid, NothingOwed)) for result in results) == 19
    assert owed_by(library, reader) == 0
    sound(library)


def test_paying_renewing_returning_and_the_night_at_once_leave_one_sound_ledger(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    copies = [a_copy(library) for _ in range(6)]
    loans = [a_loan(library, reader, barcode, days_ago=40) for barcode in copies]
    acts: list[Callable[[], Any]] = []
    for barcode, loan in zip(copies, loans, strict=True):
        acts += [
            lambda barcode=barcode: hand_in(library, desk, barcode),
            lambda loan=loan: renewed(library, desk, loan, override="Race"),
            lambda: paid(library, desk, reader, 10),
            lambda: night(library),
        ]
    together(acts)
    together([lambda barcode=barcode: hand_in(library, desk, barcode) for barcode in copies])
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(0,)]
    assert rows(library, "SELECT DISTINCT fine_settled FROM loan") == [(190,)]
    ((taken,),) = rows(library, "SELECT coalesce(sum(amount_minor), 0) FROM payment")
    assert owed_by(library, reader) == 6 * 190 - taken
    sound(library)


OVERTAKEN: dict[str, tuple[Callable[[Installation, Actor, Actor, str], Any], str]] = {
    "paid": (lambda library, desk, reader, _: paid(library, desk, reader, 10), "was paid since"),
    "forgiven": (
        lambda library, desk, _, __: _waived(library, desk, rows(library, "SELECT id FROM charge")[0][0]),
        "was forgiven since",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OVERTAKEN)
def test_a_return_is_not_undone_once_its_fine_was_settled(library: Installation, case: str) -> None:
    since, words = OVERTAKEN[case]
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, days_ago=31)
    back = hand_in(library, desk, barcode)
    since(library, desk, reader, barcode)
    settled = _act(library)
    with pytest.raises(UndoOvertaken, match=words):
        undone(library, desk, back.act_id)
    undone(library, desk, settled)
    undone(library, desk, back.act_id)
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(1,)]
    sound(library)


def test_a_payment_is_not_undone_once_money_of_it_was_given_back(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, days_ago=31)
    paid(library, desk, reader, 100)
    payment = _act(library)
    hand_in(library, desk, barcode, returned_at=library.clock.now() - timedelta(days=10))
    with begin_work(library, desk) as uow:
        charge = rows(library, "SELECT id FROM charge")[0][0]
        refund_charge(uow, charge_id=charge, amount_minor=100, method=PaymentMethod.CASH, reason="Was in time")
    with pytest.raises(UndoOvertaken, match="given back since"):
        undone(library, desk, payment)
    undone(library, desk, _act(library))
    undone(library, desk, payment)
    assert owed_by(library, reader) == 0
    sound(library)


def test_a_charge_is_not_undone_once_it_was_paid(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    with begin_work(library, desk) as uow:
        charge_member(uow, member_id=reader.account_id or 0, kind=ChargeKind.OTHER, amount_minor=300, what="Lost key")
    act = _act(library)
    paid(library, desk, reader, 300)
    with pytest.raises(UndoOvertaken, match="was paid since"):
        undone(library, desk, act)


def test_the_desk_reads_what_each_act_was_worth(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library, name="Ada")
    a_loan(library, reader, days_ago=31)
    paid(library, desk, reader, 60)
    with begin_reading(library, desk) as uow:
        (row,) = desk_acts(uow)
    assert (row.what, row.member, row.title, row.amount_minor, row.can_undo) == ("paid €0.60", "Ada", "", 60, True)
    assert undone(library, desk, row.id) == "€0.60 goes back to Ada (receipt R-000002) and is owed again."


def test_money_is_for_the_desk(library: Installation) -> None:
    reader, other = a_member(library), a_member(library)
    with pytest.raises(Forbidden):
        paid(library, reader, reader, 10)
    with pytest.raises(Forbidden), begin_reading(library, reader) as uow:
        owes(uow, other.account_id or 0)
    with pytest.raises(NotFound):
        _waived(library, a_librarian(library), 10**9)


def test_neither_the_audit_trail_nor_an_undone_act_leads_from_a_loan_to_its_member(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, days_ago=31)
    undone(library, desk, hand_in(library, desk, barcode).act_id)
    hand_in(library, desk, barcode)
    told = rows(library, "SELECT facts FROM audit WHERE subject_kind = 'loan'")
    assert told
    assert "charge" not in str(told)
    assert "money" not in str(told)


def test_a_receipt_is_taken_back_once_at_any_time(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    with begin_work(library, SYSTEM) as uow:
        a_charge(uow, reader, 500)
    receipt = paid(library, desk, reader, 300)
    forward(library, days=3)
    told = []
    for _ in range(2):  # a double click
        with begin_work(library, desk) as uow:
            told.append(take_back_receipt(uow, payment_id=receipt.payment_id, reason="Paid at the wrong desk", key="k"))
    assert told[0] == told[1]
    assert (told[0].amount_minor, told[0].reverses) == (-300, receipt.number)
    assert owed_by(library, reader) == 500
    for number, refusal in ((receipt.payment_id, AlreadyReversed), (10**9, NotFound)):
        with pytest.raises(refusal), begin_work(library, desk) as uow:
            take_back_receipt(uow, payment_id=number, reason="Again")
    with pytest.raises(Forbidden), begin_work(library, reader) as uow:
        take_back_receipt(uow, payment_id=receipt.payment_id, reason="Give it to me")
    sound(library)
