"""Repairs of copies, titles and search: what their loans and holds, or the catalogue itself, say beyond doubt."""

from collections.abc import Sequence

from lib.access.work import UnitOfWork
from lib.catalogue.search_index import reindex_titles
from lib.circulation.capture import offer_copy
from lib.circulation.policy import DEFAULTS
from lib.kit.database import Statement
from lib.ops.file_check import orphans
from lib.ops.repair import Repair, counted, lock_rows

_FOLLOW_LOAN = Statement(
    "UPDATE copy SET status = 'on_loan', withdrawn_at = NULL, version = version + 1 WHERE id IN (:*ids)"
    " AND EXISTS (SELECT 1 FROM loan l WHERE l.copy_id = copy.id AND l.returned_at IS NULL)"
)
_FOLLOW_HOLD = Statement(
    "UPDATE copy SET status = 'on_hold_shelf', version = version + 1 WHERE id IN (:*ids) AND status IN"
    " ('available', 'on_loan') AND EXISTS (SELECT 1 FROM hold h WHERE h.shelf_copy_id = copy.id AND h.state = 'ready')"
    " AND NOT EXISTS (SELECT 1 FROM loan l WHERE l.copy_id = copy.id AND l.returned_at IS NULL)"
)
_TO_SHELF = Statement(
    "UPDATE copy SET status = 'available', version = version + 1 WHERE id IN (:*ids)"
    " AND status IN ('on_loan', 'on_hold_shelf')"
    " AND NOT EXISTS (SELECT 1 FROM loan l WHERE l.copy_id = copy.id AND l.returned_at IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.shelf_copy_id = copy.id AND h.state = 'ready')"
)
_SHELVED = Statement("SELECT id, title_id FROM copy WHERE id IN (:*ids) AND status = 'available' ORDER BY id")
_WITHDRAWN_WHEN = Statement(
    "UPDATE copy SET withdrawn_at = CASE WHEN status = 'withdrawn' THEN :now ELSE NULL END, version = version + 1"
    " WHERE id IN (:*ids)"
)
_COUNT = Statement(
    "UPDATE title SET loan_count = (SELECT count(*) FROM loan l WHERE l.title_id = title.id AND l.undone_at IS NULL)"
    " WHERE id IN (:*ids)"
)
_FILL_LINE = Statement(
    f"UPDATE policy_rule SET {', '.join(f'{name} = coalesce({name}, {value})' for name, value in DEFAULTS.items())},"
    " version = version + 1 WHERE id IN (:*ids)"
)


def copies_follow(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """Gives copies the status that their open loan or ready hold says; else they stand on the shelf, and whoever
    waits for them is served."""
    lock_rows(uow, "copy", ids)
    _FOLLOW_LOAN.count(uow.connection, ids=ids)
    _FOLLOW_HOLD.count(uow.connection, ids=ids)
    if _TO_SHELF.count(uow.connection, ids=ids):
        for copy_id, title_id in _SHELVED.rows(uow.connection, ids=ids):
            offer_copy(uow, copy_id=copy_id, title_id=title_id)


def _withdrawn_when(uow: UnitOfWork, ids: Sequence[int]) -> None:
    lock_rows(uow, "copy", ids)
    _WITHDRAWN_WHEN.count(uow.connection, ids=ids, now=uow.now)


def _count_loans(uow: UnitOfWork, ids: Sequence[int]) -> None:
    lock_rows(uow, "title", ids)  # an issue that is under way adds to the number afterwards
    _COUNT.count(uow.connection, ids=ids)
    uow.bump("catalogue")


def _index(uow: UnitOfWork, ids: Sequence[int]) -> None:
    reindex_titles(uow, ids)


def _fill_line(uow: UnitOfWork, ids: Sequence[int]) -> None:
    _FILL_LINE.count(uow.connection, ids=ids)
    uow.bump("policy")


def _drop_orphans(uow: UnitOfWork, _ids: Sequence[int]) -> None:
    for path in list(orphans(uow)):
        path.unlink(missing_ok=True)


REPAIRS = {
    "open-loan-has-copy-out": Repair(
        lambda n: f"{counted(n, 'copy is', 'copies are')} marked as on loan, as the open loan says.", copies_follow
    ),
    "copy-out-has-open-loan": Repair(
        lambda n: f"{counted(n, 'copy is', 'copies are')} marked as on the shelf, since nobody has borrowed them; where"
        " somebody waits for one, it goes to the hold shelf and they are told. Look afterwards whether they are there.",
        copies_follow,
    ),
    "shelved-copy-has-ready-hold": Repair(
        lambda n: f"{counted(n, 'copy is', 'copies are')} marked as on the shelf, or offered to whoever waits next."
        " Fetch them from the hold shelf.",
        copies_follow,
    ),
    "ready-hold-has-copy-shelved": Repair(
        lambda n: f"{counted(n, 'copy is', 'copies are')} marked as lying on the hold shelf, as the reservation says.",
        copies_follow,
    ),
    "withdrawn-copy-says-when": Repair(
        lambda n: f"{counted(n, 'copy gets', 'copies get')} a time that fits: now where withdrawn, else none.",
        _withdrawn_when,
    ),
    "title-counts-its-loans": Repair(
        lambda n: f"The loans of {counted(n, 'title', 'titles')} are counted anew.", _count_loans
    ),
    "every-title-is-indexed": Repair(
        lambda n: f"{counted(n, 'title is', 'titles are')} put into the search index.", _index
    ),
    "index-holds-no-ghosts": Repair(
        lambda n: f"{counted(n, 'entry', 'entries')} of titles that are gone leave the search index.", _index
    ),
    "general-rule-is-whole": Repair(
        lambda _: "The open values are written down as what they are taken for already: the shipped ones.", _fill_line
    ),
    "stored-file-has-row": Repair(
        lambda n: f"{counted(n, 'file', 'files')} that no title uses are deleted from the data folder.", _drop_orphans
    ),
}  # fmt: skip
