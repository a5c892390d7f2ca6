"""Finding the title that a record is already, and filling what it leaves empty: the rule of merging.

The same (source, id) is the same title; else the same ISBN; else the same kind, words of title and first author,
year and language, where neither ISBNs, volume nor subtitle contradict. Two ids of one source are two titles, unless
they share an ISBN: that source told them apart.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from lib.access.work import UnitOfWork
from lib.catalogue.records import TitleRecord, with_keys
from lib.catalogue.stored import StoredTitle, stored_titles
from lib.kit.database import Statement
from lib.kit.text import fold

_BY_SOURCE = Statement("SELECT source_id, title_id FROM title_source WHERE source = :source AND source_id IN (:*keys)")
_BY_ISBN = Statement("SELECT isbn13, title_id FROM title_isbn WHERE isbn13 IN (:*keys)")
_LINKED = Statement("SELECT title_id FROM title_source WHERE source = :source AND title_id IN (:*keys)")
_BY_MATCH = Statement("SELECT match_key, id FROM title WHERE match_key IN (:*keys) ORDER BY id")


@dataclass(slots=True)
class Known:
    """Titles that rows of a batch may turn out to be: those stored, and those the batch itself has made so far."""

    by_source: dict[str, int] = field(default_factory=dict)
    by_isbn: dict[str, int] = field(default_factory=dict)
    by_match: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    records: dict[int, TitleRecord] = field(default_factory=dict)
    stored: dict[int, StoredTitle] = field(default_factory=dict)
    linked: set[int] = field(default_factory=set)  # titles that have an id of this source already
    met: dict[str, int] = field(default_factory=dict)  # ids of this source that came earlier in the batch

    def find(self, record: TitleRecord, source_id: str | None) -> int | None:
        """The title that a record is, if any."""
        if source_id is not None and source_id in self.by_source:
            return self.by_source[source_id]
        if source_id is not None and source_id in self.met:
            return self.met[source_id]
        for isbn in record.isbns:
            if isbn in self.by_isbn:
                return self.by_isbn[isbn]
        candidates: Sequence[int] = self.by_match.get(record.values["match_key"], ())
        if source_id is not None:
            candidates = [found for found in candidates if found not in self.linked]
        return next((found for found in candidates if same_title(self.records[found], record)), None)

    def keep(self, title_id: int, record: TitleRecord) -> None:
        """Notes a title as it now is, so that later rows can match it."""
        before = self.records.get(title_id)
        self.records[title_id] = record
        for isbn in record.isbns:
            self.by_isbn.setdefault(isbn, title_id)
        if before is None or before.values["match_key"] != record.values["match_key"]:
            self.by_match[record.values["match_key"]].append(title_id)

    def meet(self, source_id: str, title_id: int) -> None:
        """Notes under which id of its source a title came."""
        self.met[source_id] = title_id
        self.linked.add(title_id)

    def free_isbns(self, title_id: int, record: TitleRecord) -> tuple[str, ...]:
        """Those ISBNs of a record that belong to no other title."""
        return tuple(isbn for isbn in record.isbns if self.by_isbn.get(isbn, title_id) == title_id)


def known_titles(
    uow: UnitOfWork, records: Sequence[TitleRecord], source: str | None, source_ids: Sequence[str | None]
) -> Known:
    """What is stored that these records may be; a fixed number of statements."""
    known = Known()
    keys = {source_id for source_id in source_ids if source_id is not None}
    if source is not None and keys:
        known.by_source = dict(_BY_SOURCE.rows(uow.connection, source=source, keys=keys))
    isbns = {isbn for record in records for isbn in record.isbns}
    known.by_isbn = dict(_BY_ISBN.rows(uow.connection, keys=isbns)) if isbns else {}
    for key, title_id in _BY_MATCH.rows(uow.connection, keys={record.values["match_key"] for record in records}):
        known.by_match[key].append(title_id)
    found = {*known.by_source.values(), *known.by_isbn.values(), *(i for ids in known.by_match.values() for i in ids)}
    if source is not None and keys and found:
        known.linked = {row[0] for row in _LINKED.rows(uow.connection, source=source, keys=found)}
    known.stored = stored_titles(uow, found)
    known.records = {title_id: title.record for title_id, title in known.stored.items()}
    return known


def same_title(one: TitleRecord, other: TitleRecord) -> bool:
    """Whether two records of one match key are one title."""
    a, b = one.values, other.values
    if (one.kind, a["year"], a["language"]) != (other.kind, b["year"], b["language"]):
        return False
    if one.isbns and other.isbns and not set(one.isbns) & set(other.isbns):
        return False
    return not any(a[part] and b[part] and fold(a[part]) != fold(b[part]) for part in ("volume", "subtitle"))


def filled(old: TitleRecord, new: TitleRecord, isbns: tuple[str, ...]) -> TitleRecord:
    """The old record with its empty fields filled from the new one, and with ISBNs it did not have."""
    gaps = {name: value for name, value in new.values.items() if old.values[name] in ("", None) and value != ""}
    merged = replace(
        old,
        values=old.values | gaps,
        contributors=old.contributors or new.contributors,
        isbns=(*old.isbns, *(isbn for isbn in isbns if isbn not in old.isbns)),
        series=old.series or new.series,
        genres=old.genres or new.genres,
        tags=old.tags or new.tags,
        section_ids=old.section_ids or new.section_ids,
    )
    if gaps.keys() & {"series_number"} and old.series and new.series and old.series.key != new.series.key:
        merged.values["series_number"] = ""
    return with_keys(merged)
