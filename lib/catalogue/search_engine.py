"""Finding ids: by words through FTS5 or tsvector, by ISBN, and by how a title begins. One face for both databases."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from lib.catalogue import search_postgres, search_sqlite
from lib.catalogue.search_query import Parsed, Term, in_words
from lib.kit.database import Statement
from lib.kit.text import fold

Ids = NDArray[np.int64]
NOBODY: Ids = np.empty(0, dtype=np.int64)
_LAST = "\U0010ffff"
_BY_ISBN = Statement("SELECT title_id FROM title_isbn WHERE isbn13 >= :first AND isbn13 <= :last LIMIT 5000")
_MATCH_KEY = {"sqlite": "match_key", "postgresql": 'match_key COLLATE "C"'}
_SORT_TITLE = {"sqlite": "sort_title", "postgresql": 'sort_title COLLATE "C"'}
# Both as one text, as in `matching`: quicker than many rows.
_TOGETHER = {"sqlite": "group_concat(id)", "postgresql": "string_agg(id::text, ',')"}
_CALLED = {
    dialect: Statement(
        f"SELECT {together} FROM (SELECT id FROM title WHERE {_SORT_TITLE[dialect]} = :folded"
        f" UNION SELECT id FROM title WHERE {_MATCH_KEY[dialect]} = :words"
        f" UNION SELECT id FROM title WHERE {_MATCH_KEY[dialect]} >= :words_bar"
        f" AND {_MATCH_KEY[dialect]} < :words_after LIMIT 500) AS found"
    )
    for dialect, together in _TOGETHER.items()
}
_BEGINNING = {
    dialect: Statement(
        f"SELECT {together} FROM (SELECT id FROM title WHERE {_SORT_TITLE[dialect]} >= :folded_space"
        f" AND {_SORT_TITLE[dialect]} < :folded_digit"
        f" UNION SELECT id FROM title WHERE {_SORT_TITLE[dialect]} >= :folded_colon"
        f" AND {_SORT_TITLE[dialect]} < :folded_letter"
        f" UNION SELECT id FROM title WHERE {_MATCH_KEY[dialect]} >= :words_space"
        f" AND {_MATCH_KEY[dialect]} < :words_after LIMIT 2000) AS found"
    )
    for dialect, together in _TOGETHER.items()
}


def matching(connection: Connection, terms: Sequence[Term], within: Sequence[str] = ()) -> Ids:
    """The ids, ascending, of titles (archived ones too) in which every term is found, in the columns `within`."""
    engine = search_sqlite if connection.dialect.name == "sqlite" else search_postgres
    return _ids(engine.MATCHING.row(connection, expression=engine.expression(terms, within))[0])


def _ids(together: str | None) -> Ids:
    if not together:
        return NOBODY
    found: Ids = np.fromstring(together, dtype=np.int64, sep=",")
    found.sort()
    return found


def find(connection: Connection, parsed: Parsed) -> Ids | None:
    """The ids a query asks for, ascending; None where it only excludes, or asks for nothing: then all are meant."""
    found: Ids | None = None
    for isbn in parsed.isbns:
        found = _both(found, by_isbn(connection, isbn))
    if parsed.terms:
        found = _both(found, matching(connection, parsed.terms))
    return found


def excluded(connection: Connection, parsed: Parsed) -> Ids:
    """The ids a query does not want."""
    lists = [matching(connection, [term]) for term in parsed.excluded]
    lists += [by_isbn(connection, isbn) for isbn in parsed.excluded_isbns]
    return np.unique(np.concatenate(lists)) if lists else NOBODY


def _both(one: Ids | None, other: Ids) -> Ids:
    return other if one is None else np.intersect1d(one, other, assume_unique=True)


def by_isbn(connection: Connection, digits: str) -> Ids:
    """The ids of titles with an ISBN-13 that is, or begins with, these digits."""
    rows = _BY_ISBN.rows(connection, first=digits, last=digits + "9" * max(0, 13 - len(digits)))
    return np.unique(np.array([row[0] for row in rows], dtype=np.int64))


def called(connection: Connection, text: str) -> Ids:
    """The ids of titles that are called exactly so: as lists sort them, or word by word."""
    words = in_words(text)
    found = _CALLED[connection.dialect.name].row(
        connection, folded=fold(text), words=words or _LAST, words_bar=f"{words}|", words_after=f"{words}}}"
    )
    return _ids(found[0])


def beginning(connection: Connection, text: str) -> Ids:
    """The ids of at most 2,000 titles that begin with these words."""
    folded, words = fold(text), in_words(text)
    found = _BEGINNING[connection.dialect.name].row(
        connection,
        # In the order of bytes, punctuation lies before the digits and between digits and letters.
        folded_space=f"{folded} ", folded_digit=f"{folded}0", folded_colon=f"{folded}:", folded_letter=f"{folded}A",
        words_space=f"{words} ", words_after=f"{words}!",
    )  # fmt: skip
    return _ids(found[0])
