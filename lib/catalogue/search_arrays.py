"""What facets and sorting need of every title, in arrays by title id, kept in memory once a process.

About 80 bytes a title. The arrays follow the database: before each search, titles that changed since (search_change)
and titles whose copies came, went or moved (stock_change) are read again, and only those. A search sees therefore
what its own transaction sees, or newer. Work that has itself changed something gets a copy of its own.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from lib.access.work import UnitOfWork
from lib.catalogue.search_engine import Ids
from lib.catalogue.search_index import id_list
from lib.catalogue.search_slots import Slots
from lib.kit.database import Statement

LIVE, ARCHIVED = 1, 2
NO_YEAR = -32768
_RANGE = 20_000
_LATER = (1 << 63) - 1
_MULTIPLE = ("genres", "sections", "places", "on_shelf")
_PLAIN: dict[str, Any] = {
    "state": np.uint8, "kind": np.int32, "language": np.uint16, "year": np.int16, "loans": np.int32,
    "mean": np.float32, "rank": np.float32, "added": np.int64, "title_key": np.int64, "author_key": np.int64,
}  # fmt: skip
_EPOCH = {
    "sqlite": "CAST(strftime('%s', t.added_at) AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM t.added_at) AS bigint)",
}
_TITLES = (
    "SELECT t.id, t.archived_at IS NOT NULL, t.kind_id, t.language, t.year, t.loan_count, t.rating_sum, t.rating_count,"
    " CAST(t.rating_rank AS double precision), {epoch}, t.sort_title,"
    " (SELECT a.sort_name FROM title_author ta JOIN author a ON a.id = ta.author_id WHERE ta.title_id = t.id"
    " ORDER BY ta.position LIMIT 1) FROM title t WHERE t.id {which}"
)
_PAIRS = {
    "genres": "SELECT title_id, genre_id FROM title_genre WHERE title_id {which} ORDER BY 1, 2",
    "sections": "SELECT title_id, section_id FROM title_section WHERE title_id {which} ORDER BY 1, 2",
    "places": "SELECT DISTINCT title_id, location_id FROM copy WHERE title_id {which}"
    " AND status NOT IN ('withdrawn', 'lost')",
    "on_shelf": "SELECT DISTINCT title_id, location_id FROM copy WHERE title_id {which} AND status = 'available'",
}
_POPULARITY = (
    "SELECT id, loan_count, rating_sum, rating_count, CAST(rating_rank AS double precision) FROM title WHERE id {which}"
)
_MARKS = {
    "sqlite": Statement(
        "SELECT (SELECT version FROM version_mark WHERE name = 'search'), (SELECT max(id) FROM stock_change), 0"
    ),
    "postgresql": Statement(
        "SELECT (SELECT version FROM version_mark WHERE name = 'search'), (SELECT max(id) FROM stock_change),"
        " pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    ),
}
_CHANGES = Statement("SELECT version, ids FROM search_change WHERE version > :seen AND version <= :now")
# PostgreSQL hands out ids before commits: there the transaction's own number says what may be new.
_STOCK = {
    "sqlite": Statement("SELECT DISTINCT title_id FROM stock_change WHERE id > :stock"),
    "postgresql": Statement("SELECT DISTINCT title_id FROM stock_change WHERE xid >= :snapshot OR id > :stock"),
}
_OLDEST_STOCK = Statement("SELECT min(id) FROM stock_change")
_LARGEST = Statement("SELECT max(id) FROM title")


@dataclass(slots=True)
class Arrays:
    """One array a fact; index = title id. `state` is 0 where there is no such title."""

    version: int = 0
    stock: int = 0
    snapshot: int = 0
    plain: dict[str, NDArray[Any]] = field(default_factory=lambda: {k: np.zeros(1, v) for k, v in _PLAIN.items()})
    slots: dict[str, Slots] = field(default_factory=lambda: {name: Slots(1) for name in _MULTIPLE})
    languages: list[str] = field(default_factory=lambda: [""])

    def copy(self) -> "Arrays":
        plain = {name: values.copy() for name, values in self.plain.items()}
        slots = {name: values.copy() for name, values in self.slots.items()}
        return Arrays(self.version, self.stock, self.snapshot, plain, slots, list(self.languages))

    @property
    def size(self) -> int:
        return len(self.plain["state"])

    def popularity(self, hits: Ids) -> Ids:
        """A number that orders by loans, then by rating."""
        rank: Ids = (self.plain["rank"][hits] * 10_000).astype(np.int64)
        loans: Ids = self.plain["loans"][hits].astype(np.int64)
        return (loans << 17) + rank

    def grow(self, size: int) -> None:
        if size <= self.size:
            return
        room = size + size // 16 + 64
        for slots in self.slots.values():
            slots.grow(room)
        # "state" last: other threads take its length for the size of all.
        for name, kind in reversed(_PLAIN.items()):
            grown = np.zeros(room, kind)
            grown[: len(self.plain[name])] = self.plain[name]
            self.plain[name] = grown


@dataclass(slots=True)
class _Kept:
    arrays: Arrays | None = None
    guard: threading.Lock = field(default_factory=threading.Lock)


def current_arrays(uow: UnitOfWork) -> Arrays:
    """The arrays as this transaction sees the catalogue (those of a reading one are shared: only read them)."""
    kept: _Kept = uow.installation.cache.get("search arrays", "", 0, _Kept)
    with kept.guard:
        if uow.connection.get_execution_options().get("read_only"):
            kept.arrays = _refreshed(uow.connection, kept.arrays)
            return kept.arrays
        own = kept.arrays.copy() if kept.arrays is not None else None
    uow.flush()
    return _refreshed(uow.connection, own)


def _refreshed(connection: Connection, arrays: Arrays | None) -> Arrays:
    version, stock, snapshot = (number or 0 for number in _MARKS[connection.dialect.name].row(connection))
    if arrays is None or _missed_some(connection, arrays, stock):
        return _loaded(connection, Arrays(version, stock, snapshot))
    if version > arrays.version:
        rows = _CHANGES.rows(connection, seen=arrays.version, now=version)
        if len(rows) < version - arrays.version:
            return _loaded(connection, Arrays(version, stock, snapshot))
        _read_titles(connection, arrays, sorted({int(one) for row in rows for one in row[1].split(",")}))
        arrays.version = version
    if stock > arrays.stock or snapshot > arrays.snapshot:
        changed = _STOCK[connection.dialect.name].rows(connection, stock=arrays.stock, snapshot=arrays.snapshot)
        _read_stock(connection, arrays, sorted(row[0] for row in changed))
        arrays.stock, arrays.snapshot = max(stock, arrays.stock), max(snapshot, arrays.snapshot)
    return arrays


def _missed_some(connection: Connection, arrays: Arrays, stock: int) -> bool:
    """Whether changes of stock were forgotten before they were seen here (after very many at once)."""
    return stock > arrays.stock + 1000 and int(_OLDEST_STOCK.row(connection)[0] or 0) > arrays.stock + 1


def _loaded(connection: Connection, arrays: Arrays) -> Arrays:
    largest = int(_LARGEST.row(connection)[0] or 0)
    arrays.grow(largest + 1)
    for first in range(0, largest + 1, _RANGE):
        last = min(first + _RANGE - 1, largest)
        _read(connection, arrays, np.arange(first, last + 1), f"BETWEEN {first} AND {last}")
    return arrays


def _read_titles(connection: Connection, arrays: Arrays, ids: list[int]) -> None:
    if not ids:
        return
    arrays.grow(ids[-1] + 1)
    for batch in _batches(ids):
        _read(connection, arrays, np.array(batch), f"IN ({id_list(batch)})")


def _batches(ids: list[int]) -> Iterator[list[int]]:
    return (ids[first : first + 2000] for first in range(0, len(ids), 2000))


def _read(connection: Connection, arrays: Arrays, ids: Ids, which: str) -> None:
    for name in _MULTIPLE:
        _read_pairs(connection, arrays, name, ids, which)
    rows = Statement(_TITLES.format(epoch=_EPOCH[connection.dialect.name], which=which)).rows(connection)
    if not rows:
        arrays.plain["state"][ids] = 0
        return
    number, archived, kind, language, year, loans, total, count, rank, added, title, author = zip(*rows, strict=True)
    at = np.array(number, dtype=np.int64)
    plain = arrays.plain
    plain["kind"][at] = kind
    plain["language"][at] = [_language_code(arrays, tag) for tag in language]
    plain["year"][at] = [NO_YEAR if one is None else one for one in year]
    plain["loans"][at] = loans
    plain["mean"][at] = np.array(total) / np.maximum(np.array(count), 1)
    plain["rank"][at] = rank
    plain["added"][at] = added
    plain["title_key"][at] = [sort_key(one) for one in title]
    plain["author_key"][at] = [sort_key(one) if one else _LATER for one in author]
    plain["state"][np.setdiff1d(ids, at)] = 0
    plain["state"][at] = np.where(np.array(archived, dtype=bool), ARCHIVED, LIVE)


def _read_pairs(connection: Connection, arrays: Arrays, name: str, ids: Ids, which: str) -> None:
    pairs = np.array(Statement(_PAIRS[name].format(which=which)).rows(connection), dtype=np.int64).reshape(-1, 2)
    arrays.slots[name].put(ids, pairs[:, 0], pairs[:, 1])


def _read_stock(connection: Connection, arrays: Arrays, ids: list[int]) -> None:
    known = [number for number in ids if number < arrays.size]
    for batch in _batches(known):
        which = f"IN ({id_list(batch)})"
        for name in ("places", "on_shelf"):
            _read_pairs(connection, arrays, name, np.array(batch), which)
        for number, loans, total, count, rank in Statement(_POPULARITY.format(which=which)).rows(connection):
            plain = arrays.plain
            plain["loans"][number], plain["rank"][number], plain["mean"][number] = loans, rank, total / max(count, 1)


def _language_code(arrays: Arrays, tag: str) -> int:
    if tag not in arrays.languages:
        arrays.languages.append(tag)
    return arrays.languages.index(tag)


def sort_key(text: str) -> int:
    """The first eight bytes of a text as a number that sorts as they do (its last bit is lost)."""
    return int.from_bytes(text.encode()[:8].ljust(8, b"\0"), "big") >> 1
