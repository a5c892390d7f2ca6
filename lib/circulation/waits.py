"""How long a hold will wait: the queue is played through many times, with what the library's loans really did.

Each time the open loans come back as early or late against their due dates as loans did before, and every reader
ahead keeps their copy as long as readers did. The answer is the range of the middle nine tenths. The chances come
from a fixed start, so that the same question has the same answer.
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

REPLAYS, LEAST_REPLAYS, STEPS = 200, 40, 20_000
LEFT_OUT = 0.05  # at each end
FEWEST = 5  # loans below which a history says little
LONGEST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Wait:
    """Between so many and so many days."""

    low_days: int
    high_days: int


@dataclass(frozen=True, slots=True)
class Supply:
    """A copy that can serve. `due_in`: days until its loan is due, below nought when overdue; `shelf_left`: days for
    which it may still lie on the hold shelf for somebody; neither: it stands on the shelf."""

    copy_id: int
    due_in: int | None = None
    shelf_left: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in the queue. `copy_id`: only this copy will do; `active_in`: days until a suspension is over."""

    copy_id: int | None = None
    active_in: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """What loans did: how many days each lasted, and how many days after it was due it came back (below nought:
    before). `loan_days`: the rule, for where there is no history; `shelf_days`: how long a copy lies on the hold
    shelf at most."""

    lasted: tuple[int, ...] = ()
    late: tuple[int, ...] = ()
    loan_days: int = 21
    shelf_days: int = 7


def estimate(queue: Sequence[Waiting], copies: Sequence[Supply], past: Past) -> Wait | None:
    """How many days until a copy is ready for the last in the queue; None where no copy can serve them."""
    me = queue[-1]
    if not any(me.copy_id in (None, copy.copy_id) for copy in copies):
        return None
    lasted = past.lasted if len(past.lasted) >= FEWEST else _by_rule(past)
    late = past.late if len(past.late) >= FEWEST else _late_by_rule(past)
    chance = Random(0)  # noqa: S311  # chances of a simulation, no secret
    times = max(LEAST_REPLAYS, min(REPLAYS, STEPS // (len(queue) + len(copies))))
    ends = sorted(_replay(queue, copies, lasted, late, past.shelf_days, chance) for _ in range(times))
    cut = int(len(ends) * LEFT_OUT)
    low, high = ends[cut], ends[-1 - cut]
    return Wait(min(math.floor(low), LONGEST_DAYS), min(max(math.ceil(high), 1), LONGEST_DAYS))


def _by_rule(past: Past) -> tuple[int, ...]:
    """Without history: from a quarter of the loan period to a week over it."""
    days = past.loan_days
    return tuple({max(1, days * part // 4) for part in range(1, 5)} | {days + 7, *past.lasted})


def _late_by_rule(past: Past) -> tuple[int, ...]:
    days = past.loan_days
    return tuple({-days * 3 // 4, -days // 2, -days // 4, -1, 0, 2, 7, *past.late})


def _replay(
    queue: Sequence[Waiting], copies: Sequence[Supply], lasted: Sequence[int], late: Sequence[int], shelf_days: int,
    chance: Random,
) -> float:  # fmt: skip
    """Plays it through once; the day on which a copy is ready for the last in the queue."""
    ahead, me = list(range(len(queue))), len(queue) - 1
    free = [(_first_free(copy, lasted, late, chance), copy.copy_id) for copy in copies]
    heapq.heapify(free)
    while free:
        day, copy_id = heapq.heappop(free)
        fitting = [place for place in ahead if queue[place].copy_id in (None, copy_id)]
        served = next((place for place in fitting if queue[place].active_in <= day), None)
        if served == me:
            return day
        if served is not None:
            ahead.remove(served)
            heapq.heappush(free, (day + chance.uniform(0, shelf_days) + chance.choice(lasted), copy_id))
        elif fitting:
            heapq.heappush(free, (float(min(queue[place].active_in for place in fitting)), copy_id))
    return LONGEST_DAYS


def _first_free(copy: Supply, lasted: Sequence[int], late: Sequence[int], chance: Random) -> float:
    if copy.due_in is not None:
        return _until_returned(copy.due_in, late, chance)
    if copy.shelf_left is not None:
        return chance.uniform(0, max(0, copy.shelf_left)) + chance.choice(lasted)
    return 0.0


def _until_returned(due_in: int, late: Sequence[int], chance: Random) -> float:
    """What has not come back yet comes back as late as those did that were as late; later than any before, it may
    take as long again as it is overdue."""
    possible = [days for days in late if due_in + days >= 0]
    if possible:
        return float(due_in + chance.choice(possible))
    return chance.uniform(1, 7 + max(0, -due_in))
