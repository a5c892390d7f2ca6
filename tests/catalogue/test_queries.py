"""Reading the catalogue: cards, shelves, browsing; what readers may not see."""

from datetime import timedelta
from typing import Any

import pytest

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading, begin_work
from lib.catalogue import queries
from lib.catalogue.models import CopyStatus
from lib.catalogue.sections import add_section
from lib.catalogue.titles import Contributor, TitleForm, add_title
from lib.kit.errors import NotFound, NotSignedIn
from tests.builders import a_copy, a_librarian, a_title


def added(library: Installation, name: str, *people: str, **given: Any) -> int:
    with begin_work(library, a_librarian(library)) as uow:
        form = TitleForm(title=name, contributors=[Contributor(name=person) for person in people], **given)
        return add_title(uow, form)


def test_a_card_says_who_wrote_it_and_what_is_in(library: Installation) -> None:
    title_id = added(library, "Good Omens", "Neil Gaiman", "Terry Pratchett", year=1990, call_number="823 GAI")
    for status in (
        CopyStatus.AVAILABLE,
        CopyStatus.ON_LOAN,
        CopyStatus.LOST,
        CopyStatus.WITHDRAWN,
        CopyStatus.ON_ORDER,
    ):
        a_copy(library, title_id, status=status, shelf="B-12")
    with begin_reading(library, GUEST) as uow:
        card = queries.cards(uow, [title_id])[title_id]
    assert [author.name for author in card.authors] == ["Neil Gaiman", "Terry Pratchett"]
    assert (card.copies_in, card.copies_total, card.first_shelf, card.year) == (1, 2, "B-12", 1990)
    assert (card.rating, card.rating_count, card.has_cover, card.kind) == (None, 0, False, "book")


def test_a_card_names_the_call_number_where_copies_have_no_shelf(library: Installation) -> None:
    title_id = added(library, "Emma", call_number="823 AUS")
    with begin_reading(library, GUEST) as uow:
        assert queries.cards(uow, [title_id])[title_id].first_shelf == ""
    a_copy(library, title_id)
    with begin_reading(library, GUEST) as uow:
        assert queries.cards(uow, [title_id])[title_id].first_shelf == "823 AUS"


def test_cards_keep_the_order_asked_for_and_leave_out_what_is_gone(library: Installation) -> None:
    ids = [a_title(library) for _ in range(5)]
    wanted = [ids[3], ids[0], 999, ids[4], ids[3]]
    with begin_reading(library, GUEST) as uow:
        assert list(queries.cards(uow, wanted)) == [ids[3], ids[0], ids[4]]
        assert queries.cards(uow, []) == {}


@pytest.mark.parametrize("number", [1, 12, 200])
def test_any_number_of_cards_takes_three_statements(sqlite_library: Installation, number: int) -> None:
    ids = [a_title(sqlite_library) for _ in range(number)]
    with begin_reading(sqlite_library, GUEST) as uow:
        asked: list[str] = []
        driver: Any = uow.connection.connection.dbapi_connection
        driver.set_trace_callback(asked.append)
        assert len(queries.cards(uow, ids)) == number
        driver.set_trace_callback(None)
    assert len(asked) == 3


def test_archived_titles_are_for_cataloguers_alone(library: Installation) -> None:
    title_id = a_title(library, "Gone", archived_at=library.clock.now())
    barcode = a_copy(library, title_id)
    with begin_reading(library, GUEST) as uow:
        assert queries.cards(uow, [title_id]) == {}
        assert queries.shelf(uow, "recent") == ()
        for ask in (lambda: queries.title(uow, title_id), lambda: queries.copy_by_barcode(uow, barcode)):
            with pytest.raises(NotFound):
                ask()
    with begin_reading(library, a_librarian(library)) as uow:
        assert queries.title(uow, title_id).archived_at == library.clock.now()
        assert title_id in queries.cards(uow, [title_id])


@pytest.mark.parametrize("number", [0, -1, 999, 2**63, 10**30])
def test_ids_from_the_address_bar_are_simply_not_found(library: Installation, number: int) -> None:
    with begin_reading(library, GUEST) as uow:
        for ask in (queries.title, queries.copy, queries.author, queries.series):
            with pytest.raises(NotFound):
                ask(uow, number)


def test_a_title_is_found_by_any_form_of_its_isbn(library: Installation) -> None:
    title_id = added(library, "The Hunger Games", isbns=["0439023483"])
    with begin_reading(library, GUEST) as uow:
        for text in ("0439023483", "978-0-439-02348-1"):
            assert queries.title_by_isbn(uow, text).id == title_id
        for text in ("9780061054884", "nonsense", ""):
            with pytest.raises(NotFound):
                queries.title_by_isbn(uow, text)


