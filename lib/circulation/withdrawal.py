"""Taking copies and titles out of the collection: what was ever lent stays on record, the rest may go for good."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.fields import read_reason
from lib.audit.trail import record
from lib.catalogue.copies import STATUS_WORDS
from lib.catalogue.errors import CopyCannotMove, TitleIsArchived
from lib.catalogue.models import CopyStatus
from lib.catalogue.policy import may_move
from lib.catalogue.search_index import reindex_titles
from lib.catalogue.vocabulary import begin_change
from lib.circulation.capture import Offer, offer_copy
from lib.circulation.errors import (
    CopyIsOut,
    CopyIsWaitedFor,
    CopyOnHoldShelf,
    HasHistory,
    TitleIsOut,
    TitleIsWaitedFor,
)
from lib.circulation.found import close_case
from lib.circulation.hold_queue import lock_queue
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_day

_COPY = Statement(
    "SELECT c.barcode, c.status, c.title_id, o.due_on, t.archived_at,"
    " (SELECT count(*) FROM loan WHERE copy_id = c.id AND undone_at IS NULL)"
    " + (SELECT count(*) FROM hold WHERE copy_id = c.id OR shelf_copy_id = c.id),"
    " (SELECT count(*) FROM hold WHERE title_id = c.title_id AND state = 'waiting'"
    " AND (copy_id = c.id OR copy_id IS NULL AND NOT EXISTS (SELECT 1 FROM copy f WHERE f.title_id = c.title_id"
    " AND f.id <> c.id AND f.status IN ('available', 'on_loan', 'on_hold_shelf', 'in_repair', 'on_order'))))"
    " FROM copy c JOIN title t ON t.id = c.title_id"
    " LEFT JOIN loan o ON o.copy_id = c.id AND o.returned_at IS NULL WHERE c.id = :copy_id"
)
_LOCK = Statement("SELECT id FROM copy WHERE id = :copy_id FOR UPDATE")
_LOCK_ALL = Statement("SELECT id FROM copy WHERE title_id = :title_id ORDER BY id FOR UPDATE")
_WITHDRAW = Statement(
    "UPDATE copy SET status = 'withdrawn', withdrawn_at = :now, version = version + 1 WHERE id = :copy_id"
)
_REINSTATE = Statement(
    "UPDATE copy SET status = 'available', withdrawn_at = NULL, version = version + 1 WHERE id = :copy_id"
)
_TITLE = Statement(
    "SELECT t.title, t.archived_at, (SELECT count(*) FROM copy c JOIN loan o ON o.copy_id = c.id"
    " WHERE c.title_id = t.id AND o.returned_at IS NULL),"
    " (SELECT count(*) FROM loan WHERE title_id = t.id AND undone_at IS NULL)"
    " + (SELECT count(*) FROM hold WHERE title_id = t.id),"
    " (SELECT count(*) FROM hold WHERE title_id = t.id AND state IN ('waiting', 'ready'))"
    " FROM title t WHERE t.id = :title_id"
)
_COPY_IDS = Statement("SELECT id FROM copy WHERE title_id = :title_id")
_ARCHIVE = Statement(
    "UPDATE title SET archived_at = :at, changed_at = :now, changed_by = :by, version = version + 1"
    " WHERE id = :title_id"
)
_PUT_AWAY = Statement(
    "UPDATE copy SET status = 'withdrawn', withdrawn_at = :now, version = version + 1"
    " WHERE title_id = :title_id AND status = 'available'"
)
_BRING_BACK = Statement(
    "UPDATE copy SET status = 'available', withdrawn_at = NULL, version = version + 1"
    " WHERE title_id = :title_id AND status = 'withdrawn' AND withdrawn_at = :at"
)
_DROP_ACTS = Statement("DELETE FROM desk_act WHERE copy_id = :copy_id")
_DROP_UNDONE = Statement("DELETE FROM loan WHERE copy_id = :copy_id AND undone_at IS NOT NULL")
_DROP_COPY = Statement("DELETE FROM copy WHERE id = :copy_id")
_DROP_TITLE = Statement("DELETE FROM title WHERE id = :title_id")


@dataclass(frozen=True, slots=True)
class _Copy:
    barcode: str
    status: CopyStatus
    title_id: int
    due_on: date | None
    title_archived: bool
    lent: int
    only_hope_of: int


def withdraw_copy(uow: UnitOfWork, copy_id: int, reason: str) -> None:
    """Takes a copy out of the collection, for a written reason; its past stays.

    Raises:
        NotFound: no such copy. CopyIsOut: it is on loan. CopyOnHoldShelf: it lies there for somebody.
        CopyIsWaitedFor: holds that nothing else can serve. CopyCannotMove: not from where it is. Invalid: no reason.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    why = read_reason(reason)
    begin_change(uow)
    copy = _lock_copy(uow, copy_id)
    _check_in_house(uow, copy)
    _check_not_waited_for(copy)
    if copy.status is CopyStatus.WITHDRAWN or not may_move(copy.status, CopyStatus.WITHDRAWN):
        raise _cannot_move(copy, CopyStatus.WITHDRAWN)
    _WITHDRAW.count(uow.connection, copy_id=copy_id, now=uow.now)
    record(uow, "copy.withdraw", "copy", copy_id, reason=why, before=copy.status.value)
    reindex_titles(uow, [copy.title_id])


