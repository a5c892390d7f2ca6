"""Loans past their day: how late, what it costs so far, who has them and how to reach them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.circulation.closure_entries import calendar_of
from lib.circulation.situation import OpenLoan
from lib.kit.database import Statement
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_day
from lib.kit.text import fold

_LATE = (
    " FROM loan o JOIN copy c ON c.id = o.copy_id JOIN title t ON t.id = o.title_id"
    " LEFT JOIN account a ON a.id = o.account_id WHERE o.returned_at IS NULL AND o.due_on <= :until"
)
_FITS = " AND (a.sort_name LIKE :like OR t.sort_title LIKE :like OR c.barcode = :code OR a.card_number = :code)"
_LOANS = (
    "SELECT o.id, o.title_id, t.title, c.barcode, o.due_on, o.fine_per_day, o.grace_days, o.fine_cap, o.fine_settled,"
    f" o.claimed_on, o.account_id, a.name, a.email, a.phone_sealed{_LATE}"
)
_ALL = Statement(f"{_LOANS} ORDER BY o.due_on, o.id LIMIT :size OFFSET :skip")
_FOUND = Statement(f"{_LOANS}{_FITS} ORDER BY o.due_on, o.id LIMIT :size OFFSET :skip")
_COUNT = Statement("SELECT count(*) FROM loan o WHERE o.returned_at IS NULL AND o.due_on <= :until")
_FOUND_COUNT = Statement(f"SELECT count(*){_LATE}{_FITS}")


@dataclass(frozen=True, slots=True)
class OverdueLoan:
    """A loan past its day, and who has it. `late_days` are the open days that the fine counts; `fine_minor` is what
    it costs today, in minor units; `claimed_on`: the member says that they returned it then."""

    loan_id: int
    title_id: int
    title: str
    barcode: str
    due_on: date
    late_days: int
    fine_minor: int
    claimed_on: date | None
    member_id: int | None
    member: str
    email: str
    phone: str


def overdue_loans(
    uow: UnitOfWork, *, more_than_days: int = 0, text: str = "", page: int = 1, size: int = 25
) -> Page[OverdueLoan]:
    """The loans more than so many days of the calendar past their day, the longest first; `text`: those of a member or
    title so called, or with this card or barcode. They name members: the look is audited."""
    uow.require(Permission.READ_MEMBERS)
    number, size = clamp(page, size)
    until, like = missed_until(uow, more_than_days), fold(text)
    asked = {"like": f"%{like}%", "code": text.strip()} if like else {}
    total = int((_FOUND_COUNT if asked else _COUNT).row(uow.connection, until=until, **asked)[0])
    rows = (_FOUND if asked else _ALL).rows(uow.connection, until=until, size=size, skip=(number - 1) * size, **asked)
    if rows:
        uow.afterwards.append(lambda later: record(later, "loan.list-overdue", "library", None, page=number))
    return Page(tuple(_late(uow, row) for row in rows), total, number, size)


def overdue_count(uow: UnitOfWork) -> int:
    """How many loans are past their day."""
    uow.require(Permission.CIRCULATE)
    return int(_COUNT.row(uow.connection, until=missed_until(uow, 0))[0])


def missed_until(uow: UnitOfWork, more_than_days: int) -> date:
    """The latest due day of a loan that is overdue, and by more than so many days of the calendar."""
    missed = calendar_of(uow).missed_until(uow.today)
    return min(missed, uow.today - timedelta(days=max(more_than_days, 0) + 1))


def _late(uow: UnitOfWork, row: Any) -> OverdueLoan:
    loan_id, title_id, title, barcode, due, per_day, grace, cap, settled, claimed, member_id, name, email, phone = row
    due_on, claimed_on = as_day(due), as_day(claimed)
    assert due_on is not None
    loan = OpenLoan(loan_id, title_id, title, 0, due_on, per_day, grace, cap, settled, claimed_on=claimed_on)
    calendar = calendar_of(uow)
    return OverdueLoan(
        loan_id, title_id, title, barcode, due_on, calendar.days_late(due_on, uow.today),
        loan.fine_on(uow.today, calendar), claimed_on, member_id, name or "", email or "",
        uow.installation.keys.open(phone) or "" if phone else "",
    )  # fmt: skip
