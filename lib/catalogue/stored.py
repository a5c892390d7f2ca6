"""Titles as they are stored, read back as records and written as rows: one path for forms, bulk edits and imports."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.access.work import UnitOfWork
from lib.catalogue.names import PersonName
from lib.catalogue.records import Named, TitleRecord
from lib.catalogue.vocabulary import Vocabulary, vocabulary_of
from lib.kit.database import Statement

COLUMNS = (
    "title", "subtitle", "original_title", "sort_title", "match_key", "publisher", "year", "edition", "language",
    "pages", "volume", "description", "series_number", "call_number", "price_minor",
)  # fmt: skip
_LIST = ", ".join(COLUMNS)
_TITLES = Statement(
    f"SELECT t.id, t.version, k.code, s.name, s.key, {', '.join('t.' + column for column in COLUMNS)} FROM title t"
    " JOIN item_kind k ON k.id = t.kind_id LEFT JOIN series s ON s.id = t.series_id WHERE t.id IN (:*ids)"
)
_AUTHORS = Statement(
    "SELECT ta.title_id, a.name, a.sort_name, a.key, ta.role FROM title_author ta JOIN author a ON a.id = ta.author_id"
    " WHERE ta.title_id IN (:*ids) ORDER BY ta.title_id, ta.position"
)
_ISBNS = Statement("SELECT title_id, isbn13 FROM title_isbn WHERE title_id IN (:*ids) ORDER BY isbn13")
_GENRES = Statement(
    "SELECT l.title_id, g.name, g.key FROM title_genre l JOIN genre g ON g.id = l.genre_id"
    " WHERE l.title_id IN (:*ids) ORDER BY g.key"
)
_TAGS = Statement(
    "SELECT l.title_id, g.name, g.key FROM title_tag l JOIN tag g ON g.id = l.tag_id"
    " WHERE l.title_id IN (:*ids) ORDER BY g.key"
)
_SECTIONS = Statement("SELECT title_id, section_id FROM title_section WHERE title_id IN (:*ids) ORDER BY section_id")


@dataclass(frozen=True, slots=True)
class StoredTitle:
    """A title's record as the database has it, and its version."""

    version: int
    record: TitleRecord


def stored_titles(uow: UnitOfWork, ids: Collection[int]) -> dict[int, StoredTitle]:
    """Titles by id as records: six statements however many; ids that are not there are left out."""
    if not ids:
        return {}
    wanted = list(ids)
    people: dict[int, list[tuple[PersonName, str]]] = defaultdict(list)
    for title_id, name, sort_name, key, role in _AUTHORS.rows(uow.connection, ids=wanted):
        people[title_id].append((PersonName(name, sort_name, key), role))
    isbns, sections = _grouped(uow, _ISBNS, wanted), _grouped(uow, _SECTIONS, wanted)
    genres, tags = _grouped(uow, _GENRES, wanted), _grouped(uow, _TAGS, wanted)
    return {
        row[0]: StoredTitle(
            row[1],
            TitleRecord(
                kind=row[2],
                values=dict(zip(COLUMNS, row[5:], strict=True)),
                contributors=tuple(people[row[0]]),
                isbns=tuple(isbn for (isbn,) in isbns[row[0]]),
                series=Named(row[3], row[4]) if row[3] is not None else None,
                genres=tuple(Named(*parts) for parts in genres[row[0]]),
                tags=tuple(Named(*parts) for parts in tags[row[0]]),
                section_ids=tuple(section for (section,) in sections[row[0]]),
            ),
        )
        for row in _TITLES.rows(uow.connection, ids=wanted)
    }


