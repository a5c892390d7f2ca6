"""Facets of a search: what each value would show, counted, and what it shows when it is chosen."""

from lib.access.installation import Installation
from lib.catalogue.search import SearchQuery
from tests.catalogue.search_corpus import a_corpus
from tests.catalogue.search_steps import counts, look, titles


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
