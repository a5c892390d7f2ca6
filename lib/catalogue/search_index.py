"""Keeping the search index in step with the catalogue, inside the transaction that changes it.

Both databases index the same words in the same order, made by `kit.text.index_words`: FTS5 with the
"ascii" tokenizer, which leaves them as they are, and a tsvector written out word by word.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from lib.access.work import UnitOfWork
from lib.catalogue.search_tables import create_tables, drop_tables, empty_index
from lib.kit.database import Statement
from lib.kit.text import index_words, is_cjk

SUBJECT = "catalogue"  # the mark under which others cache what they read of titles
INDEX_MARK = "search"  # the mark that only this file moves, so that no version is without its list of titles
COLUMNS = ("title", "author", "series", "publisher", "genre", "tag", "section", "description")
# A mark in front of words that only a search in this field finds. Private-use characters are no
# part of any word of `index_words`, so nobody can type them into a query.
PUBLISHER_MARK = "\ue000"
FIELD_MARKS = {"series": "\ue001", "genre": "\ue002", "tag": "\ue003", "section": "\ue004"}
_WEIGHTS = {"title": "A", "author": "B", "series": "C", "genre": "C", "tag": "C", "section": "C", "description": "D"}
_DESCRIPTION = COLUMNS.index("description")
_BATCH = 500
LONGEST_TEXT = 2000  # words of one field; a tsvector has room for 16,383 positions
LONGEST_WORD = 60
_KEPT_CHANGES = 400
_KEPT_STOCK_CHANGES = 100_000

Words = list[list[str]]  # one list for each of COLUMNS

_CLAIM = Statement("SELECT version FROM version_mark WHERE name = 'search'")
_NOTE = Statement("INSERT INTO search_change (version, ids) VALUES (:version, :ids)")
_FORGET = Statement("DELETE FROM search_change WHERE version <= :version")
_FORGET_STOCK = Statement("DELETE FROM stock_change WHERE id <= (SELECT max(id) FROM stock_change) - :kept")
_IDS_AFTER = Statement("SELECT id FROM title WHERE id > :after ORDER BY id LIMIT 1000")
_COUNT = Statement("SELECT count(*) FROM title")
_INSERT_SQLITE = f"INSERT OR REPLACE INTO title_search (rowid, {', '.join(COLUMNS)}) VALUES (?{', ?' * len(COLUMNS)})"
_WORDS_SQLITE = "INSERT INTO search_word (word) VALUES (?) ON CONFLICT DO NOTHING"
_INSERT_POSTGRES = Statement(
    "INSERT INTO title_search (title_id, vector)"
    " SELECT given.id, given.words::tsvector FROM unnest(:ids::bigint[], :vectors::text[]) AS given (id, words)"
    " ON CONFLICT (title_id) DO UPDATE SET vector = excluded.vector"
)
_WORDS_POSTGRES = Statement(
    "INSERT INTO search_word (word) SELECT unnest(:words::text[]) EXCEPT SELECT word FROM search_word"
    " WHERE word = ANY (:words::text[]) ON CONFLICT DO NOTHING"
)


def create_index(connection: Connection) -> None:
    """Makes the index's tables and triggers where they are missing, empty."""
    create_tables(connection)


def drop_index(connection: Connection) -> None:
    """Takes the index away; nothing of the catalogue is lost."""
    drop_tables(connection)


def reindex_titles(uow: UnitOfWork, title_ids: Iterable[int]) -> None:
    """Brings the index up to date with these titles, gone ones included; the next search finds them so.

    To be called after the change, in its transaction, with as many ids at once as there are.
    """
    ids = sorted(set(title_ids))
    if not ids:
        return
    uow.flush()
    _note_change(uow, ids)
    remaining = iter(ids)
    while batch := list(islice(remaining, _BATCH)):
        _index_batch(uow.connection, batch)


def rebuild_index(uow: UnitOfWork, progress: Callable[[int, int], None] | None = None) -> int:
    """Makes the whole index anew from the catalogue; returns the number of titles.

    `progress` is told how many are done and how many there are.
    """
    connection = uow.connection
    uow.flush()
    uow.bump(SUBJECT)
    uow.bump(INDEX_MARK)
    create_tables(connection)
    empty_index(connection)
    total = int(_COUNT.row(connection)[0])
    done, last = 0, 0
    while batch := [row[0] for row in _IDS_AFTER.rows(connection, after=last)]:
        _index_batch(connection, batch)
        done, last = done + len(batch), batch[-1]
        if progress is not None:
            progress(done, total)
    return done


def _note_change(uow: UnitOfWork, ids: Sequence[int]) -> None:
    # The mark's row is locked until the commit, so versions become visible in their order.
    uow.bump(SUBJECT)
    uow.bump(INDEX_MARK)
    version = _CLAIM.row(uow.connection)[0]
    _NOTE.count(uow.connection, version=version, ids=id_list(ids))
    _FORGET.count(uow.connection, version=version - _KEPT_CHANGES)
    _FORGET_STOCK.count(uow.connection, kept=_KEPT_STOCK_CHANGES)


