"""The machine tried on broken libraries: one rule, count or step is taken out, and the machine must find it.

Each line takes something out of the product for the length of the test. A machine that lives on without noticing
would prove nothing about the whole product either.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import Connection, text

from lib.access.installation import Installation
from lib.billing import ledger, payments
from lib.billing.append_only import guard_ledger
from lib.circulation import capture, checkout, hold_queue, holds, jobs, losses, money, renewals, returns
from lib.circulation.calendar import OpenDays
from lib.circulation.collecting import NOTHING
from lib.circulation.decision import Decision
from lib.circulation.situation import OpenLoan
from lib.desk import undo_loans
from lib.kit.database import Statement
from tests.circulation.machine import world
from tests.circulation.machine.desk import Desk
from tests.circulation.machine.narrow import ClosedDays, Lent, Nightly, Queues, Till
from tests.circulation.machine.test_machine import Library
from tests.circulation.machine.world import without_waiting_for_the_disk

LIVES = 600  # what is found is found sooner as a rule; names and numbers of other tests move the lives
Fault = Callable[[pytest.MonkeyPatch, Installation], Any]


def says(module: Any, name: str, old: str, new: str) -> Fault:
    """A statement that says something else."""

    def break_it(patch: pytest.MonkeyPatch, _library: Installation) -> None:
        was = getattr(module, name).sqlite
        assert old in was
        patch.setattr(module, name, Statement(was.replace(old, new)))

    return break_it


def does(module: Any, name: str, instead: Any) -> Fault:
    """A function that does something else."""
    return lambda patch, _library: patch.setattr(module, name, instead)


def _forgives_grace(loan: OpenLoan, day: Any, calendar: OpenDays) -> int:
    late = calendar.days_late(loan.due_on, min(day, loan.claimed_on) if loan.claimed_on else day)
    running = max(0, late - loan.grace_days) * loan.fine_per_day  # grace days for nothing, not all or nothing
    return min(loan.fine_settled + min(running, loan.fine_cap), max(loan.fine_cap, loan.fine_settled))


def _uncapped(loan: OpenLoan, day: Any, calendar: OpenDays) -> int:
    return FINE_ON(replace(loan, fine_cap=10**6), day, calendar)


FINE_ON, DAYS_LATE = OpenLoan.fine_on, OpenDays.days_late


def _unguarded(patch: pytest.MonkeyPatch, _library: Installation) -> None:
    """Each life begins with a ledger one of whose guards is missing."""

    def guard(connection: Connection) -> None:
        guard_ledger(connection)
        connection.execute(text("DROP TRIGGER payment_no_update"))

    patch.setattr(world, "guard_ledger", guard)


FAULTS: dict[str, Fault] = {
    "an issue is not counted": says(checkout, "_COUNT", "loan_count + 1", "loan_count"),
    "an issue leaves the reader's own hold": does(checkout, "meet_holds", lambda *_given, **_named: NOTHING),
    "a returned copy is not offered": does(returns, "offer_copy", lambda *_given, **_named: None),
    "a suspended hold is served": says(
        capture, "_NEXT", "(h.suspended_until IS NULL OR h.suspended_until < :today)", "(:today = :today)"
    ),
    "the last in the queue is served": says(capture, "_NEXT", "ORDER BY h.position", "ORDER BY h.position DESC"),
    "a gap stays in the queue": does(hold_queue, "_close_gap", lambda *_given: None),
    "a cancelled hold's copy stays on the hold shelf": does(capture, "release", lambda *_given: None),
    "whoever asks may wait": does(holds, "decide_hold", lambda *_given: Decision((), True, False, None)),
    "a renewal keeps its due day": says(
        renewals, "_MOVE", "due_on = :due_on,", "due_on = due_on + 0 * length(:due_on),"
    ),
    "a renewal settles no fine": does(renewals, "_close_fine", lambda *_given: []),
    "a return fixes no fine": does(returns, "set_fine", lambda *_given, **_named: []),
    "a return leaves its fine running": does(
        returns, "set_fine", lambda uow, **named: losses.set_fine(uow, **named | {"final": False})
    ),
    "grace days are for nothing": lambda patch, _: patch.setattr(OpenLoan, "fine_on", _forgives_grace),
    "a fine grows above its cap": lambda patch, _: patch.setattr(OpenLoan, "fine_on", _uncapped),
    "closed days count as late": lambda patch, _: patch.setattr(
        OpenDays, "days_late", lambda _self, due, day: max(0, (day - due).days)
    ),
    "a day of lateness is left out": lambda patch, _: patch.setattr(
        OpenDays, "days_late", lambda self, due, day: DAYS_LATE(self, due, day - timedelta(days=1))
    ),
    "a loss charges no replacement": does(losses, "_charge", lambda *_given: []),
    "a lost copy stays on loan": says(losses, "_MISS", "status = 'lost'", "status = 'on_loan'"),
    "a payment moves no balance": says(payments, "_PAY", "balance_minor - :amount", "balance_minor - 0 * :amount"),
    "more is given back than is owed back": says(
        payments, "_GIVE_BACK", " AND balance_minor + :amount <= 0", ""
    ),
    "a payment leaves fines as they were": does(money, "accrue_member", lambda *_given: None),
    "an entry is written without its balance": says(
        ledger, "_MOVE", "balance_minor + :delta", "balance_minor + 0 * :delta"
    ),
    "the night charges anew what was paid": does(
        jobs, "settled_of", lambda *_given: {}
    ),
    "an undone return leaves its fine": does(undo_loans, "take_money_back", lambda *_given: None),
    "an undone return leaves its offer": does(undo_loans, "take_offer_back", lambda *_given: None),
    "an undone issue is still counted": says(undo_loans, "_UNCOUNT", "loan_count - 1", "loan_count"),
    "an undone renewal keeps its due day": says(undo_loans, "_UNRENEW", "due_on = :due_on, ", ""),
    "the ledger lets itself be changed": _unguarded,
}  # fmt: skip


# The whole machine meets these in long runs only; a part of it meets them soon.
NARROW: dict[str, type[Desk]] = {
    "an issue leaves the reader's own hold": Queues,
    "a returned copy is not offered": Queues,
    "a suspended hold is served": Queues,
    "the last in the queue is served": Queues,
    "a cancelled hold's copy stays on the hold shelf": Queues,
    "an undone issue is still counted": Queues,
    "an undone return leaves its offer": Queues,
    "an undone return leaves its fine": Till,
    "a renewal settles no fine": Till,
    "an undone renewal keeps its due day": Lent,
    "closed days count as late": ClosedDays,
    "more is given back than is owed back": Till,
    "a payment leaves fines as they were": Till,
    "the night charges anew what was paid": Nightly,
}


@pytest.mark.slow
@pytest.mark.parametrize("what", FAULTS)
def test_the_machine_finds_it_when(sqlite_library: Installation, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    FAULTS[what](monkeypatch, sqlite_library)
    ends_in_a_finding(sqlite_library, NARROW.get(what, Library))


def ends_in_a_finding(library: Installation, machine: type[Desk]) -> None:
    """Lives in a broken library until something is found."""
    without_waiting_for_the_disk(library)
    with pytest.raises(Exception) as found:  # an oracle, an invariant or the database itself
        run_state_machine_as_test(
            lambda: machine(library),
            settings=settings(
                max_examples=LIVES, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck),
                derandomize=True, database=None, print_blob=False, phases=[Phase.generate],
            ),
        )  # fmt: skip
    assert not isinstance(found.value, NameError | TypeError | AttributeError), found.value
