"""Every arrow and every non-arrow of a charge through the use cases of money; to be read as test_states.py."""

from collections.abc import Callable
from typing import Any

import pytest

from lib.access.installation import Installation
from lib.access.work import UnitOfWork
from lib.billing.errors import (
    AlreadyAccruing,
    AlreadyPaid,
    AlreadyReversed,
    NothingOwed,
    PaysTooMuch,
    RefundTooHigh,
    WouldCostRefund,
    WrongChargeState,
)
from lib.billing.ledger import adjust, finalise, open_charge, reopen
from lib.billing.models import ChargeKind, ChargeState, PaymentMethod
from lib.billing.payments import pay, refund, reverse_payment
from lib.billing.waivers import waive
from lib.kit.errors import NotFound
from tests.builders import a_loan
from tests.circulation.state_steps import Case, Cell, outcome, told


def _open(case: Case, state: ChargeState) -> None:
    case.loan = a_loan(case.library, case.reader, case.barcode, days_ago=40)
    case.charge = case.do(
        open_charge, account_id=case.member, kind=ChargeKind.FINE, amount_minor=100, what="Fine", loan_id=case.loan,
        copy_id=case.copy, state=state,
    )  # fmt: skip


def _pay(case: Case) -> None:
    _open(case, ChargeState.FINAL)
    case.payment = case.do(pay, account_id=case.member, amount_minor=100, method=PaymentMethod.CASH).payment_id


def _credit(case: Case) -> None:
    _pay(case)
    case.do(adjust, case.charge, -40, reason="It was less")


def _give_back(case: Case) -> None:
    _credit(case)
    case.do(_refund, case)


def _refund(uow: UnitOfWork, case: Case) -> Any:
    return refund(uow, charge_id=case.charge, amount_minor=40, method=PaymentMethod.CASH, reason="Paid too much")


CHARGE_STATES: dict[str, Callable[[Case], Any]] = {
    "accruing": lambda case: _open(case, ChargeState.ACCRUING),
    "final": lambda case: _open(case, ChargeState.FINAL),
    "paid": _pay,
    "waived": lambda case: (
        _open(case, ChargeState.FINAL), case.do(waive, charge_id=case.charge, amount_minor=None, reason="Was ill"),
    ),
    "credit": _credit,
    "given back": _give_back,
    "reversed": lambda case: (_pay(case), case.do(reverse_payment, case.payment, reason="Wrong reader")),
}  # fmt: skip
CHARGE_ACTS: dict[str, Callable[[Case, UnitOfWork], Any]] = {
    "pay": lambda case, uow: pay(
        uow, account_id=case.member, amount_minor=100, method=PaymentMethod.CASH, charge_ids=[case.charge]
    ),
    "pay more": lambda case, uow: pay(
        uow, account_id=case.member, amount_minor=101, method=PaymentMethod.CASH, charge_ids=[case.charge]
    ),
    "waive": lambda case, uow: waive(uow, charge_id=case.charge, amount_minor=100, reason="Was ill"),
    "refund": lambda case, uow: _refund(uow, case),
    "reverse": lambda case, uow: reverse_payment(uow, case.payment, reason="Wrong reader"),
    "finalise": lambda case, uow: finalise(uow, case.charge),
    "reopen": lambda case, uow: reopen(uow, case.charge),
}
_FINAL: dict[str, Cell] = {
    "refund": RefundTooHigh, "reverse": NotFound, "finalise": WrongChargeState, "pay more": PaysTooMuch,
}  # fmt: skip
CHARGES: dict[str, dict[str, Cell]] = {
    "accruing": _FINAL | {"pay": "accruing 0", "waive": "accruing 0", "finalise": "final 100",
                          "reopen": WrongChargeState},
    "final": _FINAL | {"pay": "final 0", "waive": "final 0", "reopen": "accruing 100"},
    "paid": _FINAL | {"pay": AlreadyPaid, "pay more": AlreadyPaid, "waive": NothingOwed, "reverse": "final 100",
                      "reopen": "accruing 0"},
    "waived": _FINAL | {"pay": NothingOwed, "pay more": NothingOwed, "waive": NothingOwed, "reopen": "accruing 0"},
    "credit": _FINAL | {"pay": AlreadyPaid, "pay more": AlreadyPaid, "waive": NothingOwed, "refund": "final 0",
                        "reverse": "final 60", "reopen": "accruing -40"},
    "given back": _FINAL | {"pay": AlreadyPaid, "pay more": AlreadyPaid, "waive": NothingOwed,
                            "reverse": WouldCostRefund, "reopen": "accruing 0"},
    "reversed": _FINAL | {"pay": "final 0", "waive": "final 0", "reverse": AlreadyReversed,
                          "reopen": "accruing 100"},
}  # fmt: skip


def _charge_state(case: Case, uow: UnitOfWork) -> str:
    state, balance = case.answer(uow, f"SELECT state, balance_minor FROM charge WHERE id = {case.charge}")
    return f"{state} {balance}"


@pytest.mark.parametrize("state", CHARGES)
def test_a_charge_moves_so_and_no_other_way(library: Installation, state: str) -> None:
    case = Case(library)
    CHARGE_STATES[state](case)
    found = {
        name: outcome(library, case.desk, lambda uow, act=act: act(case, uow), lambda uow: _charge_state(case, uow))
        for name, act in CHARGE_ACTS.items()
    }
    assert told(found) == told(CHARGES[state])


def test_a_loan_has_one_running_fine(library: Installation) -> None:
    case = Case(library)
    _open(case, ChargeState.FINAL)
    case.do(reopen, case.charge)
    named: dict[str, Any] = {"account_id": case.member, "kind": ChargeKind.FINE, "what": "Fine", "loan_id": case.loan}
    with pytest.raises(AlreadyAccruing):
        case.do(open_charge, amount_minor=0, state=ChargeState.ACCRUING, **named)
    another = case.do(open_charge, amount_minor=50, **named)
    with pytest.raises(AlreadyAccruing):
        case.do(reopen, another)


def test_the_table_knows_every_state_and_every_act() -> None:
    assert CHARGES.keys() == CHARGE_STATES.keys()
    assert all(row.keys() == CHARGE_ACTS.keys() for row in CHARGES.values())
