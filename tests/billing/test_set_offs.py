"""Credits set off against debts: whose money goes where, what a receipt still says, and what can be taken back."""

from datetime import date

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.trail import record
from lib.billing.errors import AlreadyPaid, PaysTooMuch, RefundTooHigh, WouldCostRefund
from lib.billing.ledger import adjust
from lib.billing.models import ChargeKind, ChargeState, EntryKind
from lib.billing.paid import payment_receipt
from lib.billing.queries import charges_of, statement
from lib.billing.receipts import statement_pdf
from lib.billing.set_offs import settle_credits
from tests.billing.steps import balance, owes, paid, refunded, rows, sound, taken_back
from tests.builders import a_librarian, a_member

BALANCES = "SELECT id, balance_minor FROM charge ORDER BY id"


def credited(library: Installation, desk: Actor, reader: Actor, amount_minor: int) -> tuple[int, int]:
    """A charge of that amount that was paid and then cost nothing: the charge, and the payment."""
    charge_id = owes(library, reader, amount_minor, what="Fine for a late return")
    receipt = paid(library, desk, reader, amount_minor, [charge_id])
    lowered(library, charge_id, amount_minor)
    return charge_id, receipt.payment_id


def lowered(library: Installation, charge_id: int, by_minor: int) -> None:
    with begin_work(library, SYSTEM) as uow:
        adjust(uow, charge_id, -by_minor, reason="Back earlier")
        record(uow, "test.act", "charge", charge_id)


def set_off(library: Installation, reader: Actor, *, running: bool = True) -> int:
    with begin_work(library, SYSTEM) as uow:
        return settle_credits(uow, reader.account_id or 0, running=running)


