"""Every arrow and every non-arrow of a loan, a hold and a copy, each through the use cases.

A table a thing: down its states, across what is tried, and in the cell the state that comes of it, or the refusal.
Each cell is tried on the same library and taken back, so that all cells of a row begin alike.
"""

from collections.abc import Callable
from typing import Any

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import UnitOfWork, begin_work
from lib.catalogue.errors import CopyCannotMove
from lib.catalogue.forms import CopyForm
from lib.catalogue.models import Condition, CopyStatus
from lib.circulation.checkout import check_out
from lib.circulation.claims import claim_returned, clear_claim
from lib.circulation.copy_moves import edit_copy
from lib.circulation.errors import (
    AlreadyClaimed,
    AlreadyUndone,
    CannotLend,
    CannotRenew,
    CopyIsOut,
    CopyOnHoldShelf,
    HoldIsOver,
    HoldIsReady,
    NotClaimed,
    NotInRepair,
    StillDamaged,
    UndoOvertaken,
)
from lib.circulation.hold_jobs import expire_holds
from lib.circulation.holds import cancel_hold, move_hold, place_hold, resume_hold, suspend_hold
from lib.circulation.losses import declare_lost
from lib.circulation.renewals import renew
from lib.circulation.repairs import end_repair
from lib.circulation.returns import Inspection, check_in
from lib.circulation.withdrawal import reinstate_copy, withdraw_copy
from lib.desk.undo import undo
from lib.kit.errors import NotFound
from tests.builders import a_copy, a_loan, a_member
from tests.circulation.hold_steps import copy_id_of
from tests.circulation.state_steps import Case, Cell, outcome, told
from tests.circulation.steps import hand_in, issue, undone

# ------------------------------------------------------------------------------------------------------------- loans


def _lend(case: Case) -> None:
    receipt = issue(case.library, case.desk, case.barcode, case.reader)
    case.loan, case.act = receipt.loan_id, receipt.act_id
    case.forward(minutes=1)


def _lose(case: Case) -> None:
    _lend(case)
    case.do(declare_lost, loan_id=case.loan)


LOAN_STATES: dict[str, Callable[[Case], Any]] = {
    "open": _lend,
    "claimed": lambda case: (_lend(case), case.do(claim_returned, loan_id=case.loan)),
    "returned": lambda case: (_lend(case), hand_in(case.library, case.desk, case.barcode)),
    "lost": _lose,
    "found": lambda case: (_lose(case), hand_in(case.library, case.desk, case.barcode)),
    "undone": lambda case: (_lend(case), undone(case.library, case.desk, case.act)),
}
LOAN_ACTS: dict[str, Callable[[Case, UnitOfWork], Any]] = {
    "renew": lambda case, uow: renew(uow, loan_id=case.loan),
    "return": lambda case, uow: check_in(uow, barcode=case.barcode),
    "lose": lambda case, uow: declare_lost(uow, loan_id=case.loan),
    "claim": lambda case, uow: claim_returned(uow, loan_id=case.loan),
    "clear": lambda case, uow: clear_claim(uow, loan_id=case.loan),
    "undo the issue": lambda case, uow: undo(uow, case.act),
}
_GONE: dict[str, Cell] = {"renew": NotFound, "lose": NotFound, "claim": NotFound, "clear": NotFound}
LOANS: dict[str, dict[str, Cell]] = {
    "open": {"renew": "open", "return": "returned", "lose": "lost", "claim": "claimed", "clear": NotClaimed,
             "undo the issue": "undone"},
    "claimed": {"renew": CannotRenew, "return": "returned", "lose": "lost", "claim": AlreadyClaimed, "clear": "open",
                "undo the issue": UndoOvertaken},
    "returned": _GONE | {"return": "returned", "undo the issue": UndoOvertaken},
    "lost": _GONE | {"return": "found", "undo the issue": UndoOvertaken},
    "found": _GONE | {"return": "found", "undo the issue": UndoOvertaken},
    "undone": _GONE | {"return": "undone", "undo the issue": AlreadyUndone},
}  # fmt: skip


def _loan_state(case: Case, uow: UnitOfWork) -> str:
    row = case.answer(
        uow, f"SELECT undone_at, found_at, lost_at, returned_at, claimed_on FROM loan WHERE id = {case.loan}"
    )
    names = ("undone", "found", "lost", "returned", "claimed")
    return next((name for name, value in zip(names, row, strict=True) if value is not None), "open")


@pytest.mark.parametrize("state", LOANS)
def test_a_loan_moves_so_and_no_other_way(library: Installation, state: str) -> None:
    case = Case(library)
    LOAN_STATES[state](case)
    found = {
        name: outcome(library, case.desk, lambda uow, act=act: act(case, uow), lambda uow: _loan_state(case, uow))
        for name, act in LOAN_ACTS.items()
    }
    assert told(found) == told(LOANS[state])


