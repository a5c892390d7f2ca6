"""A change of the calendar taken back: what it moved goes back, what was done since stays, and when it is too late."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.circulation.errors import AlreadyUndone, NeverOpen, UndoOvertaken
from lib.circulation.queries import loans_of
from lib.closures.changes import preview_take_back
from lib.closures.opening_days import closure_changes, list_closures, remove_closure
from lib.closures.reach import CalendarChange
from lib.kit.clock import SetClock
from lib.kit.errors import NotFound
from tests.builders import a_copy, a_librarian, a_loan, a_member
from tests.circulation.steps import hand_in, renewed, rows
from tests.closures.steps import (
    WEEKLY,
    added,
    applied,
    closing,
    day,
    due_days,
    every,
    on_the_shelf,
    previewed,
    taken_back,
)


def test_who_has_not_read_of_it_yet_is_not_told_of_a_change_that_was_taken_back(library: Installation) -> None:
    ada, ben = a_member(library), a_member(library)
    for reader in (ada, ben):
        a_loan(library, reader)
    change = applied(library, closing(day(31)))
    with library.engine.begin() as connection:
        sql = "UPDATE notice SET status = 'sent', sent_at = created_at WHERE account_id = :ada"
        connection.execute(text(sql), {"ada": ada.account_id})
    taken_back(library, change)
    assert rows(library, "SELECT account_id, kind FROM notice ORDER BY id") == [
        (ada.account_id, "dates-moved"), (ada.account_id, "dates-moved-back"),
    ]  # fmt: skip


def test_what_was_renewed_returned_or_handed_over_since_keeps_its_own_date(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    stays, again, back = a_loan(library, reader), a_loan(library, reader), a_loan(library, reader, barcode)
    gone = on_the_shelf(library, reader, day(31))
    change = applied(library, closing(day(31)))
    new_due = renewed(library, desk, again).due_on
    hand_in(library, desk, barcode)
    with library.engine.begin() as connection:
        sql = "UPDATE hold SET state = 'cancelled', ended_at = ready_at WHERE id = :id"
        connection.execute(text(sql), {"id": gone})
    with begin_reading(library, desk) as uow:
        seen = preview_take_back(uow, change)
    done = taken_back(library, change)
    assert seen == done
    assert (done.loans, done.kept_loans, done.holds, done.kept_holds) == (1, 2, 0, 1)
    found = dict(rows(library, "SELECT id, due_on FROM loan"))
    assert {number: str(due) for number, due in found.items()} == {
        stays: "2026-03-31", again: new_due.isoformat(), back: "2026-04-01",
    }  # fmt: skip


def test_a_change_is_taken_back_once(library: Installation) -> None:
    change = applied(library, closing(day(31)))
    taken_back(library, change)
    with pytest.raises(AlreadyUndone):
        taken_back(library, change)
    with pytest.raises(NotFound):
        taken_back(library, change + 1)
    assert rows(library, "SELECT count(*) FROM closure") == [(0,)]


def test_a_change_whose_day_has_passed_stays(library: Installation, clock: SetClock) -> None:
    change = applied(library, closing(day(12), day(14)))
    clock.forward(timedelta(days=3))
    with pytest.raises(UndoOvertaken, match="12 March 2026 has passed"):
        taken_back(library, change)
    assert rows(library, "SELECT count(*) FROM closure") == [(3,)]


def test_a_slip_about_yesterday_can_be_mended_the_same_day(library: Installation, clock: SetClock) -> None:
    a_loan(library, a_member(library), days_ago=22)
    change = applied(library, closing(day(9)))
    assert due_days(library) == [day(10)]
    taken_back(library, change)
    assert due_days(library) == [day(9)]
    again = applied(library, closing(day(9)))
    clock.forward(timedelta(days=1))
    with pytest.raises(UndoOvertaken):
        taken_back(library, again)


def test_later_changes_are_taken_back_first(library: Installation) -> None:
    librarian = a_librarian(library)
    first = applied(library, closing(day(30), day(31)))
    entry = rows(library, "SELECT max(id) FROM closure")[0][0]
    with begin_work(library, librarian) as uow:
        remove_closure(uow, entry)
        (second,) = (row.id for row in closure_changes(uow).rows if row.removed)
    with pytest.raises(UndoOvertaken, match="31 March 2026 was taken out of the calendar since"):
        taken_back(library, first)
    taken_back(library, second)
    done = taken_back(library, first)
    assert (done.loans, rows(library, "SELECT count(*) FROM closure")) == (0, [(0,)])


def test_an_entry_that_was_entered_again_stands_against_taking_its_removal_back(library: Installation) -> None:
    (sunday,) = added(library, kind=WEEKLY, weekday=6)
    removal = applied(library, CalendarChange(remove=(sunday,)))
    added(library, kind=WEEKLY, weekday=6)
    with pytest.raises(UndoOvertaken, match="every Sunday was entered again"):
        taken_back(library, removal)


def test_what_another_closure_keeps_closed_does_not_go_back(library: Installation) -> None:
    a_loan(library, a_member(library))
    change = applied(library, closing(day(31)))
    applied(library, every(1))
    assert due_days(library) == [day(1, 4)]
    done = taken_back(library, change)
    assert (done.loans, done.kept_loans, due_days(library)) == (0, 1, [day(1, 4)])


def test_taking_back_never_leaves_a_library_that_never_opens(library: Installation) -> None:
    numbers = [added(library, kind=WEEKLY, weekday=weekday)[0] for weekday in range(6)]
    removal = applied(library, CalendarChange(remove=(numbers[0],)))
    added(library, kind=WEEKLY, weekday=6)
    with pytest.raises(NeverOpen):
        taken_back(library, removal)
    with pytest.raises(NeverOpen):
        previewed(library, every(0))


def test_a_pattern_taken_back_stays_closed_on_the_days_it_held_for(library: Installation, clock: SetClock) -> None:
    reader = a_member(library)
    a_loan(library, reader, days_ago=30, due_on=day(1), fine_cap=10_000)
    change = applied(library, every(6))
    clock.forward(timedelta(days=7))  # over Sunday 15 March
    taken_back(library, change)
    with begin_reading(library, reader) as uow:
        assert [row.on_date for row in list_closures(uow, since=day(1, 1))] == [day(15)]
        # 2 to 17 March, but the Sunday on which it was closed; the Sunday before counts again
        assert loans_of(uow, reader.account_id or 0).rows[0].fine_minor == 150


def test_what_a_pattern_left_behind_goes_when_its_removal_is_taken_back(library: Installation, clock: SetClock) -> None:
    a_loan(library, a_member(library))
    (sundays,) = added(library, kind=WEEKLY, weekday=6)
    clock.forward(timedelta(days=35))
    removal = applied(library, CalendarChange(remove=(sundays,)))
    assert rows(library, "SELECT count(*) FROM closure WHERE kind = 'day'") == [(2,)]
    taken_back(library, removal)
    assert rows(library, "SELECT kind, weekday FROM closure") == [("weekly", 6)]
