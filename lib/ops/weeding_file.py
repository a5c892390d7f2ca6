"""The weeding list as CSV, to be talked over before anything goes. Formulas are escaped."""

import csv
import io

from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.circulation.weeding import COUNTED, weeding_list
from lib.kit.money import Money
from lib.ops.safe_cells import safe_cell

COLUMNS = (
    "barcode", "title", "call_number", "location", "shelf", "condition", "in_stock_since", "last_issued_on", "loans",
    "other_copies", "price",
)  # fmt: skip
PORTION = 200


def weeding_csv(
    uow: UnitOfWork, *, years: int, worn: bool = False, location: str = "", section_id: int = 0
) -> bytes:  # fmt: skip
    """What `weeding_list` shows, at most 10,000 copies, as UTF-8 with a mark for spreadsheets. Days are ISO.

    Raises:
        Invalid: the years are not from 0 to 100.
    """
    out = io.StringIO(newline="")
    written = csv.writer(out)
    written.writerow(COLUMNS)
    number, counted = 1, 0
    while counted < COUNTED:
        found = weeding_list(
            uow, years=years, worn=worn, location=location, section_id=section_id, page=number, size=PORTION
        )
        for row in found.rows:
            price = "" if row.price_minor is None else str(Money(row.price_minor, uow.library.currency).decimal)
            values = (
                row.barcode, row.title, row.call_number, row.location, row.shelf, row.condition, row.since.isoformat(),
                row.last_issued_on.isoformat() if row.last_issued_on else "", row.loans, row.others, price,
            )  # fmt: skip
            written.writerow([safe_cell(value) for value in values])
        counted += len(found.rows)
        if not found.rows or number >= found.pages:
            break
        number += 1
    uow.afterwards.append(lambda later: record(later, "weeding.export", "library", None, rows=counted))
    return out.getvalue().encode("utf-8-sig")
