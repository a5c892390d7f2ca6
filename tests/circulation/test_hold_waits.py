"""Estimated waits: the range holds what really happens, and says nothing where nothing can be said."""

from random import Random

import pytest

from lib.access.installation import Installation
from lib.circulation.waits import Past, Supply, Wait, Waiting, estimate
from tests.builders import a_copy, a_loan, a_member, a_title
from tests.circulation.hold_steps import a_lent_title, considered, hold

PAST = Past(lasted=(7, 10, 14, 18, 21, 21, 22, 25), late=(-14, -7, -3, 0, 0, 1, 4), loan_days=21, shelf_days=7)
ANYBODY = Waiting()


def test_without_a_copy_that_can_serve_there_is_no_estimate() -> None:
    assert estimate([ANYBODY], [], PAST) is None
    assert estimate([Waiting(copy_id=7)], [Supply(1)], PAST) is None


def test_a_copy_on_the_shelf_is_there_within_a_day() -> None:
    assert estimate([ANYBODY], [Supply(1)], PAST) == Wait(0, 1)


def test_the_only_loan_comes_back_about_when_it_is_due() -> None:
    wait = estimate([ANYBODY], [Supply(1, due_in=10)], PAST)
    assert wait is not None
    assert 0 <= wait.low_days <= 10 <= wait.high_days <= 15


def test_it_is_never_below_nought_and_low_is_not_above_high() -> None:
    for due_in in (-400, -30, -1, 0, 1, 90):
        wait = estimate([ANYBODY] * 4, [Supply(1, due_in=due_in), Supply(2, shelf_left=-3)], PAST)
        assert wait is not None
        assert 0 <= wait.low_days <= wait.high_days


def test_who_stands_further_behind_waits_longer_and_more_copies_shorten_it() -> None:
    copies = [Supply(number, due_in=5 * number) for number in range(3)]
    by_place = [estimate([ANYBODY] * place, copies, PAST) for place in (1, 4, 10, 40)]
    assert [wait.high_days for wait in by_place if wait] == sorted(wait.high_days for wait in by_place if wait)
    one, three = estimate([ANYBODY] * 6, copies[:1], PAST), estimate([ANYBODY] * 6, copies, PAST)
    assert one is not None
    assert three is not None
    assert three.high_days < one.low_days


def test_suspended_readers_are_passed_over_until_they_are_back() -> None:
    behind = estimate([Waiting(active_in=300), ANYBODY], [Supply(1, due_in=3)], PAST)
    free = estimate([ANYBODY], [Supply(1, due_in=3)], PAST)
    assert behind == free
    own = estimate([Waiting(active_in=30)], [Supply(1)], PAST)
    assert own == Wait(30, 30)


def test_a_hold_on_one_copy_waits_for_that_copy() -> None:
    copies = [Supply(1), Supply(2, due_in=20)]
    wait = estimate([Waiting(copy_id=2)], copies, PAST)
    assert wait is not None
    assert wait.high_days >= 20
    assert estimate([Waiting(copy_id=2), ANYBODY], copies, PAST) == Wait(0, 1)


def test_the_same_question_has_the_same_answer_and_little_history_is_no_trouble() -> None:
    queue, copies = [ANYBODY] * 5, [Supply(1, due_in=4), Supply(2, shelf_left=3)]
    assert estimate(queue, copies, PAST) == estimate(queue, copies, PAST)
    bare = estimate(queue, copies, Past(loan_days=14))
    assert bare is not None
    assert 14 <= bare.high_days <= 120


def test_a_queue_of_thousands_is_answered_within_bounds() -> None:
    wait = estimate([ANYBODY] * 1001, [Supply(1, due_in=4)], PAST)
    assert wait is not None
    assert wait.high_days == 3650


KEEPERS = {
    "mostly near the due day": lambda chance: min(60, max(1, round(chance.gauss(19, 5)))),
    "early or late": lambda chance: chance.choice((3, 4, 6, 8, 20, 21, 28, 35)),
    "long tails": lambda chance: min(120, max(1, round(chance.expovariate(1 / 16)))),
}


@pytest.mark.parametrize("name", KEEPERS)
@pytest.mark.parametrize(("copies", "ahead"), [(1, 0), (1, 3), (2, 5), (4, 2), (5, 20)])
def test_the_range_holds_the_truth_four_times_of_five(name: str, copies: int, ahead: int) -> None:
    """Readers of a kind are played: the estimate sees a hundred past loans, the truth goes its own way."""
    keeps, chance = KEEPERS[name], Random(f"{name} {copies} {ahead}")
    held, tries = 0, 120
    for _ in range(tries):
        past_loans = [keeps(chance) for _ in range(100)]
        past = Past(tuple(past_loans), tuple(days - 21 for days in past_loans), 21, 7)
        out = [_open_loan(keeps, chance) for _ in range(copies)]
        wait = estimate([ANYBODY] * (ahead + 1), [Supply(n, due_in=due) for n, (due, _) in enumerate(out)], past)
        truth = _truth([left for _, left in out], ahead, keeps, chance)
        assert wait is not None
        held += wait.low_days <= truth <= wait.high_days
    assert held / tries >= 0.8


def _open_loan(keeps, chance: Random) -> tuple[int, float]:  # type: ignore[no-untyped-def]
    """A loan that is out: in how many days it is due, and in how many it really comes back."""
    while True:
        lasts = keeps(chance)
        age = chance.randrange(0, 40)
        if age <= lasts:
            return 21 - age, float(lasts - age)


def _truth(free: list[float], ahead: int, keeps, chance: Random) -> float:  # type: ignore[no-untyped-def]
    """On which day the reader behind so many has a copy ready."""
    for _ in range(ahead):
        day = min(free)
        free.remove(day)
        free.append(day + chance.choice((0, 1, 1, 2, 3, 5, 7)) + keeps(chance))
    return min(free)


def test_the_librarys_own_past_loans_decide(library: Installation) -> None:
    """A title whose readers keep it for three days is soon there; one that is kept for months is not."""
    today = library.clock.now()
    waits = []
    for days in (3, 90):
        title = a_title(library)
        barcode = a_copy(library, title)
        for _ in range(12):
            a_loan(
                library, a_member(library), barcode, days_ago=100, returned_at=today,
                returned_on=today.date().fromordinal(today.date().toordinal() - 100 + days),
            )  # fmt: skip
        a_loan(library, a_member(library), barcode)
        hold(library, a_member(library), title)
        waits.append(hold(library, a_member(library), title).wait)
    quick, slow = waits
    assert quick is not None
    assert slow is not None
    assert quick.high_days < 30 < 100 < slow.low_days


def test_what_is_only_on_order_has_a_queue_but_no_estimate(library: Installation) -> None:
    title = a_title(library)
    a_copy(library, title, status="on_order")
    assert considered(library, a_member(library), title).may
    assert hold(library, a_member(library), title).wait is None
    assert hold(library, a_member(library), a_lent_title(library)[0]).wait is not None
