"""Changes of the lending policy planned ahead: a whole set of lines that holds from a day on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from lib.access.once import fingerprint, recall, remember
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.models import Account
from lib.audit.trail import record
from lib.catalogue.staleness import NOBODY
from lib.circulation.errors import ChangeArrived, ChangeTakenBack, DayHasChange, PolicyMoved
from lib.circulation.policy_sets import (
    Pair,
    PolicyLineRow,
    dated_sets,
    fold_arrived,
    kept_lines,
    lines_in_force,
    named_lines,
    read_lines,
    set_in_force,
    set_ones,
)
from lib.circulation.rules import line_faults
from lib.circulation.side_models import PolicyChange
from lib.kit.clock import day_of, start_of
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_instant
from lib.kit.text import clean
from lib.kit.versions import POLICY

MOST_LINES = 500
MOST_DAYS_AHEAD = 3660
LONGEST_NOTE = 500
_LAST = Statement(
    "SELECT r.actor_id, a.name, r.at FROM audit r LEFT JOIN account a ON a.id = r.actor_id"
    " WHERE r.subject_kind IN ('policy_rule', 'policy_change') ORDER BY r.id DESC LIMIT 1"
)
_ONE_A_DAY = ("uq_policy_change_day", "policy_change.holds_from")


class ChangeState(StrEnum):
    """Where a change stands: its day is to come, it holds now, a later one took its place, it was taken back."""

    PLANNED = "planned"
    IN_FORCE = "in force"
    PAST = "past"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """A line as it is proposed; values that are not set are left out. Money in minor units."""

    membership_type_id: int | None
    item_kind_id: int | None
    values: Mapping[str, int]

    @property
    def pair(self) -> Pair:
        return self.membership_type_id, self.item_kind_id


@dataclass(frozen=True, slots=True)
class PolicyChangeRow:
    """A change with its lines, and who made it."""

    id: int
    holds_from: date
    note: str
    state: ChangeState
    lines: tuple[PolicyLineRow, ...]
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class PolicyState:
    """The lines in force and what is planned. `mark` tells this state from every other: whoever saves a change sends
    the mark of the state they started from."""

    lines: tuple[PolicyLineRow, ...]
    planned: tuple[PolicyChangeRow, ...]
    mark: str


def policy_state(uow: UnitOfWork) -> PolicyState:
    """What a change is planned on top of."""
    uow.require(Permission.MANAGE_POLICY)
    rows = _rows(uow, PolicyChange.cancelled_at.is_(None), PolicyChange.holds_from > uow.today)
    return PolicyState(lines_in_force(uow), tuple(reversed(rows)), _mark(uow))


def _mark(uow: UnitOfWork) -> str:
    lines = [(line.pair, set_ones(line.values)) for line in lines_in_force(uow)]
    planned = [(found.id, found.holds_from) for found in dated_sets(uow) if found.holds_from > uow.today]
    return fingerprint(lines, planned)


def check_lines(uow: UnitOfWork, lines: Iterable[ProposedLine]) -> dict[Pair, dict[str, int]]:
    """A proposed set by what each line is for.

    Raises:
        Invalid: a value out of bounds, two lines for the same, no line for everybody and everything, more than 500
        lines, an unknown membership type or kind of item; every fault at once, each under "lines.<place>.<value>".
    """
    found: dict[Pair, dict[str, int]] = {}
    faults: list[Fault] = []
    for place, line in enumerate(lines, 1):
        if place > MOST_LINES:
            raise Invalid(Fault("lines", f"A policy has at most {MOST_LINES} lines."))
        if line.pair in found:
            faults.append(Fault(f"lines.{place}", f"Line {place} is for the same as a line before it."))
        own = line_faults(*line.pair, line.values)
        faults += [Fault(f"lines.{place}.{one.field}", f"Line {place}, {_words(one.field)}: {one.text}") for one in own]
        found[line.pair] = set_ones(line.values)
    if (None, None) not in found:
        faults.append(Fault("lines", "There must be a line for everybody and everything."))
    if len(named_lines(uow, found)) < len(found):
        faults.append(Fault("lines", "A line is for a membership type or a kind of item that does not exist."))
    if faults:
        raise Invalid(*faults)
    return found


def _words(name: str) -> str:
    return name.replace("_", " ")


def add_change(
    uow: UnitOfWork, *, holds_from: date, lines: Iterable[ProposedLine], note: str = "", seen_mark: str,
    key: str | None = None,
) -> int:  # fmt: skip
    """Plans a whole set of lines that holds from a day on, today at the earliest; returns its id. Loans made before
    that day keep their numbers. The same `key` again gives the same id.

    Raises:
        Invalid: about the day or the lines. DayHasChange: another change holds from that day.
        PolicyMoved: the policy or its planned changes are not as `seen_mark` saw them.
    """
    uow.require(Permission.MANAGE_POLICY)
    wanted, words = list(lines), clean(note)[:LONGEST_NOTE]
    asked = fingerprint("policy.plan", holds_from, [(*line.pair, line.values) for line in wanted], words) if key else ""
    if key and (done := recall(uow, key, asked)):
        return int(done["id"])
    if not 0 <= (holds_from - uow.today).days <= MOST_DAYS_AHEAD:
        raise Invalid(Fault("holds_from", "Choose a day from today on, at most ten years ahead."))
    checked = check_lines(uow, wanted)
    uow.bump(POLICY)  # also the turn of those who change the policy at once
    if _mark(uow) != seen_mark:
        raise _moved(uow)
    number = _insert(uow, holds_from, kept_lines(checked), words)
    record(uow, "policy.plan", "policy_change", number, holds_from=holds_from, lines=kept_lines(checked))
    if key:
        remember(uow, key, asked, {"id": number})
    return number


def _moved(uow: UnitOfWork) -> PolicyMoved:
    """Who changed the policy last, by the audit trail; or the day of a change that has come since, and no night yet."""
    by, name, at = _LAST.row(uow.connection) or (None, None, None)
    instant, arrived = as_instant(at), set_in_force(uow)
    if arrived and not (instant and instant > start_of(arrived.holds_from, uow.zone)):
        by, name, instant = None, None, start_of(arrived.holds_from, uow.zone)
    who = "yourself" if by is not None and by == uow.actor.account_id else name or NOBODY
    on = uow.words.day(day_of(instant or uow.now, uow.zone))
    return PolicyMoved(thing="policy", changed_by=name or NOBODY, changed_at=instant, who=who, on=on)


def _insert(uow: UnitOfWork, day: date, lines: list[dict[str, Any]], note: str) -> int:
    statement = insert(PolicyChange).values(
        holds_from=day, lines=lines, note=note, made_at=uow.now, made_by=uow.actor.account_id
    )
    try:
        with uow.connection.begin_nested():
            return uow.connection.execute(statement.returning(PolicyChange.id)).scalar_one()
    except IntegrityError as error:
        if broken_constraint(error) not in _ONE_A_DAY:
            raise
        raise DayHasChange(day=day, on=uow.words.day(day)) from error


def cancel_change(uow: UnitOfWork, change_id: int) -> None:
    """Takes a planned change back, before its day.

    Raises:
        NotFound: no such change. ChangeTakenBack: it was before. ChangeArrived: it holds or held already.
    """
    uow.require(Permission.MANAGE_POLICY)
    gone = uow.connection.execute(
        update(PolicyChange)
        .where(PolicyChange.id == change_id, PolicyChange.holds_from > uow.today, PolicyChange.applied_at.is_(None),
               PolicyChange.cancelled_at.is_(None))
        .values(cancelled_at=uow.now)
    ).rowcount  # fmt: skip
    columns = select(PolicyChange.holds_from, PolicyChange.cancelled_at)
    row = uow.connection.execute(columns.where(PolicyChange.id == change_id)).one_or_none()
    if row is None:
        raise NotFound("planned change")
    if not gone and row.cancelled_at is not None:
        on = uow.words.day(day_of(row.cancelled_at, uow.zone))
        raise ChangeTakenBack(holds_from=row.holds_from, at=row.cancelled_at, on=on)
    if not gone:
        raise ChangeArrived
    uow.bump(POLICY)
    record(uow, "policy.cancel-plan", "policy_change", change_id, holds_from=row.holds_from)


def policy_changes(uow: UnitOfWork, *, page: int = 1, size: int = 25) -> Page[PolicyChangeRow]:
    """Every change that was planned, the latest day first."""
    uow.require(Permission.MANAGE_POLICY)
    number, size = clamp(page, size)
    total = uow.connection.scalar(select(func.count()).select_from(PolicyChange)) or 0
    return Page(tuple(_rows(uow, skip=(number - 1) * size, most=size)), total, number, size)


def _rows(uow: UnitOfWork, *which: Any, skip: int = 0, most: int = 100) -> list[PolicyChangeRow]:
    rows = uow.connection.execute(
        select(PolicyChange, Account.name)
        .outerjoin(Account, Account.id == PolicyChange.made_by)
        .where(*which)
        .order_by(PolicyChange.holds_from.desc(), PolicyChange.id.desc())
        .offset(skip)
        .limit(most)
        .with_only_columns(
            PolicyChange.id, PolicyChange.holds_from, PolicyChange.note, PolicyChange.cancelled_at,
            PolicyChange.lines, PolicyChange.made_at, Account.name,
        )
    ).all()  # fmt: skip
    latest = _latest(uow)
    return [
        PolicyChangeRow(row[0], row[1], row[2], _state(row, latest, uow.today), named_lines(uow, read_lines(row[4])),
                        row[5], row[6] or "")
        for row in rows
    ]  # fmt: skip


def _latest(uow: UnitOfWork) -> int | None:
    """The change that came last."""
    return uow.connection.scalar(
        select(PolicyChange.id)
        .where(PolicyChange.cancelled_at.is_(None), PolicyChange.holds_from <= uow.today)
        .order_by(PolicyChange.holds_from.desc())
        .limit(1)
    )


def _state(row: Any, latest: int | None, today: date) -> ChangeState:
    if row[3] is not None:
        return ChangeState.CANCELLED
    if row[1] > today:
        return ChangeState.PLANNED
    return ChangeState.IN_FORCE if row[0] == latest else ChangeState.PAST


def fold_changes(uow: UnitOfWork) -> int:
    """Night work: writes a change whose day has come into the table of lines; what holds stays the same. Returns how
    many changes were settled; a second run gives 0."""
    uow.require(Permission.RUN_JOBS)
    return fold_arrived(uow)