def id_list(ids: Iterable[int]) -> str:
    """Ids as they stand in SQL between brackets."""
    return ",".join(str(int(number)) for number in ids)


def _index_batch(connection: Connection, ids: Sequence[int]) -> None:
    found = words_of_titles(connection, ids)
    gone = [number for number in ids if number not in found]
    if connection.dialect.name == "sqlite":
        _write_sqlite(connection, found, gone)
    else:
        _write_postgres(connection, found, gone)


def words_of_titles(connection: Connection, ids: Sequence[int], *, descriptions: bool = True) -> dict[int, Words]:
    """The words under which each of these titles is found, by id; ids without a title are left out."""
    among = id_list(ids)
    texts: dict[int, list[list[str]]] = {}
    description = "t.description" if descriptions else "''"
    own = Statement(
        f"SELECT t.id, t.title, t.subtitle, t.original_title, t.publisher, {description}, s.name"
        f" FROM title t LEFT JOIN series s ON s.id = t.series_id WHERE t.id IN ({among})"
    )
    for number, title, subtitle, original, publisher, about, series in own.rows(connection):
        other = original if original != title else ""
        texts[number] = [[title, subtitle, other], [], [series or ""], [publisher], [], [], [], [about]]
    names = Statement(
        "SELECT 1, ta.title_id, a.name, ta.position FROM title_author ta JOIN author a ON a.id = ta.author_id"
        f" WHERE ta.title_id IN ({among})"
        + "".join(
            f" UNION ALL SELECT {COLUMNS.index(kind)}, of.title_id, k.name, k.id"
            f" FROM title_{kind} of JOIN {kind} k ON k.id = of.{kind}_id WHERE of.title_id IN ({among})"
            for kind in ("genre", "tag", "section")
        )
        + " ORDER BY 1, 2, 4"
    )
    for column, number, name, _ in names.rows(connection):
        if number in texts:
            texts[number][column].append(name)
    return {number: [_words(column) for column in columns] for number, columns in texts.items()}


def _words(texts: Iterable[str]) -> list[str]:
    found: list[str] = []
    for text in texts:
        if text:
            found += _name_words(text) if len(text) < 80 else text_words(text)
    return found[:LONGEST_TEXT]


def text_words(text: str) -> list[str]:
    """The words of one text as the index keeps them."""
    return [word[:LONGEST_WORD] for word in index_words(text)]


@lru_cache(maxsize=16384)
def _name_words(text: str) -> tuple[str, ...]:
    return tuple(text_words(text))


def _vocabulary(found: dict[int, Words]) -> list[str]:
    every: set[str] = set()
    for columns in found.values():
        every.update(*columns[:_DESCRIPTION])
    return sorted(word for word in every if len(word) > 1 and not word.isdigit() and not is_cjk(word))


def _write_sqlite(connection: Connection, found: dict[int, Words], gone: Sequence[int]) -> None:
    driver: Any = connection.connection.dbapi_connection
    if gone:
        driver.execute(f"DELETE FROM title_search WHERE rowid IN ({id_list(gone)})")
    rows = [
        (number, *(_column_text(*pair) for pair in zip(COLUMNS, words, strict=True))) for number, words in found.items()
    ]
    driver.executemany(_INSERT_SQLITE, rows)
    driver.executemany(_WORDS_SQLITE, [(word,) for word in _vocabulary(found)])


def _column_text(column: str, words: Sequence[str]) -> str:
    if column == "publisher":
        return " ".join(PUBLISHER_MARK + word for word in words)
    return " ".join(words)


def _write_postgres(connection: Connection, found: dict[int, Words], gone: Sequence[int]) -> None:
    if gone:
        Statement(f"DELETE FROM title_search WHERE title_id IN ({id_list(gone)})").count(connection)
    if not found:
        return
    _INSERT_POSTGRES.count(connection, ids=list(found), vectors=[_vector(words) for words in found.values()])
    _WORDS_POSTGRES.count(connection, words=_vocabulary(found))


def _vector(columns: Words) -> str:
    """A tsvector's text: words with positions and weights; a gap between fields, lest phrases run over."""
    places: dict[str, list[str]] = {}
    position = 1
    for column, words in zip(COLUMNS, columns, strict=True):
        weight, mark = _WEIGHTS.get(column, "D"), FIELD_MARKS.get(column)
        for word in words:
            if column == "publisher":
                places.setdefault(PUBLISHER_MARK + word, []).append(f"{position}D")
            else:
                places.setdefault(word, []).append(f"{position}{weight}")
            if mark:
                places.setdefault(mark + word, []).append(f"{position}{weight}")
            position += 1
        position += 1
    return " ".join(f"'{word}':{','.join(at[:255])}" for word, at in places.items())
