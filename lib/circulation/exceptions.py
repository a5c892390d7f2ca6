"""Exceptions: a value of the lending policy that holds otherwise for one member, for a reason, up to a day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.closing import has_left
from lib.accounts.fields import read_reason
from lib.audit.trail import record
from lib.circulation.errors import ExceptionStands
from lib.circulation.facts import lock_member
from lib.circulation.four_eyes import by_somebody_else
from lib.circulation.policy import BOUNDS
from lib.circulation.queries import require_own_or_desk
from lib.circulation.situation import OVERDUE_BLOCKS
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.tables import as_day, as_instant

LONGEST = timedelta(days=731)
NAMES = (
    "max_loans",
    "loan_days",
    "max_renewals",
    "fine_per_day",
    "max_holds",
    "hold_shelf_days",
    "debt_block",
    OVERDUE_BLOCKS,
)
_MEMBER = Statement("SELECT id FROM account WHERE id = :account_id AND role <> 'terminal'")
_LIVE = Statement(
    "SELECT id, until FROM member_exception WHERE account_id = :account_id AND name = :name AND ended_at IS NULL"
)
_ADD = Statement(
    "INSERT INTO member_exception (account_id, name, amount, until, reason, made_at, made_by)"
    " VALUES (:account_id, :name, :amount, :until, :reason, :now, :by) RETURNING id"
)
_END = Statement("UPDATE member_exception SET ended_at = :now WHERE id = :id AND ended_at IS NULL")
_ONE = Statement("SELECT account_id, name, ended_at FROM member_exception WHERE id = :id")
_OF = Statement(
    "SELECT x.id, x.name, x.amount, x.until, x.reason, x.made_at, x.ended_at, a.name FROM member_exception x"
    " LEFT JOIN account a ON a.id = x.made_by WHERE x.account_id = :account_id ORDER BY x.id DESC LIMIT 100"
)


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """An exception; amounts as in the policy (days, counts, minor units; overdue_blocks: 0 or 1)."""

    id: int
    name: str
    amount: int
    until: date
    reason: str
    made_at: datetime
    made_by: str
    holds: bool


def add_exception(uow: UnitOfWork, *, account_id: int, name: str, amount: int, until: date, reason: str) -> int:
    """Lets another value hold for one member up to and including `until`, at most two years; returns its id.

    `name` is one of NAMES; "overdue_blocks" with amount 0 lets them borrow while loans are overdue.

    Raises:
        NotFound: no such member, or they left. ExceptionStands: one of this name holds already; end it first.
        ForOneself: it is for whoever makes it. Invalid: the name, the amount, the day or the reason.
    """
    uow.require(Permission.OVERRIDE_BLOCKS)
    by_somebody_else(uow, account_id, "exceptions")
    why = read_reason(reason)
    _check(uow, name, amount, until)
    lock_member(uow, account_id)
    if _MEMBER.row(uow.connection, account_id=account_id) is None or has_left(uow, account_id):
        raise NotFound("member")
    for live_id, ends in _LIVE.rows(uow.connection, account_id=account_id, name=name):
        day = as_day(ends)
        if day is not None and day >= uow.today:
            raise ExceptionStands(on=uow.words.day(day), name=name, until=day)
        _END.count(uow.connection, id=live_id, now=uow.now)
    row = _ADD.row(
        uow.connection, account_id=account_id, name=name, amount=amount, until=until, reason=why, now=uow.now,
        by=uow.actor.account_id,
    )  # fmt: skip
    record(uow, "exception.add", "account", account_id, name=name, amount=amount, until=until, reason=why)
    return int(row[0])


def _check(uow: UnitOfWork, name: str, amount: int, until: date) -> None:
    faults = []
    low, high = (0, 1) if name == OVERDUE_BLOCKS else BOUNDS.get(name, (0, 0))
    if name not in NAMES:
        faults.append(Fault("name", f"Choose one of: {', '.join(NAMES)}."))
    elif isinstance(amount, bool) or not isinstance(amount, int) or not low <= amount <= high:
        faults.append(Fault("amount", f"Give a whole number from {low} to {high}."))
    if not uow.today <= until <= uow.today + LONGEST:
        faults.append(Fault("until", "Give a day from today on, at most two years ahead."))
    if faults:
        raise Invalid(*faults)


def end_exception(uow: UnitOfWork, exception_id: int) -> None:
    """Takes an exception back before its day. One that has ended stays as it is.

    Raises:
        NotFound: no such exception.
    """
    uow.require(Permission.OVERRIDE_BLOCKS)
    row = _ONE.row(uow.connection, id=exception_id)
    if row is None:
        raise NotFound("exception")
    if _END.count(uow.connection, id=exception_id, now=uow.now):
        record(uow, "exception.end", "account", row[0], name=row[1])


def exceptions_of(uow: UnitOfWork, account_id: int) -> tuple[ExceptionRow, ...]:
    """A member's exceptions, newest first, ended ones too (at most 100). Their own, or at the desk anybody's."""
    require_own_or_desk(uow, account_id)
    return tuple(_row(uow, row) for row in _OF.rows(uow.connection, account_id=account_id))


def _row(uow: UnitOfWork, row: Any) -> ExceptionRow:
    number, name, amount, until, reason, made_at, ended_at, by = row
    day, at = as_day(until), as_instant(made_at)
    assert day is not None
    assert at is not None
    return ExceptionRow(number, name, amount, day, reason, at, by or "", ended_at is None and day >= uow.today)
