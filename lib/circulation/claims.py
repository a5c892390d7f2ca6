"""Claims: a member says that they returned a copy still on loan: the fine stands still, staff look for it."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from lib.access.once import act_once
from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.circulation.acts import CLAIM, note_act
from lib.circulation.errors import AlreadyClaimed, NotClaimed
from lib.circulation.fines import running_on, set_fine
from lib.circulation.open_loans import LoanAtHand, hold_loan
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid
from lib.kit.paging import Page, clamp
from lib.kit.tables import as_day

PAGE = 50
_SET = Statement("UPDATE loan SET claimed_on = :day WHERE id = :loan_id AND returned_at IS NULL")
# The terminal's name where a terminal, not the desk, wrote the claim down that counts.
_DROPPED = (
    "(SELECT CASE WHEN m.role = 'terminal' THEN m.name END FROM desk_act d LEFT JOIN account m ON m.id = d.actor_id"
    " WHERE d.loan_id = l.id AND d.kind = 'claim' AND d.undone_at IS NULL ORDER BY d.id DESC LIMIT 1)"
)
_CLAIMS = Statement(
    "SELECT l.id, l.title_id, t.title, t.call_number, c.barcode, p.name, c.shelf, a.id, a.name, l.due_on, l.claimed_on,"
    f" {_DROPPED} FROM loan l JOIN copy c ON c.id = l.copy_id JOIN title t ON t.id = l.title_id"
    " JOIN location p ON p.id = c.location_id JOIN account a ON a.id = l.account_id"
    " WHERE l.claimed_on <= :today AND l.returned_at IS NULL"
    " ORDER BY l.claimed_on, l.id LIMIT :size OFFSET :skip"
)
_HOW_MANY = Statement("SELECT count(*) FROM loan WHERE claimed_on <= :today AND returned_at IS NULL")


@dataclass(frozen=True, slots=True)
class ClaimReceipt:
    """The day from which the fine stands still (None: it runs again), and the fine as of today in minor units."""

    loan_id: int
    title: str
    barcode: str
    claimed_on: date | None
    fine_minor: int
    act_id: int


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A copy to look for: where it would stand, and who says they returned it, when. `dropped_at`: the tablet or
    machine that was told it lies in the book drop; "" where the member told the desk."""

    loan_id: int
    title_id: int
    title: str
    call_number: str
    barcode: str
    location: str
    shelf: str
    member_id: int
    member: str
    due_on: date
    claimed_on: date
    dropped_at: str = ""


def claim_returned(
    uow: UnitOfWork, *, loan_id: int, on: date | None = None, key: str | None = None
) -> ClaimReceipt:  # fmt: skip
    """Notes that the member says they returned the copy `on` this day (today unless told otherwise): its fine stands
    still from then, the loan stays open, and it blocks nothing by being overdue.

    Raises:
        NotFound: no such open loan. AlreadyClaimed. Invalid: the day lies in the future or before the issue.
    """
    uow.require(Permission.CIRCULATE)
    return act_once(
        uow, key, ("claim-returned", loan_id, on), lambda: _claim_open(uow, loan_id, on or uow.today), asdict,
        lambda kept: ClaimReceipt(**kept | {"claimed_on": as_day(kept["claimed_on"])}),
    )  # fmt: skip


def _claim_open(uow: UnitOfWork, loan_id: int, day: date) -> ClaimReceipt:
    found = hold_loan(uow, loan_id)
    if found.loan.claimed_on is not None:
        raise AlreadyClaimed(on=uow.words.day(found.loan.claimed_on), claimed_on=found.loan.claimed_on, loan_id=loan_id)
    if not found.issued_on <= day <= uow.today:
        raise Invalid(Fault("on", "Give a day from the issue up to today."))
    return _claim(uow, found, day)


def note_dropped(uow: UnitOfWork, *, loan_id: int) -> None:
    """Notes what a machine was told: the copy was put into the book drop today. As with a claim the fine stands still
    and the loan stays open, until staff scan the copy or say that it was not there. What is claimed already stays so.

    Raises:
        NotFound: no such open loan.
    """
    uow.require(Permission.SELF_CHECK)
    found = hold_loan(uow, loan_id)
    if found.loan.claimed_on is None:
        _claim(uow, found, uow.today)


def clear_claim(uow: UnitOfWork, *, loan_id: int) -> ClaimReceipt:
    """The copy turned up with the member after all: the claim ends, and the fine counts as if it had never stood still.

    Raises:
        NotFound: no such open loan. NotClaimed.
    """
    uow.require(Permission.CIRCULATE)
    found = hold_loan(uow, loan_id)
    if found.loan.claimed_on is None:
        raise NotClaimed
    return _claim(uow, found, None)


def _claim(uow: UnitOfWork, found: LoanAtHand, day: date | None) -> ClaimReceipt:
    loan, was = replace(found.loan, claimed_on=day), found.loan.claimed_on
    running = running_on(uow, loan, uow.today)
    _SET.count(uow.connection, day=day, loan_id=loan.id)
    money = set_fine(
        uow, loan_id=loan.id, account_id=found.account_id, copy_id=found.copy_id, running_minor=running, final=False
    )
    act = note_act(
        uow, CLAIM, loan_id=loan.id, copy_id=found.copy_id, account_id=found.account_id,
        before={"claimed_on": _told(was)}, after={"claimed_on": _told(day), "money": money},
    )  # fmt: skip
    record(uow, "loan.claim" if day else "loan.clear-claim", "loan", loan.id, claimed_on=_told(day or was))
    return ClaimReceipt(loan.id, loan.title, found.barcode, day, loan.fine_settled + running, act)


def _told(day: date | None) -> str | None:
    return day.isoformat() if day else None


def claims(uow: UnitOfWork, *, page: int = 1, size: int = PAGE) -> Page[ClaimRow]:
    """Copies that members say they returned, the oldest claim first: staff look for them on the shelves."""
    uow.require(Permission.CIRCULATE)
    number, most = clamp(page, size)
    rows = _CLAIMS.rows(uow.connection, today=uow.today, size=most, skip=(number - 1) * most)
    (total,) = _HOW_MANY.row(uow.connection, today=uow.today)
    return Page(tuple(map(_row, rows)), total, number, most)


def _row(row: Any) -> ClaimRow:
    loan_id, title_id, title, call_number, barcode, location, shelf, member_id, member, due, claimed, dropped = row
    due_on, claimed_on = as_day(due), as_day(claimed)
    assert due_on is not None
    assert claimed_on is not None
    return ClaimRow(
        loan_id, title_id, title, call_number, barcode, location, shelf, member_id, member, due_on, claimed_on,
        dropped or "",
    )  # fmt: skip
