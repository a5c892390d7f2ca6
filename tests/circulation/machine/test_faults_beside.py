"""The machine tried on libraries that are broken beside lending: credits, missed copies, machines, tasks, accounts."""

from typing import Any

import pytest

from lib.access.installation import Installation
from lib.access.work import UnitOfWork
from lib.billing import payments, set_offs
from lib.billing.models import EntryKind
from lib.circulation import closing, not_there
from lib.circulation.settings import KioskReturns
from lib.desk import offline, offline_tasks, self_returns
from tests.circulation.machine.desk import Desk
from tests.circulation.machine.narrow import Brought, Left, Missed, Owed, Written
from tests.circulation.machine.test_faults import Fault, does, ends_in_a_finding, says

ENTER = set_offs.enter


def _gives_without_taking(uow: UnitOfWork, charge_id: int, kind: EntryKind, amount: int, **given: Any) -> Any:
    return ENTER(uow, charge_id, kind, amount, **given) if amount < 0 else None


FAULTS: dict[str, tuple[type[Desk], Fault]] = {
    "a credit pays and stays": (Owed, does(set_offs, "enter", _gives_without_taking)),
    "a credit stays beside a payment": (Owed, does(payments, "settle_credits", lambda *_given, **_named: 0)),
    "a missed copy is on its shelf": (Missed, says(not_there, "_LOSE", "status = 'lost'", "status = 'available'")),
    "what is typed at a tablet ends a loan": (
        Brought, does(self_returns, "returns_here", lambda _uow: KioskReturns.AT_ONCE)
    ),
    "a settled task keeps the card": (Written, says(offline_tasks, "_SETTLE", ", card = ''", "")),
    "a task is settled twice": (
        Written, says(offline_tasks, "_SETTLE", " AND state IN ('conflict', 'overridden')", "")
    ),
    "a settled task is tried again": (Written, says(offline, "_OPEN", " AND state = 'conflict'", "")),
    "whoever leaves keeps their holds": (Left, does(closing, "end_holds_of", lambda *_given, **_named: 0)),
    "whoever leaves may owe": (Left, does(closing, "_debt", lambda *_given: None)),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("what", FAULTS)
def test_the_machine_finds_it_when(sqlite_library: Installation, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    machine, fault = FAULTS[what]
    fault(monkeypatch, sqlite_library)
    ends_in_a_finding(sqlite_library, machine)
