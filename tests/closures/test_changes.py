"""A closure that comes later: what it moves is shown first, then moved in one step."""

from datetime import date, timedelta
from typing import Any

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.circulation.calendar import OpenDays
from lib.circulation.closure_entries import new_entries
from lib.circulation.errors import AlreadyClosed
from lib.circulation.queries import loans_of
from lib.circulation.settings import ClosedDayMode
from lib.closures.changes import apply_change, preview_change, preview_take_back, take_back_change
from lib.closures.effect import Shift
from lib.closures.opening_days import closure_changes
from lib.closures.reach import CalendarChange
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.steps import issue, rows
from tests.closures.steps import (
    IGNORE,
    ROLL,
    SKIP,
    TODAY,
    YEARLY,
    applied,
    choose,
    closing,
    day,
    due_days,
    every,
    on_the_shelf,
    previewed,
    shelf_days,
    taken_back,
)

NEW_YEARLY = CalendarChange(add=new_entries(YEARLY, month=3, day=31))
# A loan of Tuesday 10 March, due on Tuesday 31 March. What is closed later, and when it is due then.
MOVES: list[tuple[str, ClosedDayMode, CalendarChange, date]] = [
    ("the due day is closed", ROLL, closing(day(31)), day(1, 4)),
    ("the due day and the three after it", ROLL, closing(day(31), day(3, 4)), day(4, 4)),
    ("the day before", ROLL, closing(day(30)), day(31)),
    ("the day after", ROLL, closing(day(1, 4)), day(31)),
    ("every Tuesday", ROLL, every(1), day(1, 4)),
    ("every Sunday", ROLL, every(6), day(31)),
    ("31 March of every year", ROLL, NEW_YEARLY, day(1, 4)),
    ("an opening on the due day", ROLL, closing(day(31), is_open=True), day(31)),
    ("a day on the way", SKIP, closing(day(20)), day(1, 4)),
    ("three days on the way", SKIP, closing(day(20), day(22)), day(3, 4)),
    ("the due day", SKIP, closing(day(31)), day(1, 4)),
    ("the due day and the three after it", SKIP, closing(day(31), day(3, 4)), day(4, 4)),
    ("the day of issue", SKIP, closing(day(10)), day(31)),
    ("the day after the due day", SKIP, closing(day(1, 4)), day(31)),
    ("every Sunday: three of them on the way", SKIP, every(6), day(3, 4)),
    ("an opening on the way", SKIP, closing(day(20), is_open=True), day(31)),
    ("the due day", IGNORE, closing(day(31)), day(31)),
    ("every Tuesday", IGNORE, every(1), day(31)),
]


@pytest.mark.parametrize(("what", "mode", "change", "due_on"), MOVES)
def test_a_due_day_moves_as_the_library_treats_closed_days(
    sqlite_library: Installation, what: str, mode: ClosedDayMode, change: CalendarChange, due_on: date
) -> None:
    choose(sqlite_library, "circulation", closed_day_mode=mode.value)
    a_loan(sqlite_library, a_member(sqlite_library))
    seen = previewed(sqlite_library, change)
    assert due_days(sqlite_library) == [day(31)], "a preview moves nothing"
    change_id = applied(sqlite_library, change)
    assert due_days(sqlite_library) == [due_on], what
    assert [row.new_day for row in seen.loan_rows] == ([due_on] if due_on != day(31) else [])
    taken_back(sqlite_library, change_id)
    assert due_days(sqlite_library) == [day(31)]


# A copy that became ready on Tuesday 10 March, on the hold shelf until Tuesday 17 March.
SHELF: list[tuple[str, CalendarChange, date]] = [
    ("the last day", closing(day(17)), day(18)),
    ("a day before", closing(day(12)), day(18)),
    ("Saturday to Monday", closing(day(14), day(16)), day(20)),
    ("every Sunday", every(6), day(18)),
    ("the day after", closing(day(18)), day(17)),
    ("an opening", closing(day(17), is_open=True), day(17)),
]


@pytest.mark.parametrize("mode", list(ClosedDayMode))
@pytest.mark.parametrize(("what", "change", "until"), SHELF)
def test_the_hold_shelf_counts_open_days_whatever_due_days_do(
    sqlite_library: Installation, what: str, change: CalendarChange, until: date, mode: ClosedDayMode
) -> None:
    choose(sqlite_library, "circulation", closed_day_mode=mode.value)
    on_the_shelf(sqlite_library, a_member(sqlite_library), day(17))
    assert previewed(sqlite_library, change).holds == (until != day(17))
    change_id = applied(sqlite_library, change)
    assert shelf_days(sqlite_library) == [until], what
    taken_back(sqlite_library, change_id)
    assert shelf_days(sqlite_library) == [day(17)]


