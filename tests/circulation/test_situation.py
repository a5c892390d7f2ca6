"""What a decision looks at: fines that run, who is owed what, when a loan would end, and what holds for one member."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from lib.circulation.calendar import OpenDays
from lib.circulation.hold_policy import Claim
from lib.circulation.policy import Line, effective_rule
from lib.circulation.settings import CirculationSettings, ClosedDayMode
from lib.circulation.situation import (
    NOBODY,
    OVERDUE_BLOCKS,
    Borrower,
    Exempt,
    Item,
    OpenLoan,
    Queue,
    Terms,
    except_for,
    owed,
)

TODAY = date(2026, 3, 10)  # a Tuesday
SUNDAYS = OpenDays(frozenset({6}))
RULE = effective_rule([Line(None, None, {})], None, None)
TERMS = Terms(TODAY, SUNDAYS, CirculationSettings(), RULE, "EUR", "en-GB")
READER = Borrower(1, "Ada", "active", None, None, None, None)


def late(days: int, **more: Any) -> OpenLoan:
    """A loan due so many days ago; 10 cents a day, 1 day of grace, at most 1.00."""
    given = {"fine_settled": 0} | more
    return OpenLoan(7, 70, "Dune", 5, TODAY - timedelta(days=days), 10, 1, 100, **given)


FINES = [
    # due days ago, settled before, claimed returned days ago, fine today
    (0, 0, None, 0),
    (1, 0, None, 0),  # grace
    (2, 0, None, 0),  # due on Sunday: Monday was in time, today is the day of grace
    (3, 0, None, 20),
    (10, 0, None, 80),
    (30, 0, None, 100),  # the cap
    (3, 30, None, 50),
    (10, 30, None, 100),  # what was settled counts towards the cap
    (0, 140, None, 140),  # settled under another rule: it is not taken back
    (10, 140, None, 140),
    (10, 0, 6, 30),  # it stands still from the day they say they returned it
    (10, 0, -2, 80),  # a day that has not come changes nothing
    (10, 0, 10, 0),
]


@pytest.mark.parametrize(("days", "settled", "claimed", "fine"), FINES)
def test_the_fine_of_an_open_loan(days: int, settled: int, claimed: int | None, fine: int) -> None:
    claimed_on = None if claimed is None else TODAY - timedelta(days=claimed)
    assert late(days, fine_settled=settled, claimed_on=claimed_on).fine_on(TODAY, SUNDAYS) == fine


def test_who_is_due_on_a_closed_day_is_in_time_on_the_next_open_one() -> None:
    on_sunday = late(2)
    assert [on_sunday.fine_on(date(2026, 3, day), SUNDAYS) for day in (8, 9, 10, 11)] == [0, 0, 0, 20]


OWED = [
    # balance in the ledger, loans, owed
    (0, (), 0),
    (250, (), 250),
    (-80, (), -80),
    (0, (late(3),), 20),
    (20, (late(3, accrued_minor=20),), 20),  # the ledger has it already
    (10, (late(3, accrued_minor=10),), 20),
    (30, (late(3, fine_settled=30),), 50),  # what was settled stands in the ledger
    (30, (late(3, fine_settled=30, accrued_minor=20),), 30),
    (0, (late(3), late(10)), 100),
    (50, (late(-5, accrued_minor=50),), 0),  # due later by now: the running fine goes back
    (50, (late(0, accrued_minor=50),), 0),
    (5, (late(-5, fine_settled=40),), 5),  # an earlier renewal settled it, and it was paid
]


@pytest.mark.parametrize(("balance", "loans", "amount"), OWED)
def test_what_a_member_owes_today(balance: int, loans: tuple[OpenLoan, ...], amount: int) -> None:
    assert owed(replace(READER, balance_minor=balance, loans=loans), TERMS) == amount


def test_a_loan_that_is_not_late_is_not_reckoned() -> None:
    settled_above_cap = late(-3, fine_settled=40)
    assert owed(replace(READER, loans=(settled_above_cap, late(0, fine_settled=40))), TERMS) == 0


MISSED = [
    # who waits, in order (None: any copy), the other copies on the shelf, how many go without copy 10
    ([], [], 0),
    ([None], [], 1),
    ([None], [11], 0),
    ([None, None, None], [11], 2),
    ([10], [11, 12, 13], 1),
    ([None, 11], [11], 1),
    ([], [11, 12], 0),
]


@pytest.mark.parametrize(("wanted", "free", "missed"), MISSED)
def test_how_many_of_those_who_wait_go_without_this_copy(
    wanted: list[int | None], free: list[int], missed: int
) -> None:
    claims = tuple(Claim(number, copy) for number, copy in enumerate(wanted))
    copy = Item(
        10, "B10", 100, "Dune", 5, "on_loan", 1500, "Main", "B-12", queue=Queue(claims=claims, free=tuple(free))
    )
    assert copy.missed_by == missed


def test_a_copy_nobody_waits_for() -> None:
    copy = Item(10, "B10", 100, "Dune", 5, "available", 1500, "Main", "B-12")
    assert copy.queue == NOBODY == Queue(None, False, None, None, 0, (), ())
    assert (READER.loans, READER.balance_minor, READER.exceptions) == ((), 0, ())
    assert (late(1).accrued_minor, late(1).claimed_on) == (0, None)


ENDS = [
    # closed days, capped by the membership, for 5 days till Sunday, 15 March; the membership ends on, due
    (ClosedDayMode.ROLL, True, None, 16),
    (ClosedDayMode.IGNORE, True, None, 15),
    (ClosedDayMode.ROLL, True, 12, 12),
    (ClosedDayMode.ROLL, False, 12, 16),
]


@pytest.mark.parametrize(("mode", "caps", "ends", "due"), ENDS)
def test_when_a_loan_would_end(mode: ClosedDayMode, caps: bool, ends: int | None, due: int) -> None:
    terms = replace(TERMS, settings=CirculationSettings(closed_day_mode=mode, membership_caps_due=caps))
    ends_on = date(2026, 3, ends) if ends else None
    assert terms.due(TODAY, 5, ends_on) == date(2026, 3, due)


OVERDUE = [
    # today, due, overdue
    (10, 9, True),
    (10, 10, False),
    (10, 11, False),
    (9, 8, False),  # due on Sunday: Monday is in time
    (9, 7, True),
    (10, 8, True),
]


@pytest.mark.parametrize(("today", "due", "overdue"), OVERDUE)
def test_which_loans_are_overdue(today: int, due: int, overdue: bool) -> None:
    terms = replace(TERMS, today=date(2026, 3, today))
    assert terms.is_overdue(date(2026, 3, due)) == overdue


def test_a_library_that_never_opens_has_no_overdue_loan_before_its_day() -> None:
    shut = replace(TERMS, calendar=OpenDays(frozenset(range(7))))
    assert not shut.is_overdue(TODAY)
    assert shut.is_overdue(TODAY - timedelta(days=1))


def test_money_is_written_as_the_library_writes_it() -> None:
    assert TERMS.money(123456) == "€1,234.56"
    assert replace(TERMS, currency="JPY", locale="de").money(1234) == "1.234\u00a0¥"


def test_an_exception_to_a_limit_counts_every_kind_and_leaves_the_other_limit_alone() -> None:
    rule = effective_rule([Line(None, 5, {"max_loans": 1, "max_holds": 2})], 1, 6)
    assert rule.apart == {"max_loans": {5}, "max_holds": {5}}
    held = except_for(replace(TERMS, rule=rule), [Exempt("max_loans", 9, date(2026, 5, 3))]).rule
    assert held.apart == {"max_holds": {5}}
    assert [held.counts(limit, 6, 5) for limit in ("max_loans", "max_holds")] == [True, False]


def test_what_holds_for_one_member_changes_that_value_alone() -> None:
    rule = effective_rule([Line(None, None, {"max_loans": 3}), Line(None, 5, {"max_loans": 1, "max_holds": 2})], 1, 5)
    terms = replace(TERMS, rule=rule)
    assert except_for(terms, []) == terms
    until = date(2026, 5, 3)
    held = except_for(terms, [Exempt("max_loans", 9, until), Exempt("debt_block", 50, until)])
    assert (held.rule.max_loans, held.rule.debt_block, held.rule.max_holds) == (9, 50, 2)
    assert held.rule.per_kind == frozenset({"max_holds"}), "an exception counts every kind of item"
    said = "exception until 3 May 2026"
    assert held.rule.lines == {**rule.lines, "max_loans": said, "debt_block": said}
    assert (terms.rule.excepted, held.rule.excepted) == (frozenset(), {"max_loans", "debt_block"})
    assert held == replace(terms, rule=held.rule)


@pytest.mark.parametrize(("amount", "blocks"), [(0, False), (1, True)])
def test_overdue_loans_may_be_excused_for_one_member(amount: int, blocks: bool) -> None:
    terms = replace(TERMS, settings=CirculationSettings(overdue_blocks=not blocks, undo_minutes=7))
    held = except_for(terms, [Exempt(OVERDUE_BLOCKS, amount, TODAY)])
    assert (held.settings.overdue_blocks, held.settings.undo_minutes, held.rule) == (blocks, 7, RULE)
    assert OVERDUE_BLOCKS == "overdue_blocks"