def _grouped(uow: UnitOfWork, statement: Statement, ids: list[int]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for title_id, *rest in statement.rows(uow.connection, ids=ids):
        found[title_id].append(tuple(rest))
    return found


_INSERT = Statement(
    f"INSERT INTO title (id, kind_id, series_id, {_LIST}, rating_sum, rating_count, rating_rank, loan_count,"
    " added_at, changed_at, changed_by, version) VALUES"
    f" (:id, :kind_id, :series_id, {', '.join(':' + column for column in COLUMNS)}, :rating_sum, :rating_count,"
    " :rating_rank, 0, :now, :now, :by, 1)"
)
_UPDATE = Statement(
    f"UPDATE title SET kind_id = :kind_id, series_id = :series_id, {', '.join(f'{c} = :{c}' for c in COLUMNS)},"
    " changed_at = :now, changed_by = :by, version = version + 1 WHERE id = :id AND version = :seen"
)
_PARTS = {
    "isbns": (
        Statement("DELETE FROM title_isbn WHERE title_id = :title_id"),
        Statement("INSERT INTO title_isbn (isbn13, title_id) VALUES (:value, :title_id)"),
    ),
    "contributors": (
        Statement("DELETE FROM title_author WHERE title_id = :title_id"),
        Statement(
            "INSERT INTO title_author (title_id, position, author_id, role)"
            " VALUES (:title_id, :position, :value, :role)"
        ),
    ),
    "genres": (
        Statement("DELETE FROM title_genre WHERE title_id = :title_id"),
        Statement("INSERT INTO title_genre (title_id, genre_id) VALUES (:title_id, :value)"),
    ),
    "tags": (
        Statement("DELETE FROM title_tag WHERE title_id = :title_id"),
        Statement("INSERT INTO title_tag (title_id, tag_id) VALUES (:title_id, :value)"),
    ),
    "section_ids": (
        Statement("DELETE FROM title_section WHERE title_id = :title_id"),
        Statement("INSERT INTO title_section (title_id, section_id) VALUES (:title_id, :value)"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewTitle:
    """A record under its allotted id; `rating` is (sum of stars, readers, rank)."""

    id: int
    record: TitleRecord
    rating: tuple[int, int, float] = (0, 0, 0.0)


def insert_titles(uow: UnitOfWork, new: Sequence[NewTitle]) -> None:
    """Writes new titles with all their parts.

    Raises:
        IntegrityError: an ISBN belongs to another title. Invalid: a kind or section is not there.
    """
    words = vocabulary_of(uow, [title.record for title in new])
    _INSERT.many(
        uow.connection,
        [
            _row(uow, title.id, title.record, words)
            | dict(zip(("rating_sum", "rating_count", "rating_rank"), title.rating, strict=True))
            for title in new
        ],
    )
    for part, (_, add) in _PARTS.items():
        add.many(uow.connection, [row for title in new for row in _part_rows(part, title.id, title.record, words)])


@dataclass(frozen=True, slots=True)
class Change:
    """A stored title and what it becomes."""

    id: int
    old: StoredTitle
    new: TitleRecord


def update_titles(uow: UnitOfWork, changes: Sequence[Change]) -> None:
    """Writes what differs, and moves each title's version on. Call after `begin_change` and `stored_titles`.

    Raises:
        IntegrityError: an ISBN belongs to another title. Invalid: a kind or section is not there.
    """
    words = vocabulary_of(uow, [change.new for change in changes])
    _UPDATE.many(
        uow.connection, [_row(uow, change.id, change.new, words) | {"seen": change.old.version} for change in changes]
    )
    for part, (clear, add) in _PARTS.items():
        touched = [c for c in changes if getattr(c.old.record, part) != getattr(c.new, part)]
        clear.many(uow.connection, [{"title_id": change.id} for change in touched])
        add.many(uow.connection, [row for c in touched for row in _part_rows(part, c.id, c.new, words)])


def _row(uow: UnitOfWork, title_id: int, record: TitleRecord, words: Vocabulary) -> dict[str, Any]:
    return record.values | {
        "id": title_id, "kind_id": words.kinds[record.kind], "now": uow.now, "by": uow.actor.account_id,
        "series_id": words.series[record.series.key] if record.series else None,
    }  # fmt: skip


def _part_rows(part: str, title_id: int, record: TitleRecord, words: Vocabulary) -> list[dict[str, Any]]:
    if part == "contributors":
        placed = dict.fromkeys((words.authors[person.key], role) for person, role in record.contributors)
        return [
            {"title_id": title_id, "position": place, "value": author_id, "role": role}
            for place, (author_id, role) in enumerate(placed)
        ]
    known: Mapping[str, int] = {"genres": words.genres, "tags": words.tags}.get(part, {})
    values = (known[entry.key] if known else entry for entry in getattr(record, part))
    return [{"title_id": title_id, "value": value} for value in values]
