"""Protections taken out one at a time: with each the library is sound, without it the fault comes and is found."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.models import Condition
from lib.circulation import capture, checkout, hold_queue, holds, renewals
from lib.circulation.checkout import IssueReceipt
from lib.circulation.returns import Inspection
from lib.circulation.withdrawal import withdraw_copy
from lib.kit.errors import Busy, Refusal
from lib.ops.integrity import findings
from tests.builders import a_charge, a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.hold_steps import a_lent_title, copy_id_of, hold, set_lending
from tests.circulation.steps import hand_in, issue, renewed, rows, set_rule
from tests.circulation.test_races import together

ROUNDS = 20


def _found(library: Installation) -> set[str]:
    with begin_reading(library, SYSTEM) as uow:
        return {finding.name for finding in findings(uow, chain=False)}


def _two_open_loans(library: Installation) -> None:
    barcode = a_copy(library)
    for _ in range(2):
        a_loan(library, a_member(library), barcode)


def _two_first_places(library: Installation) -> None:
    title, _ = a_lent_title(library)
    for _ in range(2):
        hold(library, a_member(library), title)
    _run(library, "UPDATE hold SET position = 1")


def _two_ready_holds(library: Installation) -> None:
    title, _ = a_lent_title(library)
    for _ in range(2):
        hold(library, a_member(library), title)
    _run(
        library,
        "UPDATE loan SET returned_at = issued_at, returned_on = issued_on",
        "UPDATE copy SET status = 'on_hold_shelf'",
        "UPDATE hold SET state = 'ready', position = NULL, ready_at = placed_at, shelf_until = '2026-04-01',"
        " shelf_copy_id = (SELECT min(id) FROM copy)",
    )


def _two_running_fines(library: Installation) -> None:
    reader = a_member(library)
    loan = a_loan(library, reader, days_ago=40)
    for _ in range(2):
        with begin_work(library, SYSTEM) as uow:
            a_charge(uow, reader, 100, loan_id=loan, state="accruing")


def _two_live_holds(library: Installation) -> None:
    title, _ = a_lent_title(library)
    reader = a_member(library)
    hold(library, reader, title)
    hold(library, a_member(library), title)
    _run(library, f"UPDATE hold SET account_id = {reader.account_id}")


def _run(library: Installation, *statements: str) -> None:
    with library.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


INDEXES: dict[str, tuple[Callable[[Installation], None], str]] = {
    "uq_loan_open_copy": (_two_open_loans, "one-open-loan-per-copy"),
    "uq_hold_place": (_two_first_places, "queue-counts-from-one"),
    "uq_hold_shelf_copy": (_two_ready_holds, "one-ready-hold-per-copy"),
    "uq_hold_member_title": (_two_live_holds, "one-live-hold-per-member-and-title"),
    "uq_charge_accruing": (_two_running_fines, "one-growing-fine-per-loan"),
}


@pytest.mark.parametrize("index", INDEXES)
def test_the_database_refuses_with_an_index_what_the_check_finds_without(library: Installation, index: str) -> None:
    break_it, finding = INDEXES[index]
    with pytest.raises(IntegrityError):
        break_it(library)
    _run(library, f"DROP INDEX {index}", "DELETE FROM hold WHERE state = 'waiting'")
    break_it(library)
    assert finding in _found(library)


def _nobody_waits(*_given: Any, **_named: Any) -> None:
    """A lock that locks nothing."""


def test_without_the_lock_of_the_member_a_limit_would_be_passed(
    postgres_library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The race of tests/circulation/test_races.py, lost where desks no longer wait for one another."""
    library, desk = postgres_library, a_librarian(postgres_library)
    set_rule(library, max_loans=1)
    monkeypatch.setattr(checkout, "lock_member", _nobody_waits)
    for _ in range(ROUNDS):
        reader, copies = a_member(library), [a_copy(library) for _ in range(12)]
        together([lambda code=code, reader=reader: issue(library, desk, code, reader) for code in copies])
        if "loans-within-limit" in _found(library):
            return
    pytest.fail("The limit held without the lock: the race proves nothing.")


