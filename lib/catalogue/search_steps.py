"""How well each hit fits a query: by the places in which its words stand.

Few hits have their words read and looked through here, which costs the same however large the catalogue is; more
are asked of the index, field by field. Both tell the same.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from lib.catalogue import search_engine as engine
from lib.catalogue.search_engine import Ids
from lib.catalogue.search_index import COLUMNS, Words, words_of_titles
from lib.catalogue.search_query import Parsed, Term

FEW = 24
STEPS: tuple[tuple[str, ...], ...] = (
    ("title",),
    ("author",),
    ("title", "author", "series"),
    ("title", "author", "series", "genre", "tag", "section"),
)
WHOLE_WORDS = len(STEPS) + 1
BEGINNING = len(STEPS) + 2
CALLED_SO = len(STEPS) + 3


def steps_of_few(connection: Connection, parsed: Parsed, hits: Ids) -> list[int]:
    """The step of each hit; 0 where the words stand elsewhere."""
    words = words_of_titles(connection, hits.tolist(), descriptions=False)
    whole = parsed.whole_words()
    return [_step(words[number], parsed.terms, whole) if number in words else 0 for number in hits.tolist()]


def _step(columns: Words, terms: Sequence[Term], whole: Sequence[Term]) -> int:
    if not terms:
        return 0
    if whole != terms and _all_within(columns, whole, STEPS[0]):
        return WHOLE_WORDS
    found = (place for place, within in enumerate(STEPS) if _all_within(columns, terms, within))
    place = next(found, len(STEPS))
    return len(STEPS) - place


def _all_within(columns: Words, terms: Sequence[Term], within: Sequence[str]) -> bool:
    return all(
        any(_stands_in(term, columns[COLUMNS.index(name)]) for name in ((term.field,) if term.field else within))
        for term in terms
    )


def _stands_in(term: Term, words: Sequence[str]) -> bool:
    *first, last = term.words
    length = len(term.words)
    for at in range(len(words) - length + 1):
        ending = words[at + length - 1]
        if (ending.startswith(last) if term.prefix else ending == last) and words[at : at + length - 1] == first:
            return True
    return False


def steps_of_many(connection: Connection, parsed: Parsed) -> Iterator[tuple[int, Ids]]:
    """For each step, best first, the titles that reach it (and perhaps better ones)."""
    if not parsed.terms:
        return
    whole = parsed.whole_words()
    if whole != parsed.terms:
        yield WHOLE_WORDS, engine.matching(connection, whole, STEPS[0])
    for place, within in enumerate(STEPS):
        yield len(STEPS) - place, engine.matching(connection, parsed.terms, within)