def test_a_credit_pays_a_debt_and_the_account_says_so_line_by_line(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    fine, _ = credited(library, desk, reader, 190)
    key = owes(library, reader, 190)
    assert set_off(library, reader) == 190
    assert set_off(library, reader) == 0
    assert rows(library, BALANCES) == [(fine, 0), (key, 0)]
    with begin_reading(library, desk) as uow:
        told = statement(uow, reader.account_id or 0, first=date(2026, 1, 1), last=uow.today)
        found = {row.id: row for row in charges_of(uow, reader.account_id or 0).rows}
        assert statement_pdf(uow, reader.account_id or 0, date(2026, 1, 1), uow.today).startswith(b"%PDF")
    assert [(line.kind, line.what, line.amount_minor, line.receipt) for line in told.lines[-2:]] == [
        (EntryKind.SET_OFF, "Fine for a late return", 190, "R-000001"),
        (EntryKind.SET_OFF, "A lost key", -190, "R-000001"),
    ]
    assert told.closing_minor == 0
    assert [(found[one].charged_minor, found[one].paid_minor) for one in (fine, key)] == [(0, 0), (190, 190)]
    sound(library)


def test_the_oldest_debt_is_paid_first(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    fine, _ = credited(library, desk, reader, 190)
    older, newer = owes(library, reader, 150), owes(library, reader, 150)
    assert set_off(library, reader) == 190
    assert rows(library, BALANCES) == [(fine, 0), (older, 0), (newer, 110)]
    sound(library)


def test_a_payment_is_divided_after_the_credit(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    credited(library, desk, reader, 190)
    key = owes(library, reader, 300)
    with pytest.raises(PaysTooMuch) as refused:
        paid(library, desk, reader, 300)
    assert refused.value.facts["owed_minor"] == 110
    receipt = paid(library, desk, reader, 110)
    assert [(part.charge_id, part.amount_minor, part.left_minor) for part in receipt.parts] == [(key, 110, 0)]
    assert balance(library, reader) == 0
    assert {balance for _, balance in rows(library, BALANCES)} == {0}
    sound(library)


def test_a_charge_that_is_chosen_to_be_paid_gets_the_credit_last(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    fine, _ = credited(library, desk, reader, 190)
    first, second = owes(library, reader, 300), owes(library, reader, 100)
    paid(library, desk, reader, 210, [first])  # 400 owed and 190 due: of the first, 210 is left to pay
    assert rows(library, BALANCES) == [(fine, 0), (first, 0), (second, 0)]
    sound(library)


def test_what_a_credit_paid_is_said_to_be_paid_already(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    credited(library, desk, reader, 190)
    key = owes(library, reader, 190)
    with pytest.raises(AlreadyPaid) as refused:
        paid(library, desk, reader, 190, [key])
    assert refused.value.facts["receipt"] == "R-000001"


def test_a_receipt_stays_as_it_was_written_and_is_taken_back_with_where_its_money_went(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    fine, payment_id = credited(library, desk, reader, 190)
    key = owes(library, reader, 300)
    set_off(library, reader)
    with begin_reading(library, desk) as uow:
        parts = payment_receipt(uow, payment_id).parts
    assert [(part.charge_id, part.amount_minor) for part in parts] == [(fine, 190)]
    counter = taken_back(library, desk, payment_id)
    assert [(part.charge_id, part.amount_minor, part.left_minor) for part in counter.parts] == [(key, -190, 300)]
    assert rows(library, BALANCES) == [(fine, 0), (key, 300)]
    sound(library)


def test_money_is_given_back_from_where_it_lies(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    fine, payment_id = credited(library, desk, reader, 190)
    key = owes(library, reader, 100)
    set_off(library, reader)
    with pytest.raises(RefundTooHigh) as refused:
        refunded(library, desk, fine, 190)
    assert refused.value.facts["most_minor"] == 90
    refunded(library, desk, fine, 90)
    with pytest.raises(WouldCostRefund):
        taken_back(library, desk, payment_id)
    lowered(library, key, 100)
    refunded(library, desk, key, 100)
    assert balance(library, reader) == 0
    sound(library)


def test_a_credit_goes_on_from_charge_to_charge_with_its_receipt(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    fine, payment_id = credited(library, desk, reader, 190)
    key = owes(library, reader, 190)
    set_off(library, reader)
    lowered(library, key, 190)
    card = owes(library, reader, 250)
    assert set_off(library, reader) == 190
    assert rows(library, BALANCES) == [(fine, 0), (key, 0), (card, 60)]
    counter = taken_back(library, desk, payment_id)
    assert [part.charge_id for part in counter.parts] == [card]
    assert rows(library, BALANCES) == [(fine, 0), (key, 0), (card, 250)]
    sound(library)


def test_money_of_a_receipt_that_was_taken_back_pays_nothing(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    fine = owes(library, reader, 200)
    wrong = paid(library, desk, reader, 200)
    taken_back(library, desk, wrong.payment_id)
    right = paid(library, desk, reader, 200)
    lowered(library, fine, 200)
    owes(library, reader, 200)
    set_off(library, reader)
    used = {row[0] for row in rows(library, "SELECT payment_id FROM ledger_entry WHERE kind = 'set_off'")}
    assert used == {right.payment_id}
    sound(library)


def test_nor_does_it_where_its_receipt_was_the_newer(library: Installation) -> None:
    """The newest money moves first; the older receipt, whose money is there, can still be taken back."""
    desk, reader = a_librarian(library), a_member(library)
    fine = owes(library, reader, 300)
    here = paid(library, desk, reader, 100, [fine])
    taken_back(library, desk, paid(library, desk, reader, 200, [fine]).payment_id)
    lowered(library, fine, 300)
    key = owes(library, reader, 100)
    assert set_off(library, reader) == 100
    assert rows(library, "SELECT DISTINCT payment_id FROM ledger_entry WHERE kind = 'set_off'") == [(here.payment_id,)]
    taken_back(library, desk, here.payment_id)
    assert rows(library, BALANCES) == [(fine, 0), (key, 100)]
    sound(library)


def test_fines_that_still_grow_are_left_alone_at_night_but_count_when_money_is_taken(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    fine, _ = credited(library, desk, reader, 190)
    running = owes(library, reader, 300, kind=ChargeKind.FINE, loan_id=1, state=ChargeState.ACCRUING)
    assert set_off(library, reader, running=False) == 0
    paid(library, desk, reader, 110)
    assert rows(library, BALANCES) == [(fine, 0), (running, 0)]


def test_a_members_credit_pays_nobody_elses_debt(library: Installation) -> None:
    desk, reader, other = a_librarian(library), a_member(library), a_member(library)
    credited(library, desk, reader, 190)
    owes(library, other, 190)
    assert set_off(library, reader) == set_off(library, other) == 0
    assert (balance(library, reader), balance(library, other)) == (-190, 190)
