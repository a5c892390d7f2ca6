"""Adding and editing copies. Withdrawing and deleting must look at loans and are circulation's."""

from typing import Any

from sqlalchemy.exc import IntegrityError

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record as record_act
from lib.catalogue.copy_rows import NewCopy, draw_barcodes, insert_copies, locations_by_code
from lib.catalogue.errors import BarcodeTaken, CopyCannotMove, TitleIsArchived
from lib.catalogue.forms import CopyForm as CopyForm
from lib.catalogue.models import CopyStatus
from lib.catalogue.policy import may_set_by_hand
from lib.catalogue.records import CopyRecord, copy_record
from lib.catalogue.search_index import reindex_titles
from lib.catalogue.staleness import stale
from lib.catalogue.vocabulary import begin_change
from lib.kit.bulk import reserve_ids
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import Fault, Invalid, NotFound

MOST_AT_ONCE = 100
STATUS_WORDS = {
    CopyStatus.AVAILABLE: "available", CopyStatus.ON_LOAN: "on loan", CopyStatus.ON_HOLD_SHELF: "on the hold shelf",
    CopyStatus.IN_REPAIR: "in repair", CopyStatus.ON_ORDER: "on order", CopyStatus.LOST: "lost",
    CopyStatus.WITHDRAWN: "withdrawn",
}  # fmt: skip
_TITLE = Statement("SELECT title, archived_at FROM title WHERE id = :id")
_COPY = Statement(
    "SELECT c.title_id, c.version, c.status, c.barcode, l.code, c.shelf, c.condition, c.price_minor, c.acquired_on,"
    " c.note, t.title, t.archived_at FROM copy c JOIN location l ON l.id = c.location_id"
    " JOIN title t ON t.id = c.title_id WHERE c.id = :id"
)
_FIELDS = ("barcode", "location", "shelf", "condition", "price_minor", "acquired_on", "note")
_UPDATE = Statement(
    "UPDATE copy SET barcode = :barcode, location_id = :location_id, shelf = :shelf, condition = :condition,"
    " status = :status, price_minor = :price_minor, acquired_on = :acquired_on, note = :note, version = version + 1"
    " WHERE id = :id AND version = :seen AND status = :old_status"
)


def add_copies(uow: UnitOfWork, title_id: int, form: CopyForm, count: int = 1) -> list[str]:
    """Adds `count` copies of a title and returns their barcodes; those not given are drawn.

    Raises:
        NotFound: there is no such title. TitleIsArchived. BarcodeTaken.
        Invalid: with every fault, by field; a barcode is given for more than one copy; more than 100 at once.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    record = copy_record(form)
    _fits(record, count)
    begin_change(uow)
    title = _TITLE.row(uow.connection, id=title_id)
    if title is None:
        raise NotFound("title")
    if title[1] is not None:
        raise TitleIsArchived(title=title[0])
    location_id = locations_by_code(uow, [record.location])[record.location]
    ids = reserve_ids(uow.connection, "copy", count)
    barcodes = insert_copies(uow, [NewCopy(copy_id, title_id, record, location_id) for copy_id in ids])
    reindex_titles(uow, [title_id])
    for copy_id, barcode in zip(ids, barcodes, strict=True):
        record_act(uow, "copy.add", "copy", copy_id, barcode=barcode, title_id=title_id, location=record.location)
    return barcodes


def _fits(record: CopyRecord, count: int) -> None:
    if not 1 <= count <= MOST_AT_ONCE:
        raise Invalid(Fault("count", f"Add 1 to {MOST_AT_ONCE} copies at once."))
    if count > 1 and record.barcode:
        raise Invalid(Fault("barcode", "One barcode fits one copy. Leave it empty to draw a barcode for each."))


def edit_copy(uow: UnitOfWork, copy_id: int, form: CopyForm, *, seen_version: int) -> None:
    """Saves a copy as typed, if nobody saved since version `seen_version`. An empty barcode keeps the old one.

    The status may be moved by hand between available, in repair, on order and lost; a copy that is on loan, on the
    hold shelf or withdrawn keeps its status, which the form must then repeat.

    Raises:
        NotFound. StaleEdit: naming who changed it. CopyCannotMove: the status stands against it. BarcodeTaken.
        TitleIsArchived: it would stand on the shelf. Invalid: with every fault, by field.
    """
    uow.require(Permission.EDIT_CATALOGUE)
    begin_change(uow)
    row = _COPY.row(uow.connection, id=copy_id)
    if row is None:
        raise NotFound("copy")
    title_id, version, status, *rest, title, archived_at = row
    old_status = CopyStatus(status)
    if version != seen_version:
        raise stale(uow, "copy", "copy", copy_id)
    if not may_set_by_hand(old_status, form.status):
        words = {"old_text": STATUS_WORDS[old_status], "new_text": STATUS_WORDS[form.status]}
        raise CopyCannotMove(barcode=rest[0], old=old_status.value, new=form.status.value, **words)
    if archived_at is not None and form.status is CopyStatus.AVAILABLE:
        raise TitleIsArchived(title=title)
    # A status that stays is not set by hand: it need not be one of those a copy may start with.
    record = copy_record(form.model_copy(update={"status": CopyStatus.AVAILABLE, "barcode": form.barcode or rest[0]}))
    location_id = locations_by_code(uow, [record.location])[record.location]
    values = {name: getattr(record, name) for name in _FIELDS if name != "location"} | {"location_id": location_id}
    statuses = {"status": form.status.value, "old_status": old_status.value}
    _save(uow, copy_id, seen_version, values | statuses)
    if form.status is not old_status or record.location != rest[1]:
        reindex_titles(uow, [title_id])
    before = dict(zip(_FIELDS, rest, strict=True)) | {"status": old_status.value}
    record_act(uow, "copy.edit", "copy", copy_id, changed=_differences(before, record, form.status))


def _save(uow: UnitOfWork, copy_id: int, seen_version: int, values: dict[str, Any]) -> None:
    values |= {"condition": values["condition"].value}
    try:
        with uow.connection.begin_nested():
            saved = _UPDATE.count(uow.connection, id=copy_id, seen=seen_version, **values)
    except IntegrityError as error:
        if "barcode" not in broken_constraint(error):
            raise
        raise BarcodeTaken(barcode=values["barcode"]) from error
    if not saved:  # a loan or a return came in between
        raise stale(uow, "copy", "copy", copy_id)


def _differences(before: dict[str, Any], record: CopyRecord, status: CopyStatus) -> dict[str, list[Any]]:
    after = {name: getattr(record, name) for name in _FIELDS} | {"status": status}
    pairs = {name: [_plain(before[name]), _plain(after[name])] for name in after if name != "note"}
    changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    return changed | ({"note": ["…", "…"]} if before["note"] != record.note else {})


def _plain(value: Any) -> Any:
    return str(value) if value is not None and not isinstance(value, int) else value


def next_barcode(uow: UnitOfWork) -> str:
    """The barcode that the next copy would get; drawn for good only when the copy is added."""
    uow.require(Permission.EDIT_CATALOGUE)
    return draw_barcodes(uow, 1)[0]