# ------------------------------------------------------------------------------------------------------------- holds


def _wait(case: Case) -> None:
    a_loan(case.library, case.other, case.barcode)
    case.hold = case.do(place_hold, title_id=case.title, who=case.reader).hold_id
    case.do(place_hold, title_id=case.title, who=a_member(case.library))


def _ready(case: Case) -> None:
    _wait(case)
    hand_in(case.library, case.desk, case.barcode)


def _expire(case: Case) -> None:
    _ready(case)
    case.forward(days=30)
    case.do(expire_holds, who=SYSTEM)


HOLD_STATES: dict[str, Callable[[Case], Any]] = {
    "waiting": _wait,
    "suspended": lambda case: (_wait(case), case.do(suspend_hold, case.hold, case.library.clock.now().date())),
    "ready": _ready,
    "collected": lambda case: (_ready(case), issue(case.library, case.desk, case.barcode, case.reader)),
    "cancelled": lambda case: (_wait(case), case.do(cancel_hold, case.hold, who=case.reader)),
    "expired": _expire,
}
HOLD_ACTS: dict[str, Callable[[Case, UnitOfWork], Any]] = {
    "the copy comes back": lambda case, uow: check_in(uow, barcode=case.barcode),
    "cancel": lambda case, uow: cancel_hold(uow, case.hold, reason="Asked"),
    "suspend": lambda case, uow: suspend_hold(uow, case.hold, uow.today),
    "resume": lambda case, uow: resume_hold(uow, case.hold),
    "move": lambda case, uow: move_hold(uow, case.hold, 2, "For the exam"),
}
_OVER: dict[str, Cell] = dict.fromkeys(HOLD_ACTS, HoldIsOver)
HOLDS: dict[str, dict[str, Cell]] = {
    "waiting": {"the copy comes back": "ready", "cancel": "cancelled", "suspend": "suspended", "resume": "waiting",
                "move": "waiting"},
    "suspended": {"the copy comes back": "suspended", "cancel": "cancelled", "suspend": "suspended",
                  "resume": "waiting", "move": "suspended"},
    "ready": {"the copy comes back": "ready", "cancel": "cancelled", "suspend": HoldIsReady, "resume": HoldIsReady,
              "move": HoldIsReady},
    "collected": _OVER | {"the copy comes back": "collected"},
    "cancelled": _OVER | {"the copy comes back": "cancelled"},
    "expired": _OVER | {"the copy comes back": "expired"},
}  # fmt: skip


def _hold_state(case: Case, uow: UnitOfWork) -> str:
    state, until = case.answer(uow, f"SELECT state, suspended_until FROM hold WHERE id = {case.hold}")
    return "suspended" if until else str(state)


@pytest.mark.parametrize("state", HOLDS)
def test_a_hold_moves_so_and_no_other_way(library: Installation, state: str) -> None:
    case = Case(library)
    HOLD_STATES[state](case)
    found = {
        name: outcome(library, case.desk, lambda uow, act=act: act(case, uow), lambda uow: _hold_state(case, uow))
        for name, act in HOLD_ACTS.items()
    }
    assert told(found) == told(HOLDS[state])


@pytest.mark.parametrize(("state", "becomes"), [
    ("waiting", "waiting"), ("suspended", "suspended"), ("ready", "expired"), ("collected", "collected"),
    ("cancelled", "cancelled"), ("expired", "expired"),
])  # fmt: skip
def test_the_night_ends_only_holds_whose_day_on_the_shelf_is_over(
    library: Installation, state: str, becomes: str
) -> None:
    case = Case(library)
    HOLD_STATES[state](case)
    case.forward(days=30)
    assert outcome(library, SYSTEM, expire_holds, lambda uow: _hold_state(case, uow)) == becomes


# ------------------------------------------------------------------------------------------------------------ copies

S = CopyStatus


def _by_hand(status: CopyStatus) -> Callable[[Case, UnitOfWork], Any]:
    def act(case: Case, uow: UnitOfWork) -> Any:
        (version,) = case.answer(uow, f"SELECT version FROM copy WHERE id = {case.copy}")
        return edit_copy(uow, case.copy, CopyForm(barcode=case.barcode, status=status), seen_version=version)

    return act


def _mend(condition: Condition) -> Callable[[Case, UnitOfWork], Any]:
    return lambda case, uow: end_repair(uow, copy_id=case.copy, condition=condition)


