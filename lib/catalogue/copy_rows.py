"""Copies as rows: barcodes drawn, duplicates recognised, many written at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import IntegrityError

from lib.access.work import UnitOfWork
from lib.catalogue.errors import BarcodeTaken
from lib.catalogue.policy import number_of_own, own_barcode
from lib.catalogue.records import CopyRecord
from lib.kit.database import Statement, broken_constraint
from lib.kit.errors import Fault, Invalid

_LAST_OWN = Statement(
    "SELECT barcode FROM copy WHERE barcode >= '30000000000000' AND barcode <= '30999999999999'"
    " AND length(barcode) = 14 AND ltrim(barcode, '0123456789') = '' ORDER BY barcode DESC LIMIT 1"
)
_BY_BARCODE = Statement("SELECT barcode, id, title_id FROM copy WHERE barcode IN (:*keys)")
_BY_SOURCE = Statement("SELECT source_id, id FROM copy WHERE source = :source AND source_id IN (:*keys)")
_LOCATIONS = Statement("SELECT code, id FROM location ORDER BY code")
_INSERT = Statement(
    "INSERT INTO copy (id, title_id, barcode, location_id, shelf, condition, status, price_minor, acquired_on, note,"
    " source, source_id, added_at, version) VALUES (:id, :title_id, :barcode, :location_id, :shelf, :condition,"
    " :status, :price_minor, :acquired_on, :note, :source, :source_id, :now, 1)"
)


@dataclass(frozen=True, slots=True)
class NewCopy:
    """A checked copy under its id, at its place. An empty barcode is drawn when it is written."""

    id: int
    title_id: int
    record: CopyRecord
    location_id: int
    source: str | None = None
    source_id: str | None = None


@dataclass(slots=True)
class KnownCopies:
    """Copies that rows of a batch may turn out to be."""

    by_source: dict[str, int] = field(default_factory=dict)
    by_barcode: dict[str, tuple[int, int]] = field(default_factory=dict)

    def find(self, title_id: int, barcode: str, source_id: str | None) -> int | None:
        """The copy that a row is, if any.

        Raises:
            BarcodeTaken: its barcode is on a copy of another title.
        """
        if source_id is not None and source_id in self.by_source:
            return self.by_source[source_id]
        if not barcode or barcode not in self.by_barcode:
            return None
        copy_id, of = self.by_barcode[barcode]
        if of != title_id:
            raise BarcodeTaken(barcode=barcode)
        return copy_id

    def keep(self, copy: NewCopy) -> None:
        """Notes a copy of this batch, so that later rows can match it."""
        if copy.source_id is not None:
            self.by_source[copy.source_id] = copy.id
        if copy.record.barcode:
            self.by_barcode[copy.record.barcode] = (copy.id, copy.title_id)


def known_copies(
    uow: UnitOfWork, records: Sequence[CopyRecord], source: str | None, source_ids: Sequence[str | None]
) -> KnownCopies:
    """What is stored that these rows may be."""
    known = KnownCopies()
    keys = [source_id for source_id in source_ids if source_id is not None]
    if source is not None and keys:
        known.by_source = dict(_BY_SOURCE.rows(uow.connection, source=source, keys=keys))
    barcodes = [record.barcode for record in records if record.barcode]
    for barcode, copy_id, title_id in _BY_BARCODE.rows(uow.connection, keys=barcodes) if barcodes else ():
        known.by_barcode[barcode] = (copy_id, title_id)
    return known


def locations_by_code(uow: UnitOfWork, wanted: Iterable[str] = ()) -> dict[str, int]:
    """The ids of all locations by code.

    Raises:
        Invalid: one of those wanted is not there.
    """
    found = dict(_LOCATIONS.rows(uow.connection))
    if missing := sorted(set(wanted) - found.keys()):
        raise Invalid(Fault("location", f"There is no location “{missing[0]}”. Use one of: {', '.join(found)}."))
    return found


def draw_barcodes(uow: UnitOfWork, count: int, *, given: Iterable[str] = ()) -> list[str]:
    """The next barcodes of the library's own making, past those stored and those `given` in the same batch.

    Call after `begin_change`, which keeps others from drawing.
    """
    last = _LAST_OWN.row(uow.connection)
    used = [last[0]] if last else []
    used += [barcode for barcode in given if number_of_own(barcode) is not None]
    # By the digits, not the check digit: a foreign barcode may lie in our range.
    start = max((int(barcode[2:13]) for barcode in used), default=0)
    return [own_barcode(start + step) for step in range(1, count + 1)]


def insert_copies(uow: UnitOfWork, new: Sequence[NewCopy]) -> list[str]:
    """Writes copies and returns their barcodes, in order.

    Raises:
        BarcodeTaken: the database knows the barcode already.
    """
    given = [copy.record.barcode for copy in new if copy.record.barcode]
    drawn = iter(draw_barcodes(uow, len(new) - len(given), given=given))
    rows = [_row(uow, copy, copy.record.barcode or next(drawn)) for copy in new]
    try:
        with uow.connection.begin_nested():
            _INSERT.many(uow.connection, rows)
    except IntegrityError as error:
        if "barcode" not in broken_constraint(error):
            raise
        taken = {row[0] for row in _BY_BARCODE.rows(uow.connection, keys=[row["barcode"] for row in rows])}
        barcode = next((row["barcode"] for row in rows if row["barcode"] in taken), rows[0]["barcode"])
        raise BarcodeTaken(barcode=barcode) from error
    return [row["barcode"] for row in rows]


def _row(uow: UnitOfWork, copy: NewCopy, barcode: str) -> dict[str, Any]:
    record = copy.record
    return {
        "id": copy.id, "title_id": copy.title_id, "barcode": barcode, "location_id": copy.location_id,
        "shelf": record.shelf, "condition": record.condition.value, "status": record.status.value,
        "price_minor": record.price_minor, "acquired_on": record.acquired_on, "note": record.note,
        "source": copy.source, "source_id": copy.source_id, "now": uow.now,
    }  # fmt: skip
