"""Opening days: patterns, single days that beat them, and never a library that is closed for good."""

from datetime import date, timedelta
from typing import Any

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.circulation.closure_entries import ClosureRow
from lib.circulation.errors import AlreadyClosed, NeverOpen
from lib.circulation.models import ClosureKind
from lib.circulation.queries import loans_of
from lib.closures.opening_days import add_closure, list_closures, open_days, remove_closure
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotFound
from tests.builders import a_copy, a_librarian, a_loan, a_member, an_admin
from tests.circulation.steps import issue, rows

WEEKLY, YEARLY, DAY = ClosureKind.WEEKLY, ClosureKind.YEARLY, ClosureKind.DAY
MONDAY = date(2026, 3, 16)


def _add(library: Installation, **given: Any) -> tuple[int, ...]:
    with begin_work(library, a_librarian(library)) as uow:
        return add_closure(uow, **given)


def _remove(library: Installation, closure: int) -> None:
    with begin_work(library, a_librarian(library)) as uow:
        remove_closure(uow, closure)


def _open(library: Installation, first: date, days: int) -> list[tuple[date, bool, str]]:
    with begin_reading(library, a_member(library)) as uow:
        return open_days(uow, first, first + timedelta(days=days - 1))


def _list(library: Installation) -> tuple[ClosureRow, ...]:
    with begin_reading(library, a_member(library)) as uow:
        return list_closures(uow)


def test_patterns_and_single_days_make_the_calendar_with_their_reasons(library: Installation) -> None:
    _add(library, kind=WEEKLY, weekday=6, reason="Sunday")
    _add(library, kind=YEARLY, month=3, day=17, reason="St Patrick")
    _add(library, kind=DAY, first=date(2026, 3, 18), last=date(2026, 3, 19), reason="Stock-taking")
    _add(library, kind=DAY, first=date(2026, 3, 22), is_open=True, reason="Book fair")
    found = _open(library, MONDAY, 7)
    assert [is_open for _, is_open, _ in found] == [True, False, False, False, True, True, True]
    assert [why for _, _, why in found] == ["", "St Patrick", "Stock-taking", "Stock-taking", "", "", "Book fair"]
    assert [row.kind for row in _list(library)] == [WEEKLY, YEARLY, DAY, DAY, DAY]


def test_a_due_date_rolls_over_a_closure_at_once(library: Installation) -> None:
    desk = a_librarian(library)
    due = issue(library, desk, a_copy(library), a_member(library)).due_on
    (closure,) = _add(library, kind=DAY, first=due)
    assert issue(library, desk, a_copy(library), a_member(library)).due_on == due + timedelta(days=1)
    _remove(library, closure)
    assert issue(library, desk, a_copy(library), a_member(library)).due_on == due


def test_a_library_that_never_opens_is_refused(library: Installation) -> None:
    for weekday in range(6):
        _add(library, kind=WEEKLY, weekday=weekday)
    with pytest.raises(NeverOpen):
        _add(library, kind=WEEKLY, weekday=6)
    assert rows(library, "SELECT count(*) FROM closure") == [(6,)]
    assert _open(library, MONDAY, 7)[6][1]


def test_the_same_entry_twice_is_refused(library: Installation) -> None:
    for given in (
        {"kind": WEEKLY, "weekday": 6},
        {"kind": YEARLY, "month": 1, "day": 1},
        {"kind": DAY, "first": MONDAY},
    ):
        _add(library, **given)
        with pytest.raises(AlreadyClosed):
            _add(library, **given)
    assert rows(library, "SELECT count(*) FROM closure") == [(3,)]


WRONG: list[dict[str, Any]] = [
    {"kind": WEEKLY}, {"kind": WEEKLY, "weekday": 7}, {"kind": YEARLY, "month": 2, "day": 30}, {"kind": YEARLY},
    {"kind": DAY}, {"kind": DAY, "first": MONDAY, "last": MONDAY - timedelta(days=1)},
    {"kind": DAY, "first": MONDAY, "last": MONDAY + timedelta(days=366)},
]  # fmt: skip


