"""The rules of money, as tables: how a payment is spread, what can be given back, what may become of a charge."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.billing.models import ChargeState
from lib.billing.policy import CHARGE_MOVES, ChargeMove, Share, allocate, owed_minor, receipt_name, refundable_minor

# what is owed on the charges, oldest first; what is paid; what of it goes to each
SPREAD = [
    ((240,), 240, (240,)),
    ((240,), 100, (100,)),
    ((240, 500), 240, (240, 0)),
    ((240, 500), 241, (240, 1)),
    ((240, 500), 740, (240, 500)),
    ((240, 500, 60), 600, (240, 360, 0)),
    ((0, 500), 100, (0, 100)),  # settled already: passed over
    ((-300, 500), 500, (0, 500)),  # the library owes 3.00 on the first: it pays for nothing
    ((240,), 300, (240,)),  # what is left over stays out; the use case refuses it before
    ((), 100, ()),
]


@pytest.mark.parametrize(("owed", "amount", "parts"), SPREAD)
def test_a_payment_fills_each_charge_before_the_next(
    owed: tuple[int, ...], amount: int, parts: tuple[int, ...]
) -> None:
    shares = [Share(number, left) for number, left in enumerate(owed)]
    spread = {share.charge_id: share.amount_minor for share in allocate(shares, amount)}
    assert tuple(spread.get(number, 0) for number in range(len(owed))) == parts
    assert 0 not in spread.values()


@given(st.lists(st.integers(-1000, 1000), max_size=20), st.integers(1, 20_000))
def test_nothing_is_lost_and_no_charge_gets_more_than_it_needs(owed: list[int], amount: int) -> None:
    shares = [Share(number, left) for number, left in enumerate(owed)]
    parts = allocate(shares, amount)
    assert sum(part.amount_minor for part in parts) == min(amount, owed_minor(shares))
    assert all(0 < part.amount_minor <= owed[part.charge_id] for part in parts)
    full = [part.amount_minor == owed[part.charge_id] for part in parts]
    assert all(full[:-1])  # only the last may be partly paid


# paid on the charge, its balance now; what can be given back
BACK = [(500, 0, 0), (500, -200, 200), (500, -500, 500), (0, -500, 0), (100, -500, 100), (500, 200, 0), (0, 0, 0)]


@pytest.mark.parametrize(("paid", "balance", "most"), BACK)
def test_what_can_be_given_back(paid: int, balance: int, most: int) -> None:
    assert refundable_minor(paid_minor=paid, balance_minor=balance) == most


ARROWS = {
    (ChargeState.ACCRUING, ChargeMove.FINALISE, ChargeState.FINAL),
    (ChargeState.FINAL, ChargeMove.REOPEN, ChargeState.ACCRUING),
}


@pytest.mark.parametrize(("state", "move"), list(product(ChargeState, ChargeMove)))
def test_every_arrow_and_non_arrow_of_a_charge(state: ChargeState, move: ChargeMove) -> None:
    found = CHARGE_MOVES.get((state, move))
    assert found == next((after for before, by, after in ARROWS if (before, by) == (state, move)), None)


def test_a_receipts_number_reads_like_one() -> None:
    assert [receipt_name(number) for number in (1, 123, 1_234_567)] == ["R-000001", "R-000123", "R-1234567"]
