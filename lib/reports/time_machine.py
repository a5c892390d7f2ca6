"""The policy time machine: the loans of a past period replayed under proposed rules, in bounded memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.circulation.closure_entries import calendar_of
from lib.circulation.policy import Line
from lib.circulation.policy_changes import ProposedLine, check_lines
from lib.circulation.policy_sets import as_lines, lines_in_force, named_lines
from lib.circulation.settings import CirculationSettings
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid, RuleBroken
from lib.reports.replay import (
    NEVER,
    NO_PRICE,
    Behaviour,
    Ground,
    Hands,
    Loans,
    Replayed,
    Rules,
    column,
    day_column,
    fines,
    replayed,
)
from lib.reports.replay_sums import FEWEST, Group, Outcome, Tally

BATCH = 20_000
MOST_LOANS = 5_000_000
RUN_UP_DAYS = 400  # loans made before the period that readers may still have at home in it
EARLIEST = date(1800, 1, 1)  # no library of ours lent before; days before it could not be counted back from
_COUNT = Statement("SELECT count(*) FROM loan WHERE issued_on >= :first AND issued_on <= :last AND undone_at IS NULL")
_BOUNDS = Statement("SELECT (SELECT min(issued_on) FROM loan), (SELECT max(issued_on) FROM loan)")
_LOANS = Statement(
    "SELECT l.id, l.issued_on, l.due_on, l.returned_on, l.claimed_on, l.renewals, l.loan_days, l.fine_per_day,"
    " l.grace_days, l.fine_cap, l.fine_settled, l.channel, l.account_id, a.membership_type_id, a.membership_ends_on,"
    " t.kind_id, c.price_minor FROM loan l"
    " JOIN title t ON t.id = l.title_id JOIN copy c ON c.id = l.copy_id LEFT JOIN account a ON a.id = l.account_id"
    " WHERE (l.issued_on, l.id) > (:day, :id) AND l.issued_on <= :last AND l.undone_at IS NULL"
    " AND (l.issued_on >= :first OR l.returned_on IS NULL OR l.returned_on >= :since)"
    " ORDER BY l.issued_on, l.id LIMIT :size"
)
Progress = Callable[[float, int], object]


class TooManyLoans(RuleBroken):
    """Facts: count, most."""

    message = "{count:,} loans were made in this period; a replay takes {most:,} at most. Choose a shorter one."


@dataclass(frozen=True, slots=True)
class Replay:
    """What would have changed. `recorded` is what really was, `current` the same loans under the lines in force now,
    `proposed` under the proposed ones. `shifts`: how many due dates differ by how many days between these two, 60 and
    more as 60.

    Everything but the counts is empty when the period's loans belong to fewer than five readers (`too_few`).
    """

    first: date
    last: date
    behaviour: Behaviour
    loans: int
    people: int
    touched: int | None
    too_few: bool
    recorded: Outcome
    current: Outcome
    proposed: Outcome
    shifts: tuple[tuple[int, int], ...]
    by_type: tuple[Group, ...]
    by_month: tuple[Group, ...]


def loan_period(uow: UnitOfWork) -> tuple[date, date] | None:
    """The days of the first and the last loan there is, or None."""
    uow.require(Permission.MANAGE_POLICY)
    first, last = (day_column([value], 0)[0] for value in _BOUNDS.row(uow.connection))
    return (date.fromordinal(int(first)), date.fromordinal(int(last))) if first else None


def replay_policy(
    uow: UnitOfWork, *, first: date, last: date, lines: Iterable[ProposedLine],
    behaviour: Behaviour = Behaviour.AS_THEY_DID, progress: Progress | None = None,
) -> Replay:  # fmt: skip
    """Replays the loans made from `first` to `last` under proposed lines; changes nothing.

    `progress` hears the share of the period that is done (0–1) and the loans so far. Membership types, prices and the
    calendar are those of today. Costs memory for one batch, for what is at home at one time, and a number a reader.

    Raises:
        Invalid: about the lines, or the period is not in the past. TooManyLoans: more than five million.
    """
    uow.require(Permission.MANAGE_POLICY)
    if not first <= last <= uow.today:
        raise Invalid(Fault("last", "Choose a period that has begun: its last day is today at the latest."))
    proposed = as_lines(named_lines(uow, check_lines(uow, lines)))
    count = int(_COUNT.row(uow.connection, first=first, last=last)[0])
    if count > MOST_LOANS:
        raise TooManyLoans(count=count, most=MOST_LOANS)
    tally = Tally()
    if count:
        _run(uow, (first, last), (as_lines(lines_in_force(uow)), proposed), behaviour, tally, progress)
    return _told(tally, first, last, behaviour, count)


def _run(
    uow: UnitOfWork, period: tuple[date, date], sets: Iterable[list[Line]], behaviour: Behaviour, tally: Tally,
    progress: Progress | None,
) -> None:  # fmt: skip
    settings = uow.settings(CirculationSettings)
    ground = Ground(
        calendar_of(uow), settings.closed_day_mode, uow.today.toordinal(), settings.membership_caps_due,
        settings.overdue_blocks,
    )  # fmt: skip
    worlds = [(rules, Hands(rules, ground)) for rules in map(Rules, sets)]
    first, last = period
    done = 0
    for loans, was in _batches(uow, first, last, ground):
        found = [(was, np.zeros(len(loans), np.int64))]
        for rules, hands in worlds:
            outcome = replayed(loans, rules, ground, behaviour)
            found.append((outcome, hands.lend(loans, outcome)))
            hands.forget(int(loans.issued[-1]))
        tally.add(loans, found)
        done += int(loans.counted.sum())
        if progress:
            share = (int(loans.issued[-1]) - first.toordinal() + 1) / ((last - first).days + 1)
            progress(min(max(share, 0.0), 1.0), done)


def _batches(uow: UnitOfWork, first: date, last: date, ground: Ground) -> Iterator[tuple[Loans, Replayed]]:
    """The loans of the period and of the days before it that may have been out in it, in the order of issue."""
    first = max(first, EARLIEST)
    start = first - timedelta(days=RUN_UP_DAYS)
    at: dict[str, Any] = {"day": start - timedelta(days=1), "id": 2**62}
    while True:
        rows = _LOANS.rows(
            uow.connection, **at, first=first, last=last, since=first - timedelta(days=min(RUN_UP_DAYS // 4, 90)),
            size=BATCH,
        )  # fmt: skip
        if rows:
            yield _columns(rows, first.toordinal(), ground)
        if len(rows) < BATCH:
            return
        at = {"day": rows[-1][1], "id": rows[-1][0]}


def _columns(rows: list[Any], first: int, ground: Ground) -> tuple[Loans, Replayed]:
    (
        _, issued, due, returned, claimed, renewals, days, per_day, grace, cap, settled, channel, account, member_type,
        ends, kind, price,
    ) = zip(*rows, strict=True)  # fmt: skip
    made, back, said = day_column(issued), day_column(returned), day_column(claimed)
    stands = np.minimum(np.minimum(back, said), ground.today)
    loans = Loans(
        made, day_column(due), back, stands, column(renewals, 0), column(days, 1), column(account, 0),
        column(member_type, 0), column(kind, 0), column(price, NO_PRICE), day_column(ends), said,
        np.array([one == "import" for one in channel]), made >= first,
    )  # fmt: skip
    late = ground.days_late(loans.due, stands)
    so_far = fines(late, column(per_day, 0), column(grace, 0), column(cap, 0))
    fine = np.where(back < NEVER, column(settled, 0), np.maximum(so_far, column(settled, 0)))
    return loans, Replayed(loans.due, back, late, fine, np.zeros(len(loans), np.int64))


def _told(tally: Tally, first: date, last: date, behaviour: Behaviour, count: int) -> Replay:
    people, touched = tally.people, len(set().union(*tally.changed.values()))
    too_few = 0 < tally.heads < FEWEST
    if too_few or not count:
        return Replay(first, last, behaviour, count, people, None, too_few, Outcome(), Outcome(), Outcome(), (), (), ())
    recorded, current, proposed = tally.whole()
    return Replay(
        first, last, behaviour, count, people, touched if touched >= FEWEST or not touched else None, False,
        recorded, current, proposed, tuple(sorted(tally.shifts.items())), tally.by_type(), tally.by_month(),
    )  # fmt: skip
