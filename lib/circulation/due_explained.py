"""Why a loan is due when it is: the steps of the one rule that made the date, in sentences."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.circulation.closure_entries import calendar_of
from lib.circulation.policy import DueSteps, due_steps
from lib.circulation.rules import rule_for
from lib.circulation.settings import CirculationSettings, ClosedDayMode
from lib.kit.clock import day_of
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_day, as_instant
from lib.kit.wording import Wording

_LOAN = Statement(
    "SELECT l.account_id, l.issued_on, l.due_on, l.renewals, l.loan_days, l.channel, l.issued_at, t.title, t.kind_id,"
    " a.membership_type_id, a.membership_ends_on FROM loan l JOIN title t ON t.id = l.title_id"
    " LEFT JOIN account a ON a.id = l.account_id WHERE l.id = :loan_id AND l.undone_at IS NULL"
)
_RENEWAL = Statement(
    "SELECT at, before FROM desk_act WHERE loan_id = :loan_id AND kind = 'renew' AND undone_at IS NULL"
    " ORDER BY id DESC LIMIT 1"
)
_EXCEPTION = Statement(
    "SELECT amount, until FROM member_exception WHERE account_id = :account_id AND name = 'loan_days'"
    " AND made_at <= :at AND until >= :day AND (ended_at IS NULL OR ended_at > :at) LIMIT 1"
)
_TIMES = ("", "", " for the second time", " for the third time")


@dataclass(frozen=True, slots=True)
class DueExplained:
    """Why then: sentences in order, and as facts the start, the days, the line they come from, and each step's day.

    `moved`: by today's calendar, rules and membership the date would be another; the loan keeps its own.
    """

    loan_id: int
    title: str
    due_on: date
    sentences: tuple[str, ...]
    facts: dict[str, Any]
    moved: bool


@dataclass(frozen=True, slots=True)
class _Case:
    """A loan, and where its present period began."""

    account_id: int | None
    issued_on: date
    due_on: date
    renewals: int
    days: int
    imported: bool
    title: str
    ends_on: date | None
    start: date
    renewed_on: date | None


def explain_due(uow: UnitOfWork, loan_id: int) -> DueExplained:
    """Explains the due date of an own loan, or at the desk of anybody's.

    Raises:
        NotFound: no such loan, or not the member's own.
    """
    uow.require(Permission.BORROW)
    row = _LOAN.row(uow.connection, loan_id=loan_id)
    if row is None or (row[0] != uow.actor.account_id and not uow.actor.may(Permission.CIRCULATE)):
        raise NotFound("loan")
    case = _case(uow, loan_id, row)
    settings, calendar = uow.settings(CirculationSettings), calendar_of(uow)
    ends = case.ends_on if settings.membership_caps_due else None
    steps = due_steps(case.start, case.days, calendar, settings.closed_day_mode, membership_ends_on=ends)
    source, say = _source(uow, case, row), uow.words
    moved = steps.due_on != case.due_on
    sentences = (_begin(case, source, say), *_counted(steps, say), *_rolled(steps, say), *_capped(steps, say),
                 _end(case, steps, say))  # fmt: skip
    facts = {
        "start": case.start, "days": case.days, "from": source, "mode": steps.mode.value, "counted": steps.counted,
        "rolled": steps.rolled, "capped_by": steps.capped_by, "renewals": case.renewals,
        "by_the_rules_of_today": steps.due_on,
    }  # fmt: skip
    return DueExplained(loan_id, case.title, case.due_on, sentences, facts, moved)


def _case(uow: UnitOfWork, loan_id: int, row: Any) -> _Case:
    account_id, issued, due, renewals, days, channel, _, title, _, _, ends = row
    issued_on, due_on = as_day(issued), as_day(due)
    assert issued_on is not None
    assert due_on is not None
    start, renewed_on = issued_on, None
    act = _RENEWAL.row(uow.connection, loan_id=loan_id) if renewals else None
    if act is not None:
        at, before = as_instant(act[0]), json.loads(act[1]) if isinstance(act[1], str) else act[1]
        assert at is not None
        renewed_on, was_due = day_of(at, uow.zone), date.fromisoformat(before["due_on"])
        late = was_due < renewed_on and was_due <= calendar_of(uow).missed_until(renewed_on)
        start = renewed_on if late else was_due
    imported = channel == "import"
    return _Case(account_id, issued_on, due_on, renewals, days, imported, title, as_day(ends), start, renewed_on)


def _source(uow: UnitOfWork, case: _Case, row: Any) -> str:
    """Where the number of days comes from, as well as it can be told today."""
    exception = _EXCEPTION.row(uow.connection, account_id=case.account_id, at=as_instant(row[6]), day=case.issued_on)
    if exception is not None and exception[0] == case.days:
        return f"an exception for this member until {uow.words.day(as_day(exception[1]) or case.issued_on)}"
    rule = rule_for(uow, row[9], row[8])
    if rule.loan_days == case.days:
        return f"the line “{rule.lines['loan_days']}” of the lending policy"
    return "the rules of the day it was lent"


def _begin(case: _Case, source: str, say: Wording) -> str:
    days = "1 day" if case.days == 1 else f"{case.days} days"
    if case.renewed_on is None:
        again = (
            f" It was renewed {'once' if case.renewals == 1 else f'{case.renewals} times'}." if case.renewals else ""
        )
        return f"It was lent on {say.day(case.issued_on)} for {days}, by {source}.{again}"
    times = _TIMES[case.renewals] if case.renewals < len(_TIMES) else f" for the {case.renewals}th time"
    whence = "that day, because it was overdue" if case.start == case.renewed_on else (
        f"{say.day(case.start)}, when it was due then"
    )  # fmt: skip
    return f"It was renewed{times} on {say.day(case.renewed_on)} for {days}, by {source}, counted from {whence}."


def _counted(steps: DueSteps, say: Wording) -> tuple[str, ...]:
    how = "Counting only the days on which the library is open, that" if steps.mode is ClosedDayMode.SKIP else "That"
    return (f"{how} leads to {say.weekday(steps.counted)}.",)


def _rolled(steps: DueSteps, say: Wording) -> tuple[str, ...]:
    if steps.rolled == steps.counted:
        return ()
    return (f"The library is closed then, so it moves to the next open day, {say.weekday(steps.rolled)}.",)


def _capped(steps: DueSteps, say: Wording) -> tuple[str, ...]:
    if steps.capped_by is None:
        return ()
    last = say.day(steps.capped_by)
    if steps.due_on == steps.capped_by:
        return (f"The membership ends before, on {last}, and the loan ends with it.",)
    open_day = say.weekday(steps.due_on)
    return (f"The membership ends on {last}, so the loan ends on the last open day until then, {open_day}.",)


def _end(case: _Case, steps: DueSteps, say: Wording) -> str:
    if steps.due_on == case.due_on:
        return f"So it is due on {say.weekday(case.due_on)}."
    if case.imported:
        return f"It came from another system, which had set the date: it is due on {say.weekday(case.due_on)}."
    return (
        f"It is due on {say.weekday(case.due_on)} all the same: the opening days, the membership or the date itself"
        " were changed since, and the loan keeps the date it was given."
    )
