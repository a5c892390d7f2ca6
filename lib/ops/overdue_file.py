"""Overdue loans as CSV, for letters and calls. Formulas are escaped."""

import csv
import io

from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.kit.money import Money
from lib.ops.safe_cells import safe_cell
from lib.reports.overdue import overdue_loans

COLUMNS = ("member", "email", "phone", "title", "barcode", "due_on", "open_days_late", "fine", "said_returned_on")
MOST, PORTION = 10_000, 200


def overdue_csv(uow: UnitOfWork, *, more_than_days: int = 0, text: str = "") -> bytes:
    """What `overdue_loans` shows, at most 10,000 loans, as UTF-8 with a mark for spreadsheets. Days are ISO."""
    out = io.StringIO(newline="")
    written = csv.writer(out)
    written.writerow(COLUMNS)
    number, counted = 1, 0
    while counted < MOST:
        found = overdue_loans(uow, more_than_days=more_than_days, text=text, page=number, size=PORTION)
        for row in found.rows:
            values = (
                row.member, row.email, row.phone, row.title, row.barcode, row.due_on.isoformat(), row.late_days,
                str(Money(row.fine_minor, uow.library.currency).decimal),
                row.claimed_on.isoformat() if row.claimed_on else "",
            )  # fmt: skip
            written.writerow([safe_cell(value) for value in values])
        counted += len(found.rows)
        if number >= found.pages:
            break
        number += 1
    uow.afterwards.append(lambda later: record(later, "loan.export-overdue", "library", None, rows=counted))
    return out.getvalue().encode("utf-8-sig")
