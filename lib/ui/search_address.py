"""A search as the address of the catalogue page, and back: everything that was asked stands in the URL."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from lib.catalogue.search_query import FIELDS, SearchQuery, Sort

LARGEST_ID = 2**63 - 1
MOST_VALUES = 30
LONGEST = 300
_IDS = {"genre": "genres", "section": "sections", "location": "locations"}
_CODES = {"language": "languages", "kind": "kinds"}
_NUMBERS = {"author_id": (1, LARGEST_ID), "series_id": (1, LARGEST_ID), "year_from": (-3000, 2999),
            "year_to": (-3000, 2999)}  # fmt: skip

Asked = Mapping[str, Sequence[str]]


def query_of(asked: Asked, size: int = 12) -> SearchQuery:
    """The search an address asks for; what cannot be understood in it is left out, never an error."""
    given: dict[str, Any] = {name: _number(asked, name, *bounds) for name, bounds in _NUMBERS.items()}
    given |= {field: _ids(asked.get(name, ())) for name, field in _IDS.items()}
    given |= {field: tuple(dict.fromkeys(asked.get(name, ())))[:MOST_VALUES] for name, field in _CODES.items()}
    fields = {name: _first(asked, f"in_{name}")[:LONGEST] for name in FIELDS if _first(asked, f"in_{name}").strip()}
    rating = _number(asked, "rating", 1, 5)
    return SearchQuery(
        text=_first(asked, "q")[:LONGEST],
        fields=fields,
        available=_first(asked, "available") == "true",
        min_rating=None if rating is None else float(rating),
        sort=_sort(_first(asked, "sort")),
        page=_number(asked, "page", 1, 100_000) or 1,
        size=size,
        **given,
    )


def asked_of(query: SearchQuery) -> dict[str, list[str]]:
    """The search as query parameters, shortest form: what is at its default is left out."""
    found: dict[str, list[str]] = {"q": [query.text]} if query.text else {}
    found |= {f"in_{name}": [text] for name, text in query.fields.items() if text}
    if query.available:
        found["available"] = ["true"]
    for name, field in (_IDS | _CODES).items():
        if values := getattr(query, field):
            found[name] = [str(value) for value in values]
    for name in _NUMBERS:
        if (value := getattr(query, name)) is not None:
            found[name] = [str(value)]
    if query.min_rating is not None:
        found["rating"] = [f"{query.min_rating:g}"]
    if query.sort is not Sort.RELEVANCE:
        found["sort"] = [query.sort.value]
    if query.page > 1:
        found["page"] = [str(query.page)]
    return found


def address_of(query: SearchQuery, **changes: Any) -> str:
    """The address of a search with some of it changed; a change of anything but the page goes back to page 1."""
    changed = replace(query, **({"page": 1} | changes))
    asked = asked_of(changed)
    return "/catalogue" + (f"?{urlencode(asked, doseq=True)}" if asked else "")


def toggled(query: SearchQuery, facet: str, value: Any, chosen: bool) -> dict[str, Any]:
    """What a click on a value of a facet changes: puts it in, or takes it out where it was chosen."""
    if facet in _IDS | _CODES:
        field = (_IDS | _CODES)[facet]
        before = getattr(query, field)
        return {field: tuple(one for one in before if one != value) if chosen else (*before, value)}
    if facet == "available":
        return {"available": not chosen}
    if facet == "rating":
        return {"min_rating": None if chosen else float(value)}
    if facet == "decade":
        return {"year_from": None if chosen else value, "year_to": None if chosen else value + 9}
    return {}


def id_of(text: str) -> int | None:
    """An id or page number as an address holds it; None where the text is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 and int(text) else None


def _first(asked: Asked, name: str) -> str:
    values = asked.get(name) or ("",)
    return str(values[0])


def _number(asked: Asked, name: str, low: int, high: int) -> int | None:
    text = _first(asked, name)
    if not text or len(text) > 20 or not text.lstrip("-").isascii() or not text.lstrip("-").isdigit():
        return None
    try:
        return min(max(int(text), low), high)
    except ValueError:
        return None


def _ids(values: Sequence[str]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number for text in values if (number := id_of(text))))[:MOST_VALUES]


def _sort(text: str) -> Sort:
    return Sort(text) if text in set(Sort) else Sort.RELEVANCE
