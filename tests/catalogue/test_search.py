"""Searching finds what is meant, the same on both databases."""

import re
import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from lib.access.actor import GUEST, SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.catalogue import search_arrays, search_engine, search_postgres, search_sqlite
from lib.catalogue.models import Copy, Title
from lib.catalogue.search import FIELDS, SearchQuery, SearchResult, Sort, search
from lib.catalogue.search_index import rebuild_index, reindex_titles
from lib.kit.database import Statement
from lib.kit.errors import Forbidden, NotSignedIn
from tests.catalogue.search_corpus import a_corpus

HOBBIT, RINGS, BIOGRAPHY = "The Hobbit", "The Lord of the Rings", "Tolkien: A Biography"
SKETCHBOOK, SOLITUDE, MOUNTAIN = "The Lord of the Rings: Sketchbook", "Cien años de soledad", "Der Zauberberg"
CAT, CATS, KINGDOMS, DAYS = "吾輩は猫である", "猫", "三国演义 第3卷", "الأيام"
WAR, HINDI, ART, ARTHUR = "Война и мир", "हिन्दी साहित्य", "A History of Art", "Arthur and the Round Table"
CAFE, ODES = "Café Society", "Odes"


@pytest.fixture
def corpus(library: Installation) -> Installation:
    a_corpus(library)
    return library


def look(library: Installation, query: SearchQuery | str, actor: Actor = GUEST) -> SearchResult:
    with begin_reading(library, actor) as uow:
        return search(uow, SearchQuery(query) if isinstance(query, str) else query)


def titles(result: SearchResult) -> list[str]:
    return [card.title for card in result.cards]


def counts(result: SearchResult, facet: str) -> dict[str, int]:
    return {value.label: value.count for value in result.facets[facet]}


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


def test_facets_count_what_each_value_would_show(library: Installation) -> None:
    a_corpus(library)
    result = look(library, "hobbit")
    assert counts(result, "language") == {"English": 3, "Latin": 1}
    assert counts(result, "genre") == {"Fantasy": 2, "Classics": 1, "Epic": 1, "War": 1}
    assert counts(result, "decade") == {"1990s": 1, "1970s": 1, "1950s": 1, "1930s": 1}
    assert counts(result, "available") == {"On the shelf now": 1}
    assert counts(result, "section") == {"Children": 1}
    assert counts(result, "kind") == {"Book": 4}
    assert counts(result, "location") == {"Main library": 2}
    assert counts(result, "rating") == {"4 stars and more": 1, "3 stars and more": 1, "2 stars and more": 1}


def test_the_counts_of_a_facet_ignore_its_own_filter_and_heed_the_others(library: Installation) -> None:
    a_corpus(library)
    result = look(library, SearchQuery("hobbit", languages=("en",), year_from=1930, year_to=1959))
    assert result.total == 2
    assert counts(result, "language") == {"English": 2}
    assert counts(result, "decade") == {"1970s": 1, "1950s": 1, "1930s": 1}
    assert [(value.value, value.chosen) for value in result.facets["decade"]] == [
        (1970, False),
        (1950, True),
        (1930, True),
    ]
    assert [value.chosen for value in result.facets["language"]] == [True]


def test_each_facet_value_when_chosen_finds_as_many_as_it_promised(library: Installation) -> None:
    a_corpus(library)
    names = {
        "genre": "genres",
        "section": "sections",
        "location": "locations",
        "language": "languages",
        "kind": "kinds",
    }
    plain = look(library, SearchQuery())
    for facet, filter_name in names.items():
        assert plain.facets[facet]
        for value in plain.facets[facet]:
            assert look(library, SearchQuery(**{filter_name: (value.value,)})).total == value.count, value
    for decade in plain.facets["decade"]:
        found = look(library, SearchQuery(year_from=int(decade.value), year_to=int(decade.value) + 9))
        assert found.total == decade.count
    for stars in plain.facets["rating"]:
        assert look(library, SearchQuery(min_rating=float(stars.value))).total == stars.count


def test_a_title_with_many_genres_counts_for_each(library: Installation) -> None:
    genres = [f"Genre {n}" for n in range(9)]
    a_corpus(library, [{"title": "Omnibus", "genres": genres}, {"title": "Other", "genres": genres[7:]}])
    result = look(library, SearchQuery())
    assert counts(result, "genre") == dict.fromkeys(genres, 1) | {"Genre 7": 2, "Genre 8": 2}
    last = next(value for value in result.facets["genre"] if value.label == "Genre 8")
    assert titles(look(library, SearchQuery(genres=(int(last.value),)))) == ["Omnibus", "Other"]


def test_an_edited_title_is_found_by_the_next_query_and_no_longer_as_it_was(library: Installation) -> None:
    ids = a_corpus(library)
    assert titles(look(library, "zauberberg")) == [MOUNTAIN]
    with begin_work(library, SYSTEM) as uow:
        uow.connection.execute(
            update(Title).where(Title.id == ids[MOUNTAIN]).values(title="The Magic Mountain", language="en", year=1927)
        )
        reindex_titles(uow, [ids[MOUNTAIN]])
    assert look(library, "zauberberg").total == 0
    result = look(library, "magic mount")
    assert titles(result) == ["The Magic Mountain"]
    assert counts(result, "language") == {"English": 1}
    assert counts(result, "decade") == {"1920s": 1}


