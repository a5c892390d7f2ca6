"""Narrowing hits and counting what would narrow them further, over the arrays in memory.

A facet's counts leave its own filter out, so that a second value of it can be added to the first.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from babel import Locale
from numpy.typing import NDArray

from lib.access.work import UnitOfWork
from lib.catalogue.search_arrays import NO_YEAR, Arrays
from lib.catalogue.search_engine import Ids
from lib.catalogue.search_index import SUBJECT, id_list
from lib.catalogue.search_query import SearchQuery
from lib.kit.database import Statement

MOST_VALUES = 30
STARS = (4, 3, 2)
_LARGEST = 1 << 31  # for the id of a genre, section or location
Mask = NDArray[np.bool_]
Counts = Mapping[Any, int]


@dataclass(frozen=True, slots=True)
class FacetCount:
    """One value of a facet: as `SearchQuery` takes it, in words, how many hits have it, and whether it is chosen."""

    value: int | str
    label: str
    count: int
    chosen: bool


Facets = dict[str, tuple[FacetCount, ...]]
_KINDS = Statement("SELECT id, code, name FROM item_kind")


def kinds(uow: UnitOfWork) -> dict[int, tuple[str, str]]:
    """Codes and names of the kinds of items, by id."""
    return uow.cached(SUBJECT, "kinds", lambda: {row[0]: (row[1], row[2]) for row in _KINDS.rows(uow.connection)})


def filters(arrays: Arrays, query: SearchQuery, hits: Ids, kind_ids: Iterable[int]) -> dict[str, Mask]:
    """For each facet the query narrows by: which of the hits it lets through."""
    plain, slots = arrays.plain, arrays.slots
    years = plain["year"][hits]
    made: dict[str, Callable[[], Mask] | None] = {
        "available": (lambda: slots["on_shelf"].some(hits)) if query.available else None,
        "genre": (lambda: slots["genres"].among(hits, query.genres)) if query.genres else None,
        "section": (lambda: slots["sections"].among(hits, query.sections)) if query.sections else None,
        "location": (lambda: slots[_places(query)].among(hits, query.locations)) if query.locations else None,
        "language": (lambda: _in_languages(arrays, hits, query.languages)) if query.languages else None,
        "kind": (lambda: np.isin(plain["kind"][hits], list(kind_ids))) if query.kinds else None,
        "rating": (lambda: plain["mean"][hits] >= min(max(query.min_rating or 0, 0), 6)) if query.min_rating else None,
        "decade": (lambda: _in_years(years, query)) if _has_years(query) else None,
    }
    return {name: make() for name, make in made.items() if make is not None}


def _places(query: SearchQuery) -> str:
    """Asked for what is available in a place, only copies on the shelf there count."""
    return "on_shelf" if query.available else "places"


def _in_languages(arrays: Arrays, hits: Ids, tags: tuple[str, ...]) -> Mask:
    wanted = [code for code, tag in enumerate(arrays.languages) if tag in tags]
    return np.isin(arrays.plain["language"][hits], wanted)


def _has_years(query: SearchQuery) -> bool:
    return query.year_from is not None or query.year_to is not None


def _in_years(years: NDArray[np.int16], query: SearchQuery) -> Mask:
    low = max(query.year_from if query.year_from is not None else -3000, -3000)
    high = min(query.year_to if query.year_to is not None else 3000, 3000)
    inside: Mask = (years >= min(low, 3001)) & (years <= max(high, -3001)) & (years != NO_YEAR)
    return inside


def passing(masks: Mapping[str, Mask], hits: Ids, but: str = "") -> Ids:
    """The hits that every filter lets through, one of them left out."""
    chosen = [mask for name, mask in masks.items() if name != but]
    return hits[reduce(np.logical_and, chosen)] if chosen else hits


def count_facets(uow: UnitOfWork, arrays: Arrays, query: SearchQuery, hits: Ids, masks: dict[str, Mask]) -> Facets:
    """Every facet with its values, most frequent first (decades and stars in their order), 30 at most each."""
    known_kinds = kinds(uow)
    through = {"": passing(masks, hits)}
    for name in masks:
        through[name] = passing(masks, hits, name)

    def among(name: str) -> Ids:
        return through.get(name, through[""])

    languages = _codes(arrays.plain["language"][among("language")])
    counted: dict[str, Counts] = {
        "genre": arrays.slots["genres"].counts(among("genre")),
        "section": arrays.slots["sections"].counts(among("section")),
        "location": arrays.slots[_places(query)].counts(among("location")),
        "language": {arrays.languages[code]: number for code, number in languages.items() if code},
        "kind": {
            known_kinds[code][0]: number
            for code, number in _codes(arrays.plain["kind"][among("kind")]).items()
            if code in known_kinds
        },
    }
    chosen = {
        "genre": query.genres, "section": query.sections, "location": query.locations,
        "language": query.languages, "kind": query.kinds,
    }  # fmt: skip
    kept = {name: _most_frequent(counts, chosen[name]) for name, counts in counted.items()}
    labels = _labels(uow, kept) | {"kind": dict(known_kinds.values())}
    facets = {
        name: tuple(FacetCount(value, labels[name].get(value, str(value)), number, value in chosen[name])
                    for value, number in values)
        for name, values in kept.items()
    }  # fmt: skip
    on_shelf = int(arrays.slots["on_shelf"].some(among("available")).sum())
    facets["available"] = (FacetCount("true", "On the shelf now", on_shelf, query.available),)
    facets["decade"] = _decades(arrays.plain["year"][among("decade")], query)
    facets["rating"] = _stars(arrays.plain["mean"][among("rating")], query)
    return facets


def _codes(values: NDArray[Any]) -> dict[int, int]:
    counted = np.bincount(values)
    return {int(code): int(counted[code]) for code in np.flatnonzero(counted)}


def _most_frequent(counts: Counts, chosen: tuple[Any, ...]) -> list[tuple[Any, int]]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    kept = ordered[:MOST_VALUES]
    shown = {pair[0] for pair in kept}
    return kept + [(value, counts.get(value, 0)) for value in dict.fromkeys(chosen) if value not in shown]


def _labels(uow: UnitOfWork, kept: Mapping[str, list[tuple[Any, int]]]) -> dict[str, dict[Any, str]]:
    labels: dict[str, dict[Any, str]] = {"genre": {}, "section": {}, "location": {}}
    ids = {table: [value for value, _ in kept[table] if 0 < value < _LARGEST] for table in labels}
    parts = [
        f"SELECT '{table}', id, name FROM {table} WHERE id IN ({id_list(numbers)})"
        for table, numbers in ids.items()
        if numbers
    ]
    for table, number, name in Statement(" UNION ALL ".join(parts)).rows(uow.connection) if parts else ():
        labels[table][number] = name
    labels["language"] = {tag: language_name(tag, uow.library.locale) for tag, _ in kept["language"]}
    return labels


@lru_cache(maxsize=4096)
def language_name(tag: str, locale: str) -> str:
    """What a language (BCP 47) is called in a locale such as "en-GB"; the tag itself where nobody knows."""
    names = Locale.parse(locale, sep="-").languages
    main, _, rest = tag.partition("-")
    if exact := names.get(tag.replace("-", "_")):
        return str(exact)
    name = names.get(main)
    return f"{name} ({rest})" if name and rest else str(name or tag)


def _decades(years: NDArray[np.int16], query: SearchQuery) -> tuple[FacetCount, ...]:
    counted = np.bincount(years[years != NO_YEAR] // 10 + 300)  # no title is older than 3000 BC
    newest = [(int(place - 300) * 10, int(counted[place])) for place in np.flatnonzero(counted)[::-1][:MOST_VALUES]]
    low, high = query.year_from, query.year_to
    return tuple(
        FacetCount(start, _decade_name(start), number,
                   _has_years(query) and (low is None or low <= start) and (high is None or start + 9 <= high))
        for start, number in newest
    )  # fmt: skip


def _decade_name(start: int) -> str:
    return f"{start}s" if start >= 0 else f"{-start - 9}–{-start} BC"


def _stars(means: NDArray[np.float32], query: SearchQuery) -> tuple[FacetCount, ...]:
    return tuple(
        FacetCount(stars, f"{stars} stars and more", int((means >= stars).sum()), query.min_rating == stars)
        for stars in STARS
    )