# Membership until; may a due day pass its end?; closed; due then; kept back by the membership.
CAPS: list[tuple[date, bool, CalendarChange, date, int]] = [
    (day(31), True, closing(day(31)), day(31), 1),
    (day(2, 4), True, closing(day(31)), day(1, 4), 0),
    (day(2, 4), True, closing(day(31), day(3, 4)), day(31), 1),
    (day(31), False, closing(day(31)), day(1, 4), 0),
    (day(1, 6), True, closing(day(31)), day(1, 4), 0),
]


@pytest.mark.parametrize(("ends_on", "caps", "change", "due_on", "kept_back"), CAPS)
def test_no_due_day_moves_past_the_end_of_the_membership_nor_back_before_itself(
    sqlite_library: Installation, ends_on: date, caps: bool, change: CalendarChange, due_on: date, kept_back: int
) -> None:
    choose(sqlite_library, "circulation", membership_caps_due=caps)
    a_loan(sqlite_library, a_member(sqlite_library, membership_ends_on=ends_on))
    assert previewed(sqlite_library, change).capped == kept_back
    applied(sqlite_library, change)
    assert due_days(sqlite_library) == [due_on]


# Due; closed; due then; fine today before and after (0.10 a day, one day of grace); still overdue.
FINES: list[tuple[date, CalendarChange, date, int, int, bool]] = [
    (day(1), closing(day(10)), day(1), 90, 80, True),
    (day(1), closing(day(5), day(9)), day(1), 90, 40, True),
    (day(1), every(6), day(2), 90, 70, True),
    (day(1), closing(day(11)), day(1), 90, 90, True),
    (day(8), closing(day(10)), day(8), 20, 0, True),
    (day(9), closing(day(9), day(10)), day(11), 0, 0, False),
    (day(8), closing(day(8), day(12)), day(13), 20, 0, False),
]


@pytest.mark.parametrize(("due", "change", "new_due", "fine", "new_fine", "late"), FINES)
def test_the_preview_tells_the_very_fine_that_is_owed_afterwards(
    library: Installation, due: date, change: CalendarChange, new_due: date, fine: int, new_fine: int, late: bool
) -> None:
    reader = a_member(library)
    a_loan(library, reader, days_ago=30, due_on=due)

    def stands() -> tuple[date, int, bool]:
        with begin_reading(library, reader) as uow:
            row = loans_of(uow, reader.account_id or 0).rows[0]
        return row.due_on, row.fine_minor, row.overdue

    seen = previewed(library, change)
    assert stands() == (due, fine, True)
    applied(library, change)
    assert stands() == (new_due, new_fine, late)
    assert seen.fine_difference_minor == new_fine - fine
    assert [(row.old_minor, row.new_minor) for row in seen.fine_rows] == (
        [(fine, new_fine)] if fine != new_fine else []
    )
    assert seen.no_longer_overdue == (not late)


def test_a_preview_counts_members_and_names_titles(library: Installation) -> None:
    ada, ben = a_member(library, name="Ada Vega"), a_member(library, name="Ben Osei")
    for reader, title in ((ada, "Dune"), (ada, "Emma"), (ben, "Solaris")):
        a_loan(library, reader, a_copy(library, a_title(library, title)))
    on_the_shelf(library, ben, day(31))
    seen = previewed(library, closing(day(31)))
    assert (seen.loans, seen.holds, seen.members) == (3, 1, 2)
    assert {(row.title, row.member) for row in seen.loan_rows} == {
        ("Dune", "Ada Vega"), ("Emma", "Ada Vega"), ("Solaris", "Ben Osei"),
    }  # fmt: skip
    assert seen.what == "closed: 31 March 2026"
    assert rows(library, "SELECT count(*) FROM closure_change") == [(0,)]


