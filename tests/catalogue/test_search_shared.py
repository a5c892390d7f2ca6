"""Search on the real catalogue: the same answers on SQLite and PostgreSQL, and the ones a reader expects."""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.catalogue.bulk import put_titles
from lib.catalogue.forms import Contributor, TitleForm
from lib.catalogue.search import SearchQuery, SearchResult, Sort, search

pytestmark = pytest.mark.shared

FIRST: dict[str, str] = {
    "the hobbit": "The Hobbit",
    "hunger games": "The Hunger Games (The Hunger Games, #1)",
    "harry potter sorcerers stone": "Harry Potter and the Sorcerer's Stone (Harry Potter, #1)",
    "1984": "1984",
    "0439023483": "The Hunger Games (The Hunger Games, #1)",
    "978-0-439-02348-1": "The Hunger Games (The Hunger Games, #1)",
    "gatsby": "The Great Gatsby",
    "銀河鉄道": "銀河鉄道の夜",
    "猫征伐": "猫征伐",
}
QUESTIONS: tuple[SearchQuery, ...] = (
    *(SearchQuery(text) for text in FIRST),
    *(SearchQuery(text) for text in (
        "love", "the", "a history of", "king", "rowling", "rowling -potter", "tolk", "garcia marquez", "война", "猫",
        "心", "zola", "élan", "ein", '"and the"', "author:king title:dark", "title:love -author:steel", "harry pot",
        "s", "ch", "genre:fiction dragon", "dostoevs", "of the in", "isbn:97804", "qwertyuiop", "harry poter",
        "shakespear hamlett", "hary potter", "prde and prejudice", "dostoyevski",
    )),
    SearchQuery("love", sort=Sort.TITLE), SearchQuery("love", sort=Sort.AUTHOR, page=3),
    SearchQuery(sort=Sort.TITLE, page=400), SearchQuery(sort=Sort.AUTHOR, page=777),
    SearchQuery("the", languages=("de", "fr")), SearchQuery("the", sort=Sort.RATING),
    SearchQuery(year_from=1900, year_to=1950), SearchQuery("a", languages=("ja",)), SearchQuery(min_rating=4),
)  # fmt: skip


def _records(folder: Path) -> Iterator[TitleForm]:
    with (folder / "books_10k.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield TitleForm(
                title=row["title"],
                original_title=row["original_title"],
                contributors=[Contributor(name=name.strip()) for name in row["authors"].split(";") if name.strip()],
                isbns=[row["isbn13"]] if row["isbn13"].startswith("978") and len(row["isbn13"]) == 13 else [],
                year=int(row["year"]) if row["year"] else None,
                genres=[one.strip() for one in row["genres"].split(";") if one.strip()],
                language=row["language"],
            )
    with (folder / "multilingual_titles.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            year = int(row["year"]) if row["year"] else None
            yield TitleForm(title=row["title"], contributors=[Contributor(name=row["author"])], year=year,
                            language=row["language"])  # fmt: skip


def _fill(library: Installation, folder: Path) -> None:
    records = _records(folder)
    while batch := list(islice(records, 1000)):
        with begin_work(library, Actor(None, Role.SYSTEM)) as uow:
            put_titles(uow, batch)


def _ask(library: Installation, query: SearchQuery) -> SearchResult:
    with begin_reading(library, GUEST) as uow:
        return search(uow, query)


def _told(result: SearchResult) -> dict[str, Any]:
    facets = {name: [(value.label, value.count) for value in values] for name, values in result.facets.items()}
    return {
        "titles": [(card.title, card.year) for card in result.cards], "total": result.total, "page": result.page,
        "facets": {name: sorted(values) for name, values in facets.items()}, "meant": result.did_you_mean,
        "order": result.ordered_by,
    }  # fmt: skip


def test_both_databases_give_the_same_answers_and_the_expected_ones(
    sqlite_library: Installation, postgres_library: Installation, shared_data: Path
) -> None:
    for library in (sqlite_library, postgres_library):
        _fill(library, shared_data / "catalogue")
    for query in QUESTIONS:
        assert _told(_ask(sqlite_library, query)) == _told(_ask(postgres_library, query)), query
    for text, title in FIRST.items():
        assert _ask(sqlite_library, SearchQuery(text)).cards[0].title == title, text
    for typed in ("harry poter", "hary potter", "hary poter"):
        assert _ask(sqlite_library, SearchQuery(typed)).did_you_mean == "harry potter"
    assert _ask(sqlite_library, SearchQuery("the")).ordered_by is Sort.POPULARITY
