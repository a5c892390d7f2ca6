"""Many titles and copies at once, for imports: the same rules as one at a time, few statements a batch.

Give batches of 500 to 2,000: one call normalises, finds what is there already, merges, writes and indexes.
"""

from collections.abc import Sequence
from enum import StrEnum

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.audit.trail import record as record_act
from lib.catalogue.copy_rows import NewCopy, insert_copies, known_copies, locations_by_code
from lib.catalogue.forms import CopyForm, TitleForm
from lib.catalogue.matching import Known, filled, known_titles
from lib.catalogue.policy import rating_rank_of
from lib.catalogue.records import CopyRecord, TitleRecord, copy_record, title_record
from lib.catalogue.search_index import reindex_titles
from lib.catalogue.stored import Change, NewTitle, insert_titles, update_titles
from lib.catalogue.vocabulary import begin_change, with_known_people
from lib.kit.bulk import reserve_ids
from lib.kit.database import Statement

# At the time their title was archived, so that they come back with it.
_PUT_AWAY = Statement(
    "UPDATE copy SET status = 'withdrawn',"
    " withdrawn_at = (SELECT t.archived_at FROM title t WHERE t.id = copy.title_id)"
    " WHERE title_id IN (SELECT t.id FROM title t WHERE t.id IN (:*ids) AND t.archived_at IS NOT NULL)"
    " AND status = 'available'"
)
_LINK = Statement("INSERT INTO title_source (source, source_id, title_id) VALUES (:source, :source_id, :title_id)")


class Outcome(StrEnum):
    """What became of one row."""

    ADDED = "added"
    MERGED = "merged"
    UNCHANGED = "unchanged"


Put = tuple[int, Outcome]


def put_titles(
    uow: UnitOfWork,
    forms: Sequence[TitleForm | TitleRecord],
    *,
    source: str | None = None,
    source_ids: Sequence[str | None] = (),
    ratings: Sequence[tuple[int, int] | None] = (),
) -> list[Put]:
    """Adds titles, or merges each into the one it is already: (title id, outcome) for each, in order.

    Which title that is, and what merging fills, is in matching.py; a row may match one that comes before it in the
    same call. `ratings` are (sum of stars, readers) and count for added titles. Pass records (`records.title_record`)
    where faults must be told row by row.

    Raises:
        Invalid: one of the forms is not as it should be; nothing was written.
    """
    uow.require(Permission.IMPORT)
    records = [title_record(form) for form in forms]
    if not records:
        return []
    ids = list(source_ids) if source is not None and source_ids else [None] * len(records)
    stars = list(ratings) or [None] * len(records)
    begin_change(uow)
    records = with_known_people(uow, records)
    known = known_titles(uow, records, source, ids)
    puts = _place(uow, known, records, ids)
    _write(uow, known, puts, stars)
    _link(uow, source, ids, puts, known.by_source)
    return puts


def _place(
    uow: UnitOfWork, known: Known, records: Sequence[TitleRecord], source_ids: Sequence[str | None]
) -> list[Put]:
    """Decides what each row is; `known` then holds every title as it shall be."""
    fresh = iter(reserve_ids(uow.connection, "title", len(records)))
    puts: list[Put] = []
    for record, source_id in zip(records, source_ids, strict=True):
        found = known.find(record, source_id)
        if found is None:
            title_id, outcome = next(fresh), Outcome.ADDED
            known.keep(title_id, record)
        else:
            title_id, before = found, known.records[found]
            after = filled(before, record, known.free_isbns(found, record))
            linked = source_id is not None and found not in (known.by_source.get(source_id), known.met.get(source_id))
            outcome = Outcome.MERGED if after != before or linked else Outcome.UNCHANGED
            known.keep(title_id, after)
        if source_id is not None:
            known.meet(source_id, title_id)
        puts.append((title_id, outcome))
    return puts


def _write(uow: UnitOfWork, known: Known, puts: Sequence[Put], stars: Sequence[tuple[int, int] | None]) -> None:
    new = [
        NewTitle(title_id, known.records[title_id], (*rating, rating_rank_of(*rating)) if rating else (0, 0, 0.0))
        for (title_id, outcome), rating in zip(puts, stars, strict=True)
        if outcome is Outcome.ADDED
    ]
    changes = [
        Change(title_id, before, known.records[title_id])
        for title_id, before in known.stored.items()
        if known.records[title_id] != before.record
    ]
    if new:
        insert_titles(uow, new)
    if changes:
        update_titles(uow, changes)
    touched = [title.id for title in new] + [change.id for change in changes]
    if touched:
        reindex_titles(uow, touched)
        record_act(
            uow, "title.import", "title", None, added=len(new), merged=len(changes),
            first=min(touched), last=max(touched),
        )  # fmt: skip


def _link(
    uow: UnitOfWork, source: str | None, source_ids: Sequence[str | None], puts: Sequence[Put], linked: dict[str, int]
) -> None:
    new = {key: put[0] for key, put in zip(source_ids, puts, strict=True) if key is not None and key not in linked}
    _LINK.many(uow.connection, [{"source": source, "source_id": key, "title_id": of} for key, of in new.items()])


def put_copies(
    uow: UnitOfWork,
    title_ids: Sequence[int],
    forms: Sequence[CopyForm | CopyRecord],
    *,
    source: str | None = None,
    source_ids: Sequence[str | None] = (),
) -> list[Put]:
    """Adds copies; one with the same (source, source id), or the same barcode on the same title, is left unchanged:
    (copy id, outcome) for each, in order. An empty barcode draws a new one. Copies of an archived title are withdrawn
    with it.

    Raises:
        Invalid: a form is not as it should be, or names a location that is not there.
        BarcodeTaken: a barcode is on a copy of another title.
    """
    uow.require(Permission.IMPORT)
    records = [copy_record(form) for form in forms]
    if not records:
        return []
    ids = list(source_ids) if source is not None and source_ids else [None] * len(records)
    begin_change(uow)
    locations = locations_by_code(uow, {record.location for record in records})
    known = known_copies(uow, records, source, ids)
    fresh = iter(reserve_ids(uow.connection, "copy", len(records)))
    new: list[NewCopy] = []
    puts: list[Put] = []
    for title_id, record, source_id in zip(title_ids, records, ids, strict=True):
        found = known.find(title_id, record.barcode, source_id)
        if found is not None:
            puts.append((found, Outcome.UNCHANGED))
            continue
        copy = NewCopy(next(fresh), title_id, record, locations[record.location], source, source_id)
        known.keep(copy)
        new.append(copy)
        puts.append((copy.id, Outcome.ADDED))
    if new:
        insert_copies(uow, new)
        touched = {copy.title_id for copy in new}
        _PUT_AWAY.count(uow.connection, ids=touched)
        reindex_titles(uow, touched)
        record_act(uow, "copy.import", "copy", None, added=len(new), first=new[0].id, last=new[-1].id)
    return puts
