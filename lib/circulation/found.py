"""A lost copy turns up: what its last member was charged for replacing it is taken back, once."""

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.billing.ledger import adjust, open_charge
from lib.billing.models import ChargeKind, ChargeState
from lib.catalogue.models import CopyStatus
from lib.circulation.closure_entries import calendar_of
from lib.circulation.fines import FINE
from lib.circulation.postings import before, posted, posted_new
from lib.circulation.settings import CirculationSettings
from lib.circulation.situation import OpenLoan
from lib.kit.clock import day_of
from lib.kit.database import Statement
from lib.kit.tables import as_day, as_instant

REASON = "The lost copy was found"
_LAST = Statement(
    "SELECT l.id, l.title_id, t.title, t.kind_id, l.due_on, l.fine_per_day, l.grace_days, l.fine_cap, l.fine_settled,"
    " l.claimed_on, l.account_id, a.name, l.lost_at, l.found_at FROM loan l JOIN title t ON t.id = l.title_id"
    " LEFT JOIN account a ON a.id = l.account_id"
    " WHERE l.copy_id = :copy_id AND l.undone_at IS NULL ORDER BY l.id DESC LIMIT 1"
)
# What renewals had settled before the fine of the last span stopped with the loss.
_ACT = Statement(
    "SELECT before FROM desk_act WHERE loan_id = :loan_id AND kind = 'lost' AND undone_at IS NULL"
    " ORDER BY id DESC LIMIT 1"
)
_FOUND = Statement(
    "UPDATE loan SET found_at = :now, fine_settled = :fine"
    " WHERE id = :loan_id AND lost_at IS NOT NULL AND found_at IS NULL"
)
# What was charged for it, and what of that was not forgiven. What was paid of it becomes a credit.
_CHARGED = Statement(
    "SELECT g.id, CAST(coalesce(sum(CASE WHEN coalesce(r.kind, e.kind) IN ('charge', 'correction')"
    " THEN e.amount_minor END), 0) AS BIGINT), CAST(coalesce(sum(e.amount_minor), 0) AS BIGINT) FROM charge g"
    " LEFT JOIN ledger_entry e ON e.charge_id = g.id AND e.payment_id IS NULL"
    " LEFT JOIN ledger_entry r ON r.id = e.reverses_id WHERE g.loan_id = :loan_id AND g.kind = :kind"
    " GROUP BY g.id ORDER BY g.id"
)


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """The loan that ended with the loss, whose it was, what was taken back for them and by how much the fine rose
    (minor units). `money` is what was written, as an act keeps it."""

    loan_id: int
    account_id: int
    name: str
    settled_before: int
    settled: int
    given_back_minor: int
    money: list[dict[str, Any]]

    @property
    def fine_minor(self) -> int:
        return self.settled - self.settled_before


def find_again(uow: UnitOfWork, *, copy_id: int, day: date) -> FoundAgain | None:
    """Closes the case of a lost copy that is in hand: within `refund_found_days` the replacement is taken back (the
    fee stays) and the fine is raised to what it would be on `day`. None: no loan ended with the loss, the case is
    closed already or too old, or nobody knows any more whose loan it was. The copy's row is held."""
    row = _LAST.row(uow.connection, copy_id=copy_id)
    if row is None or row[10] is None or row[12] is None or row[13] is not None:
        return None
    lost_at, days = as_instant(row[12]), uow.settings(CirculationSettings).refund_found_days
    assert lost_at is not None
    if not days or uow.today - day_of(lost_at, uow.zone) > timedelta(days=days):
        return None
    loan, account_id = _loan(row), int(row[10])
    settled = max(loan.fine_settled, _as_if_out(uow, loan).fine_on(day, calendar_of(uow)))
    if not _FOUND.count(uow.connection, now=uow.now, fine=settled, loan_id=loan.id):
        return None
    given_back, money = _give_back(uow, loan.id)
    money += _raise_fine(uow, loan.id, account_id, copy_id, settled - loan.fine_settled)
    return FoundAgain(loan.id, account_id, row[11], loan.fine_settled, settled, given_back, money)


def close_case(uow: UnitOfWork, *, copy_id: int, status: CopyStatus) -> None:
    """The same for a copy that comes back without a return, by an edit or into stock: the audit trail says so."""
    found = find_again(uow, copy_id=copy_id, day=uow.today)
    if found:
        facts = {"given_back_minor": found.given_back_minor, "fine_minor": found.fine_minor}
        record(uow, "copy.found", "copy", copy_id, status=status.value, **facts)


def _loan(row: Any) -> OpenLoan:
    loan_id, title_id, title, kind_id, due, per_day, grace, cap, settled, claimed_on = row[:10]
    due_on = as_day(due)
    assert due_on is not None
    return OpenLoan(
        loan_id, title_id, title, kind_id, due_on, per_day, grace, cap, settled, claimed_on=as_day(claimed_on)
    )


def _as_if_out(uow: UnitOfWork, loan: OpenLoan) -> OpenLoan:
    """The loan as it was before the loss fixed its fine."""
    row = _ACT.row(uow.connection, loan_id=loan.id)
    if row is None:
        return replace(loan, fine_per_day=0)  # nothing tells any more: the fine stays what it is
    before_loss = json.loads(row[0]) if isinstance(row[0], str) else row[0]
    return replace(loan, fine_settled=before_loss["fine_settled"])


def _give_back(uow: UnitOfWork, loan_id: int) -> tuple[int, list[dict[str, Any]]]:
    given_back, money = 0, []
    for charge_id, charged, unforgiven in _CHARGED.rows(
        uow.connection, loan_id=loan_id, kind=ChargeKind.REPLACEMENT.value
    ):
        if charged > 0:
            was = before(uow, charge_id, ChargeState.FINAL)
            adjust(uow, charge_id, -charged, reason=REASON)
            money.append(posted(uow, was))
            given_back += unforgiven
    return given_back, money


def _raise_fine(uow: UnitOfWork, loan_id: int, account_id: int, copy_id: int, by_minor: int) -> list[dict[str, Any]]:
    if not by_minor:
        return []
    charge = open_charge(
        uow, account_id=account_id, kind=ChargeKind.FINE, amount_minor=by_minor, what=FINE, loan_id=loan_id,
        copy_id=copy_id,
    )  # fmt: skip
    return [posted_new(uow, charge)]
