"""Fines: what runs, what is fixed at return and renewal, and that nothing is charged twice or for nothing."""

from datetime import timedelta
from typing import Any

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.catalogue.models import Condition
from lib.circulation.errors import NobodyToCharge
from lib.circulation.fines import accrue_member
from lib.circulation.returns import Inspection
from lib.kit.errors import Invalid
from tests.builders import a_copy, a_librarian, a_loan, a_member
from tests.circulation.money_steps import charges, forward, night, owed_by, sound
from tests.circulation.steps import hand_in, issue, paid, renewed, rows


def _accrued(library: Installation, reader: Actor) -> int:
    with begin_work(library, SYSTEM) as uow:
        return accrue_member(uow, reader.account_id or 0)


def _entries(library: Installation) -> list[tuple[Any, ...]]:
    return rows(library, "SELECT kind, amount_minor FROM ledger_entry ORDER BY id")


# days since the issue of 21 days, price a day, grace, cap → what a return costs
COSTS = [
    (21, 10, 0, 500, 0),  # the due day itself
    (22, 10, 0, 500, 10),
    (22, 10, 1, 500, 0),  # within the grace
    (23, 10, 1, 500, 20),  # past it every day counts
    (50, 100, 0, 10**6, 2900),
    (50, 100, 0, 500, 500),
    (50, 0, 0, 500, 0),
    (50, 10, 0, 0, 0),
]


@pytest.mark.parametrize(("days", "per_day", "grace", "cap", "fine"), COSTS)
def test_a_return_charges_exactly_the_fine_and_nought_charges_nothing(
    library: Installation, days: int, per_day: int, grace: int, cap: int, fine: int
) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, days_ago=days, fine_per_day=per_day, grace_days=grace, fine_cap=cap)
    assert hand_in(library, desk, barcode).fine_minor == fine
    assert charges(library) == ([("fine", "final", fine)] if fine else [])
    assert rows(library, "SELECT fine_settled FROM loan") == [(fine,)]
    sound(library)


def test_a_running_fine_grows_by_the_day_and_the_return_fixes_it(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, days_ago=25)
    for day in range(3):
        assert _accrued(library, reader) == (40 if not day else 10)
        assert _accrued(library, reader) == 0
        assert owed_by(library, reader) == 40 + 10 * day
        forward(library, days=1)
    assert charges(library) == [("fine", "accruing", 60)]
    assert hand_in(library, desk, barcode).fine_minor == 70
    assert charges(library) == [("fine", "final", 70)]
    assert _entries(library) == [("charge", 40), ("charge", 10), ("charge", 10), ("charge", 10)]
    sound(library)


def test_a_backdated_return_lowers_a_fine_that_was_paid_and_the_library_owes_the_rest(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, days_ago=31)
    paid(library, desk, reader, 100)
    back = hand_in(library, desk, barcode, returned_at=library.clock.now() - timedelta(days=7))
    assert back.fine_minor == 30
    assert charges(library) == [("fine", "final", -70)]
    assert owed_by(library, reader) == -70
    sound(library)


def test_a_backdated_return_in_time_leaves_nothing_of_a_running_fine(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, days_ago=31)
    night(library)
    hand_in(library, desk, barcode, returned_at=library.clock.now() - timedelta(days=12))
    assert charges(library) == [("fine", "final", 0)]
    assert _entries(library) == [("charge", 100), ("correction", -100)]
    sound(library)


def test_an_overdue_renewal_fixes_the_fine_so_far_and_the_next_one_is_a_charge_of_its_own(
    library: Installation,
) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    loan = a_loan(library, reader, barcode, days_ago=30)
    renewed(library, desk, loan)
    assert charges(library) == [("fine", "final", 90)]
    forward(library, days=26)
    night(library)
    assert charges(library) == [("fine", "final", 90), ("fine", "accruing", 50)]
    assert rows(library, "SELECT fine_settled FROM loan") == [(90,)]
    assert hand_in(library, desk, barcode).fine_minor == 140
    assert rows(library, "SELECT fine_settled FROM loan") == [(140,)]
    sound(library)


def test_fines_of_all_spans_together_stay_within_the_cap(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    loan = a_loan(library, reader, barcode, days_ago=30, fine_cap=100)
    renewed(library, desk, loan)
    forward(library, days=60)
    night(library)
    assert charges(library) == [("fine", "final", 90), ("fine", "accruing", 10)]
    assert hand_in(library, desk, barcode).fine_minor == 100
    sound(library)


def test_damage_is_charged_to_whoever_had_the_copy(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    issue(library, desk, barcode, reader)
    receipt = hand_in(library, desk, barcode, Inspection(Condition.DAMAGED, "Torn", 450))
    assert (receipt.copy_status, receipt.charge_minor, receipt.fine_minor) == ("in_repair", 450, 0)
    assert charges(library, "kind", "balance_minor", "account_id") == [("damage", 450, reader.account_id)]
    sound(library)


def test_damage_beyond_reason_is_not_charged_and_the_copy_is_still_out(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    issue(library, desk, barcode, reader)
    with pytest.raises(Invalid, match="Look at the amount again") as refusal:
        hand_in(library, desk, barcode, Inspection(Condition.DAMAGED, "Torn", 10**9 + 1))
    assert [fault.field for fault in refusal.value.faults] == ["charge_minor"]
    assert rows(library, "SELECT status FROM copy") == [("on_loan",)]


def test_damage_of_what_was_not_on_loan_is_charged_to_nobody(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library)
    with pytest.raises(NobodyToCharge):
        hand_in(library, desk, barcode, Inspection(Condition.DAMAGED, "Torn", 450))
    issue(library, desk, barcode, a_member(library))
    with pytest.raises(Invalid):
        hand_in(library, desk, barcode, Inspection(Condition.DAMAGED, "Torn", -450))
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(1,)]
    assert charges(library) == []


def test_a_return_in_time_asks_the_ledger_nothing(sqlite_library: Installation) -> None:
    """The hot path: one joined read says that there is no fine and nobody who waits."""
    desk, reader, barcode = a_librarian(sqlite_library), a_member(sqlite_library), a_copy(sqlite_library)
    issue(sqlite_library, desk, barcode, reader)
    asked: list[str] = []
    with begin_work(sqlite_library, desk) as uow:
        from lib.circulation.returns import check_in

        driver: Any = uow.connection.connection.dbapi_connection
        driver.set_trace_callback(asked.append)
        check_in(uow, barcode=barcode)
        driver.set_trace_callback(None)
    changing = [sql.split()[0] for sql in dict.fromkeys(asked) if not sql.startswith(("SELECT", "BEGIN"))]
    assert sum(sql.startswith("SELECT") for sql in asked) <= 3
    # the trace repeats a statement for each of its triggers
    assert changing == ["UPDATE", "UPDATE", "INSERT"]
    assert not [sql for sql in asked if "ledger_entry" in sql]


def test_the_same_key_again_returns_once_and_charges_once(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, days_ago=40)
    look = Inspection(Condition.WORN, "Coffee", 200)
    assert hand_in(library, desk, barcode, look, key="k") == hand_in(library, desk, barcode, look, key="k")
    assert charges(library, "kind", "balance_minor") == [("fine", 190), ("damage", 200)]
