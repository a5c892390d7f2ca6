"""Who waits in the demo library: queues, copies on the hold shelf, holds asleep, cancelled and expired, a pull list."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import cycle, islice

from lib.access.actor import SYSTEM, Actor
from lib.access.work import UnitOfWork
from lib.circulation.hold_jobs import expire_holds
from lib.circulation.holds import cancel_hold, consider_hold, place_hold, suspend_hold
from lib.circulation.returns import check_in
from lib.kit.database import Statement
from lib.ops.demo_library.lending import Reader
from lib.ops.demo_library.stage import Stage, member

# Titles of which nothing is in, the most sought first, with a copy that is hardly late and went out before an instant.
_ALL_OUT = Statement(
    "SELECT c.title_id, min(c.barcode) FROM loan l JOIN copy c ON c.id = l.copy_id JOIN title t ON t.id = c.title_id"
    " WHERE l.returned_at IS NULL AND l.due_on >= :late AND l.issued_at < :before AND l.account_id <> :star"
    " AND NOT EXISTS (SELECT 1 FROM copy o WHERE o.title_id = c.title_id AND o.status = 'available')"
    " AND NOT EXISTS (SELECT 1 FROM loan s WHERE s.title_id = c.title_id AND s.returned_at IS NULL"
    "   AND s.account_id = :star)"
    " GROUP BY c.title_id, t.loan_count ORDER BY t.loan_count DESC, c.title_id LIMIT 60"
)
QUEUES = (5, 3, 2, 2, 1, 1)
_COME_BACK = 12  # titles of which a copy comes back
_A_LITTLE_LATE = timedelta(days=7)
_PLACED, _BACK = 15, 10  # open days ago: no hold is older, and no copy comes back before


@dataclass(frozen=True, slots=True)
class Sought:
    """A title of which nothing is in, and the barcode of a copy that can come back."""

    title_id: int
    barcode: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A hold, and who waits with it."""

    hold_id: int
    actor: Actor


Waiters = Iterator[tuple[Reader, ...]]


def play_holds(stage: Stage, taken: Container[int]) -> None:
    """Writes the scenes down; `stage.play()` plays them. Where too few titles are out, there are fewer scenes; `taken`
    titles play elsewhere."""
    there = [title for title in _all_out(stage, stage.moment(_BACK + 1, 0.0)) if title.title_id not in taken]
    there = there[:_COME_BACK]
    gone = {title.title_id for title in there}
    busy = (title for title in _all_out(stage, stage.uow.now) if title.title_id not in gone)
    titles, waiters = iter(there), _waiters(stage)
    _ready(stage, titles, waiters)
    _queues(stage, busy, waiters)
    _ended(stage, titles, waiters)
    _asleep(stage, titles, waiters)


def _all_out(stage: Stage, before: datetime) -> list[Sought]:
    rows = _ALL_OUT.rows(
        stage.uow.connection, late=stage.uow.today - _A_LITTLE_LATE, before=before, star=stage.star.account_id
    )
    return [Sought(*row) for row in rows]


def _waiters(stage: Stage) -> Waiters:
    """Several readers for every place, since the first may have reasons not to wait."""
    grown = [one for one in stage.readers if one.since < stage.days[-1]]
    stage.chance.shuffle(grown)
    endless = cycle(grown)
    return iter(lambda: tuple(islice(endless, 4)), ())


def _place(uow: UnitOfWork, *, title: Sought, who: Sequence[Reader], kept: list[Placed]) -> None:
    """Places a hold for the first against whom nothing stands."""
    for one in who:
        mine = replace(uow, actor=member(one))
        if consider_hold(mine, title_id=title.title_id).may:
            kept.append(Placed(place_hold(mine, title_id=title.title_id).hold_id, mine.actor))
            return


def _wait(stage: Stage, title: Sought, who: Sequence[Reader], back: int, fraction: float) -> list[Placed]:
    """Writes down that somebody begins to wait; the list has their hold once that was played."""
    kept: list[Placed] = []
    stage.add(back, fraction, SYSTEM, partial(_place, title=title, who=who, kept=kept))
    return kept


def _bring(uow: UnitOfWork, *, title: Sought) -> None:
    check_in(uow, barcode=title.barcode)


def _ready(stage: Stage, titles: Iterator[Sought], waiters: Waiters) -> None:
    """Copies on the hold shelf: hers first, then one that must be fetched at once, and some more."""
    calls = (((stage.star,), 1), (next(waiters), _longest_ago(stage)), *((next(waiters), back) for back in (0, 2, 4)))
    for title, (who, back) in zip(titles, calls, strict=False):
        _wait(stage, title, who, _PLACED - 2, 0.2)
        stage.desk(back, 0.4, partial(_bring, title=title))


def _longest_ago(stage: Stage) -> int:
    """How many open days ago a copy was put aside whose last day on the hold shelf is the next one to come."""
    days, house = stage.star.rule.hold_shelf_days, stage.house
    there = [
        back for back in range(_BACK)
        if house.calendar.after_open_days(stage.days[back], days) >= house.today
    ]  # fmt: skip
    return max(there, default=0)


def _queues(stage: Stage, titles: Iterator[Sought], waiters: Waiters) -> None:
    """She is third in the longest queue, behind one who is away."""
    for title, length in zip(islice(titles, len(QUEUES)), QUEUES, strict=False):
        for place in range(length):
            who = (stage.star,) if (length, place) == (max(QUEUES), 2) else next(waiters)
            back = max(0, _PLACED - 3 - 2 * place - length)
            kept = _wait(stage, title, who, back, 0.3 + place / 10)
            if (length, place) == (max(QUEUES), 1):
                stage.add(back, 0.5, SYSTEM, partial(_sleep, kept=kept, until=stage.house.today + timedelta(days=30)))


def _sleep(uow: UnitOfWork, *, kept: list[Placed], until: date) -> None:
    for one in kept:
        suspend_hold(replace(uow, actor=one.actor), one.hold_id, until)


def _asleep(stage: Stage, titles: Iterator[Sought], waiters: Waiters) -> None:
    """Those who were away when the copy came back: it stands on the shelf now, and is on the pull list."""
    for title, who in zip(islice(titles, 5), waiters, strict=False):
        kept = _wait(stage, title, who, _PLACED, 0.5)
        stage.add(_PLACED, 0.6, SYSTEM, partial(_sleep, kept=kept, until=stage.days[3]))
        stage.desk(6, 0.65, partial(_bring, title=title))


def _ended(stage: Stage, titles: Iterator[Sought], waiters: Waiters) -> None:
    """Cancelled by herself, cancelled at the desk, and not fetched in time."""
    for title in islice(titles, 1):
        hers = _wait(stage, title, (stage.star,), 12, 0.3)
        stage.add(8, 0.3, member(stage.star), partial(_cancel, kept=hers, reason=""))
        theirs = _wait(stage, title, next(waiters), 11, 0.3)
        stage.desk(5, 0.3, partial(_cancel, kept=theirs, reason="Asked for by telephone"))
    for title in islice(titles, 1):
        _wait(stage, title, next(waiters), _PLACED, 0.1)
        stage.desk(stage.star.rule.hold_shelf_days + 2, 0.3, partial(_bring, title=title))
        stage.night(1, expire_holds)


def _cancel(uow: UnitOfWork, *, kept: list[Placed], reason: str) -> None:
    for one in kept:
        cancel_hold(uow, one.hold_id, reason=reason)