COPY_ACTS: dict[str, Callable[[Case, UnitOfWork], Any]] = {
    "issue": lambda case, uow: check_out(uow, barcode=case.barcode, member_id=case.member),
    "return": lambda case, uow: check_in(uow, barcode=case.barcode),
    "return damaged": lambda case, uow: check_in(
        uow, barcode=case.barcode, inspection=Inspection(Condition.DAMAGED)
    ),
    "mend": _mend(Condition.GOOD),
    "mend badly": _mend(Condition.DAMAGED),
    "withdraw": lambda case, uow: withdraw_copy(uow, case.copy, "Mould"),
    "reinstate": lambda case, uow: reinstate_copy(uow, case.copy),
} | {f"set {status.value}": _by_hand(status) for status in CopyStatus}  # fmt: skip


def _hand(status: CopyStatus, *may: CopyStatus) -> dict[str, Cell]:
    """What editing the copy leads to: its own status may be repeated, others as listed."""
    return {f"set {new.value}": new.value if new in (status, *may) else CopyCannotMove for new in CopyStatus}


def _row(status: CopyStatus, *may: CopyStatus, **cells: Cell) -> dict[str, Cell]:
    usual: dict[str, Cell] = {
        "issue": CannotLend, "return": status.value, "return damaged": status.value, "mend": NotInRepair,
        "mend badly": NotInRepair, "withdraw": "withdrawn", "reinstate": CopyCannotMove,
    }  # fmt: skip
    named = {name.replace("_", " "): cell for name, cell in cells.items()}
    return usual | _hand(status, *may) | named


COPIES: dict[CopyStatus, dict[str, Cell]] = {
    S.AVAILABLE: _row(S.AVAILABLE, S.IN_REPAIR, S.LOST, issue="on_loan", return_damaged="in_repair"),
    S.ON_LOAN: _row(
        S.ON_LOAN, **{"return": "available", "return_damaged": "in_repair", "withdraw": CopyIsOut}
    ),
    S.ON_HOLD_SHELF: _row(S.ON_HOLD_SHELF, issue=CannotLend, return_damaged="in_repair", withdraw=CopyOnHoldShelf),
    S.IN_REPAIR: _row(S.IN_REPAIR, S.AVAILABLE, S.LOST, mend="available", mend_badly=StillDamaged),
    S.ON_ORDER: _row(S.ON_ORDER, S.AVAILABLE),
    S.LOST: _row(S.LOST, S.AVAILABLE, S.IN_REPAIR, **{"return": "available", "return_damaged": "in_repair"}),
    S.WITHDRAWN: _row(S.WITHDRAWN, withdraw=CopyCannotMove, reinstate="available"),
}  # fmt: skip


def _to_hold_shelf(case: Case) -> None:
    a_loan(case.library, a_member(case.library), case.barcode)
    case.do(place_hold, title_id=case.title, who=case.other)
    hand_in(case.library, case.desk, case.barcode)


COPY_STATES: dict[CopyStatus, Callable[[Case], Any]] = {
    S.AVAILABLE: lambda case: None,
    S.ON_LOAN: lambda case: a_loan(case.library, case.other, case.barcode),
    S.ON_HOLD_SHELF: _to_hold_shelf,
    S.IN_REPAIR: lambda case: _edited(case, S.IN_REPAIR),
    S.ON_ORDER: lambda case: _on_order(case),
    S.LOST: lambda case: _edited(case, S.LOST),
    S.WITHDRAWN: lambda case: case.do(withdraw_copy, case.copy, "Mould"),
}


def _edited(case: Case, status: CopyStatus) -> None:
    with begin_work(case.library, case.desk) as uow:
        COPY_ACTS[f"set {status.value}"](case, uow)


def _on_order(case: Case) -> None:
    case.barcode = a_copy(case.library, case.title, status="on_order")
    case.copy = copy_id_of(case.library, case.barcode)


def _copy_state(case: Case, uow: UnitOfWork) -> str:
    return str(case.answer(uow, f"SELECT status FROM copy WHERE id = {case.copy}")[0])


@pytest.mark.parametrize("status", COPIES)
def test_a_copy_moves_so_and_no_other_way(library: Installation, status: CopyStatus) -> None:
    case = Case(library)
    COPY_STATES[status](case)
    found = {
        name: outcome(library, case.desk, lambda uow, act=act: act(case, uow), lambda uow: _copy_state(case, uow))
        for name, act in COPY_ACTS.items()
    }
    assert told(found) == told(COPIES[status])


def test_the_tables_know_every_state_and_every_act() -> None:
    assert set(COPIES) == set(CopyStatus)
    assert LOANS.keys() == LOAN_STATES.keys()
    assert HOLDS.keys() == HOLD_STATES.keys()
    for table, acts in ((LOANS, LOAN_ACTS), (HOLDS, HOLD_ACTS), (COPIES, COPY_ACTS)):
        assert all(row.keys() == acts.keys() for row in table.values())  # type: ignore[attr-defined]
