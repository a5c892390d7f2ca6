"""Authors, genres, tags, series and kinds by name: found by their folded key, made where they are missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib.access.work import UnitOfWork
from lib.catalogue.names import PersonName
from lib.catalogue.records import Named, TitleRecord, with_keys
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid

CATALOGUE = "catalogue"
_FIND = {
    "genre": Statement("SELECT key, id FROM genre WHERE key IN (:*keys)"),
    "tag": Statement("SELECT key, id FROM tag WHERE key IN (:*keys)"),
    "series": Statement("SELECT key, id FROM series WHERE key IN (:*keys)"),
    "author": Statement("SELECT key, coalesce(merged_into_id, id) FROM author WHERE key IN (:*keys)"),
}
_ADD = {
    "genre": Statement("INSERT INTO genre (name, key) VALUES (:name, :key) ON CONFLICT (key) DO NOTHING"),
    "tag": Statement("INSERT INTO tag (name, key) VALUES (:name, :key) ON CONFLICT (key) DO NOTHING"),
    "series": Statement("INSERT INTO series (name, key) VALUES (:name, :key) ON CONFLICT (key) DO NOTHING"),
    "author": Statement(
        "INSERT INTO author (name, sort_name, key) VALUES (:name, :sort_name, :key) ON CONFLICT (key) DO NOTHING"
    ),
}
_KNOWN_PEOPLE = Statement(
    "SELECT a.key, kept.name, kept.sort_name, kept.key FROM author a"
    " JOIN author kept ON kept.id = coalesce(a.merged_into_id, a.id) WHERE a.key IN (:*keys)"
)
_KINDS = Statement("SELECT code, id FROM item_kind")
_SECTIONS = Statement("SELECT id FROM section WHERE id IN (:*ids)")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The ids of everything that some records name, by key (kinds by code)."""

    kinds: Mapping[str, int]
    authors: Mapping[str, int]
    series: Mapping[str, int]
    genres: Mapping[str, int]
    tags: Mapping[str, int]


def begin_change(uow: UnitOfWork) -> None:
    """Opens a change of the catalogue: caches of it end with the commit.

    The mark's row is locked until then, so that changes of the catalogue follow one another on PostgreSQL too, and
    what is looked up here (keys, ISBNs, barcodes) stays true until it is written.
    """
    uow.bump(CATALOGUE)


def with_known_people(uow: UnitOfWork, records: Sequence[TitleRecord]) -> list[TitleRecord]:
    """The records with each contributor as the library knows them: under the name kept where authors were merged or
    renamed, so that matching finds the titles they wrote."""
    keys = {person.key for record in records for person, _ in record.contributors}
    if not keys:
        return list(records)
    known = {key: PersonName(*rest) for key, *rest in _KNOWN_PEOPLE.rows(uow.connection, keys=keys)}
    return [_known_people(record, known) for record in records]


def _known_people(record: TitleRecord, known: Mapping[str, PersonName]) -> TitleRecord:
    people = tuple((known.get(person.key, person), role) for person, role in record.contributors)
    if people == record.contributors:
        return record
    return with_keys(replace(record, values=dict(record.values), contributors=tuple(dict.fromkeys(people))))


def vocabulary_of(uow: UnitOfWork, records: Iterable[TitleRecord]) -> Vocabulary:
    """The ids of all that the records name; authors, series, genres and tags are made where they are missing.

    Raises:
        Invalid: a kind or a section is not there.
    """
    authors: dict[str, PersonName] = {}
    series: dict[str, Named] = {}
    genres: dict[str, Named] = {}
    tags: dict[str, Named] = {}
    section_ids: set[int] = set()
    kinds: set[str] = set()
    for record in records:
        kinds.add(record.kind)
        authors.update((person.key, person) for person, _ in reversed(record.contributors))
        genres.update((genre.key, genre) for genre in record.genres)
        tags.update((tag.key, tag) for tag in record.tags)
        section_ids.update(record.section_ids)
        if record.series:
            series[record.series.key] = record.series
    _known_sections(uow, section_ids)
    return Vocabulary(
        kinds_of(uow, kinds), ids_of(uow, "author", authors), ids_of(uow, "series", series),
        ids_of(uow, "genre", genres), ids_of(uow, "tag", tags),
    )  # fmt: skip


def kinds_of(uow: UnitOfWork, wanted: Iterable[str] = ()) -> dict[str, int]:
    """The ids of all item kinds by code.

    Raises:
        Invalid: one of those wanted is not there.
    """
    kinds = dict(_KINDS.rows(uow.connection))
    missing = [kind for kind in wanted if kind not in kinds]
    if missing:
        raise Invalid(Fault("kind", f"“{missing[0]}” is no kind of item. Use one of: {', '.join(sorted(kinds))}."))
    return kinds


def _known_sections(uow: UnitOfWork, wanted: set[int]) -> None:
    if not wanted:
        return
    known = {row[0] for row in _SECTIONS.rows(uow.connection, ids=wanted)}
    if missing := wanted - known:
        raise Invalid(Fault("section_ids", f"There is no section {min(missing)}. Reload the page and choose anew."))


def ids_of(uow: UnitOfWork, table: str, wanted: Mapping[str, Named] | Mapping[str, PersonName]) -> dict[str, int]:
    """The ids of names of one table (genre, tag, series, author) by key, made where they are missing.

    An author who was merged into another stands for that other.
    """
    if not wanted:
        return {}
    found: dict[str, int] = dict(_FIND[table].rows(uow.connection, keys=wanted))
    missing = [_row(named) for key, named in wanted.items() if key not in found]
    if missing:
        _ADD[table].many(uow.connection, missing)
        found |= dict(_FIND[table].rows(uow.connection, keys=[row["key"] for row in missing]))
    return found


def _row(named: Named | PersonName) -> dict[str, Any]:
    sort = {"sort_name": named.sort_name} if isinstance(named, PersonName) else {}
    return {"name": named.name, "key": named.key} | sort
