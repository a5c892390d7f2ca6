"""The rules of lending, as tables a librarian can read."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.circulation.calendar import OpenDays
from lib.circulation.policy import (
    BOUNDS,
    DEFAULTS,
    VALUES,
    DueSteps,
    EffectiveRule,
    Line,
    due_day,
    due_steps,
    effective_rule,
    fine,
    fine_cap,
)
from lib.circulation.settings import ClosedDayMode

ROLL, IGNORE, SKIP = ClosedDayMode.ROLL, ClosedDayMode.IGNORE, ClosedDayMode.SKIP
STUDENT, FACULTY, BOOK, FILM = 1, 2, 10, 20
SUNDAYS = OpenDays(frozenset({6}))
ALWAYS = OpenDays()

LINES = (
    Line(None, None, dict(DEFAULTS)),
    Line(STUDENT, None, {"loan_days": 14, "max_loans": 10}, "Student × any"),
    Line(None, FILM, {"loan_days": 7, "fine_per_day": 50}, "any × Film"),
    Line(STUDENT, FILM, {"max_renewals": 0}, "Student × Film"),
)
SPECIFICITY = [
    # who,     what, value,          is, because of the line
    (FACULTY, BOOK, "loan_days", 21, "any × any"),
    (STUDENT, BOOK, "loan_days", 14, "Student × any"),
    (FACULTY, FILM, "loan_days", 7, "any × Film"),
    (STUDENT, FILM, "loan_days", 14, "Student × any"),  # a line for the member beats one for the kind
    (STUDENT, FILM, "max_renewals", 0, "Student × Film"),
    (STUDENT, FILM, "fine_per_day", 50, "any × Film"),  # each value is found by itself
    (STUDENT, FILM, "max_loans", 10, "Student × any"),
    (None, FILM, "loan_days", 7, "any × Film"),
    (STUDENT, None, "max_loans", 10, "Student × any"),
]


@pytest.mark.parametrize(("who", "what", "value", "expected", "line"), SPECIFICITY)
def test_the_most_specific_line_that_sets_a_value_wins(
    who: int | None, what: int | None, value: str, expected: int, line: str
) -> None:
    rule = effective_rule(LINES, who, what)
    assert (getattr(rule, value), rule.lines[value]) == (expected, line)


def test_a_limit_counts_one_kind_only_where_a_line_for_that_kind_sets_it() -> None:
    lines = (*LINES, Line(FACULTY, FILM, {"max_loans": 1}, "Faculty × Film"))
    assert "max_loans" in effective_rule(lines, FACULTY, FILM).per_kind
    assert "max_loans" not in effective_rule(lines, STUDENT, FILM).per_kind


def test_a_library_without_lines_lends_by_the_defaults() -> None:
    rule = effective_rule((), STUDENT, BOOK)
    assert {name: getattr(rule, name) for name in VALUES} == {
        "loan_days": 21, "max_loans": 5, "max_renewals": 2, "fine_per_day": 10, "grace_days": 1, "fine_cap": 500,
        "max_holds": 5, "hold_shelf_days": 7, "debt_block": 500,
    }  # fmt: skip
    assert set(rule.lines.values()) == {"default"}
    assert rule.per_kind == frozenset()


def test_a_rule_made_by_hand_names_no_lines() -> None:
    rule = EffectiveRule(**DEFAULTS)
    assert (dict(rule.lines), rule.per_kind) == ({}, frozenset())


def test_a_line_is_called_by_what_it_is_for_unless_named() -> None:
    assert effective_rule([Line(None, None, {"loan_days": 5})], None, None).lines["loan_days"] == "any × any"


@pytest.mark.parametrize("order", [LINES, LINES[::-1]])
def test_the_order_in_which_lines_stand_says_nothing(order: tuple[Line, ...]) -> None:
    for who in (None, STUDENT, FACULTY):
        for what in (None, BOOK, FILM):
            assert effective_rule(order, who, what) == effective_rule(LINES, who, what)


def test_a_value_of_none_at_all_is_a_value() -> None:
    rule = effective_rule([*LINES, Line(FACULTY, None, {"fine_per_day": 0, "max_loans": 0})], FACULTY, BOOK)
    assert (rule.fine_per_day, rule.max_loans) == (0, 0)


COUNTED_BY_KIND = [
    # the line that sets the limit,                            counts items of that kind only
    (Line(None, None, {"max_loans": 3}), False),
    (Line(STUDENT, None, {"max_loans": 3}), False),
    (Line(None, FILM, {"max_loans": 3}), True),
    (Line(STUDENT, FILM, {"max_loans": 3}), True),
]


@pytest.mark.parametrize(("line", "by_kind"), COUNTED_BY_KIND)
def test_a_limit_for_a_kind_counts_that_kind(line: Line, by_kind: bool) -> None:
    rule = effective_rule([line], STUDENT, FILM)
    assert rule.per_kind == (frozenset({"max_loans"}) if by_kind else frozenset())


APART = [
    # the lines,                                                                          apart for a student
    ([Line(None, None, {"max_loans": 3}), Line(None, FILM, {"max_loans": 2})], {FILM}),
    ([Line(None, None, {"max_loans": 3}), Line(STUDENT, FILM, {"max_loans": 2})], {FILM}),
    ([Line(None, None, {"max_loans": 3}), Line(FACULTY, FILM, {"max_loans": 2})], set()),
    ([Line(None, None, {"max_loans": 3}), Line(None, FILM, {"loan_days": 7})], set()),
    ([Line(STUDENT, None, {"max_loans": 3}), Line(None, FILM, {"max_loans": 2})], set()),  # the member's line wins
    ([Line(None, FILM, {"max_loans": 0}), Line(None, BOOK, {"max_loans": 9})], {FILM, BOOK}),
]


@pytest.mark.parametrize(("lines", "apart"), APART)
@pytest.mark.parametrize("wanted", [None, BOOK, FILM])
def test_a_general_limit_leaves_out_the_kinds_with_a_limit_of_their_own(
    lines: list[Line], apart: set[int], wanted: int | None
) -> None:
    rule = effective_rule(iter(lines), STUDENT, wanted)
    assert rule.apart == {"max_loans": apart, "max_holds": set()}
    general = effective_rule(lines, STUDENT, None)
    assert [general.counts("max_loans", None, kind) for kind in (BOOK, FILM)] == [
        BOOK not in apart, FILM not in apart,
    ]  # fmt: skip


def test_each_loan_counts_towards_one_limit() -> None:
    """Towards that of its kind where there is one, else towards the general one, whatever is wanted."""
    lines = [Line(None, None, {"max_loans": 3, "max_holds": 4}), Line(None, FILM, {"max_loans": 2})]
    of_film, of_book = effective_rule(lines, STUDENT, FILM), effective_rule(lines, STUDENT, BOOK)
    assert [of_film.counts("max_loans", FILM, kind) for kind in (BOOK, FILM)] == [False, True]
    assert [of_book.counts("max_loans", BOOK, kind) for kind in (BOOK, FILM)] == [True, False]
    assert [of_film.counts("max_loans", None, kind) for kind in (BOOK, FILM)] == [True, False]
    assert [of_film.counts("max_holds", FILM, kind) for kind in (BOOK, FILM)] == [True, True]


LIMITS = {
    # the least and the most that a line may say
    "loan_days": (1, 3650), "max_loans": (0, 10_000), "max_renewals": (0, 1000), "fine_per_day": (0, 1_000_000_000),
    "grace_days": (0, 365), "fine_cap": (0, 1_000_000_000), "max_holds": (0, 10_000), "hold_shelf_days": (1, 365),
    "debt_block": (0, 1_000_000_000),
}  # fmt: skip


def test_every_value_has_its_bounds() -> None:
    assert dict(BOUNDS) == LIMITS
    assert tuple(LIMITS) == VALUES == tuple(DEFAULTS)


CHRISTMAS = OpenDays(frozenset({6}), frozenset({(12, 25), (12, 26)}))
DUE = [
    # issued on,        days, calendar,  mode,   ends on,            due
    (date(2026, 3, 10), 21, ALWAYS, ROLL, None, date(2026, 3, 31)),
    (date(2026, 3, 1), 21, SUNDAYS, ROLL, None, date(2026, 3, 23)),  # a Sunday rolls to Monday
    (date(2026, 3, 1), 21, SUNDAYS, IGNORE, None, date(2026, 3, 22)),
    (date(2026, 3, 10), 6, SUNDAYS, SKIP, None, date(2026, 3, 17)),  # Sunday the 15th is not counted
    (date(2026, 12, 4), 21, CHRISTMAS, ROLL, None, date(2026, 12, 28)),  # Friday to Monday, over two feasts
    (date(2026, 3, 10), 21, ALWAYS, ROLL, date(2026, 3, 20), date(2026, 3, 20)),
    (date(2026, 3, 10), 21, SUNDAYS, ROLL, date(2026, 3, 15), date(2026, 3, 14)),  # the cap rolls back
    (date(2026, 3, 10), 21, SUNDAYS, IGNORE, date(2026, 3, 15), date(2026, 3, 15)),
    (date(2026, 3, 15), 21, SUNDAYS, ROLL, date(2026, 3, 15), date(2026, 3, 15)),  # never before the issue
    (date(2026, 3, 10), 5, ALWAYS, ROLL, date(2026, 3, 20), date(2026, 3, 15)),
    (date(2024, 2, 8), 21, ALWAYS, ROLL, None, date(2024, 2, 29)),  # leap day
    (date(2026, 12, 20), 21, ALWAYS, ROLL, None, date(2027, 1, 10)),  # year end
]


@pytest.mark.parametrize(("start", "days", "calendar", "mode", "ends_on", "due"), DUE)
def test_a_loan_ends_on_the_right_day(
    start: date, days: int, calendar: OpenDays, mode: ClosedDayMode, ends_on: date | None, due: date
) -> None:
    assert due_day(start, days, calendar, mode, membership_ends_on=ends_on) == due


ENDS = [
    # the membership ends on,  calendar, mode,   due;  lent on Tuesday, 10 March 2026, for 5 days, till Sunday the 15th
    (date(2026, 3, 17), SUNDAYS, ROLL, date(2026, 3, 16)),
    (date(2026, 3, 16), SUNDAYS, ROLL, date(2026, 3, 16)),  # the rolled day itself is in time
    (date(2026, 3, 15), SUNDAYS, ROLL, date(2026, 3, 14)),  # rolled past the end: back to the last open day
    (date(2026, 3, 15), SUNDAYS, IGNORE, date(2026, 3, 15)),
    (date(2026, 3, 14), SUNDAYS, IGNORE, date(2026, 3, 14)),
    (date(2026, 3, 16), SUNDAYS, SKIP, date(2026, 3, 16)),  # five open days, Sunday not among them
    (date(2026, 3, 15), SUNDAYS, SKIP, date(2026, 3, 14)),
    (date(2026, 3, 10), SUNDAYS, ROLL, date(2026, 3, 10)),
    (date(2026, 3, 9), SUNDAYS, ROLL, date(2026, 3, 10)),  # never before the day it was lent
    (date(2020, 1, 1), SUNDAYS, IGNORE, date(2026, 3, 10)),
    (None, SUNDAYS, IGNORE, date(2026, 3, 15)),
]


@pytest.mark.parametrize(("ends_on", "calendar", "mode", "due"), ENDS)
def test_the_end_of_the_membership_ends_the_loan(
    ends_on: date | None, calendar: OpenDays, mode: ClosedDayMode, due: date
) -> None:
    assert due_day(date(2026, 3, 10), 5, calendar, mode, membership_ends_on=ends_on) == due


STEPS = [
    # mode,   ends on,            counted,            rolled,             capped by,          due; 10 March, 5 days
    (ROLL, None, date(2026, 3, 15), date(2026, 3, 16), None, date(2026, 3, 16)),
    (ROLL, date(2026, 3, 16), date(2026, 3, 15), date(2026, 3, 16), None, date(2026, 3, 16)),
    (ROLL, date(2026, 3, 15), date(2026, 3, 15), date(2026, 3, 16), date(2026, 3, 15), date(2026, 3, 14)),
    (IGNORE, None, date(2026, 3, 15), date(2026, 3, 15), None, date(2026, 3, 15)),
    (IGNORE, date(2026, 3, 12), date(2026, 3, 15), date(2026, 3, 15), date(2026, 3, 12), date(2026, 3, 12)),
    (SKIP, None, date(2026, 3, 16), date(2026, 3, 16), None, date(2026, 3, 16)),
]


@pytest.mark.parametrize(("mode", "ends_on", "counted", "rolled", "capped_by", "due"), STEPS)
def test_a_due_date_tells_its_steps(
    mode: ClosedDayMode, ends_on: date | None, counted: date, rolled: date, capped_by: date | None, due: date
) -> None:
    start = date(2026, 3, 10)
    steps = due_steps(start, 5, SUNDAYS, mode, membership_ends_on=ends_on)
    assert steps == DueSteps(start, 5, mode, counted, rolled, capped_by, due)


FINES = [
    # days late, per day, grace, cap, fine
    (29, 100, 0, 10**6, 2900),
    (29, 100, 0, 500, 500),
    (1, 10, 1, 500, 0),  # within the grace
    (2, 10, 1, 500, 20),  # past it, every day counts
    (0, 10, 0, 500, 0),
    (100, 0, 0, 500, 0),
    (10, 100, 0, 0, 0),
    (5, 100, 0, 500, 500),  # the cap exactly
    (6, 100, 0, 500, 500),
    (4, 100, 0, 500, 400),
    (6, 10, 7, 500, 0),
    (7, 10, 7, 500, 0),  # the last day of grace
    (8, 10, 7, 500, 80),  # all or nothing: the days of grace are paid too
    (1, 10, 0, 500, 10),
]


@pytest.mark.parametrize(("late", "per_day", "grace", "cap", "expected"), FINES)
def test_a_fine_is_days_times_rate_after_the_grace_and_never_above_the_cap(
    late: int, per_day: int, grace: int, cap: int, expected: int
) -> None:
    assert fine(late, per_day=per_day, grace_days=grace, cap=cap) == expected


def test_the_cap_is_the_copys_price_where_that_is_lower() -> None:
    assert [fine_cap(500, price) for price in (None, 300, 900, 0)] == [500, 300, 500, 0]


LATE = [
    # due on,           day,               calendar, open days late
    (date(2025, 4, 4), date(2025, 4, 10), OpenDays(), 6),
    (date(2026, 4, 4), date(2026, 4, 11), SUNDAYS, 6),  # one Sunday does not count
    (date(2026, 4, 4), date(2026, 4, 4), SUNDAYS, 0),
    (date(2026, 4, 4), date(2026, 4, 5), SUNDAYS, 0),
    (date(2026, 4, 5), date(2026, 4, 6), SUNDAYS, 0),  # due on a closed Sunday: Monday is in time
    (date(2026, 4, 5), date(2026, 4, 7), SUNDAYS, 1),
    (date(2026, 4, 4), date(2026, 4, 1), SUNDAYS, 0),
]


@pytest.mark.parametrize(("due", "day", "calendar", "late"), LATE)
def test_overdue_days_are_the_open_days_after_the_due_day(due: date, day: date, calendar: OpenDays, late: int) -> None:
    assert calendar.days_late(due, day) == late


def test_a_single_day_beats_a_pattern() -> None:
    calendar = OpenDays(frozenset({6}), frozenset({(12, 25)}), {date(2026, 3, 15): True, date(2026, 3, 16): False})
    assert [calendar.is_open(date(2026, 3, day)) for day in (14, 15, 16, 22)] == [True, True, False, False]
    assert not calendar.is_open(date(2027, 12, 25))


def test_a_calendar_that_never_opens_is_seen() -> None:
    today = date(2026, 3, 10)
    assert OpenDays(frozenset(range(7))).never_opens(today)
    assert OpenDays(frozenset(range(7)), days={today: True}).never_opens(today), "one single day is not enough"
    assert OpenDays(days={today + timedelta(days=n): False for n in range(400)}).never_opens(today)
    assert not OpenDays(frozenset(range(6))).never_opens(today)


_days = st.dates(date(2019, 1, 1), date(2029, 12, 31))
_calendars = st.builds(
    OpenDays,
    st.frozensets(st.integers(0, 6), max_size=6),
    st.frozensets(st.tuples(st.integers(1, 12), st.integers(1, 31)), max_size=8),
    st.dictionaries(_days, st.booleans(), max_size=8),
)


@given(_calendars, _days, st.integers(-5, 900))
def test_open_days_are_counted_as_by_hand(calendar: OpenDays, after: date, span: int) -> None:
    until = after + timedelta(days=span)
    by_hand = sum(calendar.is_open(after + timedelta(days=n)) for n in range(1, span + 1))
    assert calendar.open_between(after, until) == by_hand


@given(_calendars, _days, st.integers(1, 400), st.sampled_from(ClosedDayMode), st.none() | _days)
def test_a_due_day_is_never_before_the_issue_and_open_unless_closures_are_ignored(
    calendar: OpenDays, start: date, days: int, mode: ClosedDayMode, ends_on: date | None
) -> None:
    due = due_day(start, days, calendar, mode, membership_ends_on=ends_on)
    assert due >= start
    assert mode is IGNORE or due == start or calendar.is_open(due)
    assert ends_on is None or due <= max(ends_on, start)


@given(_calendars, _days, st.integers(0, 200))
def test_a_loan_is_overdue_once_an_open_day_from_its_due_day_on_has_passed(
    calendar: OpenDays, due: date, span: int
) -> None:
    today = due + timedelta(days=span)
    passed = any(calendar.is_open(due + timedelta(days=n)) for n in range(span))
    assert (due < today and due <= calendar.missed_until(today)) == passed
