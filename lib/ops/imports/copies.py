"""Rows of copies: one copy a row, or a count of copies of a title."""

from collections.abc import Sequence
from dataclasses import dataclass

from lib.access.work import UnitOfWork
from lib.catalogue.bulk import Outcome, put_copies
from lib.catalogue.forms import CopyForm
from lib.catalogue.locations import locations_named
from lib.catalogue.models import Condition, CopyStatus
from lib.catalogue.policy import isbn13_of
from lib.catalogue.records import CopyRecord, copy_record
from lib.kit.bulk import fetch_in, run_many
from lib.kit.errors import Invalid
from lib.kit.text import fold
from lib.ops.imports.reading import Line
from lib.ops.imports.rows import Layout, Row, RowResult, Sources

MOST_COPIES = 999
_LONGEST_PLACE = 60
_CONDITIONS = {
    "": Condition.GOOD, "fine": Condition.GOOD, "ok": Condition.GOOD, "fair": Condition.WORN, "used": Condition.WORN,
    "poor": Condition.DAMAGED, "bad": Condition.DAMAGED, "like new": Condition.NEW,
}  # fmt: skip
_STATUSES = {
    "in repair": CopyStatus.IN_REPAIR, "repair": CopyStatus.IN_REPAIR, "damaged": CopyStatus.IN_REPAIR,
    "on order": CopyStatus.ON_ORDER, "ordered": CopyStatus.ON_ORDER, "lost": CopyStatus.LOST,
    "missing": CopyStatus.LOST,
    "withdrawn": CopyStatus.WITHDRAWN, "discarded": CopyStatus.WITHDRAWN, "weeded": CopyStatus.WITHDRAWN,
}  # fmt: skip


@dataclass(slots=True)
class _Wanted:
    row: Row
    title_id: int
    record: CopyRecord
    source_id: str
    withdrawn: bool


def titles_meant(uow: UnitOfWork, rows: Sequence[Row], source: str) -> list[int | None]:
    """The title each row names, by its id in the source or by ISBN; None, noted as a fault, where there is none."""
    ids = [row.text("title_id") for row in rows]
    known = dict(fetch_in(
        uow.connection, "SELECT source_id, title_id FROM title_source WHERE source = ? AND source_id IN (:values)",
        filter(None, ids), source,
    ))  # fmt: skip
    isbns = [[found for text in row.texts("isbn") if (found := isbn13_of(text))] for row in rows]
    by_isbn = dict(fetch_in(
        uow.connection, "SELECT isbn13, title_id FROM title_isbn WHERE isbn13 IN (:values)",
        [isbn for some in isbns for isbn in some],
    ))  # fmt: skip
    titles: list[int | None] = []
    for row, key, some in zip(rows, ids, isbns, strict=True):
        title = known.get(key) or next((by_isbn[isbn] for isbn in some if isbn in by_isbn), None)
        if title is None and not (row.text("barcode") and row.layout.has("issued")):
            _no_title(row, key, source)
        titles.append(title)
    return titles


def _no_title(row: Row, key: str, source: str) -> None:
    if key:
        row.fault("title_id", f"There is no title “{key[:60]}” from {source}.")
    elif isbns := row.texts("isbn"):
        row.fault("isbn", f"There is no title with ISBN {isbns[0][:40]}.")
    else:
        row.fault("title_id" if row.layout.has("title_id") else "isbn", "This row names no title.")


def prepare(lines: Sequence[Line], layout: Layout) -> list[Row]:
    """A batch of rows to be read."""
    return [Row(line, layout) for line in lines]


