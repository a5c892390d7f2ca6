"""Payments, refunds and receipts taken back: who pays what, what is left, and what is refused with which facts."""

from datetime import timedelta

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.billing.errors import (
    AlreadyPaid,
    AlreadyReversed,
    NothingOwed,
    NotReversible,
    PaysTooMuch,
    RefundTooHigh,
    WouldCostRefund,
)
from lib.billing.ledger import adjust
from lib.billing.models import EntryKind, PaymentKind
from lib.billing.payments import pay, refund, reverse_payment
from lib.kit.errors import Forbidden, Invalid, NotFound, NotSignedIn
from lib.kit.tables import as_day, as_instant
from tests.billing.steps import CARD, CASH, balance, broken, entries, owes, paid, refunded, rows, sound, taken_back
from tests.builders import a_librarian, a_member


def lowered(library: Installation, charge_id: int, by: int) -> None:
    with begin_work(library, SYSTEM) as uow:
        adjust(uow, charge_id, -by, reason="It was less")


def test_a_payment_covers_the_oldest_charge_first_and_says_what_is_left(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    first, second, third = (owes(library, reader, amount) for amount in (200, 300, 100))
    receipt = paid(library, desk, reader, 350, method=CARD)
    assert [(part.charge_id, part.amount_minor, part.left_minor) for part in receipt.parts] == [
        (first, 200, 0),
        (second, 150, 150),
    ]
    assert (receipt.number, receipt.kind, receipt.amount_minor) == ("R-000001", PaymentKind.PAYMENT, 350)
    assert (receipt.method, receipt.currency, receipt.taken_by) == (CARD, "EUR", desk.account_id)
    assert balance(library, reader) == 250
    assert third not in [part.charge_id for part in receipt.parts]
    sound(library)


def test_chosen_charges_are_paid_in_the_order_in_which_they_were_chosen(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    first, second, third = (owes(library, reader, amount) for amount in (200, 300, 100))
    receipt = paid(library, desk, reader, 250, [third, first])
    assert [(part.charge_id, part.amount_minor, part.left_minor) for part in receipt.parts] == [
        (third, 100, 0),
        (first, 150, 50),
    ]
    assert rows(library, "SELECT id, balance_minor FROM charge ORDER BY id") == [(first, 50), (second, 300), (third, 0)]
    sound(library)


# what is owed on three charges, what is offered, for which of them, and what the desk hears
TOO_MUCH = [
    ((200, 300, 0), 501, (), PaysTooMuch, 500),
    ((200, 300, 0), 201, (0,), PaysTooMuch, 200),
    ((200, 300, 0), 10**12, (), PaysTooMuch, 500),
    ((0, 0, 0), 1, (), NothingOwed, 0),
    ((200, 0, 0), 1, (1,), AlreadyPaid, 0),
    ((200, 300, 0), 501, (0, 1, 0), PaysTooMuch, 500),  # naming a charge twice does not double it
]


@pytest.mark.parametrize(("owed", "offered", "chosen", "refusal", "left"), TOO_MUCH)
def test_more_than_what_is_owed_is_refused_with_what_is_owed(
    library: Installation,
    owed: tuple[int, ...],
    offered: int,
    chosen: tuple[int, ...],
    refusal: type[PaysTooMuch],
    left: int,
) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charges = [owes(library, reader, amount or 100) for amount in owed]
    for charge, amount in zip(charges, owed, strict=True):
        if not amount:
            paid(library, desk, reader, 100, [charge])
    with pytest.raises(refusal) as caught:
        paid(library, desk, reader, offered, [charges[n] for n in chosen])
    assert type(caught.value) is refusal
    assert caught.value.facts["owed_minor"] == left
    assert caught.value.facts["amount_minor"] == offered
    assert balance(library, reader) == sum(owed)
    sound(library)


def test_the_refusal_names_the_receipt_by_which_it_was_paid(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 240)
    receipt = paid(library, desk, reader, 240, [charge])
    with pytest.raises(AlreadyPaid, match="paid already: see receipt R-000001") as caught:
        paid(library, desk, reader, 240, [charge])
    assert caught.value.facts["paid_at"] == receipt.at


def test_amounts_in_a_refusal_are_written_as_people_write_them(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    owes(library, reader, 240)
    with pytest.raises(PaysTooMuch, match=r"€3\.00 is more than what is owed: €2\.40\."):
        paid(library, desk, reader, 300)


@pytest.mark.parametrize("amount", [0, -1, 10**12 + 1])
def test_an_amount_is_above_nought(sqlite_library: Installation, amount: int) -> None:
    desk, reader = a_librarian(sqlite_library), a_member(sqlite_library)
    owes(sqlite_library, reader)
    with pytest.raises(Invalid, match="above nought"):
        paid(sqlite_library, desk, reader, amount)


def test_nobody_pays_what_the_credit_of_another_charge_covers(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)
    paid(library, desk, reader, 500, [charge])
    lowered(library, charge, 300)
    owes(library, reader, 100)
    assert balance(library, reader) == -200
    with pytest.raises(NothingOwed):
        paid(library, desk, reader, 100)
    sound(library)


def test_a_charge_of_somebody_else_is_not_there(library: Installation) -> None:
    desk, reader, other = a_librarian(library), a_member(library), a_member(library)
    charge = owes(library, other)
    with pytest.raises(NotFound, match="no such charge"):
        paid(library, desk, reader, 100, [charge])


def test_the_same_key_takes_money_once_and_gives_the_same_receipt(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    owes(library, reader, 500)
    first = paid(library, desk, reader, 100, key="k")
    assert paid(library, desk, reader, 100, key="k") == first
    assert balance(library, reader) == 400
    with pytest.raises(Invalid, match="idempotency key"):
        paid(library, desk, reader, 200, key="k")
    sound(library)


def test_a_receipt_stays_what_it_was_whatever_follows(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    owes(library, reader, 500)
    first = paid(library, desk, reader, 100, key="k")
    paid(library, desk, reader, 50)
    assert paid(library, desk, reader, 100, key="k") == first
    assert first.parts[0].left_minor == 400


def test_only_the_desk_takes_money(sqlite_library: Installation) -> None:
    reader = a_member(sqlite_library)
    owes(sqlite_library, reader)
    with pytest.raises(Forbidden):
        paid(sqlite_library, reader, reader, 100)
    with pytest.raises(NotSignedIn), begin_work(sqlite_library, SYSTEM) as uow:
        pay(uow, account_id=reader.account_id or 0, amount_minor=1, method=CASH)


# charged, then paid, then found to be too much by, then given back already, and what may still be given back
REFUNDS = [
    (500, 500, 500, 0, 500),
    (500, 500, 200, 0, 200),
    (500, 500, 0, 0, 0),
    (500, 300, 500, 0, 300),
    (500, 300, 200, 0, 0),
    (500, 300, 300, 0, 100),
    (500, 500, 500, 200, 300),
    (500, 500, 500, 500, 0),
    (500, 0, 500, 0, 0),
]


@pytest.mark.parametrize(("charged", "payment", "less", "back", "most"), REFUNDS)
def test_a_refund_is_at_most_what_was_paid_and_what_is_owed_back(
    library: Installation, charged: int, payment: int, less: int, back: int, most: int
) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, charged)
    if payment:
        paid(library, desk, reader, payment, [charge])
    if less:
        lowered(library, charge, less)
    if back:
        refunded(library, desk, charge, back)
    with pytest.raises(RefundTooHigh) as caught:
        refunded(library, desk, charge, most + 1)
    assert caught.value.facts["most_minor"] == most
    if most:
        assert refunded(library, desk, charge, most).amount_minor == -most
    sound(library)


def test_what_was_forgiven_is_not_given_back_as_money(library: Installation) -> None:
    """Nothing was paid: however far the charge sinks below nought, there is no money to give back."""
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)
    paid(library, desk, reader, 100, [charge])
    lowered(library, charge, 500)
    lowered(library, charge, 200)
    with pytest.raises(RefundTooHigh) as caught:
        refunded(library, desk, charge, 101)
    assert (caught.value.facts["paid_minor"], caught.value.facts["credit_minor"]) == (100, 300)
    assert rows(library, "SELECT count(*) FROM payment WHERE kind = 'refund'") == [(0,)]
    assert broken(library) == ["credit-was-paid"]  # nothing the library does itself comes to this


def test_a_refund_has_a_receipt_of_its_own_that_says_so(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)
    paid(library, desk, reader, 500)
    lowered(library, charge, 200)
    receipt = refunded(library, desk, charge, 150, key="k")
    assert refunded(library, desk, charge, 150, key="k") == receipt
    assert (receipt.kind, receipt.number, receipt.amount_minor) == (PaymentKind.REFUND, "R-000002", -150)
    assert (receipt.parts[0].amount_minor, receipt.parts[0].left_minor) == (-150, -50)
    assert receipt.note == "Charged by mistake"
    sound(library)


def test_a_receipt_is_taken_back_whole_and_once(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    first, second = owes(library, reader, 200), owes(library, reader, 300)
    receipt = paid(library, desk, reader, 400, method=CARD)
    counter = taken_back(library, desk, receipt.payment_id)
    assert (counter.kind, counter.amount_minor, counter.method) == (PaymentKind.REVERSAL, -400, CARD)
    assert (counter.reverses, counter.number) == ("R-000001", "R-000002")
    assert [(part.charge_id, part.amount_minor, part.left_minor) for part in counter.parts] == [
        (first, -200, 200),
        (second, -200, 300),
    ]
    assert balance(library, reader) == 500
    with pytest.raises(AlreadyReversed, match="This receipt was taken back already"):
        taken_back(library, desk, receipt.payment_id)
    with pytest.raises(NotReversible):
        taken_back(library, desk, counter.payment_id)
    sound(library)


def test_a_refund_can_be_taken_back_too(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)
    paid(library, desk, reader, 500)
    lowered(library, charge, 200)
    receipt = refunded(library, desk, charge, 200)
    assert taken_back(library, desk, receipt.payment_id).amount_minor == 200
    assert balance(library, reader) == -200
    assert refunded(library, desk, charge, 200).number == "R-000004"
    sound(library)


def test_a_receipt_whose_money_was_given_back_cannot_be_taken_back_as_well(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)
    receipt = paid(library, desk, reader, 500)
    lowered(library, charge, 200)
    refunded(library, desk, charge, 200)
    with pytest.raises(WouldCostRefund, match="R-000001"):
        taken_back(library, desk, receipt.payment_id)
    assert balance(library, reader) == 0
    sound(library)


def test_taking_back_needs_a_reason_and_a_receipt(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    owes(library, reader, 500)
    receipt = paid(library, desk, reader, 500)
    with pytest.raises(NotFound, match="no such receipt"):
        taken_back(library, desk, 77)
    with pytest.raises(Invalid, match="reason"), begin_work(library, desk) as uow:
        reverse_payment(uow, receipt.payment_id, reason="  ")
    assert balance(library, reader) == 0


def test_a_refund_needs_a_reason_and_a_charge(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)
    paid(library, desk, reader, 500)
    lowered(library, charge, 500)
    with pytest.raises(Invalid, match="reason"), begin_work(library, desk) as uow:
        refund(uow, charge_id=charge, amount_minor=500, method=CASH, reason="")
    with pytest.raises(NotFound, match="no such charge"):
        refunded(library, desk, 77, 100)


def test_a_note_is_short(sqlite_library: Installation) -> None:
    desk, reader = a_librarian(sqlite_library), a_member(sqlite_library)
    owes(sqlite_library, reader)
    with pytest.raises(Invalid, match="200"), begin_work(sqlite_library, desk) as uow:
        pay(uow, account_id=reader.account_id or 0, amount_minor=1, method=CASH, note="x" * 201)


def test_each_receipt_is_in_the_audit_trail_without_names(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)
    receipt = paid(library, desk, reader, 500)
    taken_back(library, desk, receipt.payment_id)
    found = rows(library, "SELECT action, CAST(facts AS TEXT) FROM audit WHERE subject_kind = 'payment' ORDER BY id")
    assert [action for action, _ in found] == ["payment.take", "payment.reverse"]
    assert reader.name not in str(found)
    assert f'"charges": [{charge}]' in str(found)


def test_entries_say_by_whom_and_when(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)
    library.clock.forward(timedelta(hours=30))  # type: ignore[attr-defined]
    paid(library, desk, reader, 500)
    assert entries(library, charge, "kind", "made_by", "amount_minor") == [
        (EntryKind.CHARGE, None, 500),
        (EntryKind.PAYMENT, desk.account_id, -500),
    ]
    ((at, on_date),) = entries(library, charge, "at", "on_date")[1:]
    with begin_work(library, desk) as uow:
        assert (as_instant(at), as_day(on_date)) == (uow.now, uow.today)