def test_without_the_lock_of_the_queue_two_readers_would_get_one_place(
    postgres_library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index alone still refuses the second, but then a reader sees a fault instead of a place."""
    library = postgres_library
    for module in (holds, hold_queue, capture):
        monkeypatch.setattr(module, "lock_queue", _nobody_waits)

    def wait(reader: Actor, title: int) -> Any:
        try:
            return hold(library, reader, title)
        except IntegrityError as error:
            return error

    def race() -> list[Any]:
        title, _ = a_lent_title(library)
        readers = [a_member(library) for _ in range(12)]
        return together([lambda reader=reader: wait(reader, title) for reader in readers])

    assert any(isinstance(result, IntegrityError) for _ in range(ROUNDS) for result in race())
    assert "queue-counts-from-one" not in _found(library)
    _run(library, "DROP INDEX uq_hold_place")
    for _ in range(ROUNDS):
        race()
        if "queue-counts-from-one" in _found(library):
            return
    pytest.fail("Places stayed apart without lock and index: the race proves nothing.")


def test_without_a_turn_for_writers_sqlite_sends_desks_away(sqlite_library: Installation) -> None:
    """SQLite itself lets nobody overwrite anything: who looked before another wrote is refused. With turns, nobody."""
    library, desk = sqlite_library, a_librarian(sqlite_library)

    def race() -> list[Any]:
        pairs = [(a_copy(library), a_member(library)) for _ in range(24)]
        return together([lambda code=code, reader=reader: issue(library, desk, code, reader) for code, reader in pairs])

    assert all(isinstance(result, IssueReceipt) for result in race())
    library.engine = library.engine.execution_options(read_only=True)  # BEGIN without IMMEDIATE
    library.write_turn.held = nullcontext  # type: ignore[method-assign]
    for _ in range(ROUNDS):
        if any(isinstance(result, Busy) for result in race()):
            return
    pytest.fail("Nobody was sent away: the turns prove nothing.")


def test_without_compare_and_set_a_loan_would_be_renewed_more_often_than_it_may(
    postgres_library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = postgres_library
    monkeypatch.setattr(renewals, "lock_member", _nobody_waits)
    blind = renewals._MOVE.sqlite.replace(" AND renewals = :renewals AND due_on = :old_due_on", "")
    monkeypatch.setattr(renewals, "_MOVE", hold_queue.Statement(blind))
    for _ in range(ROUNDS):
        reader = a_member(library)
        loan = a_loan(library, reader, days_ago=15, max_renewals=1)
        together([lambda loan=loan, reader=reader: renewed(library, reader, loan)] * 12)
        if rows(library, f"SELECT renewals > 1 FROM loan WHERE id = {loan}") == [(True,)]:
            return
    pytest.fail("Nothing was renewed twice: the race proves nothing.")


def _withdrawn(library: Installation, desk: Actor, barcode: str) -> None:
    with begin_work(library, desk) as uow:
        withdraw_copy(uow, copy_id_of(library, barcode), "Mould")


def _given_to_another(library: Installation, desk: Actor, barcode: str) -> None:
    issue(library, desk, barcode, a_member(library))


def _put_aside(library: Installation, desk: Actor, barcode: str) -> None:
    """Somebody wished for it from the shelf, and it was fetched."""
    hold(library, a_member(library), rows(library, f"SELECT title_id FROM copy WHERE barcode = '{barcode}'")[0][0])
    hand_in(library, desk, barcode)


def _sent_to_repair(library: Installation, desk: Actor, barcode: str) -> None:
    hand_in(library, desk, barcode, Inspection(Condition.DAMAGED, "Wet"))


MEANWHILE: dict[str, Callable[[Installation, Actor, str], None]] = {
    "withdrawn": _withdrawn, "on_loan": _given_to_another, "on_hold_shelf": _put_aside, "in_repair": _sent_to_repair,
}  # fmt: skip


def _while_looking(
    patch: pytest.MonkeyPatch, library: Installation, desk: Actor, barcode: str, meanwhile: Callable[..., None]
) -> Any:
    """Issues a copy to whose status something happens between the decision and the taking; the loan or the refusal."""

    def decide(*given: Any) -> Any:
        decision = DECIDE(*given)
        patch.setattr(checkout, "decide_issue", DECIDE)
        meanwhile(library, desk, barcode)
        return decision

    patch.setattr(checkout, "decide_issue", decide)
    try:
        return issue(library, desk, barcode, a_member(library))
    except (Refusal, IntegrityError) as error:
        return error


DECIDE = checkout.decide_issue


@pytest.mark.parametrize("status", MEANWHILE)
def test_what_happened_to_a_copy_between_looking_and_taking_stands(
    postgres_library: Installation, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    """On SQLite a desk looks and takes in one turn; on PostgreSQL the taking asks for the status that was seen."""
    library, desk = postgres_library, a_librarian(postgres_library)
    set_lending(library, hold_on_shelf=True)
    barcode = a_copy(library)
    refusal = _while_looking(monkeypatch, library, desk, barcode, MEANWHILE[status])
    assert isinstance(refusal, checkout.CopyJustGone)
    assert rows(library, "SELECT status FROM copy") == [(status,)]
    assert _found(library) <= {"every-title-is-indexed"}


def test_without_asking_for_the_status_that_was_seen_a_torn_copy_would_be_lent(
    postgres_library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, desk = postgres_library, a_librarian(postgres_library)
    blind = checkout._TAKE.sqlite.replace("AND status = :status", "AND :status <> ''")
    monkeypatch.setattr(checkout, "_TAKE", hold_queue.Statement(blind))
    barcode = a_copy(library)
    assert isinstance(_while_looking(monkeypatch, library, desk, barcode, _sent_to_repair), IssueReceipt)
    barcode = a_copy(library)
    assert isinstance(_while_looking(monkeypatch, library, desk, barcode, _withdrawn), IntegrityError)


@pytest.mark.parametrize("trigger", ["ledger_entry_no_update", "payment_no_delete", "day_close_no_update"])
def test_a_ledger_without_its_guard_is_noticed(library: Installation, trigger: str) -> None:
    on = "" if library.is_sqlite else f" ON {trigger.rsplit('_no_', 1)[0]}"
    _run(library, f"DROP TRIGGER {trigger}{on}")
    assert "ledger-is-guarded" in _found(library)


# ------------------------------------------------------------------------------------------- two hundred at once


@pytest.mark.slow
def test_two_hundred_desks_race_for_the_last_copy(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library)
    readers = [a_member(library) for _ in range(200)]

    def patiently(reader: Actor) -> Any:
        while True:
            try:
                return issue(library, desk, barcode, reader)
            except Busy:
                continue

    results = together([lambda reader=reader: patiently(reader) for reader in readers])
    assert sum(isinstance(result, IssueReceipt) for result in results) == 1
    assert sum(isinstance(result, Refusal) for result in results) == 199
    assert _found(library) <= {"every-title-is-indexed"}


@pytest.mark.slow
def test_two_hundred_scans_of_one_late_copy_take_it_back_once(library: Installation) -> None:
    """One return fixes the fine and puts the copy aside; the others find nothing on loan."""
    desk, reader, title = a_librarian(library), a_member(library), a_title(library)
    barcode = a_copy(library, title)
    issue(library, desk, barcode, reader)
    hold(library, a_member(library), title)
    library.clock.at = library.clock.now().replace(month=6)  # type: ignore[attr-defined]

    def patiently() -> Any:
        while True:
            try:
                return hand_in(library, desk, barcode)
            except Busy:
                continue

    results = together([patiently] * 200)
    taken = [result for result in results if getattr(result, "member_id", None) == reader.account_id]
    assert len(taken) == 1
    assert taken[0].hold is not None
    assert rows(library, "SELECT count(*), min(balance_minor) FROM charge") == [(1, 500)]
    assert rows(library, "SELECT state FROM hold") == [("ready",)]
    assert _found(library) <= {"every-title-is-indexed"}
