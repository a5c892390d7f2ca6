"""Searching finds what is meant, the same on both databases."""

from typing import Any

import pytest
from sqlalchemy import text

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading
from lib.catalogue.search import SearchQuery, Sort
from lib.kit.errors import Forbidden, NotSignedIn
from tests.catalogue.search_corpus import a_corpus
from tests.catalogue.search_steps import (
    ART,
    ARTHUR,
    BIOGRAPHY,
    CAFE,
    CAT,
    CATS,
    DAYS,
    HINDI,
    HOBBIT,
    KINGDOMS,
    MOUNTAIN,
    ODES,
    RINGS,
    SKETCHBOOK,
    SOLITUDE,
    WAR,
    look,
    titles,
)

# In this order on both databases.
TABLE: tuple[tuple[str | dict[str, Any], list[str]], ...] = (
    ("the hobbit", [HOBBIT, BIOGRAPHY, RINGS]),
    ("hobbit", [HOBBIT, ODES, BIOGRAPHY, RINGS]),
    ("HOBBIT", [HOBBIT, ODES, BIOGRAPHY, RINGS]),
    ("the lord of the rings", [RINGS, SKETCHBOOK]),
    ("lord of the rings", [RINGS, SKETCHBOOK]),
    ("lord rin", [RINGS, SKETCHBOOK]),
    ("lor rin", [RINGS, SKETCHBOOK]),
    ("tolkien", [BIOGRAPHY, HOBBIT, RINGS]),
    ("tolkien hobbit", [HOBBIT, BIOGRAPHY, RINGS]),
    ("back again", [HOBBIT]),
    ("art", [ART, ARTHUR]),
    ("garcia marquez", [SOLITUDE]),
    ("MÁRQUEZ cien anos", [SOLITUDE]),
    ("cafe", [CAFE]),
    ("zoe obrien", [CAFE]),
    ("o'brien", [CAFE]),
    ("fantasy", [HOBBIT, RINGS]),
    ("middle-earth", [RINGS]),
    ("biography", [BIOGRAPHY]),
    ("media", [CAFE]),
    ("destroy power", [RINGS]),
    ("phaidon", []),
    ("publisher:phaidon", [ART]),
    ("publisher:allen -title:hobbit", [RINGS]),
    ("猫", [CATS, CAT]),
    ("猫である", [CAT]),
    ("吾輩", [CAT]),
    ("漱石", [CAT]),
    ("猫で輩", []),
    ("三国", [KINGDOMS]),
    ("第3卷", [KINGDOMS]),
    ("الايام", [DAYS]),
    ("حسين", [DAYS]),
    ("война", [WAR]),
    ("ВОЙНА толст", [WAR]),
    ("हिन्दी", [HINDI]),
    ('"lord of"', [RINGS, SKETCHBOOK]),
    ('"of lord"', []),
    ('"ring lord"', []),
    ('"rings middle"', []),
    ('"tolkien fantasy"', []),
    ("rings -sketchbook", [RINGS, BIOGRAPHY]),
    ("rings -author:tolkien", [SKETCHBOOK, BIOGRAPHY]),
    ("title:tolkien", [BIOGRAPHY]),
    ("author:tolkien", [HOBBIT, RINGS]),
    ('author:"j r r tolkien" ring', [RINGS]),
    ("genre:war", [RINGS, WAR]),
    ("genre:fic mann", [MOUNTAIN]),
    ("tag:art", [ART]),
    ("section:child", [HOBBIT]),
    ("series:hobbit", [ODES]),
    ("series:middle", [RINGS]),
    ("054792822X", [HOBBIT]),
    ("978-0-547-92822-7", [HOBBIT]),
    ("isbn:97807148", [ART]),
    ("isbn:054792822X tolkien", [HOBBIT]),
    ("9780306406157", []),
    ("tolkien -9780547928227", [BIOGRAPHY, RINGS]),
    ("tolkien -isbn:97805", [BIOGRAPHY, RINGS]),
    ("???", ["???"]),
    ("!!!", []),
    ("almanac", []),
    ({"fields": {"title": "ring", "author": "lee"}}, [SKETCHBOOK]),
    ({"text": "hobbit", "fields": {"author": "carpenter"}}, [BIOGRAPHY]),
    ({"fields": {"title": "the hobbit"}}, [HOBBIT]),
    ({"text": "hobbit", "languages": ("en",)}, [HOBBIT, BIOGRAPHY, RINGS]),
    ({"text": "hobbit", "available": True}, [HOBBIT]),
    ({"kinds": ("film", "ebook")}, [CAFE, ARTHUR]),
    ({"year_to": 1900}, [WAR, ARTHUR]),
    ({"year_from": 1990, "year_to": 1999, "sort": Sort.TITLE}, [CAFE, ODES]),
    ({"min_rating": 4}, [HOBBIT, SOLITUDE]),
    ({"available": True, "sort": Sort.AUTHOR}, [ART, SOLITUDE, HOBBIT, DAYS]),
    ({"text": "rings", "sort": Sort.NEWEST}, [BIOGRAPHY, SKETCHBOOK, RINGS]),
    ({"text": "rings", "sort": Sort.POPULARITY}, [BIOGRAPHY, RINGS, SKETCHBOOK]),
    ({"text": "rings", "sort": Sort.TITLE}, [RINGS, SKETCHBOOK, BIOGRAPHY]),
    ({"sort": Sort.RATING, "size": 2}, [HOBBIT, SOLITUDE]),
)


