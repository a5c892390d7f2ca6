"""From a query to the ids of one page: what matches, in which order, with its facets.

Up to 2,000 hits are ordered by where the words stand: the title itself, its beginning, whole words of the title,
words that begin so, author, title with author and series, genres with tags and sections, the rest; among equals by
how often they were lent, then by rating. The order is so the same on both databases, which FTS5's bm25 and
PostgreSQL's ts_rank are not. Above 2,000 hits only the title itself is told apart: reading the places of a word in
100,000 titles would take longer than anybody waits.
"""

from dataclasses import dataclass, replace

import numpy as np

from lib.access.work import UnitOfWork
from lib.catalogue import search_engine as engine
from lib.catalogue.search_arrays import ARCHIVED, LIVE, Arrays, current_arrays
from lib.catalogue.search_engine import Ids
from lib.catalogue.search_facets import Facets, count_facets, filters, kinds, passing
from lib.catalogue.search_index import id_list
from lib.catalogue.search_query import Parsed, SearchQuery, Sort, parse
from lib.catalogue.search_steps import BEGINNING, CALLED_SO, FEW, steps_of_few, steps_of_many
from lib.catalogue.search_words import suggest
from lib.kit.database import Statement
from lib.kit.paging import clamp

MOST_RANKED = 2000
FEW_HITS = 2
_TOO_LARGE = 1 << 63  # for an id in either database
_OF_AUTHOR = Statement("SELECT title_id FROM title_author WHERE author_id = :number")
_OF_SERIES = Statement("SELECT id FROM title WHERE series_id = :number")


@dataclass(frozen=True, slots=True)
class Selection:
    """The ids of one page, in order, and what is known of all hits."""

    ids: tuple[int, ...]
    total: int
    page: int
    pages: int
    facets: Facets
    did_you_mean: str | None
    ordered_by: Sort