def test_a_new_loan_and_a_moved_one_are_due_on_the_same_day(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    old = issue(library, desk, a_copy(library), reader)
    applied(library, closing(old.due_on, old.due_on + timedelta(days=4)))
    new = issue(library, desk, a_copy(library), reader)
    assert due_days(library) == [new.due_on] * 2


def test_each_touched_member_gets_one_notice_in_their_language_and_nobody_else(library: Installation) -> None:
    ada, ben, eva = a_member(library), a_member(library, language="de"), a_member(library)
    for reader in (ada, ada, ben):
        a_loan(library, reader)
    a_loan(library, eva, days_ago=3)
    on_the_shelf(library, ben, day(17))
    applied(library, closing(day(14), day(31)))
    told = dict(rows(library, "SELECT account_id, body FROM notice WHERE kind = 'dates-moved'"))
    assert set(told) == {ada.account_id, ben.account_id, eva.account_id}
    assert "31 March 2026 → 1 April 2026" in told[ada.account_id]
    assert told[ada.account_id].count("→") == 1, "two loans of the same day are one line"
    assert "31. März 2026 → 1. April 2026" in told[ben.account_id]
    assert "17. März 2026 → 4. April 2026" in told[ben.account_id]


def test_a_pattern_and_its_exception_change_in_one_step(library: Installation) -> None:
    a_loan(library, a_member(library))
    a_loan(library, a_member(library), due_on=day(24))
    both = CalendarChange(add=every(1).add + closing(day(31), is_open=True).add)
    applied(library, both)
    assert due_days(library) == [day(31), day(25)]


def test_days_of_a_range_that_are_closed_already_are_left_as_they_are(library: Installation) -> None:
    applied(library, closing(day(20)))
    applied(library, closing(day(18), day(22)))
    assert rows(library, "SELECT count(*) FROM closure") == [(5,)]
    with pytest.raises(AlreadyClosed):
        applied(library, closing(day(18), day(20)))
    applied(library, closing(day(25), is_open=True))
    with pytest.raises(AlreadyClosed, match="25 March 2026"):
        applied(library, closing(day(24), day(26)))


def test_the_past_is_not_opened_afterwards(library: Installation) -> None:
    with pytest.raises(Invalid, match="has passed"):
        applied(library, closing(day(9), is_open=True))
    applied(library, closing(day(9)))


def test_the_same_key_changes_the_calendar_once(library: Installation) -> None:
    admin = a_librarian(library)
    first = applied(library, closing(day(31)), admin, key="one press")
    assert applied(library, closing(day(31)), admin, key="one press") == first
    with begin_work(library, admin) as uow:
        done = take_back_change(uow, first, key="another")
        assert take_back_change(uow, first, key="another") == done
    with pytest.raises(Invalid):
        applied(library, closing(day(30)), admin, key="one press")


def test_changes_are_listed_with_who_made_them_and_why_they_stay(library: Installation, clock: SetClock) -> None:
    ada, mira = a_librarian(library, name="Ada Vega"), a_librarian(library, name="Mira Okafor")
    a_loan(library, a_member(library))
    first = applied(library, closing(day(11)), ada)
    second = applied(library, closing(day(31)), ada)
    taken_back(library, second, mira)
    clock.forward(timedelta(days=2))
    applied(library, every(6), mira)
    with begin_reading(library, ada) as uow:
        page = closure_changes(uow)
    assert page.total == 3
    assert [(row.by, row.undone_by, row.loans) for row in page.rows] == [
        ("Mira Okafor", "", 0), ("Ada Vega", "Mira Okafor", 1), ("Ada Vega", "", 0),
    ]  # fmt: skip
    assert [row.id for row in page.rows][1:] == [second, first]
    assert [bool(row.why_not) for row in page.rows] == [False, True, True]
    assert "11 March 2026 has passed" in page.rows[2].why_not


def test_changes_are_audited_without_names(library: Installation) -> None:
    a_loan(library, a_member(library))
    change = applied(library, closing(day(31)))
    taken_back(library, change)
    found = rows(library, "SELECT action, subject_id FROM audit WHERE action LIKE 'closure.%' ORDER BY at, action")
    assert found == [("closure.change", change), ("closure.take-back", change)]


@pytest.mark.parametrize("role", [Role.GUEST, Role.MEMBER])
def test_readers_do_not_change_the_calendar(sqlite_library: Installation, role: Role) -> None:
    who = a_member(sqlite_library, role=role) if role is Role.MEMBER else Actor(None, role)
    acts: list[Any] = [
        lambda uow: preview_change(uow, closing(day(31))), lambda uow: apply_change(uow, closing(day(31))),
        lambda uow: take_back_change(uow, 1), lambda uow: preview_take_back(uow, 1), closure_changes,
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(Forbidden), begin_work(sqlite_library, who) as uow:
            act(uow)


def test_opening_a_day_pulls_no_date_earlier() -> None:
    shift = Shift(OpenDays(frozenset({1})), OpenDays(), SKIP, True, TODAY)
    assert shift.due(day(31), TODAY, None) == day(31)
    assert shift.shelf(day(17), TODAY) == day(17)
