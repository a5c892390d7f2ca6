"""The slip of what a reader takes home: titles and due dates, to be printed when they leave the desk."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from babel.dates import format_date

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_day

MOST = 200
CARD_DIGITS = 4  # enough to tell whose slip it is, and of no use to a finder
_LAYOUT = Path(__file__).with_name("loan_slip.typ")
_LOANS = Statement(
    "SELECT l.id, t.title, c.barcode, l.due_on, a.card_number FROM loan l JOIN title t ON t.id = l.title_id"
    " JOIN copy c ON c.id = l.copy_id JOIN account a ON a.id = l.account_id"
    f" WHERE l.account_id = :account_id AND l.returned_at IS NULL ORDER BY l.due_on, l.id LIMIT {MOST}"
)


def loan_slip_pdf(uow: UnitOfWork, account_id: int, loan_ids: Iterable[int] = ()) -> bytes:
    """`loan_slip` on receipt paper 80 mm wide.

    Raises:
        NotFound: none of them is on loan to this member.
    """
    return _typeset(loan_slip(uow, account_id, loan_ids))


def loan_slip(uow: UnitOfWork, account_id: int, loan_ids: Iterable[int] = ()) -> dict[str, Any]:
    """What stands on it: the open loans of a member (at most 200), or those of `loan_ids` alone, what is due first
    first. No name, and of the card's number only the end: slips are left in books.

    Raises:
        NotFound: none of them is on loan to this member.
    """
    uow.require(Permission.CIRCULATE)
    wanted = frozenset(loan_ids)
    rows = [
        row for row in _LOANS.rows(uow.connection, account_id=account_id) if not wanted or row[0] in wanted
    ]  # fmt: skip
    if not rows:
        raise NotFound("loan")
    uow.afterwards.append(lambda later: record(later, "account.read", "account", account_id, at="slip"))
    locale = uow.library.locale.replace("-", "_")
    loans = []
    for _, title, barcode, due, _card in rows:
        due_on = as_day(due)
        assert due_on is not None
        loans.append({"title": title, "barcode": barcode, "due": format_date(due_on, "full", locale)})
    many = f"{len(loans)} loans" if len(loans) > 1 else "1 loan"
    return {
        "library": uow.library.name, "day": format_date(uow.today, "long", locale),
        "card": (rows[0][4] or "")[-CARD_DIGITS:], "loans": loans, "closing": f"{many}. Thank you for reading.",
    }  # fmt: skip


def _typeset(slip: dict[str, Any]) -> bytes:
    import typst  # noqa: PLC0415  # heavy: a whole typesetter

    made: Any = typst.compile(_LAYOUT.read_bytes(), sys_inputs={"slip": json.dumps(slip)}, format="pdf")
    return bytes(made)
