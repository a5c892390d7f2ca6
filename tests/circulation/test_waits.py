"""Estimated waits on plain values: the range holds what really happens, and says nothing where nothing can be said.

Where every loan in the past did the same there is no chance in it, and the answer is one number of days.
"""

import pytest

from lib.circulation.waits import (
    FEWEST,
    LEAST_REPLAYS,
    LEFT_OUT,
    LONGEST_DAYS,
    REPLAYS,
    STEPS,
    Past,
    Supply,
    Wait,
    Waiting,
    estimate,
)

ANYBODY = Waiting()
PAST = Past(lasted=(7, 10, 14, 18, 21, 21, 22, 25), late=(-14, -7, -3, 0, 0, 1, 4))
STEADY = Past(lasted=(10,) * 5, late=(2,) * 5, shelf_days=0)  # kept for ten days, two days late, fetched at once
FRESH, OUT = Supply(1), Supply(1, due_in=4)

PLAYED = [
    # who waits (for whichever copy unless said), the copies, days
    ("it stands on the shelf", [ANYBODY], [FRESH], Wait(0, 1)),
    ("due in four days, two days late", [ANYBODY], [OUT], Wait(6, 6)),
    ("two days late already today", [ANYBODY], [Supply(1, due_in=-2)], Wait(0, 1)),
    ("one ahead keeps it for ten days", [ANYBODY] * 2, [FRESH], Wait(10, 10)),
    ("two ahead", [ANYBODY] * 3, [FRESH], Wait(20, 20)),
    ("two ahead, after a loan", [ANYBODY] * 3, [OUT], Wait(26, 26)),
    ("two copies serve two", [ANYBODY] * 2, [FRESH, Supply(2)], Wait(0, 1)),
    ("two copies serve four in two rounds", [ANYBODY] * 4, [FRESH, Supply(2, due_in=1)], Wait(13, 13)),
    ("the copy that is free first", [ANYBODY], [Supply(2, due_in=9), OUT], Wait(6, 6)),
    ("only this copy", [Waiting(2)], [FRESH, Supply(2, due_in=9)], Wait(11, 11)),
    ("who needs another copy holds nobody up", [Waiting(2), ANYBODY], [FRESH, Supply(2, due_in=9)], Wait(0, 1)),
    ("who needs this copy goes first", [Waiting(1), ANYBODY], [FRESH, Supply(2, due_in=9)], Wait(10, 10)),
    ("suspended: passed over", [Waiting(active_in=90), ANYBODY], [FRESH], Wait(0, 1)),
    ("suspended themselves", [Waiting(active_in=30)], [FRESH], Wait(30, 30)),
    ("suspended until the copy comes", [Waiting(active_in=6), ANYBODY], [OUT], Wait(16, 16)),
    ("suspended a day longer", [Waiting(active_in=7), ANYBODY], [OUT], Wait(6, 6)),
    ("two suspended: the one who is back first", [Waiting(active_in=50), Waiting(active_in=30)], [FRESH], Wait(30, 30)),
    ("for somebody on the hold shelf until today", [ANYBODY], [Supply(1, shelf_left=0)], Wait(10, 10)),
    ("no copy that can serve", [Waiting(7)], [FRESH], None),
    ("no copy", [ANYBODY], [], None),
    ("no copy for who is ahead", [Waiting(7), ANYBODY], [FRESH], Wait(0, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("queue", "copies", "wait"), [row[1:] for row in PLAYED], ids=[row[0] for row in PLAYED])
def test_a_queue_is_played_through(queue: list[Waiting], copies: list[Supply], wait: Wait | None) -> None:
    assert estimate(queue, copies, STEADY) == wait


def test_nobody_is_told_more_than_ten_years() -> None:
    assert LONGEST_DAYS == 3650
    slow = Past(lasted=(365,) * 5, late=(2,) * 5, shelf_days=0)
    assert estimate([ANYBODY] * 10, [FRESH], slow) == Wait(3285, 3285)
    assert estimate([ANYBODY] * 12, [FRESH], slow) == Wait(3650, 3650)
    assert estimate([ANYBODY], [Supply(1, due_in=5000)], STEADY) == Wait(3650, 3650)


LONG_AGO = [
    # due in so many days, how late loans ever were; from a day to a week, and as long again as it is overdue
    (-3, 2, Wait(1, 10)), (-30, 2, Wait(2, 36)), (-100, 2, Wait(5, 102)),
    (3, -10, Wait(1, 7)),  # not due yet, but loans always came back earlier than this one could
]  # fmt: skip


@pytest.mark.parametrize(("due_in", "late", "wait"), LONG_AGO)
def test_later_than_any_before_it_may_take_as_long_again(due_in: int, late: int, wait: Wait) -> None:
    assert estimate([ANYBODY], [Supply(1, due_in=due_in)], Past(lasted=(10,) * 5, late=(late,) * 5)) == wait


BY_RULE = [
    # due in so many days, back within; loans of 20 days come back 15, 10, 5 or 1 days early, on the day, 2 or 7 late
    (16, 1, 23), (15, 0, 22), (14, 4, 21), (11, 1, 18), (10, 0, 17), (9, 4, 16), (6, 1, 13), (5, 0, 12), (4, 3, 11),
    (2, 1, 9), (1, 0, 8), (0, 0, 7), (-1, 1, 6), (-2, 0, 5), (-3, 4, 4), (-6, 1, 1), (-7, 0, 1),
]  # fmt: skip


@pytest.mark.parametrize(("due_in", "low", "high"), BY_RULE)
def test_without_history_loans_come_back_as_the_rule_says(due_in: int, low: int, high: int) -> None:
    assert estimate([ANYBODY], [Supply(1, due_in=due_in)], Past(loan_days=20, shelf_days=0)) == Wait(low, high)


def test_a_week_at_most_on_the_hold_shelf_then_a_loan() -> None:
    """The middle nine tenths of 0 to 7 days there, and ten days at home."""
    past = Past(lasted=(10,) * 5, late=(2,) * 5)
    assert estimate([ANYBODY] * 2, [FRESH], past) == Wait(10, 17)
    assert estimate([ANYBODY], [Supply(1, shelf_left=7)], past) == Wait(10, 17)
    assert estimate([ANYBODY], [Supply(1, shelf_left=-3)], past) == Wait(10, 10)
    assert estimate([ANYBODY] * 2, [FRESH], Past(lasted=(10,) * 5, late=(2,) * 5, shelf_days=30)) == Wait(11, 39)


def test_the_rare_extremes_are_left_out() -> None:
    """One loan in forty was very late, one very early: neither is told; one in eight is."""
    rare = Past(lasted=(10,) * 5, late=(-20, *[2] * 38, 300))
    assert estimate([ANYBODY], [Supply(1, due_in=30)], rare) == Wait(32, 32)
    common = Past(lasted=(10,) * 5, late=(-20, 2, 2, 2, 2, 2, 2, 300))
    assert estimate([ANYBODY], [Supply(1, due_in=30)], common) == Wait(10, 330)


LITTLE = [
    # how many loans are known, whether they count alone
    (FEWEST, True), (FEWEST - 1, False),
]  # fmt: skip


@pytest.mark.parametrize(("known", "alone"), LITTLE)
def test_a_history_of_fewer_than_five_loans_is_not_believed(known: int, alone: bool) -> None:
    assert FEWEST == 5
    past = Past(lasted=(300,) * known, late=(0,) * 9, shelf_days=0)
    wait = estimate([ANYBODY] * 2, [FRESH], past)
    assert wait is not None
    assert (wait == Wait(300, 300)) == alone
    assert wait.high_days == 300, "it counts among what the rule says"
    past = Past(lasted=(10,) * 9, late=(100,) * known, shelf_days=0)
    late = estimate([ANYBODY], [OUT], past)
    assert late is not None
    assert (late == Wait(104, 104)) == alone
    assert late.high_days == 104


def test_without_history_the_rule_says_how_long() -> None:
    """Kept for a quarter of the loan period up to a week over it; back three quarters before it is due up to a week
    after."""
    bare = Past(loan_days=20, shelf_days=0)
    assert estimate([ANYBODY] * 2, [FRESH], bare) == Wait(5, 27)
    assert estimate([ANYBODY], [Supply(1, due_in=40)], bare) == Wait(25, 47)
    assert estimate([ANYBODY] * 2, [FRESH], Past(loan_days=2, shelf_days=0)) == Wait(1, 9)
    assert (Past().loan_days, Past().shelf_days, Past().lasted, Past().late) == (21, 7, (), ())


def test_the_same_question_has_the_same_answer() -> None:
    queue, copies = [ANYBODY] * 5, [Supply(1, due_in=4), Supply(2, shelf_left=3)]
    assert estimate(queue, copies, PAST) == estimate(queue, copies, PAST) == Wait(34, 58)


SPREAD = Wait(188, 2891)  # the eleventh from below and from above of two hundred


def test_it_is_played_through_as_often_as_time_allows() -> None:
    """Two hundred times; a long queue at least forty times. The answer leaves out a twentieth at each end."""
    assert (REPLAYS, LEAST_REPLAYS, STEPS, LEFT_OUT) == (200, 40, 20_000, 0.05)
    past = Past(lasted=(10,) * 5, late=tuple(range(40)))
    assert estimate([ANYBODY], [Supply(1, due_in=30)], past) == Wait(32, 68)
    copies = [Supply(number, due_in=30) for number in range(3)]
    assert estimate([ANYBODY] * 90, copies, past) == Wait(428, 464)
    mixed = Past(lasted=tuple(range(1, 90)), late=tuple(range(100)))
    copies = [Supply(number, due_in=number) for number in range(50)]
    assert estimate([ANYBODY] * 150, copies, mixed) == Wait(173, 201)
    spread = Past(lasted=(10,) * 5, late=tuple(range(3000)))
    assert estimate([ANYBODY], [Supply(1, due_in=3)], spread) == SPREAD


def test_more_copies_shorten_it() -> None:
    copies = [Supply(number, due_in=5 * number) for number in range(3)]
    by_place = [estimate([ANYBODY] * place, copies, PAST) for place in (1, 4, 10, 40)]
    highs = [wait.high_days for wait in by_place if wait]
    assert highs == sorted(highs)
    one, three = estimate([ANYBODY] * 6, copies[:1], PAST), estimate([ANYBODY] * 6, copies, PAST)
    assert one is not None
    assert three is not None
    assert three.high_days < one.low_days
