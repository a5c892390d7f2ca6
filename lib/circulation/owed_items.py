"""What a member owes, item by item as of today, with the facts behind each fine. Their sum is what `owes` says."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.access.work import UnitOfWork
from lib.billing.models import ChargeKind, ChargeState
from lib.billing.queries import ChargeRow, charges_of
from lib.circulation.closure_entries import calendar_of
from lib.circulation.fines import FINE
from lib.circulation.policy import fine
from lib.circulation.queries import borrower, require_own_or_desk
from lib.circulation.situation import OpenLoan
from lib.kit.clock import day_of
from lib.kit.database import Statement
from lib.kit.paging import LARGEST_PAGE
from lib.kit.tables import as_day

# Whose history was cut is not named any more: the charge stays, its title does not come back.
_LOANS = Statement(
    "SELECT l.id, l.title_id, t.title, l.due_on, l.returned_on, l.claimed_on, l.renewals, l.fine_per_day, l.grace_days,"
    " l.fine_cap FROM loan l JOIN title t ON t.id = l.title_id WHERE l.id IN (:*ids) AND l.account_id = :account_id"
)


@dataclass(frozen=True, slots=True)
class FineFacts:
    """Why a fine is so high: `days_late` open days after `due_on` up to and including `until`, at `per_day_minor`
    each, never above `cap_minor`; up to `grace_days` would have cost nothing. `returned`: it is back. Where not
    `adds_up`, the fine is from an earlier period of the loan, before its renewal, or was corrected."""

    due_on: date
    until: date
    returned: bool
    days_late: int
    per_day_minor: int
    grace_days: int
    cap_minor: int
    renewals: int
    adds_up: bool


@dataclass(frozen=True, slots=True)
class OwedItem:
    """One thing that is owed, as of today; below nought the library owes it. `charge_id` is None while a fine is not
    in the ledger yet; `running`: it may still grow. `covered_minor` was paid or waived already. The title is empty
    where the item is not about one, or its loan was forgotten."""

    charge_id: int | None
    kind: ChargeKind
    what: str
    running: bool
    made_on: date
    title_id: int | None
    title: str
    charged_minor: int
    covered_minor: int
    balance_minor: int
    fine: FineFacts | None


def owed_items(uow: UnitOfWork, account_id: int) -> tuple[OwedItem, ...]:
    """What of a member's account is open (at most 200 charges), the oldest first, then running fines that the ledger
    does not have yet.

    Raises:
        NotFound: no such member. NotSignedIn, Forbidden.
    """
    require_own_or_desk(uow, account_id)
    open_loans = {loan.id: loan for loan in borrower(uow, account_id).loans}
    charges = charges_of(uow, account_id, open_only=True, size=LARGEST_PAGE).rows
    grown = {number: more for number, loan in open_loans.items() if (more := _not_posted(uow, loan))}
    ids = {charge.loan_id for charge in charges if charge.loan_id} | set(grown)
    rows = _LOANS.rows(uow.connection, ids=sorted(ids), account_id=account_id) if ids else ()
    loans = {row[0]: row for row in rows}
    running = {charge.loan_id for charge in charges if charge.state is ChargeState.ACCRUING}
    posted = [_posted(uow, charge, loans.get(charge.loan_id), grown) for charge in charges]
    fresh = [_fresh(uow, open_loans[x], loans[x], more) for x, more in grown.items() if x not in running]
    return tuple(item for item in (*posted, *fresh) if item.balance_minor)


def _not_posted(uow: UnitOfWork, loan: OpenLoan) -> int:
    """What of a loan's running fine the ledger does not have yet."""
    return loan.fine_on(uow.today, calendar_of(uow)) - loan.fine_settled - loan.accrued_minor


def _posted(uow: UnitOfWork, charge: ChargeRow, loan: Any, grown: dict[int, int]) -> OwedItem:
    running = charge.state is ChargeState.ACCRUING
    more = grown.get(charge.loan_id or 0, 0) if running else 0
    charged = charge.charged_minor + more
    facts = _fine_facts(uow, loan, charged) if loan is not None and charge.kind is ChargeKind.FINE else None
    return OwedItem(
        charge.id, charge.kind, charge.what, running, day_of(charge.made_at, uow.zone), loan[1] if loan else None,
        loan[2] if loan else "", charged, charge.paid_minor + charge.waived_minor, charge.balance_minor + more, facts,
    )  # fmt: skip


def _fresh(uow: UnitOfWork, loan: OpenLoan, row: Any, more: int) -> OwedItem:
    charged = loan.accrued_minor + more
    return OwedItem(
        None, ChargeKind.FINE, FINE, True, uow.today, loan.title_id, loan.title, charged,
        loan.accrued_minor, more, _fine_facts(uow, row, charged),
    )  # fmt: skip


def _fine_facts(uow: UnitOfWork, loan: Any, charged_minor: int) -> FineFacts:
    due, back, claimed = (as_day(value) for value in loan[3:6])
    renewals, per_day, grace, cap = loan[6:]
    assert due is not None
    until = back or min(claimed or uow.today, uow.today)
    late = calendar_of(uow).days_late(due, until)
    adds_up = fine(late, per_day=per_day, grace_days=grace, cap=cap) == charged_minor
    return FineFacts(due, until, back is not None, late, per_day, grace, cap, renewals, adds_up)