def test_it_finds_what_is_meant_in_the_right_order(library: Installation) -> None:
    a_corpus(library)
    wrong = {}
    for asked, expected in TABLE:
        query = SearchQuery(asked) if isinstance(asked, str) else SearchQuery(**asked)
        result = look(library, query)
        if titles(result) != expected or (len(expected) < query.size and result.total != len(expected)):
            wrong[str(asked)] = titles(result), expected
    assert wrong == {}


def test_many_hits_are_put_in_the_same_order_as_few(library: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    a_corpus(library)
    queries = [SearchQuery(asked) if isinstance(asked, str) else SearchQuery(**asked) for asked, _ in TABLE]
    few = [look(library, query) for query in queries]
    monkeypatch.setattr("lib.catalogue.search_hits.FEW", 0)
    for query, expected in zip(queries, few, strict=True):
        assert look(library, query) == expected, query


def test_an_empty_box_shows_everything_that_is_not_archived_most_lent_first(library: Installation) -> None:
    ids = a_corpus(library)
    result = look(library, SearchQuery(size=5))
    assert result.total == len(ids) - 1
    assert titles(result)[:3] == [BIOGRAPHY, HOBBIT, RINGS]
    assert result.ordered_by is Sort.POPULARITY


def test_pages_are_clamped_and_do_not_overlap(library: Installation) -> None:
    a_corpus(library)
    for sort in Sort:
        seen = [
            card.id for page in (1, 2, 3, 4) for card in look(library, SearchQuery(sort=sort, page=page, size=5)).cards
        ]
        assert len(seen) == len(set(seen)) == 17, sort
    last = look(library, SearchQuery(page=99, size=5))
    assert (last.page, last.pages, len(last.cards)) == (4, 4, 2)
    assert look(library, SearchQuery(page=-3, size=0)).page == 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hobit", "hobbit"),
        ("tolkein", "tolkien"),
        ("tolkein hobbit", "tolkien hobbit"),
        ("garzia markez", "garcía márquez"),
        ("lord ofthe rings", "lord of the rings"),
        ("zauberburg", "zauberberg"),
        ("roundtable", "round table"),
        ("войну", "война"),
        ("author:tolkin ring", "author:tolkien ring"),
        ("qqqqqqq", None),
        ("hobbit", None),
        ("hobit -lord", "hobbit -lord"),
    ],
)
def test_it_offers_what_was_perhaps_meant_and_that_finds_something(
    library: Installation, typed: str, meant: str | None
) -> None:
    a_corpus(library)
    result = look(library, typed)
    assert result.did_you_mean == meant
    if meant:
        assert look(library, meant).total > result.total


def test_archived_titles_are_for_those_who_edit_the_catalogue(library: Installation) -> None:
    a_corpus(library)
    query = SearchQuery("almanac", include_archived=True)
    assert titles(look(library, query, Actor(1, Role.LIBRARIAN))) == ["Old Hobbit Almanac"]
    with pytest.raises(Forbidden):
        look(library, query, Actor(1, Role.MEMBER))
    with pytest.raises(NotSignedIn):
        look(library, query)


def test_titles_of_an_author_or_a_series_can_be_searched_alone(library: Installation) -> None:
    a_corpus(library)
    with begin_reading(library, GUEST) as uow:
        author = uow.connection.scalar(text("SELECT id FROM author WHERE name = 'J.R.R. Tolkien'"))
        series = uow.connection.scalar(text("SELECT id FROM series WHERE name = 'Middle-earth'"))
    assert titles(look(library, SearchQuery(author_id=author))) == [HOBBIT, RINGS]
    assert titles(look(library, SearchQuery("destroy", author_id=author, series_id=series))) == [RINGS]


def test_broad_queries_are_ordered_by_popularity_with_the_exact_title_first(
    library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_corpus(library)
    monkeypatch.setattr("lib.catalogue.search_hits.MOST_RANKED", 2)
    monkeypatch.setattr("lib.catalogue.search_hits.FEW", 2)
    result = look(library, "hobbit")
    assert titles(result) == [HOBBIT, BIOGRAPHY, RINGS, ODES]
    assert result.ordered_by is Sort.POPULARITY
    assert look(library, "zauberberg").ordered_by is Sort.RELEVANCE


def test_a_misspelling_that_finds_a_little_still_offers_what_finds_more(library: Installation) -> None:
    a_corpus(library, [{"title": f"Harry and the dragon {n}"} for n in range(5)] + [{"title": "Haryana"}])
    result = look(library, "hary")
    assert (titles(result), result.did_you_mean) == (["Haryana"], "harry")
    assert look(library, "haryana").did_you_mean is None