def reinstate_copy(uow: UnitOfWork, copy_id: int) -> Offer | None:
    """Puts a withdrawn copy back into stock: on the hold shelf for the first who waits for it (the offer is returned),
    else on its shelf. Where it was lost before, its last member pays the replacement no more.

    Raises:
        NotFound: no such copy. CopyCannotMove: it was not withdrawn. TitleIsArchived: restore the title first.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    begin_change(uow)
    copy = _lock_copy(uow, copy_id)
    if copy.status is not CopyStatus.WITHDRAWN:
        raise _cannot_move(copy, CopyStatus.AVAILABLE)
    if copy.title_archived:
        raise TitleIsArchived(title=_title(uow, copy.title_id)[0])
    _REINSTATE.count(uow.connection, copy_id=copy_id)
    record(uow, "copy.reinstate", "copy", copy_id)
    close_case(uow, copy_id=copy_id, status=CopyStatus.AVAILABLE)
    reindex_titles(uow, [copy.title_id])
    return offer_copy(uow, copy_id=copy_id, title_id=copy.title_id)


def delete_copy(uow: UnitOfWork, copy_id: int) -> None:
    """Deletes a copy that was never lent, for good.

    Raises:
        NotFound: no such copy. CopyIsOut: it is on loan. CopyOnHoldShelf, CopyIsWaitedFor: as in `withdraw_copy`.
        HasHistory: it was lent or held before; withdraw it instead.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    begin_change(uow)
    copy = _lock_copy(uow, copy_id)
    _check_in_house(uow, copy)
    _check_not_waited_for(copy)
    if copy.lent:
        raise HasHistory(thing="copy", instead="Withdraw it instead.")
    _drop_copy(uow, copy_id)
    record(uow, "copy.delete", "copy", copy_id, barcode=copy.barcode, title_id=copy.title_id)
    reindex_titles(uow, [copy.title_id])


def _drop_copy(uow: UnitOfWork, copy_id: int) -> None:
    for statement in (_DROP_ACTS, _DROP_UNDONE, _DROP_COPY):
        statement.count(uow.connection, copy_id=copy_id)


