"""Two admins at one calendar: what both may do alone and not together is done once, on both databases."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.circulation.closure_entries import calendar_of
from lib.circulation.errors import AlreadyClosed, AlreadyUndone, NeverOpen
from lib.closures.changes import apply_change, take_back_change
from lib.closures.opening_days import closure_changes
from tests.builders import a_copy, a_librarian, a_loan, a_member, an_admin
from tests.circulation.steps import hand_in, renewed, rows
from tests.circulation.test_races import together
from tests.closures.steps import applied, closing, due_days, every

TODAY = date(2026, 3, 10)


def _while_open(library: Installation, first: Callable[[Any], Any], second: Callable[[Any], Any]) -> Any:
    """Does the first act and, before its transaction ends, lets another admin begin the second; returns what came of
    the second: its result or its refusal."""
    ada, mira, came = an_admin(library), an_admin(library), []
    begun = threading.Event()

    def other() -> None:
        begun.set()
        try:
            with begin_work(library, mira) as uow:
                came.append(second(uow))
        except Exception as error:  # noqa: BLE001  # told to the test
            came.append(error)

    thread = threading.Thread(target=other)
    with begin_work(library, ada) as uow:
        first(uow)
        thread.start()
        begun.wait(10)
        thread.join(0.5)
        assert came == [], "the second waits for the first"
    thread.join(20)
    assert not thread.is_alive()
    return came[0]


def test_two_admins_together_do_not_close_the_library_for_good(library: Installation) -> None:
    for weekday in range(5):
        applied(library, every(weekday))
    came = _while_open(library, lambda uow: apply_change(uow, every(5)), lambda uow: apply_change(uow, every(6)))
    assert isinstance(came, NeverOpen)
    with begin_reading(library, an_admin(library)) as uow:
        assert not calendar_of(uow).never_opens(TODAY)


def test_a_racing_day_is_entered_once(library: Installation) -> None:
    day = closing(date(2026, 3, 31))
    came = _while_open(library, lambda uow: apply_change(uow, day), lambda uow: apply_change(uow, day))
    assert isinstance(came, AlreadyClosed)
    assert rows(library, "SELECT count(*) FROM closure") == [(1,)]


def test_a_change_is_taken_back_once_by_two(library: Installation) -> None:
    a_loan(library, a_member(library))
    change = applied(library, closing(date(2026, 3, 31)))
    came = _while_open(
        library, lambda uow: take_back_change(uow, change), lambda uow: take_back_change(uow, change)
    )  # fmt: skip
    assert isinstance(came, AlreadyUndone)
    assert due_days(library) == [date(2026, 3, 31)]


def test_many_admins_who_each_close_a_weekday_leave_one_open(library: Installation) -> None:
    admins = [an_admin(library) for _ in range(7)]
    came = together([lambda at=at: applied(library, every(at), admins[at]) for at in range(7)])  # type: ignore[misc]
    assert sum(isinstance(result, NeverOpen) for result in came) == 1
    assert rows(library, "SELECT count(*) FROM closure") == [(6,)]


def test_renewals_and_returns_at_once_keep_every_date_true(library: Installation) -> None:
    """What the change wrote down is what stands: each loan is where it says, or was renewed or returned."""
    desk, reader, codes = a_librarian(library), a_member(library), [a_copy(library) for _ in range(6)]
    loans = [a_loan(library, reader, code) for code in codes]
    acts: list[Callable[[], Any]] = [lambda: applied(library, closing(date(2026, 3, 31)), desk)]
    acts += [lambda loan=loan: renewed(library, desk, loan) for loan in loans[:3]]  # type: ignore[misc]
    acts += [lambda code=code: hand_in(library, desk, code) for code in codes[3:]]  # type: ignore[misc]
    came = together(acts)
    assert all(not isinstance(result, Exception) for result in came), came
    with begin_reading(library, desk) as uow:
        (change,) = closure_changes(uow).rows
    days = [str(row[0]) for row in rows(library, "SELECT due_on FROM loan WHERE returned_at IS NULL")]
    assert len(days) == 3
    assert "2026-03-31" not in days
    assert change.loans <= 6
    with begin_work(library, desk) as uow:
        back = take_back_change(uow, change.id)
    assert back.kept_loans == change.loans - back.loans