def test_a_new_title_is_found_and_counted_after_arrays_were_loaded(library: Installation) -> None:
    a_corpus(library)
    assert look(library, "hobbit").total == 4
    a_corpus(library, [{"title": f"Hobbit number {n}", "language": "nl"} for n in range(200)])
    assert look(library, "hobbit").total == 204
    assert counts(look(library, "hobbit"), "language")["Dutch"] == 200


def test_a_deleted_title_is_found_nowhere(library: Installation) -> None:
    ids = a_corpus(library)
    assert look(library, "odes").total == 1
    everything = look(library, SearchQuery()).total
    with begin_work(library, SYSTEM) as uow:
        uow.connection.execute(text("DELETE FROM title WHERE id = :id"), {"id": ids[ODES]})
        reindex_titles(uow, [ids[ODES]])
    assert look(library, "odes").total == 0
    assert look(library, SearchQuery()).total == everything - 1


def test_work_that_changes_titles_finds_them_so_before_others_do(library: Installation) -> None:
    ids = a_corpus(library)
    look(library, "odes")
    with begin_work(library, SYSTEM) as uow:
        uow.connection.execute(update(Title).where(Title.id == ids[ODES]).values(title="Epodes", language="it"))
        reindex_titles(uow, [ids[ODES]])
        assert counts(search(uow, SearchQuery("epodes")), "language") == {"Italian": 1}
        assert counts(look(library, SearchQuery("horace")), "language") == {"Latin": 1}
    assert counts(look(library, "epodes"), "language") == {"Italian": 1}


def test_availability_follows_a_loan_and_a_return(library: Installation) -> None:
    ids = a_corpus(library)
    assert look(library, SearchQuery("soledad", available=True)).total == 1
    for status, found in (("on_loan", 0), ("available", 1), ("withdrawn", 0)):
        with begin_work(library, SYSTEM) as uow:
            gone = uow.now if status == "withdrawn" else None
            change = update(Copy).where(Copy.title_id == ids[SOLITUDE]).values(status=status, withdrawn_at=gone)
            uow.connection.execute(change)
        assert look(library, SearchQuery("soledad", available=True)).total == found
        assert counts(look(library, "soledad"), "available") == {"On the shelf now": found}
    assert counts(look(library, "soledad"), "location") == {}


def test_popularity_follows_loans(library: Installation) -> None:
    ids = a_corpus(library)
    assert titles(look(library, "rings"))[0] == RINGS
    with begin_work(library, SYSTEM) as uow:
        uow.connection.execute(update(Title).where(Title.id == ids[SKETCHBOOK]).values(loan_count=1000))
        uow.connection.execute(
            text("INSERT INTO copy (title_id, barcode, location_id, shelf, condition, status, note, added_at, version)"
                 " SELECT :id, 'NEW1', location_id, '', 'good', 'on_loan', '', added_at, 1 FROM copy LIMIT 1"),
            {"id": ids[SKETCHBOOK]},
        )  # fmt: skip
    assert titles(look(library, "rings"))[0] == SKETCHBOOK


def test_the_arrays_kept_in_memory_equal_those_loaded_anew(library: Installation) -> None:
    ids = a_corpus(library)
    look(library, "hobbit")
    with begin_work(library, SYSTEM) as uow:
        uow.connection.execute(update(Copy).values(status="on_loan", withdrawn_at=None))
        uow.connection.execute(update(Title).where(Title.id == ids[HOBBIT]).values(year=2024, archived_at=uow.now))
        uow.connection.execute(text("DELETE FROM title_genre WHERE title_id = :id"), {"id": ids[RINGS]})
        reindex_titles(uow, [ids[HOBBIT], ids[RINGS]])
    kept = look(library, SearchQuery())
    library.cache.__init__()  # type: ignore[misc]
    assert look(library, SearchQuery()) == kept


def test_a_rebuilt_index_finds_the_same(library: Installation) -> None:
    a_corpus(library)
    before = [look(library, query) for query in ("hobbit", "猫", "hobit")]
    with begin_work(library, SYSTEM) as uow:
        rebuild_index(uow)
    assert [look(library, query) for query in ("hobbit", "猫", "hobit")] == before


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


def test_a_return_that_commits_late_is_still_seen(postgres_library: Installation) -> None:
    ids = a_corpus(postgres_library)
    look(postgres_library, "soledad")
    engine = postgres_library.engine
    change = text("UPDATE copy SET status = :status WHERE title_id = :id")
    with engine.connect() as slow, engine.connect() as quick:
        slow.execute(change, {"status": "on_loan", "id": ids[SOLITUDE]})
        quick.execute(change, {"status": "on_loan", "id": ids[DAYS]})
        quick.commit()
        assert not look(postgres_library, SearchQuery("الأيام", available=True)).total
        assert look(postgres_library, SearchQuery("soledad", available=True)).total
        slow.commit()
    assert not look(postgres_library, SearchQuery("soledad", available=True)).total


