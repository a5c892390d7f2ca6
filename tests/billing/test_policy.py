"""The rules of money, as tables: how a payment is spread, what can be given back, what may become of a charge."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.billing.models import ChargeKind, ChargeState, EntryKind
from lib.billing.policy import (
    CHARGE_MOVES,
    ChargeMove,
    Credit,
    Posting,
    Share,
    allocate,
    forgive_anew_minor,
    merge_growth,
    net_minor,
    owed_minor,
    positive,
    receipt_name,
    refundable_minor,
    set_off,
)
from lib.kit.errors import Invalid

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


# what is due to the member, (payment, charge) → amount; what is owed, (charge) → amount, in the order in which it is
# filled; what goes where: (payment, from, to, amount)
DUE = [
    ({1: 190}, {(9, 1): 190}, {2: 190}, [(9, 1, 2, 190)]),
    ({1: 190}, {(9, 1): 500}, {2: 300}, [(9, 1, 2, 190)]),  # no more than is due
    ({1: 190}, {(9, 1): 190}, {2: 50}, [(9, 1, 2, 50)]),  # no more than is owed
    ({1: 190}, {(9, 1): 100}, {2: 190}, [(9, 1, 2, 100)]),  # no more than was paid
    ({1: 190}, {(9, 1): 100, (8, 1): 300}, {2: 190}, [(9, 1, 2, 100), (8, 1, 2, 90)]),
    ({1: 150}, {(9, 1): 100, (8, 1): 300}, {2: 500}, [(9, 1, 2, 100), (8, 1, 2, 50)]),  # of both receipts what is due
    ({1: 100, 4: 100}, {(9, 1): 100, (9, 4): 100}, {3: 150, 2: 20}, [(9, 1, 3, 100), (9, 4, 3, 50), (9, 4, 2, 20)]),
    ({1: 190}, {(9, 1): 190}, {3: 150, 2: 100}, [(9, 1, 3, 150), (9, 1, 2, 40)]),
    ({1: 190}, {}, {2: 190}, []),
    ({1: 190}, {(9, 1): 190}, {}, []),
]


@pytest.mark.parametrize(("due", "money", "owing", "moves"), DUE)
def test_what_the_library_owes_pays_what_a_member_owes(
    due: dict[int, int], money: dict[tuple[int, int], int], owing: dict[int, int], moves: list[tuple[int, ...]]
) -> None:
    found = set_off(
        [Share(*one) for one in due.items()], [Credit(*pair, amount) for pair, amount in money.items()],
        [Share(*one) for one in owing.items()],
    )  # fmt: skip
    assert [(move.payment_id, move.from_id, move.to_id, move.amount_minor) for move in found] == moves


def test_what_several_entries_come_to_for_each_charge() -> None:
    assert list(net_minor([(2, 5), (1, 190), (1, -190), (2, 6), (0, -1)]).items()) == [(0, -1), (1, 0), (2, 11)]


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


def test_moves_have_names_that_people_read() -> None:
    assert [move.value for move in ChargeMove] == ["final", "running again"]


FINE, LOST = ChargeKind.FINE, ChargeKind.REPLACEMENT
CHARGE, PAID = EntryKind.CHARGE, EntryKind.PAYMENT
# what happened, in order: (charge, its kind, what, day of March, amount); what is told: the same, with its first day
TOLD: list[tuple[str, list[tuple[int, ChargeKind, EntryKind, int, int]], list[tuple[int, int, int, int]]]] = [
    ("one day", [(1, FINE, CHARGE, 3, 20)], [(1, 3, 3, 20)]),
    ("a fine that grows is told once, on its last day",
     [(1, FINE, CHARGE, 3, 20), (1, FINE, CHARGE, 4, 10), (1, FINE, CHARGE, 5, 10)], [(1, 3, 5, 40)]),
    ("two fines that grow side by side",
     [(1, FINE, CHARGE, 3, 20), (2, FINE, CHARGE, 3, 50), (1, FINE, CHARGE, 4, 10), (2, FINE, CHARGE, 4, 50)],
     [(1, 3, 4, 30), (2, 3, 4, 100)]),
    ("a payment between parts it",
     [(1, FINE, CHARGE, 3, 20), (1, FINE, PAID, 4, -20), (1, FINE, CHARGE, 5, 10), (1, FINE, CHARGE, 6, 10)],
     [(1, 3, 3, 20), (1, 4, 4, -20), (1, 5, 6, 20)]),
    ("a payment on another charge does not",
     [(1, FINE, CHARGE, 3, 20), (2, LOST, PAID, 4, -20), (1, FINE, CHARGE, 5, 10)], [(2, 4, 4, -20), (1, 3, 5, 30)]),
    ("what is no fine does not grow", [(1, LOST, CHARGE, 3, 20), (1, LOST, CHARGE, 4, 10)],
     [(1, 3, 3, 20), (1, 4, 4, 10)]),
    ("two payments on a fine stay two", [(1, FINE, PAID, 3, -20), (1, FINE, PAID, 4, -10)],
     [(1, 3, 3, -20), (1, 4, 4, -10)]),
    ("nothing", [], []),
]  # fmt: skip


def _posting(charge: int, of: ChargeKind, kind: EntryKind, day: int, amount: int, reason: str = "") -> Posting:
    when = date(2026, 3, day)
    return Posting(charge, of, "Dune", kind, amount, when, when, reason=reason)


@pytest.mark.parametrize(("happened", "told"), [row[1:] for row in TOLD], ids=[row[0] for row in TOLD])
def test_a_statement_tells_a_growing_fine_once(
    happened: list[tuple[int, ChargeKind, EntryKind, int, int]], told: list[tuple[int, int, int, int]]
) -> None:
    found = merge_growth(_posting(*one) for one in happened)
    assert [(one.charge_id, one.since.day, one.on_date.day, one.amount_minor) for one in found] == told


def test_an_entry_with_a_reason_is_told_by_itself() -> None:
    grew, by_hand, again = (_posting(1, FINE, CHARGE, day, 10) for day in (3, 4, 5))
    by_hand = _posting(1, FINE, CHARGE, 4, 10, "Wet pages")
    assert merge_growth([grew, by_hand, again]) == [grew, by_hand, again]
    bare = Posting(1, FINE, "Dune", CHARGE, 10, date(2026, 3, 3), date(2026, 3, 3))
    assert (bare.receipt, bare.reason, bare.takes_back) == ("", "", None)
    assert bare == grew


AMOUNTS = [(1, True), (240, True), (10**12, True), (0, False), (-1, False), (10**12 + 1, False)]


@pytest.mark.parametrize(("amount", "fits"), AMOUNTS)
def test_an_amount_is_above_nought_and_within_reason(amount: int, fits: bool) -> None:
    if fits:
        assert positive(amount) == amount
        return
    with pytest.raises(Invalid) as refused:
        positive(amount)
    (fault,) = refused.value.faults
    assert (fault.field, fault.text) == ("amount", "Give an amount above nought.")
    with pytest.raises(Invalid) as refused:
        positive(amount, "credit")
    assert refused.value.faults[0].field == "credit"


def test_only_what_is_above_nought_can_be_paid() -> None:
    assert owed_minor([Share(1, 240), Share(2, -100), Share(3, 0), Share(4, 1)]) == 241


FORGIVEN = [
    # balance, forgiven, cut before; forgiven more (below nought: less)
    (0, 0, 0, 0),
    (100, 0, 0, 0),
    (100, 200, 0, 0),
    (100, 200, 30, 30),
    (100, 0, 100, 100),
    (100, 0, 130, 100),
    (0, 200, 30, 0),
    (-1, 200, 30, -1),
    (-1, 0, 0, 0),
    (-200, 200, 0, -200),
    (-300, 200, 0, -200),
    (-300, 0, 50, 0),
]


@pytest.mark.parametrize(("balance", "waived", "trimmed", "more"), FORGIVEN)
def test_what_is_forgiven_follows_what_a_charge_costs(balance: int, waived: int, trimmed: int, more: int) -> None:
    assert forgive_anew_minor(balance_minor=balance, waived_minor=waived, trimmed_minor=trimmed) == more