@pytest.mark.parametrize("given", WRONG)
def test_entries_that_mean_nothing_are_refused(sqlite_library: Installation, given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        _add(sqlite_library, **given)


def test_past_days_stay_because_fines_need_them(library: Installation) -> None:
    (closure,) = _add(library, kind=DAY, first=MONDAY)
    clock = library.clock
    assert isinstance(clock, SetClock)
    clock.forward(timedelta(days=10))
    with pytest.raises(Invalid):
        _remove(library, closure)
    assert _list(library) == ()
    with pytest.raises(NotFound):
        _remove(library, 10**6)


def test_members_do_not_change_the_calendar(library: Installation) -> None:
    with pytest.raises(Forbidden), begin_work(library, a_member(library)) as uow:
        add_closure(uow, kind=WEEKLY, weekday=1)


def test_a_pattern_that_is_taken_out_stays_in_the_past_it_held_for(library: Installation, clock: SetClock) -> None:
    admin, reader = an_admin(library), a_member(library)
    with begin_work(library, admin) as uow:
        (sundays,) = add_closure(uow, kind=ClosureKind.WEEKLY, weekday=6, reason="Sundays")
    a_loan(library, reader, fine_cap=10_000)  # due on 31 March
    clock.forward(timedelta(days=42))  # Tuesday 21 April: 18 open days and 3 Sundays late

    def fine() -> int:
        with begin_reading(library, reader) as uow:
            return loans_of(uow, reader.account_id or 0).rows[0].fine_minor

    assert fine() == 180
    with begin_work(library, admin) as uow:
        remove_closure(uow, sundays)
    assert fine() == 180
    with begin_reading(library, admin) as uow:
        days = open_days(uow, date(2026, 4, 12), date(2026, 4, 26))
    assert [(day.isoformat(), why) for day, is_open, why in days if not is_open] == [
        ("2026-04-12", "Sundays"), ("2026-04-19", "Sundays"),
    ]  # fmt: skip
    clock.forward(timedelta(days=7))
    assert fine() == 250


def test_a_pattern_that_begins_leaves_the_fines_of_the_past_as_they_were(
    library: Installation, clock: SetClock
) -> None:
    admin, reader = an_admin(library), a_member(library)
    a_loan(library, reader, fine_cap=10_000)  # due on 31 March
    clock.forward(timedelta(days=42))  # Tuesday 21 April: 21 days late

    def fine() -> int:
        with begin_reading(library, reader) as uow:
            return loans_of(uow, reader.account_id or 0).rows[0].fine_minor

    with begin_work(library, admin) as uow:
        add_closure(uow, kind=ClosureKind.WEEKLY, weekday=0, first=uow.today)
    assert fine() == 210
    clock.forward(timedelta(days=7))
    assert fine() == 270, "the Monday since costs nothing"
    with begin_work(library, admin) as uow:
        add_closure(uow, kind=ClosureKind.WEEKLY, weekday=6)
    assert fine() == 230, "every Sunday there was, when it is said that it always was so"


def test_a_pattern_entered_by_mistake_leaves_nothing_behind(library: Installation) -> None:
    admin = an_admin(library)
    a_loan(library, a_member(library), days_ago=60)
    with begin_work(library, admin) as uow:
        (mondays,) = add_closure(uow, kind=ClosureKind.WEEKLY, weekday=0)
        remove_closure(uow, mondays)
    assert rows(library, "SELECT count(*) FROM closure") == [(0,)]


def test_only_single_days_can_be_openings(library: Installation) -> None:
    for pattern in ({"kind": WEEKLY, "weekday": 6}, {"kind": YEARLY, "month": 12, "day": 25}):
        with pytest.raises(Invalid, match="single day"):
            _add(library, is_open=True, **pattern)
