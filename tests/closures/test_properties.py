"""Whatever the calendar, the loans, the change: dates move only later and onto open days, and all of it goes back."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.catalogue.models import Copy
from lib.circulation.closure_entries import Entry, calendar_of
from lib.circulation.hold_models import Hold
from lib.circulation.models import Channel, Closure, ClosureKind, Loan
from lib.circulation.settings import ClosedDayMode
from lib.closures.changes import apply_change, preview_change, take_back_change
from lib.closures.opening_days import closure_changes
from lib.closures.reach import CalendarChange
from lib.kit.errors import Refusal
from tests.builders import a_copy, a_librarian, a_member
from tests.circulation.steps import rows
from tests.closures.steps import choose

TODAY = date(2026, 3, 10)
COPIES = 6
_near = st.integers(-30, 45).map(lambda n: TODAY + timedelta(days=n))
_entries = st.one_of(
    st.builds(Entry, st.just(ClosureKind.WEEKLY), weekday=st.integers(0, 6)),
    st.builds(lambda day: Entry(ClosureKind.YEARLY, month=day.month, day=day.day), _near),
    st.builds(lambda day, opens: Entry(ClosureKind.DAY, on_date=day, is_open=opens), _near, st.booleans()),
)
# What somebody wants to add: the past is closed at most, never opened.
_wishes = _entries.filter(lambda entry: not (entry.is_open and entry.on_date and entry.on_date < TODAY))
_some = st.lists(_entries, max_size=6, unique_by=lambda entry: entry.place)
_wanted = st.lists(_wishes, min_size=1, max_size=6, unique_by=lambda entry: entry.place)
_loans = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 45), st.booleans()), min_size=2, max_size=COPIES)
_holds = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 14)), max_size=3)
TRIES = settings(
    max_examples=250, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


def _house(library: Installation) -> tuple[Actor, list[Actor], list[tuple[int, int]]]:
    """Once a library: who works there, two readers (one whose membership ends soon), copies and their titles."""
    if not rows(library, "SELECT id FROM copy"):
        for _ in range(COPIES + 3):
            a_copy(library)
        a_librarian(library)
        a_member(library)
        a_member(library, membership_ends_on=TODAY + timedelta(days=12))
    with begin_reading(library, Actor(None, Role.SYSTEM)) as uow:
        copies = [(row[0], row[1]) for row in uow.connection.execute(select(Copy.id, Copy.title_id).order_by(Copy.id))]
    desk, *readers = (row[0] for row in rows(library, "SELECT id FROM account ORDER BY id"))
    return Actor(desk, Role.LIBRARIAN), [Actor(reader, Role.MEMBER) for reader in readers], copies


def _stage(library: Installation, entries: list[Entry], loans: list[Any], holds: list[Any]) -> Actor:
    """The library as one example wants it."""
    desk, readers, copies = _house(library)
    with begin_work(library, desk) as uow:
        for table in ("closure", "closure_change", "hold", "loan", "notice"):
            uow.connection.execute(text(f"DELETE FROM {table}"))
        for entry in entries:
            values = {name: getattr(entry, name) for name in Entry.__slots__}
            uow.connection.execute(insert(Closure).values(**values, created_at=uow.now))
        uow.bump("closures")
        for (copy_id, title_id), (ago, days, capped) in zip(copies, loans, strict=False):
            issued = uow.now - timedelta(days=ago)
            uow.connection.execute(
                insert(Loan).values(
                    copy_id=copy_id, title_id=title_id, account_id=readers[capped].account_id, issued_at=issued,
                    issued_on=issued.date(), due_on=issued.date() + timedelta(days=days), channel=Channel.IMPORT,
                    loan_days=21, max_renewals=2, fine_per_day=10, grace_days=1, fine_cap=500,
                )
            )  # fmt: skip
        for (copy_id, title_id), (ago, days) in zip(copies[COPIES:], holds, strict=False):
            ready = uow.now - timedelta(days=ago)
            uow.connection.execute(
                insert(Hold).values(
                    title_id=title_id, account_id=readers[0].account_id, state="ready", placed_at=ready, ready_at=ready,
                    shelf_days=7, shelf_copy_id=copy_id, shelf_until=ready.date() + timedelta(days=days),
                )
            )  # fmt: skip
    return desk


def _change(library: Installation, entries: list[Entry], wanted: list[Entry], leaving: set[int]) -> CalendarChange:
    """Takes out some of what there is, but the past, and adds what is not there."""
    numbers = [row[0] for row in rows(library, "SELECT id FROM closure ORDER BY id")]
    out = {at for at in leaving if at < len(entries) and (entries[at].on_date or TODAY) >= TODAY}
    there = {entry.place for at, entry in enumerate(entries) if at not in out}
    add = tuple(entry for entry in wanted if entry.place not in there)
    return CalendarChange(add, tuple(numbers[at] for at in sorted(out)))


def _picture(library: Installation) -> tuple[Any, ...]:
    """Everything that a change may touch."""
    return (
        sorted(map(str, rows(library, "SELECT id, due_on, returned_at, renewals FROM loan"))),
        sorted(map(str, rows(library, "SELECT id, state, shelf_until FROM hold"))),
        sorted(map(str, rows(library, "SELECT kind, weekday, month, day, on_date, is_open, created_at FROM closure"))),
    )  # fmt: skip


def _dates(library: Installation) -> tuple[dict[int, date], dict[int, date]]:
    loans, holds = rows(library, "SELECT id, due_on FROM loan"), rows(library, "SELECT id, shelf_until FROM hold")
    return tuple({number: date.fromisoformat(str(on)) for number, on in found} for found in (loans, holds))  # type: ignore[return-value]


@TRIES
@given(_some, _wanted, st.sets(st.integers(0, 5), max_size=2), _loans, _holds, st.sampled_from(ClosedDayMode))
def test_a_change_moves_dates_only_later_and_is_taken_back_whole(
    library: Installation,
    entries: list[Entry],
    wanted: list[Entry],
    leaving: set[int],
    loans: list[Any],
    holds: list[Any],
    mode: ClosedDayMode,
) -> None:
    desk = _stage(library, entries, loans, holds)
    choose(library, "circulation", closed_day_mode=mode.value)
    change = _change(library, entries, wanted, leaving)
    before, (due_before, shelf_before) = _picture(library), _dates(library)
    with begin_reading(library, desk) as uow:
        calendar_before = calendar_of(uow)
    try:
        with begin_reading(library, desk) as uow:
            seen = preview_change(uow, change)
        with begin_work(library, desk) as uow:
            change_id = apply_change(uow, change)
    except Refusal:
        event("refused")
        assert _picture(library) == before
        return
    event("dates moved" if seen.loans or seen.holds else "nothing moved")
    due, shelf = _dates(library)
    moved = {number for number, day in due.items() if day != due_before[number]}
    assert (seen.loans, seen.holds) == (len(moved), sum(shelf[n] != shelf_before[n] for n in shelf))
    with begin_reading(library, desk) as uow:
        calendar = calendar_of(uow)
    for number, day in due.items():
        assert day >= due_before[number]
        assert day == due_before[number] or calendar.is_open(day)
        if mode is not ClosedDayMode.ROLL:
            continue
        capped = due_before[number] == day and seen.capped
        assert calendar.is_open(day) or not calendar_before.is_open(due_before[number]) or capped
    for number, day in shelf.items():
        assert day >= shelf_before[number]
        assert calendar.is_open(day) or not calendar_before.is_open(shelf_before[number])
    if mode is ClosedDayMode.IGNORE:
        assert not moved
    with begin_work(library, desk) as uow:
        back = take_back_change(uow, change_id)
    assert (back.loans, back.holds, back.kept_loans, back.kept_holds) == (seen.loans, seen.holds, 0, 0)
    assert _picture(library) == before
    assert rows(library, "SELECT count(*) FROM notice") == [(0,)]
    with begin_reading(library, desk) as uow:
        assert closure_changes(uow).rows[0].why_not
