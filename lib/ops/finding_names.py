"""What the ids in the rows of findings stand for: titles, copies, readers, loans and holds by their names."""

from collections.abc import Iterable, Mapping
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.queries import names_of
from lib.kit.database import Statement

MOST = 1000
_TITLES = Statement("SELECT id, title FROM title WHERE id IN (:*ids)")
_COPIES = Statement(
    "SELECT c.id, t.title, c.barcode FROM copy c JOIN title t ON t.id = c.title_id WHERE c.id IN (:*ids)"
)
_LOANS = Statement(
    "SELECT l.id, t.title, c.barcode FROM loan l JOIN copy c ON c.id = l.copy_id JOIN title t ON t.id = c.title_id"
    " WHERE l.id IN (:*ids)"
)
_HOLDS = Statement("SELECT h.id, t.title FROM hold h JOIN title t ON t.id = h.title_id WHERE h.id IN (:*ids)")
_OF = {"title_id": _TITLES, "copys_title_id": _TITLES, "copy_id": _COPIES, "loan_id": _LOANS, "hold_id": _HOLDS}
_PEOPLE = ("account_id", "charges_account_id", "payments_account_id")

Names = Mapping[tuple[str, int], str]


def finding_names(uow: UnitOfWork, rows: Iterable[Mapping[str, Any]]) -> Names:
    """Names by column and id, of at most 1,000 ids a column; readers only for who may look members up."""
    uow.require(Permission.READ_AUDIT)
    ids: dict[str, set[int]] = {}
    for row in rows:
        for column, value in row.items():
            if isinstance(value, int) and (column in _OF or column in _PEOPLE):
                ids.setdefault(column, set()).add(value)
    found: dict[tuple[str, int], str] = {}
    for column, wanted in ids.items():
        asked = sorted(wanted)[:MOST]
        if column in _OF:
            rest = _OF[column].rows(uow.connection, ids=asked)
            found |= {(column, row[0]): ", ".join((f"“{row[1]}”", *row[2:])) for row in rest}
        elif uow.actor.may(Permission.READ_MEMBERS):
            found |= {(column, number): name for number, name in names_of(uow, asked).items()}
    return found
