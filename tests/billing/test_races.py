"""Races for money: one charge is paid once, one receipt taken back once, and receipts have no gaps. Every answer that
is no receipt is a refusal with its facts."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.billing import payments, waivers
from lib.billing.errors import AlreadyPaid, AlreadyReversed, ChargeChanged, PaysTooMuch, RefundTooHigh
from lib.billing.ledger import adjust
from lib.billing.models import PaymentMethod
from lib.billing.paid import PaymentReceipt
from lib.billing.till import close_day
from lib.billing.waivers import waive
from lib.kit.database import Statement
from lib.kit.errors import Refusal
from tests.billing.steps import balance, owes, paid, refunded, rows, sound, taken_back
from tests.builders import a_librarian, a_member
from tests.circulation.test_races import together

MANY = [50, pytest.param(200, marks=pytest.mark.slow)]


def _receipts(results: list[Any]) -> list[PaymentReceipt]:
    assert all(isinstance(result, PaymentReceipt | Refusal) for result in results)
    return [result for result in results if isinstance(result, PaymentReceipt)]


@pytest.mark.parametrize("desks", MANY)
def test_a_charge_is_paid_once_when_many_desks_take_money_for_it(library: Installation, desks: int) -> None:
    reader, desk = a_member(library), a_librarian(library)
    charge = owes(library, reader, 240)
    results = together([lambda: paid(library, desk, reader, 240, [charge])] * desks)
    assert len(_receipts(results)) == 1
    refusals = [result for result in results if isinstance(result, Refusal)]
    assert {type(refusal) for refusal in refusals} == {AlreadyPaid}
    assert {refusal.facts["receipt"] for refusal in refusals} == {"R-000001"}
    assert balance(library, reader) == 0
    sound(library)


@pytest.mark.parametrize("desks", MANY)
def test_parts_of_a_charge_never_add_up_to_more_than_it(library: Installation, desks: int) -> None:
    """Each desk takes 0.70 of 5.00: seven may, whoever they are, and the rest hear what is left."""
    reader, desk = a_member(library), a_librarian(library)
    owes(library, reader, 300)
    owes(library, reader, 200)
    results = together([lambda: paid(library, desk, reader, 70)] * desks)
    taken = _receipts(results)
    assert sum(receipt.amount_minor for receipt in taken) + balance(library, reader) == 500
    assert 1 <= len(taken) <= 7
    assert all(isinstance(result, PaysTooMuch | ChargeChanged | PaymentReceipt) for result in results)
    sound(library)


@pytest.mark.parametrize("desks", MANY)
def test_receipts_have_no_gaps_although_some_desks_give_up(library: Installation, desks: int) -> None:
    """Every third payment breaks off after its number was drawn: the number goes back with it."""
    desk = a_librarian(library)
    readers = [a_member(library) for _ in range(desks)]
    for reader in readers:
        owes(library, reader, 100)

    def act(place: int, reader: Actor) -> PaymentReceipt:
        with begin_work(library, desk) as uow:
            receipt = payments.pay(uow, account_id=reader.account_id or 0, amount_minor=100, method=PaymentMethod.CASH)
            if place % 3 == 0:
                raise Refusal
            return receipt

    acts: list[Callable[[], Any]] = [lambda p=place, r=reader: act(p, r) for place, reader in enumerate(readers)]
    results = together(acts)
    kept = _receipts(results)
    assert len(kept) == desks - len(range(0, desks, 3))
    assert sorted(receipt.number for receipt in kept) == [f"R-{n + 1:06d}" for n in range(len(kept))]
    sound(library)


def test_a_receipt_is_taken_back_once_when_many_do(library: Installation) -> None:
    reader, desk = a_member(library), a_librarian(library)
    owes(library, reader, 240)
    receipt = paid(library, desk, reader, 240)
    results = together([lambda: taken_back(library, desk, receipt.payment_id)] * 50)
    assert len(_receipts(results)) == 1
    assert Counter(type(result) for result in results)[AlreadyReversed] == 49
    assert balance(library, reader) == 240
    sound(library)


def test_what_is_owed_back_is_given_back_once_when_many_do(library: Installation) -> None:
    reader, desk = a_member(library), a_librarian(library)
    charge = owes(library, reader, 500)
    paid(library, desk, reader, 500)
    with begin_work(library, desk) as uow:
        adjust(uow, charge, -200, reason="It was less")
    results = together([lambda: refunded(library, desk, charge, 150)] * 50)
    assert len(_receipts(results)) == 1
    assert Counter(type(result) for result in results)[RefundTooHigh] == 49
    assert balance(library, reader) == -50
    sound(library)


def test_paying_waiving_and_correcting_one_charge_at_once_keeps_its_balance(library: Installation) -> None:
    reader, desk = a_member(library), a_librarian(library)
    charge = owes(library, reader, 500)

    def forgive() -> int:
        with begin_work(library, desk) as uow:
            return waive(uow, charge_id=charge, amount_minor=110, reason="Because")

    def grow() -> None:
        with begin_work(library, desk) as uow:
            adjust(uow, charge, 30)

    together([lambda: paid(library, desk, reader, 130, [charge]), forgive, grow] * 10)
    (total,) = rows(library, "SELECT CAST(sum(amount_minor) AS BIGINT) FROM ledger_entry")[0]
    assert balance(library, reader) == total >= 0
    sound(library)


def test_charges_chosen_in_opposite_orders_never_lock_one_another_out(library: Installation) -> None:
    """Each payment needs both charges; one gets through, the others hear what is left, nobody waits for nobody."""
    reader, desk = a_member(library), a_librarian(library)
    for _ in range(12):
        first, second = owes(library, reader, 100), owes(library, reader, 100)
        orders = [[first, second], [second, first]] * 4
        results = together([lambda ids=ids: paid(library, desk, reader, 150, ids) for ids in orders])
        assert len(_receipts(results)) == 1
        assert all(isinstance(result, PaysTooMuch | ChargeChanged | PaymentReceipt) for result in results)
    assert balance(library, reader) == 12 * 50
    sound(library)


def test_one_key_takes_money_once_when_the_button_is_pressed_many_times_at_once(library: Installation) -> None:
    reader, desk = a_member(library), a_librarian(library)
    owes(library, reader, 500)
    results = together([lambda: paid(library, desk, reader, 100, key="k")] * 50)
    assert len(set(_receipts(results))) == 1
    assert balance(library, reader) == 400


def test_the_till_is_closed_without_losing_a_payment_that_comes_in_meanwhile(library: Installation) -> None:
    desk = a_librarian(library)
    readers = [a_member(library) for _ in range(20)]
    for reader in readers:
        owes(library, reader, 100)
    paid(library, desk, readers[0], 50)

    def close() -> Any:
        with begin_work(library, desk) as uow:
            return close_day(uow, cash_counted_minor=0)

    takings: list[Callable[[], Any]] = [lambda r=reader: paid(library, desk, r, 50) for reader in readers]
    together([*takings, close, close, close])
    if rows(library, "SELECT count(*) FROM payment WHERE id > (SELECT max(last_payment_id) FROM day_close)") != [(0,)]:
        close()
    closed = rows(library, "SELECT CAST(sum(cash_expected_minor) AS BIGINT) FROM day_close")
    assert closed == rows(library, "SELECT CAST(sum(amount_minor) AS BIGINT) FROM payment") == [(21 * 50,)]
    sound(library)


BLIND_PAY = Statement(payments._PAY.sqlite.replace(" AND balance_minor >= :amount", ""))
BLIND_WAIVE = Statement(waivers._FORGIVE.sqlite.replace(" AND balance_minor >= :amount", ""))


def test_without_compare_and_set_a_charge_would_be_paid_twice(
    postgres_library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection taken out, where two desks do write at once: the race is lost, and the check of balances sees."""
    monkeypatch.setattr(payments, "_PAY", BLIND_PAY)
    reader, desk = a_member(postgres_library), a_librarian(postgres_library)
    charges = [owes(postgres_library, reader, 240) for _ in range(6)]
    for charge in charges:
        together([lambda c=charge: paid(postgres_library, desk, reader, 240, [c])] * 20)
    assert rows(postgres_library, "SELECT min(balance_minor) < 0 FROM charge") == [(True,)]


def test_without_compare_and_set_a_charge_would_be_waived_twice(
    postgres_library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waivers, "_FORGIVE", BLIND_WAIVE)
    reader, desk = a_member(postgres_library), a_librarian(postgres_library)

    def forgive(charge: int) -> int:
        with begin_work(postgres_library, desk) as uow:
            return waive(uow, charge_id=charge, amount_minor=None, reason="Because")

    for _ in range(6):
        charge = owes(postgres_library, reader, 240)
        together([lambda c=charge: forgive(c)] * 20)
    assert rows(postgres_library, "SELECT min(balance_minor) < 0 FROM charge") == [(True,)]