def select_page(uow: UnitOfWork, query: SearchQuery) -> Selection:
    """One page of what a query finds."""
    arrays = current_arrays(uow)
    parsed = parse(query.text, query.fields)
    asked = bool(query.text.strip() or any(value.strip() for value in query.fields.values()))
    hits, read = _hits(uow, arrays, query, parsed, asked)
    known_kinds = kinds(uow)
    masks = filters(arrays, query, hits, [number for number, (code, _) in known_kinds.items() if code in query.kinds])
    kept = passing(masks, hits)
    page, size = clamp(query.page, query.size)
    pages = max(1, -(-len(kept) // size))
    page = min(page, pages)
    ids, ordered_by = _page(uow, arrays, query.sort, kept, read, (page - 1) * size, page * size)
    facets = count_facets(uow, arrays, query, hits, masks)
    meant = _suggestion(uow, arrays, query, parsed, len(hits)) if asked and len(hits) <= FEW_HITS else None
    return Selection(tuple(ids.tolist()), len(kept), page, pages, facets, meant, ordered_by)


def _hits(uow: UnitOfWork, arrays: Arrays, query: SearchQuery, parsed: Parsed, asked: bool) -> tuple[Ids, Parsed]:
    """Every title the words find, and how they were read in the end: where they find nothing, each for a beginning."""
    found = _found(uow, arrays, query, parsed, asked)
    if len(found) or not parsed.terms:
        return found, parsed
    wider = parsed.widened()
    return (_found(uow, arrays, query, wider, asked), wider) if wider != parsed else (found, parsed)


def _found(uow: UnitOfWork, arrays: Arrays, query: SearchQuery, parsed: Parsed, asked: bool) -> Ids:
    connection = uow.connection
    found = engine.find(connection, parsed)
    if found is None and asked and parsed.empty:  # nothing but signs: perhaps a title is called so
        found = engine.called(connection, parsed.plain) if parsed.plain else engine.NOBODY
    state = arrays.plain["state"]
    if found is None:
        found = np.flatnonzero(state).astype(np.int64)
    found = found[found < len(state)]
    wanted = (LIVE, ARCHIVED) if query.include_archived else (LIVE,)
    found = found[np.isin(state[found], wanted)]
    if parsed.excluded or parsed.excluded_isbns:
        found = np.setdiff1d(found, engine.excluded(connection, parsed), assume_unique=True)
    for statement, number in ((_OF_AUTHOR, query.author_id), (_OF_SERIES, query.series_id)):
        if number is not None:
            among = statement.rows(connection, number=number) if 0 < number < _TOO_LARGE else []
            found = np.intersect1d(found, np.array([row[0] for row in among], dtype=np.int64))
    return found.astype(np.int64)


def _page(
    uow: UnitOfWork, arrays: Arrays, sort: Sort, hits: Ids, parsed: Parsed, start: int, stop: int
) -> tuple[Ids, Sort]:
    if sort in (Sort.TITLE, Sort.AUTHOR):
        return _by_text(uow, arrays, sort, hits, start, stop), sort
    popularity = arrays.popularity(hits)
    if sort is Sort.RELEVANCE and len(hits) == 1:
        return hits[start:stop], sort
    if sort is Sort.RELEVANCE and not parsed.empty and len(hits):
        steps, ordered_by = _relevance(uow, hits, parsed)
        return _top(hits, popularity + (steps << 52), start, stop), ordered_by
    if sort is Sort.NEWEST:
        return _top(hits, arrays.plain["added"][hits], start, stop, newest_id_first=True), sort
    if sort is Sort.RATING:
        rank = (arrays.plain["rank"][hits] * 10_000).astype(np.int64)
        loans = np.minimum(arrays.plain["loans"][hits].astype(np.int64), (1 << 31) - 1)
        return _top(hits, (rank << 32) + loans, start, stop), sort
    return _top(hits, popularity, start, stop), Sort.POPULARITY


def _relevance(uow: UnitOfWork, hits: Ids, parsed: Parsed) -> tuple[Ids, Sort]:
    """How well each hit fits (larger is better), and whether that was told apart in full."""
    steps = np.zeros(len(hits), dtype=np.int64)
    if len(hits) <= FEW:
        steps[:] = steps_of_few(uow.connection, parsed, hits)
    elif len(hits) <= MOST_RANKED:
        for step, found in steps_of_many(uow.connection, parsed):
            _raise(steps, hits, found, step)
            if steps.all():
                break
    if parsed.plain and len(hits) <= MOST_RANKED:
        _raise(steps, hits, engine.beginning(uow.connection, parsed.plain), BEGINNING)
    if parsed.plain:
        _raise(steps, hits, engine.called(uow.connection, parsed.plain), CALLED_SO)
    return steps, Sort.RELEVANCE if len(hits) <= MOST_RANKED else Sort.POPULARITY


def _raise(steps: Ids, hits: Ids, found: Ids, step: int) -> None:
    if not len(found):
        return
    places = np.minimum(np.searchsorted(found, hits), len(found) - 1)
    steps[(found[places] == hits) & (steps < step)] = step


def _top(hits: Ids, score: Ids, start: int, stop: int, *, newest_id_first: bool = False) -> Ids:
    """Positions start … stop of the hits by falling score; among equals by rising id, or by falling id."""
    if newest_id_first:
        hits, score = hits[::-1], score[::-1]
    if len(hits) > 4 * stop + 1000:
        least = np.partition(score, len(hits) - stop)[len(hits) - stop]
        among = np.flatnonzero(score >= least)
        hits, score = hits[among], score[among]
    return hits[np.argsort(-score, kind="stable")[start:stop]]


def _by_text(uow: UnitOfWork, arrays: Arrays, sort: Sort, hits: Ids, start: int, stop: int) -> Ids:
    """By the whole text, read only for hits whose first bytes put them on the page or tie with some that are."""
    if not len(hits):
        return hits
    keys = arrays.plain["title_key" if sort is Sort.TITLE else "author_key"][hits]
    bounds = [start, min(stop, len(hits)) - 1]
    first, last = np.partition(keys, bounds)[bounds]
    tied = hits[(keys >= first) & (keys <= last)]
    before = int((keys < first).sum())
    texts = _texts(uow, sort, tied)
    ordered = sorted(tied.tolist(), key=lambda number: (*texts.get(number, ("\U0010ffff", "")), number))
    return np.array(ordered[start - before : stop - before], dtype=np.int64)


def _texts(uow: UnitOfWork, sort: Sort, ids: Ids) -> dict[int, tuple[str, str]]:
    texts: dict[int, tuple[str, str]] = {}
    for first in range(0, len(ids), 5000):
        among = id_list(ids[first : first + 5000])
        author = (
            "(SELECT a.sort_name FROM title_author ta JOIN author a ON a.id = ta.author_id"
            " WHERE ta.title_id = t.id ORDER BY ta.position LIMIT 1)"
        )
        columns = "t.sort_title, ''" if sort is Sort.TITLE else f"{author}, t.sort_title"
        for number, one, two in Statement(f"SELECT t.id, {columns} FROM title t WHERE t.id IN ({among})").rows(
            uow.connection
        ):
            texts[number] = (one or "\U0010ffff", two)
    return texts


def _suggestion(uow: UnitOfWork, arrays: Arrays, query: SearchQuery, parsed: Parsed, hits: int) -> str | None:
    bare = replace(query, text="", fields={})
    return suggest(uow, parsed, lambda corrected: _found(uow, arrays, bare, corrected, asked=True), hits)