def put(uow: UnitOfWork, rows: Sequence[Row], sources: Sources) -> list[RowResult]:
    """Writes a batch of copies; one result a row, in order. A count of 3 makes the copies 1, 2 and 3 of its title."""
    source = sources.own
    titles = titles_meant(uow, rows, sources.titles)
    places = _places(uow, rows)
    wanted: list[_Wanted] = []
    for row, title in zip(rows, titles, strict=True):
        wanted += _copies_of(row, title, places)
    _check_barcodes(uow, wanted)
    good = [one for one in wanted if not one.row.faults]
    put_ones = put_copies(
        uow, [one.title_id for one in good], [one.record for one in good], source=source,
        source_ids=[one.source_id for one in good],
    )  # fmt: skip
    outcomes: dict[int, set[str]] = {}
    gone = []
    for one, (copy_id, outcome) in zip(good, put_ones, strict=True):
        outcomes.setdefault(one.row.line.number, set()).add(str(outcome))
        if one.withdrawn and outcome is Outcome.ADDED:
            gone.append((uow.now, copy_id))
    run_many(uow.connection, "UPDATE copy SET status = 'withdrawn', withdrawn_at = ? WHERE id = ?", gone)
    return [row.result(_together(outcomes.get(row.line.number, set()))) for row in rows]


def _together(outcomes: set[str]) -> str | None:
    return next((name for name in ("added", "merged", "unchanged") if name in outcomes), None)


def _places(uow: UnitOfWork, rows: Sequence[Row]) -> dict[str, str]:
    for row in rows:
        if len(row.text("location")) > _LONGEST_PLACE:
            row.fault("location", f"The name of a location has at most {_LONGEST_PLACE} letters.")
    names = sorted({name for row in rows if (name := row.text("location")) and len(name) <= _LONGEST_PLACE})
    return locations_named(uow, names) if names else {}


def _copies_of(row: Row, title: int | None, places: dict[str, str]) -> list[_Wanted]:
    count = row.whole("copies", 0, MOST_COPIES) if row.text("copies") else 1
    number = row.whole("copy_no", 1, 100_000)
    barcode = row.text("barcode")
    if count == 0 and not row.faults:
        row.fault("copies", "There are 0 copies, so nothing was added.")
    if barcode and (count or 1) > 1:
        row.fault("copies", "Several copies cannot share one barcode; give each a row of its own.")
    record, withdrawn = _record(row, places)
    if row.faults or record is None or title is None or not count:
        return []
    named = row.text("source_id")
    key = row.text("title_id") or f"title-{title}"
    if named or barcode:
        return [_Wanted(row, title, record, named or f"barcode-{record.barcode}", withdrawn)]
    numbers = [number] if number else range(1, count + 1)
    return [_Wanted(row, title, record, f"{key}#{n}", withdrawn) for n in numbers]


def _record(row: Row, places: dict[str, str]) -> tuple[CopyRecord | None, bool]:
    condition, status = fold(row.text("condition")), fold(row.text("status").replace("_", " "))
    found = _CONDITIONS.get(condition) or next((one for one in Condition if one == condition), None)
    if found is None:
        row.fault("condition", f"“{condition[:40]}” is no condition; use new, good, worn or damaged.")
    known = _STATUSES.get(status, CopyStatus.AVAILABLE)
    withdrawn = known is CopyStatus.WITHDRAWN
    form = CopyForm.model_construct(
        barcode=row.text("barcode"), location=places.get(row.text("location"), "MAIN"), shelf=row.text("shelf"),
        condition=found or Condition.GOOD, status=CopyStatus.AVAILABLE if withdrawn else known,
        price_minor=row.money("price"), acquired_on=row.day("acquired_on"), note="\n".join(row.texts("note")),
    )  # fmt: skip
    try:
        return copy_record(form), withdrawn
    except Invalid as refusal:
        for fault in refusal.faults:
            row.fault({"price_minor": "price"}.get(fault.field, fault.field), fault.text)
        return None, False


def _check_barcodes(uow: UnitOfWork, wanted: Sequence[_Wanted]) -> None:
    codes = [one.record.barcode for one in wanted if one.record.barcode]
    taken = dict(fetch_in(uow.connection, "SELECT barcode, title_id FROM copy WHERE barcode IN (:values)", codes))
    for one in wanted:
        code = one.record.barcode
        if code and taken.setdefault(code, one.title_id) != one.title_id:
            one.row.fault("barcode", f"Barcode {code} is on a copy of another title already.")