def archive_title(uow: UnitOfWork, title_id: int) -> None:
    """Takes a title out of sight; its copies on the shelf are withdrawn with it and its past stays.

    Raises:
        NotFound: no such title. TitleIsArchived: already. TitleIsOut: copies are on loan.
        TitleIsWaitedFor: there are live holds; cancel them first (`cancel_all_holds`), so that each reader is told.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    begin_change(uow)
    title, archived_at, out, _, held = _title(uow, title_id)
    if archived_at is not None:
        raise TitleIsArchived(title=title)
    _check_free(title_id, out, held)
    copies = _PUT_AWAY.count(uow.connection, title_id=title_id, now=uow.now)
    _ARCHIVE.count(uow.connection, title_id=title_id, at=uow.now, now=uow.now, by=uow.actor.account_id)
    record(uow, "title.archive", "title", title_id, copies=copies)
    reindex_titles(uow, [title_id])


def restore_title(uow: UnitOfWork, title_id: int) -> None:
    """Brings an archived title back, with the copies that were withdrawn with it.

    Raises:
        NotFound: no such title, or it is not archived.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    begin_change(uow)
    archived_at = _title(uow, title_id)[1]
    if archived_at is None:
        raise NotFound("archived title")
    copies = _BRING_BACK.count(uow.connection, title_id=title_id, at=archived_at)
    _ARCHIVE.count(uow.connection, title_id=title_id, at=None, now=uow.now, by=uow.actor.account_id)
    record(uow, "title.restore", "title", title_id, copies=copies)
    reindex_titles(uow, [title_id])


def delete_title(uow: UnitOfWork, title_id: int) -> None:
    """Deletes a title that was never lent, with its copies, for good.

    Raises:
        NotFound: no such title. TitleIsOut: copies are on loan. TitleIsWaitedFor: there are live holds.
        HasHistory: it was lent or held before; archive it instead.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    begin_change(uow)
    title, _, out, lent, held = _title(uow, title_id)
    _check_free(title_id, out, held)
    if lent:
        raise HasHistory(thing="title", instead="Archive it instead.")
    copies = [row[0] for row in _COPY_IDS.rows(uow.connection, title_id=title_id)]
    for copy_id in copies:
        _drop_copy(uow, copy_id)
    _DROP_TITLE.count(uow.connection, title_id=title_id)
    record(uow, "title.delete", "title", title_id, title=title, copies=len(copies))
    reindex_titles(uow, [title_id])


def _lock_copy(uow: UnitOfWork, copy_id: int) -> _Copy:
    if not uow.installation.is_sqlite:
        _LOCK.row(uow.connection, copy_id=copy_id)
    row = _COPY.row(uow.connection, copy_id=copy_id)
    if row is None:
        raise NotFound("copy")
    lock_queue(uow, row[2])  # nobody begins to wait for it meanwhile
    row = _COPY.row(uow.connection, copy_id=copy_id)
    barcode, status, title_id, due_on, archived_at, lent, only_hope = row
    return _Copy(barcode, CopyStatus(status), title_id, as_day(due_on), archived_at is not None, lent, only_hope)


def _check_in_house(uow: UnitOfWork, copy: _Copy) -> None:
    if copy.due_on is not None:
        raise CopyIsOut(barcode=copy.barcode, due_on=copy.due_on, on=uow.words.day(copy.due_on))


def _check_not_waited_for(copy: _Copy) -> None:
    if copy.status is CopyStatus.ON_HOLD_SHELF:
        raise CopyOnHoldShelf(barcode=copy.barcode, title_id=copy.title_id)
    if copy.only_hope_of and copy.status is not CopyStatus.WITHDRAWN:
        raise CopyIsWaitedFor(barcode=copy.barcode, count=copy.only_hope_of, title_id=copy.title_id)


def _check_free(title_id: int, out: int, held: int) -> None:
    if out:
        raise TitleIsOut(count=out, title_id=title_id)
    if held:
        raise TitleIsWaitedFor(count=held, title_id=title_id)


def _cannot_move(copy: _Copy, new: CopyStatus) -> CopyCannotMove:
    words = {"old_text": STATUS_WORDS[copy.status], "new_text": STATUS_WORDS[new]}
    return CopyCannotMove(barcode=copy.barcode, old=copy.status.value, new=new.value, **words)


def _title(uow: UnitOfWork, title_id: int) -> Any:
    if not uow.installation.is_sqlite:
        _LOCK_ALL.rows(uow.connection, title_id=title_id)
        lock_queue(uow, title_id)
    row = _TITLE.row(uow.connection, title_id=title_id)
    if row is None:
        raise NotFound("title")
    return row