def test_many_search_while_titles_are_added(library: Installation) -> None:
    a_corpus(library)
    faults: list[BaseException] = []
    done = threading.Event()

    def reader() -> None:
        try:
            while not done.is_set():
                result = look(library, SearchQuery("tome", size=200))
                assert result.total == sum(counts(result, "language").values())
        except BaseException as error:  # noqa: BLE001
            faults.append(error)

    threads = [threading.Thread(target=reader) for _ in range(3)]
    for thread in threads:
        thread.start()
    for batch in range(8):
        a_corpus(library, [{"title": f"Tome {batch} {n}", "language": "nl"} for n in range(20)])
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert look(library, "tome").total == 160


def test_a_process_that_missed_the_list_of_changes_reads_everything_anew(
    library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.catalogue.search_index._KEPT_CHANGES", 2)
    a_corpus(library)
    look(library, "hobbit")
    for n in range(5):
        a_corpus(library, [{"title": f"Hobbit {n}", "language": "nl"}])
    assert counts(look(library, "hobbit"), "language")["Dutch"] == 5


HARD = (
    *"*-\"()':%_?\\|!&^", "--", '""', "-\"", "AND", "NOT a", "a OR b", "NEAR(a b)", "a^2", "title:", "title:-", "a:b:c",
    "{x}: y", "''", "a & b | !c", "a <-> b", "a:*", "%s", "%(x)s", ":x", "\x00", "\ud800", "\ue000penguin", "猫" * 400,
    "a" * 5000, "title:" * 50, "x y " * 300, "isbn:", "isbn:*", "isbn:%", "978", "١٢٣", "\u200d", "\u0301", "ﬃ", "🐈",
    "𝔗𝔬𝔪𝔢", "ß ẞ", "İstanbul",
)  # fmt: skip


def test_no_text_is_syntax_to_the_database(library: Installation) -> None:
    a_corpus(library)
    for hard in HARD:
        for query in (
            SearchQuery(hard),
            *(SearchQuery(fields={name: hard}) for name in FIELDS),
            SearchQuery(f"-{hard} of"),
        ):
            look(library, query)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=40) | st.text(st.sampled_from("ab猫 -:\"'*()&|!<>\\^{}%"), max_size=20),
    field=st.sampled_from(FIELDS),
)
def test_any_text_gives_a_result(corpus: Installation, text: str, field: str) -> None:
    look(corpus, text)
    look(corpus, SearchQuery(fields={field: text}))


def test_no_search_reads_a_whole_table_of_titles(library: Installation) -> None:
    a_corpus(library)
    dialect = "sqlite" if library.is_sqlite else "postgresql"
    values = {
        "folded": "a", "words": "a", "words_bar": "a|", "words_after": "a}", "folded_space": "a ", "folded_digit": "a0",
        "folded_colon": "a:", "folded_letter": "aA", "words_space": "a ", "first": "978", "last": "979",
        "expression": "'a':*" if dialect == "postgresql" else '"a" *', "seen": 0, "now": 9, "stock": 0, "snapshot": 0,
    }  # fmt: skip
    matching = search_sqlite.MATCHING if library.is_sqlite else search_postgres.MATCHING
    statements = [search_engine._CALLED[dialect], search_engine._BEGINNING[dialect], search_engine._BY_ISBN, matching]
    statements += [search_arrays._CHANGES, search_arrays._STOCK[dialect], search_arrays._MARKS[dialect]]
    explain = "EXPLAIN QUERY PLAN " if library.is_sqlite else "EXPLAIN "
    with begin_reading(library, GUEST) as uow:
        if not library.is_sqlite:
            uow.connection.exec_driver_sql("SET enable_seqscan = off")
        for statement in statements:
            plan = Statement(explain + statement.sqlite).rows(uow.connection, **values)
            told = "\n".join(str(row[-1]) for row in plan)
            whole = re.findall(r"Seq Scan on \w+|SCAN (?:title|title_isbn|copy|stock_change|search_change)\b.*", told)
            assert whole == [], statement.sqlite


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ids=st.lists(st.integers(-(2**70), 2**70), max_size=3).map(tuple),
    number=st.none() | st.integers(-(2**70), 2**70),
    year=st.none() | st.integers(-(10**6), 10**6),
    rating=st.none() | st.floats(),
    words=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    page=st.integers(-(2**70), 2**70),
    sort=st.sampled_from(Sort),
)
def test_any_filter_gives_a_result(
    corpus: Installation, ids: tuple[int, ...], number: int | None, year: int | None, rating: float | None,
    words: tuple[str, ...], page: int, sort: Sort,
) -> None:  # fmt: skip
    look(corpus, SearchQuery(genres=ids, sections=ids, locations=ids, page=page, sort=sort))
    look(corpus, SearchQuery(year_from=year, year_to=number, min_rating=rating, languages=words, kinds=words))
    look(corpus, SearchQuery("hobbit", author_id=number, series_id=number, size=page))
