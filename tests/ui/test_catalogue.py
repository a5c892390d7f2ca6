"""The catalogue page: words, facets, chips, orders, pages, all of it in the address."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.catalogue.forms import Contributor, TitleForm
from lib.catalogue.search_facets import FacetCount
from lib.catalogue.search_query import SearchQuery, Sort
from lib.catalogue.titles import add_title
from lib.ui.facet_panel import chips_html, facets_html, sorts_html
from lib.ui.pager import pager_html
from lib.ui.search_address import address_of, asked_of, query_of, toggled
from tests.builders import a_copy, a_loan, a_member, an_admin
from tests.ui.conftest import at_page
from tests.ui.on_screen import html_of, links, read

PAGE = "public/catalogue.py"
IDS = st.lists(st.integers(1, 10**9), max_size=3, unique=True).map(tuple)
YEARS = st.none() | st.integers(-3000, 2999)
QUERIES = st.builds(
    SearchQuery,
    text=st.text(max_size=50),
    fields=st.dictionaries(
        st.sampled_from(["title", "author", "tag"]), st.text(min_size=1, max_size=9).filter(str.strip), max_size=2
    ),
    available=st.booleans(),
    genres=IDS,
    sections=IDS,
    languages=st.sampled_from([(), ("en",), ("ja", "pt-BR")]),
    year_from=YEARS,
    year_to=YEARS,
    min_rating=st.sampled_from([None, 2.0, 4.0]),
    author_id=st.none() | st.integers(1, 2**63 - 1),
    sort=st.sampled_from(list(Sort)),
    page=st.integers(1, 100_000),
)


@pytest.fixture
def stocked(served: Installation) -> Installation:
    """A library with a few titles that can be found."""
    admin = an_admin(served)
    for title, author, genre, language, year in (
        ("The Left Hand of Darkness", "Ursula K. Le Guin", "Science fiction", "en", 1969),
        ("The Dispossessed", "Ursula K. Le Guin", "Science fiction", "en", 1974),
        ("Emma", "Jane Austen", "Classics", "en", 1815),
        ("こころ", "夏目漱石", "Classics", "ja", 1914),
    ):
        form = TitleForm(
            title=title, contributors=[Contributor(name=author)], genres=[genre], language=language, year=year
        )
        with begin_work(served, admin) as uow:
            title_id = add_title(uow, form)
        barcode = a_copy(served, title_id, shelf="B-12")
        if title == "Emma":
            a_loan(served, a_member(served), barcode)
    return served


def test_it_shows_everything_with_its_availability_in_words(stocked: Installation) -> None:
    at = at_page(None, PAGE)
    words = read(at)
    assert not at.exception
    assert "4 titles" in words
    assert "On the shelf, B-12" in words
    assert "Due back" in words
    assert "1969 · Book · English" in words


def test_words_in_the_address_search_and_stand_in_the_box(stocked: Installation) -> None:
    at = at_page(None, PAGE, q="darkness")
    assert "1 title for “darkness”" in read(at)
    assert at.text_input[0].value == "darkness"


def test_a_new_search_keeps_what_narrows_it_and_goes_to_its_own_address(stocked: Installation) -> None:
    at = at_page(None, PAGE, q="darkness", language="en")
    at.text_input[0].set_value("emma")
    at.button[0].click().run()
    assert at.query_params["q"] == "emma"
    assert at.query_params["language"] == "en"
    assert "1 title for “emma”" in read(at)


def test_facets_lead_to_narrower_searches_and_chips_back(stocked: Installation) -> None:
    at = at_page(None, PAGE, language="ja")
    assert "1 title" in read(at)
    assert "/catalogue" in links(at)  # the chip takes the only filter away
    assert "/catalogue?language=ja&language=en" in links(at)


def test_what_is_out_can_be_left_out(stocked: Installation) -> None:
    words = read(at_page(None, PAGE, available="true"))
    assert "3 titles" in words
    assert "Emma" not in words


def test_a_slip_of_the_pen_is_answered_with_a_guess(stocked: Installation) -> None:
    at = at_page(None, PAGE, q="darknes hand lfet")
    assert "Did you mean" in read(at)


def test_nothing_found_helps_on(stocked: Installation) -> None:
    at = at_page(None, PAGE, q="zzzz", available="true")
    words = read(at)
    assert "Nothing found for “zzzz”" in words
    assert "/catalogue?q=zzzz" in links(at)
    assert "/browse" in links(at)


def test_an_author_who_narrows_the_search_is_named(stocked: Installation) -> None:
    author = next(link for link in links(at_page(None, PAGE, q="dispossessed")) if "author_id" in link)
    found = parse_qs(urlsplit(author).query)["author_id"][0]
    words = read(at_page(None, PAGE, author_id=found))
    assert "2 titles" in words
    assert "Ursula K. Le Guin ✕" in words


@pytest.mark.parametrize(
    "asked",
    [
        {"page": "-1"}, {"page": "99999999999999999999999"}, {"page": "x"}, {"sort": "drop table"}, {"genre": "½"},
        {"author_id": "9" * 40}, {"series_id": "-5"}, {"year_from": "MMXX"}, {"q": "<script>alert(1)</script>"},
        {"language": "<b>"}, {"q": "'\"; --"}, {"section": "0"}, {"rating": "nan"}, {"kind": "unknown"},
        {"q": "x" * 2000}, {"nonsense": "1"},
    ],
)  # fmt: skip
def test_no_address_breaks_the_page(stocked: Installation, asked: dict[str, str]) -> None:
    at = at_page(None, PAGE, **asked)
    assert not at.exception
    assert at.title[0].value == "Catalogue"
    assert "went wrong" not in read(at)
    assert "<script>" not in html_of(at)


def test_what_people_typed_is_shown_letter_by_letter(served: Installation) -> None:
    with begin_work(served, an_admin(served)) as uow:
        add_title(uow, TitleForm(title='<img src=x onerror="a()"> ![x](http://evil.example/y)',
                                 contributors=[Contributor(name="<b>Bold</b>")]))  # fmt: skip
    html = html_of(at_page(None, PAGE))
    assert "<img src=x" not in html
    assert "<b>Bold" not in html
    assert "&lt;img src=x" in html


@given(QUERIES)
def test_a_search_comes_back_from_its_address_as_it_was(query: SearchQuery) -> None:
    assert query_of(asked_of(query)) == query


@given(st.dictionaries(st.sampled_from(["q", "page", "genre", "year_to", "rating", "sort", "in_title", "author_id"]),
                       st.lists(st.text(max_size=30), max_size=3)))  # fmt: skip
def test_any_parameters_make_some_search(asked: dict[str, list[str]]) -> None:
    found = query_of(asked)
    assert 1 <= found.page <= 100_000
    assert all(genre > 0 for genre in found.genres)


def test_every_change_but_of_the_page_goes_back_to_page_one() -> None:
    query = SearchQuery(text="x", page=7)
    assert "page" not in address_of(query, sort=Sort.TITLE)
    assert address_of(query, page=8) == "/catalogue?q=x&page=8"


def test_a_click_on_a_facet_puts_it_in_and_another_takes_it_out() -> None:
    query = SearchQuery(genres=(1, 2))
    assert toggled(query, "genre", 3, False) == {"genres": (1, 2, 3)}
    assert toggled(query, "genre", 2, True) == {"genres": (1,)}
    assert toggled(query, "decade", 1960, False) == {"year_from": 1960, "year_to": 1969}
    assert toggled(query, "rating", 4, True) == {"min_rating": None}


def test_a_facet_that_tells_nothing_apart_is_left_out() -> None:
    one = {"language": (FacetCount("en", "English", 5, False),)}
    assert facets_html(SearchQuery(), one) == ""
    two = {"language": (FacetCount("en", "English", 5, False), FacetCount("ja", "Japanese", 1, False))}
    assert "English" in facets_html(SearchQuery(), two)


def test_every_filter_has_a_chip_and_several_can_be_cleared_at_once() -> None:
    query = SearchQuery(fields={"title": "<x>"}, author_id=4, year_from=1900, genres=(3,))
    chips = chips_html(query, {"genre": (FacetCount(3, "Poetry", 1, True),)}, {"author": "A. Writer"})
    for told in ("Title: &lt;x&gt;", "A. Writer", "Since 1900", "Poetry", "Clear all"):
        assert told in chips
    assert chips_html(SearchQuery(text="plain"), {}, {}) == ""


def test_the_order_in_force_is_marked() -> None:
    assert 'aria-current="true">Newest' in sorts_html(SearchQuery(sort=Sort.NEWEST))
    assert 'aria-current="true">Most borrowed' in sorts_html(SearchQuery())
    assert "Best match" not in sorts_html(SearchQuery())
    assert 'aria-current="true">Best match' in sorts_html(SearchQuery(text="dune"))


def test_pages_are_numbered_with_their_neighbours_and_ends() -> None:
    html = pager_html(7, 20, lambda page: f"/p?{page}")
    shown = [number for number in range(1, 21) if f'href="/p?{number}"' in html]
    assert shown == [1, 5, 6, 7, 8, 9, 20]
    assert pager_html(1, 1, str) == ""
