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
    Column,
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
from lib.reports.replay_sums import FEWEST, Group, Outcome, Tally, month_of

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
_FEW = Statement(
    "SELECT substr(CAST(l.issued_on AS TEXT), 1, 7), coalesce(a.membership_type_id, 0), t.kind_id FROM loan l"
    " JOIN title t ON t.id = l.title_id LEFT JOIN account a ON a.id = l.account_id"
    " WHERE l.issued_on >= :first AND l.issued_on <= :last AND l.undone_at IS NULL GROUP BY 1, 2, 3"
    " HAVING count(DISTINCT l.account_id) + sum(CASE WHEN l.account_id IS NULL THEN 1 ELSE 0 END) < :fewest"
)
_WIDE = 1 << 22  # more than there are membership types or kinds
Progress = Callable[[float, int], object]


class TooManyLoans(RuleBroken):
    """Facts: count, most."""

    rule = "time machine"
    message = "{count:,} loans were made in this period; a replay takes {most:,} at most."
    way_out = "Choose a shorter one."


@dataclass(frozen=True, slots=True)
class Replay:
    """What would have changed. `recorded` is what really was, `current` the same loans under the lines in force now,
    `proposed` under the proposed ones. `shifts`: how many due dates differ by how many days between these two, 60 and
    more as 60. `first` and `last` bound the whole months that were replayed; those `left_out` (by their first days)
    had fewer than five readers. On `untried` loans the proposed rules were not tried: fewer than five readers of their
    membership type borrowed something of their kind in that month.

    Everything is empty but the number of loans when no month had five readers (`too_few`).
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
    left_out: tuple[date, ...] = ()
    untried: int = 0


def loan_period(uow: UnitOfWork) -> tuple[date, date] | None:
    """The days of the first and the last loan there is, or None."""
    uow.require(Permission.MANAGE_POLICY)
    first, last = (day_column([value], 0)[0] for value in _BOUNDS.row(uow.connection))
    return (date.fromordinal(int(first)), date.fromordinal(int(last))) if first else None


def replay_policy(
    uow: UnitOfWork, *, first: date, last: date, lines: Iterable[ProposedLine],
    behaviour: Behaviour = Behaviour.AS_THEY_DID, progress: Progress | None = None,
) -> Replay:  # fmt: skip
    """Replays the loans of the months from that of `first` to that of `last` under proposed lines; changes nothing.
    Whole months alone count, and only such as are over: so two periods never differ by a few days.

    `progress` hears the share of the period that is done (0–1) and the loans so far. Membership types, prices and the
    calendar are those of today. Costs memory for one batch, for what is at home at one time, and a number a reader.

    Raises:
        Invalid: about the lines, or no month of the period is over. TooManyLoans: more than five million.
    """
    uow.require(Permission.MANAGE_POLICY)
    if last < first:
        raise Invalid(Fault("last", "The last day lies before the first."))
    if last > uow.today:
        raise Invalid(Fault("last", "Choose a period that has begun: its last day is today at the latest."))
    first, last = whole_months(first, last, uow.today)
    proposed = as_lines(named_lines(uow, check_lines(uow, lines)))
    count = int(_COUNT.row(uow.connection, first=first, last=last)[0])
    if count > MOST_LOANS:
        raise TooManyLoans(count=count, most=MOST_LOANS)
    tally = Tally()
    if count:
        _run(uow, (first, last), (as_lines(lines_in_force(uow)), proposed), behaviour, tally, progress)
    return _told(tally, first, last, behaviour, count)


def whole_months(first: date, last: date, today: date) -> tuple[date, date]:
    """The first and the last day of the whole months of a period that are over.

    Raises:
        Invalid: there is none.
    """
    start = first.replace(day=1)
    end = min((last.replace(day=1) + timedelta(days=31)).replace(day=1), today.replace(day=1))
    if end <= start:
        raise Invalid(Fault("last", "The replay goes by whole months. Choose a period with a month that is over."))
    return start, end - timedelta(days=1)


def _run(
    uow: UnitOfWork, period: tuple[date, date], sets: tuple[list[Line], list[Line]], behaviour: Behaviour, tally: Tally,
    progress: Progress | None,
) -> None:  # fmt: skip
    settings = uow.settings(CirculationSettings)
    ground = Ground(
        calendar_of(uow), settings.closed_day_mode, uow.today.toordinal(), settings.membership_caps_due,
        settings.overdue_blocks,
    )  # fmt: skip
    now, then = sets
    in_force = Rules(now)
    worlds = [(rules, Hands(rules, ground)) for rules in (in_force, Rules(then, untried=in_force))]
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
    few = _few(uow, start.replace(day=1), last)
    at: dict[str, Any] = {"day": start - timedelta(days=1), "id": 2**62}
    while True:
        rows = _LOANS.rows(
            uow.connection, **at, first=first, last=last, since=first - timedelta(days=min(RUN_UP_DAYS // 4, 90)),
            size=BATCH,
        )  # fmt: skip
        if rows:
            yield _columns(rows, first.toordinal(), ground, few)
        if len(rows) < BATCH:
            return
        at = {"day": rows[-1][1], "id": rows[-1][0]}


def _few(uow: UnitOfWork, first: date, last: date) -> Column:
    """The months, types and kinds in which fewer than five people borrowed: nobody's proposal is tried on them, or two
    proposals that differ in nothing else would tell what these few did."""
    rows = _FEW.rows(uow.connection, first=first, last=last, fewest=FEWEST)
    months, types, kinds = zip(*rows, strict=True) if rows else ((), (), ())
    made = day_column([f"{month}-01" for month in months])
    return _cells(made, column(types, 0), column(kinds, 0))


def _cells(issued: Column, types: Column, kinds: Column) -> Column:
    return (month_of(issued) * _WIDE + types) * _WIDE + kinds


def _columns(rows: list[Any], first: int, ground: Ground, few: Column) -> tuple[Loans, Replayed]:
    (
        _, issued, due, returned, claimed, renewals, days, per_day, grace, cap, settled, channel, account, member_type,
        ends, kind, price,
    ) = zip(*rows, strict=True)  # fmt: skip
    made, back, said = day_column(issued), day_column(returned), day_column(claimed)
    stands = np.minimum(np.minimum(back, said), ground.today)
    types, kinds = column(member_type, 0), column(kind, 0)
    loans = Loans(
        made, day_column(due), back, stands, column(renewals, 0), column(days, 1), column(account, 0),
        types, kinds, column(price, NO_PRICE), day_column(ends), said,
        np.array([one == "import" for one in channel]), made >= first,
        ~np.isin(_cells(made, types, kinds), few),
    )  # fmt: skip
    late = ground.days_late(loans.due, stands)
    so_far = fines(late, column(per_day, 0), column(grace, 0), column(cap, 0))
    fine = np.where(back < NEVER, column(settled, 0), np.maximum(so_far, column(settled, 0)))
    return loans, Replayed(loans.due, back, late, fine, np.zeros(len(loans), np.int64))


def _told(tally: Tally, first: date, last: date, behaviour: Behaviour, count: int) -> Replay:
    if not tally.months():
        none = Outcome()
        return Replay(first, last, behaviour, count, 0, None, count > 0, none, none, none, (), (), ())
    whole = tally.whole()
    return Replay(
        first, last, behaviour, whole.current.loans, whole.people, whole.touched, False, whole.recorded, whole.current,
        whole.proposed, tally.shifts(), tally.by_type(), tally.by_month(), tally.left_out(), tally.untried(),
    )  # fmt: skip
