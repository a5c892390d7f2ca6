"""An invented catalogue of any size, the same for the same seed: words, names and subjects as skewed as real ones."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import accumulate, islice
from typing import Any

from sqlalchemy import Connection, insert, select

from lib.catalogue.models import Author, Copy, Genre, Location, Section, Series, Title
from lib.kit.database import Statement

SEED = 20260310
_SYLLABLES = [c + v + e for c in "bcdfghlmnprstvw" for v in "aeiou" for e in ("", "n", "r", "s")]
_SMALL = ["the", "of", "and", "a", "in", "to", "for", "on", "with", "from"]
_GENRES, _SECTIONS = 80, 24
_BATCH = 5000


class Words:
    """A vocabulary in which the n-th word is used about 1/n as often as the first."""

    def __init__(self, size: int) -> None:
        self.rng = random.Random(SEED)
        made = dict.fromkeys(
            "".join(self.rng.choices(_SYLLABLES, k=self.rng.choice((2, 2, 3)))) for _ in range(size * 2)
        )
        self.words = list(islice(made, size))
        self.weights = list(accumulate(1 / (place + 8) for place in range(len(self.words))))

    def some(self, count: int) -> list[str]:
        return self.rng.choices(self.words, cum_weights=self.weights, k=count)

    def title(self) -> str:
        words = self.some(self.rng.randint(1, 5))
        if self.rng.random() < 0.6:
            words.insert(self.rng.randrange(len(words) + 1), self.rng.choice(_SMALL))
        return " ".join(words).capitalize()


def fill(connection: Connection, titles: int, first_id: int = 1) -> Words:
    """Puts so many titles, with two copies each on average, into a library that has none from `first_id` on; the
    index is not built."""
    words = Words(max(2000, min(60_000, titles // 5)))
    rng = words.rng
    authors, series = max(50, titles // 4), max(10, titles // 50)
    connection.execute(insert(Genre), _named(words, _GENRES))
    connection.execute(insert(Section), [row | {"created_on": _DAY} for row in _named(words, _SECTIONS)])
    for size, table in ((authors, Author), (series, Series)):
        for first in range(0, size, _BATCH):
            rows = _named(words, min(_BATCH, size - first), first)
            if table is Author:
                rows = [row | {"sort_name": row["name"].lower()} for row in rows]
            connection.execute(insert(table), rows)
    connection.execute(insert(Location), [{"code": f"B{number}", "name": f"Branch {number}"} for number in range(5)])
    places = list(connection.scalars(select(Location.id)))
    numbers = iter(range(first_id, first_id + titles))
    while batch := list(islice(numbers, _BATCH)):
        connection.execute(insert(Title), [_title(words, number, series) for number in batch])
        _LINK_AUTHOR.many(connection, [{"id": n, "to": rng.randint(1, authors)} for n in batch])
        _LINK_GENRE.many(
            connection, [{"id": n, "to": g} for n in batch for g in _skewed(rng, _GENRES, rng.randint(0, 3))]
        )
        _LINK_SECTION.many(connection, [{"id": n, "to": s} for n in batch for s in _skewed(rng, _SECTIONS, 1)])
        connection.execute(insert(Copy), list(_copies(rng, batch, places)))
    return words


_DAY = date(2024, 1, 2)
_NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
_LINK_AUTHOR = Statement(
    "INSERT INTO title_author (title_id, position, author_id, role) VALUES (:id, 0, :to, 'author')"
)
_LINK_GENRE = Statement("INSERT INTO title_genre (title_id, genre_id) VALUES (:id, :to)")
_LINK_SECTION = Statement("INSERT INTO title_section (title_id, section_id) VALUES (:id, :to)")


def _named(words: Words, count: int, first: int = 0) -> list[dict[str, Any]]:
    names = [" ".join(words.some(2)).title() for _ in range(count)]
    return [{"name": name, "key": f"{name.lower()} {first + place}"} for place, name in enumerate(names)]


def _skewed(rng: random.Random, most: int, count: int) -> set[int]:
    return {1 + int(most * rng.random() ** 2.5) for _ in range(count)}


def _title(words: Words, number: int, series: int) -> dict[str, Any]:
    rng, name = words.rng, words.title()
    rated = int(rng.paretovariate(0.8)) - 1
    return {
        "id": number, "kind_id": 1 if rng.random() < 0.8 else rng.randint(2, 8), "title": name,
        "subtitle": " ".join(words.some(rng.randint(3, 7))) if rng.random() < 0.3 else "",
        "sort_title": name.lower(), "match_key": f"{name.lower()}|", "publisher": " ".join(words.some(1)).title(),
        "year": 2026 - int(rng.expovariate(1 / 18)), "language": rng.choices(_TONGUES, weights=_SHARES)[0],
        "description": " ".join(words.some(rng.randint(8, 30))) if rng.random() < 0.3 else "",
        "series_id": rng.randint(1, series) if rng.random() < 0.1 else None, "rating_sum": rated * 4,
        "rating_count": rated, "rating_rank": (rated * 4 + 35) / (rated + 10) if rated else 0,
        "loan_count": min(100_000, int(rng.paretovariate(0.9)) - 1), "added_at": _NOON, "changed_at": _NOON,
    }  # fmt: skip


_TONGUES = ["en", "de", "fr", "es", "ru", "ja", "ar", "tr", "pl", ""]
_SHARES = [60, 9, 7, 6, 4, 4, 3, 3, 2, 2]


def _copies(rng: random.Random, numbers: list[int], places: list[int]) -> Iterator[dict[str, Any]]:
    for number in numbers:
        for copy in range(rng.choice((0, 1, 1, 2, 2, 3, 5))):
            yield {
                "title_id": number, "barcode": f"B{number}-{copy}", "location_id": rng.choice(places),
                "shelf": f"S-{number % 97}", "added_at": _NOON,
                "status": "on_loan" if rng.random() < 0.15 else "available",
            }  # fmt: skip
