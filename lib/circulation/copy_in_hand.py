"""A copy that was handed in, its open loan and what the ledger and the queue say of both, read in one statement."""

from dataclasses import dataclass
from datetime import datetime

from lib.access.work import UnitOfWork
from lib.catalogue.models import CopyStatus
from lib.circulation.errors import NoSuchCopy
from lib.circulation.situation import OpenLoan
from lib.kit.database import Statement
from lib.kit.tables import as_day, as_instant

# The barcode hides in a SELECT so that SQLite does not plan anew for each: see facts.py.
_FIND = Statement(
    "SELECT c.id, c.title_id, t.title, t.kind_id, c.status, c.condition, c.note, o.id, o.account_id, o.issued_at,"
    " o.due_on, o.fine_per_day, o.grace_days, o.fine_cap, o.fine_settled, o.claimed_on, a.name, a.keep_history,"
    " t.archived_at IS NOT NULL,"
    " EXISTS (SELECT 1 FROM charge g WHERE g.loan_id = o.id AND g.state = 'accruing'),"
    " EXISTS (SELECT 1 FROM hold h WHERE h.title_id = c.title_id AND h.state = 'waiting')"
    " FROM copy c JOIN title t ON t.id = c.title_id"
    " LEFT JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL"
    " LEFT JOIN account a ON a.id = o.account_id"
    " WHERE c.barcode = (SELECT :barcode)"
)


@dataclass(frozen=True, slots=True)
class CopyInHand:
    """A copy and the loan it is on, if any. `accrues`: the ledger holds a running fine of that loan; `waited_for`:
    somebody waits for its title. `loan.accrued_minor` is left at 0: the ledger is asked when needed."""

    copy_id: int
    title_id: int
    title: str
    status: CopyStatus
    condition: str
    note: str
    loan: OpenLoan | None
    account_id: int | None
    issued_at: datetime | None
    name: str
    keeps_history: bool
    archived: bool
    accrues: bool
    waited_for: bool


def read_copy(uow: UnitOfWork, barcode: str) -> CopyInHand:
    """The copy with this barcode.

    Raises:
        NoSuchCopy.
    """
    row = _FIND.row(uow.connection, barcode=barcode)
    if row is None:
        raise NoSuchCopy(barcode)
    copy_id, title_id, title, kind_id, status, condition, note = row[:7]
    loan_id, account_id, issued_at, due_on = row[7:11]
    per_day, grace, cap, settled, claimed_on, name, keeps, archived, accrues, waited = row[11:]
    loan = None
    if loan_id is not None:
        day = as_day(due_on)
        assert day is not None
        loan = OpenLoan(
            loan_id, title_id, title, kind_id, day, per_day, grace, cap, settled, claimed_on=as_day(claimed_on)
        )
    return CopyInHand(
        copy_id, title_id, title, CopyStatus(status), condition, note, loan, account_id, as_instant(issued_at),
        name or "", bool(keeps), bool(archived), bool(accrues), bool(waited),
    )  # fmt: skip
