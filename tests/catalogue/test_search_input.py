"""Whatever is typed or chosen gives a result: no text is syntax to a database, and none reads a whole table."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.access.actor import GUEST
from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.catalogue import search_arrays, search_engine, search_postgres, search_sqlite
from lib.catalogue.search import FIELDS, SearchQuery, Sort
from lib.kit.database import Statement
from tests.catalogue.search_corpus import a_corpus
from tests.catalogue.search_steps import look


@pytest.fixture
def corpus(library: Installation) -> Installation:
    a_corpus(library)
    return library


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
