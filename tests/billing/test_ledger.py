"""The ledger: it is only added to, a balance is the sum of its entries, a loan has one running fine."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.billing.errors import AlreadyAccruing, WrongChargeState
from lib.billing.ledger import accruing_charge, adjust, finalise, open_charge, reopen
from lib.billing.models import ChargeKind, ChargeState, EntryKind
from lib.billing.policy import positive
from lib.billing.waivers import waive
from lib.kit.errors import Invalid, NotFound, Refusal
from lib.kit.tables import as_day, as_instant
from tests.billing.steps import balance, change, entries, owes, paid, rows, sound, taken_back
from tests.builders import a_librarian, a_loan, a_member

RUNNING = {"kind": ChargeKind.FINE, "state": ChargeState.ACCRUING}
WRITTEN = [
    (table, statement)
    for table in ("ledger_entry", "payment", "day_close")
    for statement in (f"UPDATE {table} SET note_or_reason = 'x'", f"DELETE FROM {table}")
]


def _filled(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    owes(library, reader, 500)
    paid(library, desk, reader, 200)
    change(
        library,
        "INSERT INTO day_close (on_date, closed_at, closed_by, first_payment_id, last_payment_id, totals,"
        " cash_expected_minor, cash_counted_minor, note)"
        " SELECT on_date, at, 1, id, id, '{}', 200, 200, '' FROM payment",
    )  # fmt: skip


@pytest.mark.parametrize(("table", "statement"), WRITTEN, ids=[sql.split()[0] + " " + table for table, sql in WRITTEN])
def test_the_database_itself_refuses_to_change_or_delete_what_is_written(
    library: Installation, table: str, statement: str
) -> None:
    _filled(library)
    column = "reason" if table == "ledger_entry" else "note"
    before = rows(library, f"SELECT * FROM {table}")
    with pytest.raises(IntegrityError, match="append-only"), library.engine.begin() as connection:
        connection.execute(text(statement.replace("note_or_reason", column)))
    assert rows(library, f"SELECT * FROM {table}") == before


@pytest.mark.parametrize(("table", "statement"), WRITTEN[:2], ids=["UPDATE", "DELETE"])
def test_without_the_triggers_it_would_be_changed(library: Installation, table: str, statement: str) -> None:
    """The protection taken out."""
    owes(library, a_member(library), 500)
    verb = statement.split()[0].lower()
    change(library, f"DROP TRIGGER {table}_no_{verb}" + ("" if library.is_sqlite else f" ON {table}"))
    change(library, statement.replace("note_or_reason", "reason"))
    assert rows(library, f"SELECT reason FROM {table}") != [("",)]


def test_a_charge_has_its_first_entry_at_once(library: Installation) -> None:
    reader = a_member(library)
    charge = owes(library, reader, 500)
    ((kind, amount, at, on_date),) = entries(library, charge, "kind", "amount_minor", "at", "on_date")
    with begin_reading(library, SYSTEM) as uow:
        assert (kind, amount, as_instant(at), as_day(on_date)) == (EntryKind.CHARGE, 500, uow.now, uow.today)
    assert balance(library, reader) == 500
    sound(library)


@pytest.mark.parametrize("amount", [0, -1, 10**13])
def test_a_charge_of_nothing_is_none(sqlite_library: Installation, amount: int) -> None:
    with pytest.raises(Invalid):
        owes(sqlite_library, a_member(sqlite_library), amount)


def test_a_running_fine_may_start_at_nothing_and_grows_and_shrinks(library: Installation) -> None:
    reader = a_member(library)
    loan = a_loan(library, reader)
    charge = owes(library, reader, 0, loan_id=loan, **RUNNING)  # type: ignore[arg-type]
    with begin_work(library, SYSTEM) as uow:
        assert accruing_charge(uow, loan) == (charge, 0, 0)
        adjust(uow, charge, 30)
        adjust(uow, charge, 0)
        adjust(uow, charge, -10, reason="Backdated")
        assert accruing_charge(uow, loan) == (charge, 20, 20)
    assert entries(library, charge, "kind", "amount_minor", "reason") == [
        (EntryKind.CHARGE, 30, ""),
        (EntryKind.CORRECTION, -10, "Backdated"),
    ]
    assert balance(library, reader) == 20


def test_what_was_charged_in_all_is_told_apart_from_what_is_left(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    loan = a_loan(library, reader)
    charge = owes(library, reader, 90, loan_id=loan, **RUNNING)  # type: ignore[arg-type]
    receipt = paid(library, desk, reader, 40)
    with begin_work(library, desk) as uow:
        waive(uow, charge_id=charge, amount_minor=20, reason="Half the fault was ours")
        assert accruing_charge(uow, loan) == (charge, 90, 30)
    taken_back(library, desk, receipt.payment_id)
    with begin_work(library, SYSTEM) as uow:
        assert accruing_charge(uow, loan) == (charge, 90, 70)
        finalise(uow, charge)
        assert accruing_charge(uow, loan) is None


# state of the charge, what happens to it, and whether the loan has another running fine
STATES = [
    (ChargeState.ACCRUING, finalise, False, ChargeState.FINAL),
    (ChargeState.FINAL, reopen, False, ChargeState.ACCRUING),
    (ChargeState.FINAL, finalise, False, WrongChargeState),
    (ChargeState.ACCRUING, reopen, False, WrongChargeState),
    (ChargeState.FINAL, reopen, True, AlreadyAccruing),
]


@pytest.mark.parametrize(("state", "move", "another", "after"), STATES)
def test_what_becomes_of_a_fine(
    library: Installation, state: ChargeState, move: object, another: bool, after: ChargeState | type[Refusal]
) -> None:
    reader = a_member(library)
    loan = a_loan(library, reader)
    charge = owes(library, reader, 50, kind=ChargeKind.FINE, loan_id=loan, state=state)
    if another:
        owes(library, reader, 0, loan_id=loan, **RUNNING)  # type: ignore[arg-type]
    if isinstance(after, ChargeState):
        with begin_work(library, SYSTEM) as uow:
            move(uow, charge)  # type: ignore[operator]
        assert rows(library, f"SELECT state FROM charge WHERE id = {charge}") == [(after.value,)]
    else:
        with pytest.raises(after), begin_work(library, SYSTEM) as uow:
            move(uow, charge)  # type: ignore[operator]


def test_only_fines_of_loans_run(library: Installation) -> None:
    reader = a_member(library)
    other = owes(library, reader, 50)
    with pytest.raises(WrongChargeState), begin_work(library, SYSTEM) as uow:
        reopen(uow, other)
    with pytest.raises(NotFound), begin_work(library, SYSTEM) as uow:
        finalise(uow, 99)
    with pytest.raises(IntegrityError):
        owes(library, reader, 50, state=ChargeState.ACCRUING)


def test_a_loan_has_one_running_fine(library: Installation) -> None:
    reader = a_member(library)
    loan = a_loan(library, reader)
    owes(library, reader, 10, loan_id=loan, **RUNNING)  # type: ignore[arg-type]
    with pytest.raises(AlreadyAccruing):
        owes(library, reader, 10, loan_id=loan, **RUNNING)  # type: ignore[arg-type]
    assert rows(library, "SELECT loan_id, balance_minor FROM charge") == [(loan, 10)]


def test_the_balance_is_that_of_one_member_over_all_charges(library: Installation) -> None:
    reader, other = a_member(library), a_member(library)
    first = owes(library, reader, 200)
    owes(library, reader, 300)
    owes(library, other, 900)
    with begin_work(library, SYSTEM) as uow:
        adjust(uow, first, -250, reason="It was less")
    assert (balance(library, reader), balance(library, other)) == (250, 900)
    with pytest.raises(NotFound), begin_work(library, SYSTEM) as uow:
        adjust(uow, 99, 5)


def test_an_entry_that_fails_leaves_the_balance_as_it_was(library: Installation) -> None:
    """Both stand or neither: they are one step of one transaction."""
    reader = a_member(library)
    charge = owes(library, reader, 500)
    with suppress(Invalid), begin_work(library, SYSTEM) as uow:
        adjust(uow, charge, -100)
        positive(0)  # refuses
    assert balance(library, reader) == 500
    sound(library)


ACTS = st.lists(
    st.tuples(st.sampled_from(["charge", "adjust", "pay", "waive", "back"]), st.integers(1, 400)), max_size=25
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_whatever_is_done_the_balance_is_the_sum_of_the_entries(
    sqlite_library: Installation, acts: list[tuple[str, int]]
) -> None:
    library = sqlite_library
    desk, reader = a_librarian(library), a_member(library)
    costs, receipts = {owes(library, reader, 300): 300}, []  # what each charge is for, never below nought
    for verb, n in acts:
        charge = list(costs)[n % len(costs)]
        try:
            if verb == "charge":
                costs[owes(library, reader, n)] = n
            elif verb == "pay":
                receipts.append(paid(library, desk, reader, n).payment_id)
            elif verb == "back" and receipts:
                taken_back(library, desk, receipts[n % len(receipts)])
            elif verb == "adjust":
                delta = max(n - 200, -costs[charge])
                with begin_work(library, SYSTEM) as uow:  # what people change is noted by the room that calls this verb
                    adjust(uow, charge, delta)
                costs[charge] += delta
            elif verb == "waive":
                with begin_work(library, desk) as uow:
                    waive(uow, charge_id=charge, amount_minor=n, reason="Because")
        except Refusal:
            continue
    (total,) = rows(library, f"SELECT sum(amount_minor) FROM ledger_entry WHERE account_id = {reader.account_id}")[0]
    assert balance(library, reader) == total
    sound(library)


def test_charges_are_made_by_rooms_above_without_a_permission_of_their_own(sqlite_library: Installation) -> None:
    """A job settles fines: it may neither take payments nor waive."""
    reader = a_member(sqlite_library)
    with begin_work(sqlite_library, SYSTEM) as uow:
        charge = open_charge(
            uow,
            account_id=reader.account_id or 0,
            kind=ChargeKind.LOST_FEE,
            amount_minor=100,
            what="Handling of a loss",
        )
    assert entries(sqlite_library, charge, "made_by") == [(None,)]
