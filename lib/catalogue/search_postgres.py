"""Search terms in the query language of PostgreSQL's text search."""

from collections.abc import Sequence

from lib.catalogue.search_index import FIELD_MARKS, PUBLISHER_MARK
from lib.catalogue.search_query import Term
from lib.kit.database import Statement

MATCHING = Statement(
    "SELECT string_agg(title_id::text, ',') FROM title_search WHERE vector @@ CAST(:expression AS tsquery)"
)
_WEIGHTS = {"title": "A", "author": "B", "genre": "C", "tag": "C", "section": "C", "description": "D"}
_MARKS = FIELD_MARKS | {"publisher": PUBLISHER_MARK}


def expression(terms: Sequence[Term], within: Sequence[str] = ()) -> str:
    """What tsquery is to match: all terms; those without a field of their own in the columns `within`, if any."""
    return " & ".join(_one(term, within) for term in terms)


def _one(term: Term, within: Sequence[str]) -> str:
    if term.field in _MARKS:
        return _phrase(term, _MARKS[term.field], "")
    if term.field:
        return _phrase(term, "", _WEIGHTS[term.field])
    weights = "".join(sorted({_WEIGHTS[column] for column in within if column in _WEIGHTS}))
    # The weight C is shared by series and subjects: series alone are found by their mark.
    if "series" in within and "C" not in weights:
        return f"({_phrase(term, '', weights)} | {_phrase(term, _MARKS['series'], '')})"
    return _phrase(term, "", weights)


def _phrase(term: Term, mark: str, weights: str) -> str:
    last = len(term.words) - 1
    parts = []
    for place, word in enumerate(term.words):
        flags = ("*" if term.prefix and place == last else "") + weights
        parts.append(f"'{mark}{word}'" + (f":{flags}" if flags else ""))
    return "(" + " <-> ".join(parts) + ")"