def test_shelves_are_in_their_order_and_may_be_of_one_section(library: Installation) -> None:
    now = library.clock.now()
    with begin_work(library, a_librarian(library)) as uow:
        section = add_section(uow, "Focus")
        kept = add_title(uow, TitleForm(title="In focus", section_ids=[section]))
    old = a_title(library, "Old", added_at=now - timedelta(days=9), loan_count=50, rating_rank=3, rating_sum=3,
                  rating_count=1)  # fmt: skip
    new = a_title(library, "New", added_at=now + timedelta(days=1), loan_count=5, rating_rank=4, rating_sum=5,
                  rating_count=1)  # fmt: skip
    with begin_reading(library, GUEST) as uow:
        assert [card.id for card in queries.shelf(uow, "recent")] == [new, kept, old]
        assert [card.id for card in queries.shelf(uow, "recent", size=1)] == [new]
        assert [card.id for card in queries.shelf(uow, "popular")] == [old, new]
        assert [card.id for card in queries.shelf(uow, "rated")] == [new, old]
        assert [card.id for card in queries.shelf(uow, "recent", section_id=section)] == [kept]
        assert queries.shelf(uow, "popular", section_id=section) == ()


def test_related_titles_are_of_the_series_in_order_and_of_the_author(library: Installation) -> None:
    third = added(library, "Book three", "Ann Leckie", series="Radch", series_number="10")
    first = added(library, "Book one", "Ann Leckie", series="Radch", series_number="2")
    alone = added(library, "Raven", "Ann Leckie", "Somebody Else")
    added(library, "Unrelated", "Nobody")
    with begin_reading(library, GUEST) as uow:
        near = queries.related(uow, first)
        assert ([card.id for card in near.series], [card.id for card in near.authors]) == ([third], [alone])
        near = queries.related(uow, alone)
        assert near.series == ()
        assert {card.id for card in near.authors} == {first, third}


def test_authors_are_browsed_by_any_part_of_their_names(library: Installation) -> None:
    added(library, "One", "Ursula K. Le Guin")
    added(library, "Two", "Émile Zola")
    added(library, "Three", "Émile Zola", "村上春樹")
    with begin_reading(library, GUEST) as uow:
        everyone = queries.browse_authors(uow)
        assert [(row.name, row.titles) for row in everyone.rows] == [
            ("Ursula K. Le Guin", 1), ("Émile Zola", 2), ("村上春樹", 1)]  # fmt: skip
        for text, names in (
            ("zol emi", ["Émile Zola"]),
            ("guin", ["Ursula K. Le Guin"]),
            ("村上", ["村上春樹"]),
            ("x", []),
        ):
            assert [row.name for row in queries.browse_authors(uow, text).rows] == names
        page = queries.browse_authors(uow, page=2, size=2)
        assert (len(page.rows), page.total, page.pages) == (1, 3, 2)
        assert queries.browse_authors(uow, "100%_").rows == ()


def test_genres_and_kinds_count_what_readers_can_see(library: Installation) -> None:
    added(library, "One", genres=["Fantasy", "Classic"])
    added(library, "Two", genres=["fantasy"], kind="ebook")
    with begin_reading(library, GUEST) as uow:
        assert [(row.name, row.titles) for row in queries.genres(uow)] == [("Classic", 1), ("Fantasy", 2)]
        assert [row.name for row in queries.browse_genres(uow, "fan").rows] == ["Fantasy"]
        assert {row.code: row.titles for row in queries.kinds(uow)}["ebook"] == 1
    added(library, "Three", genres=["Fantasy"])
    with begin_reading(library, GUEST) as uow:
        assert [(row.name, row.titles) for row in queries.genres(uow)] == [("Classic", 1), ("Fantasy", 3)]


def test_nobody_without_the_permission_reads(library: Installation) -> None:
    nothing = Actor(None, Role.GUEST, scopes=frozenset())
    with begin_reading(library, nothing) as uow:
        for ask in (
            lambda: queries.cards(uow, [1]), lambda: queries.title(uow, 1), lambda: queries.shelf(uow, "recent"),
            lambda: queries.sections(uow), lambda: queries.genres(uow), lambda: queries.browse_authors(uow),
            lambda: queries.copy_by_barcode(uow, "x"), lambda: queries.related(uow, 1),
        ):  # fmt: skip
            with pytest.raises(NotSignedIn):
                ask()
