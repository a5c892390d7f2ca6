"""Many titles and copies at once: the same rules as one at a time, merged where they are there already."""

import csv
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from lib.access.actor import GUEST, SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission, Role
from lib.access.work import begin_reading, begin_work
from lib.catalogue.bulk import Outcome, Put, put_copies, put_titles
from lib.catalogue.copies import CopyForm
from lib.catalogue.errors import BarcodeTaken
from lib.catalogue.policy import number_of_own
from lib.catalogue.queries import cards, copy_by_barcode, shelf, title
from lib.catalogue.search import SearchQuery, search
from lib.catalogue.stored import stored_titles
from lib.catalogue.titles import Contributor, TitleForm, add_title
from lib.kit.errors import Forbidden, Invalid
from tests.builders import a_copy, a_librarian, a_title

ADDED, MERGED, UNCHANGED = Outcome.ADDED, Outcome.MERGED, Outcome.UNCHANGED
ISBN_A, ISBN_B = "9780061054884", "9780439023481"


def a_form(name: str = "Emma", by: str = "Jane Austen", **given: Any) -> TitleForm:
    people = [Contributor(name=by)] if by else []
    return TitleForm(title=name, contributors=people, **given)


def put(
    library: Installation, *forms: TitleForm, source: str | None = None, ids: tuple[str | None, ...] = ()
) -> list[Put]:
    with begin_work(library, SYSTEM) as uow:
        return put_titles(uow, forms, source=source, source_ids=ids)


def outcomes(puts: list[Put]) -> list[Outcome]:
    return [outcome for _, outcome in puts]


FULL = TitleForm(
    title="The Dispossessed", subtitle="An Ambiguous Utopia", contributors=[Contributor(name="Le Guin, Ursula K.")],
    isbns=["0061054887"], publisher="Harper", year=1974, edition="1st", language="eng", pages=341, volume="1",
    description="Two worlds.", series="Hainish", series_number="6", genres=["Science fiction"], tags=["utopia"],
    call_number="813 LEG", price_minor=999,
)  # fmt: skip


def test_a_batch_writes_exactly_what_adding_one_by_one_writes(library: Installation) -> None:
    with begin_work(library, a_librarian(library)) as uow:
        alone = add_title(uow, FULL)
        one = stored_titles(uow, [alone])[alone]
        uow.connection.execute(text("DELETE FROM title"))
    (many,) = put(library, FULL)
    with begin_reading(library, GUEST) as uow:
        assert stored_titles(uow, [many[0]])[many[0]] == one


def test_a_second_import_of_the_same_adds_nothing(library: Installation) -> None:
    forms = (FULL, a_form(), a_form("Persuasion", year=1818), a_form("???", by=""))
    ids = ("1", "2", "3", "4")
    first = put(library, *forms, source="file", ids=ids)
    assert outcomes(first) == [ADDED] * 4
    assert put(library, *forms, source="file", ids=ids) == [(title_id, UNCHANGED) for title_id, _ in first]
    assert put(library, *forms) == [(title_id, UNCHANGED) for title_id, _ in first]


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (a_form(), a_form(), True),
        (a_form(), a_form("EMMA!", by="Austen, Jane"), True),
        (a_form(isbns=[ISBN_A]), a_form("Wholly other", by="", isbns=[ISBN_A]), True),
        (a_form(isbns=[ISBN_A]), a_form(), True),
        (a_form(), a_form(isbns=[ISBN_A]), True),
        (a_form(isbns=[ISBN_A]), a_form(isbns=[ISBN_B]), False),
        (a_form(isbns=[ISBN_A]), a_form(isbns=[ISBN_B, ISBN_A]), True),
        (a_form(year=1815), a_form(year=1816), False),
        (a_form(year=1815), a_form(), False),
        (a_form(language="en"), a_form(language="fr"), False),
        (a_form(kind="book"), a_form(kind="audiobook"), False),
        (a_form(volume="1"), a_form(volume="2"), False),
        (a_form(volume="1"), a_form(), True),
        (a_form(subtitle="A novel"), a_form(subtitle="A play"), False),
        (a_form(by=""), a_form(by=""), True),
        (a_form(by=""), a_form(by="Jane Austen"), False),
        (a_form("Emma"), a_form("Emma II"), False),
    ],
)
def test_the_rule_of_merging(library: Installation, old: TitleForm, new: TitleForm, same: bool) -> None:
    (first,) = put(library, old)
    (second,) = put(library, new)
    assert (second[0] == first[0]) is same
    assert (second[1] is not ADDED) is same


def test_rows_of_one_batch_merge_with_one_another(library: Installation) -> None:
    puts = put(library, a_form(isbns=[ISBN_A]), a_form(publisher="Murray"), a_form("Other", isbns=[ISBN_A]))
    assert [title_id for title_id, _ in puts] == [puts[0][0]] * 3
    assert outcomes(puts) == [ADDED, MERGED, UNCHANGED]
    with begin_reading(library, GUEST) as uow:
        found = title(uow, puts[0][0])
    assert (found.title, found.publisher, found.version) == ("Emma", "Murray", 1)


def test_the_same_source_id_is_the_same_title_whatever_it_is_called_now(library: Installation) -> None:
    (first,) = put(library, a_form(), source="file", ids=("7",))
    (again,) = put(library, a_form("Emma, revised", by="Somebody"), source="file", ids=("7",))
    (elsewhere,) = put(library, a_form("Emma, revised", by="Somebody"), source="other file", ids=("7",))
    assert again == (first[0], UNCHANGED)
    assert elsewhere[1] is ADDED


def test_two_ids_of_one_source_are_two_titles_unless_they_share_an_isbn(library: Installation) -> None:
    puts = put(library, a_form(), a_form(), source="file", ids=("1", "2"))
    assert outcomes(puts) == [ADDED, ADDED]
    later = put(library, a_form(), a_form(), source="file", ids=("3", "2"))
    assert outcomes(later) == [ADDED, UNCHANGED]
    shared = put(library, a_form("Persuasion", isbns=[ISBN_A]), a_form("Other", isbns=[ISBN_A]), source="file",
                 ids=("4", "5"))  # fmt: skip
    assert shared[0][0] == shared[1][0]


def test_a_title_known_under_a_new_source_id_is_merged_once(library: Installation) -> None:
    (first,) = put(library, a_form(), source="file", ids=("1",))
    assert put(library, a_form(), source="other", ids=("x",)) == [(first[0], MERGED)]
    assert put(library, a_form(), source="other", ids=("x",)) == [(first[0], UNCHANGED)]


def test_merging_fills_what_is_empty_and_overwrites_nothing(library: Installation) -> None:
    (first,) = put(library, a_form(publisher="Murray", genres=["Novel"], isbns=[ISBN_A]))
    (second,) = put(
        library, a_form(publisher="Penguin", genres=["Romance"], tags=["classic"], pages=474, isbns=[ISBN_A, ISBN_B])
    )
    assert second == (first[0], MERGED)
    with begin_reading(library, GUEST) as uow:
        found = title(uow, first[0])
    assert (found.publisher, found.pages, found.version) == ("Murray", 474, 2)
    assert [genre.name for genre in found.genres] == ["Novel"]
    assert [tag.name for tag in found.tags] == ["classic"]
    assert [isbn.isbn13 for isbn in found.isbns] == [ISBN_A, ISBN_B]


def test_an_isbn_of_another_title_is_not_taken_from_it(library: Installation) -> None:
    puts = put(library, a_form(isbns=[ISBN_A]), a_form("Persuasion", isbns=[ISBN_B]))
    (third,) = put(library, a_form(isbns=[ISBN_A, ISBN_B]))
    assert third == (puts[0][0], UNCHANGED)
    with begin_reading(library, GUEST) as uow:
        assert [isbn.isbn13 for isbn in title(uow, puts[1][0]).isbns] == [ISBN_B]


def test_what_is_put_is_found_by_the_next_search(library: Installation) -> None:
    puts = put(library, a_form(), a_form("Persuasion"))
    with begin_reading(library, GUEST) as uow:
        assert search(uow, SearchQuery(text="persua")).cards[0].id == puts[1][0]
        assert search(uow, SearchQuery(text="austen")).total == 2


def test_ratings_come_with_what_is_added(library: Installation) -> None:
    with begin_work(library, SYSTEM) as uow:
        puts = put_titles(
            uow, [a_form(), a_form("Persuasion"), a_form("Sanditon")], ratings=[(9, 2), (4700, 1000), None]
        )
        best = shelf(uow, "rated")
        rating = cards(uow, [puts[0][0]])[puts[0][0]]
    assert [card.title for card in best] == ["Persuasion", "Emma"]
    assert (rating.rating, rating.rating_count) == (4.5, 2)


def test_a_form_that_is_not_as_it_should_be_stops_the_batch(library: Installation) -> None:
    with pytest.raises(Invalid):
        put(library, a_form(), a_form("  "))
    with begin_reading(library, GUEST) as uow:
        assert uow.connection.scalar(text("SELECT count(*) FROM title")) == 0


def test_only_importers_put(library: Installation) -> None:
    member = Actor(1, Role.MEMBER)
    narrow = Actor(1, Role.ADMIN, scopes=frozenset({Permission.SEARCH}))
    for actor in (member, narrow):
        with begin_work(library, actor) as uow:
            with pytest.raises(Forbidden):
                put_titles(uow, [a_form()])
            with pytest.raises(Forbidden):
                put_copies(uow, [1], [CopyForm()])
    assert put(library) == []


def test_copies_are_put_once_under_their_source_id(library: Installation) -> None:
    title_id = a_title(library)
    forms = [CopyForm(shelf="B-1"), CopyForm(barcode="x-1"), CopyForm()]
    ids = ("1/1", "1/2", "1/3")
    with begin_work(library, SYSTEM) as uow:
        first = put_copies(uow, [title_id] * 3, forms, source="file", source_ids=ids)
    with begin_work(library, SYSTEM) as uow:
        again = put_copies(uow, [title_id] * 3, forms, source="file", source_ids=ids)
        bare = put_copies(uow, [title_id], [CopyForm(barcode="X-1")])
    assert outcomes(first) == [ADDED] * 3
    assert again == [(copy_id, UNCHANGED) for copy_id, _ in first]
    assert bare == [(first[1][0], UNCHANGED)]
    with begin_reading(library, GUEST) as uow:
        assert {number_of_own(copy.barcode) for copy in title(uow, title_id).copies} == {1, 2, None}
        assert cards(uow, [title_id])[title_id].copies_in == 3


def test_drawn_barcodes_pass_over_those_given_in_the_same_batch(library: Installation) -> None:
    title_id = a_title(library)
    with begin_work(library, SYSTEM) as uow:
        put_copies(uow, [title_id] * 3, [CopyForm(barcode="30000000000012"), CopyForm(), CopyForm()])
        assert {number_of_own(copy.barcode) for copy in title(uow, title_id).copies} == {1, 2, 3}


def test_a_barcode_of_another_title_is_refused(library: Installation) -> None:
    taken = a_copy(library)
    other = a_title(library)
    with begin_work(library, SYSTEM) as uow:
        with pytest.raises(BarcodeTaken):
            put_copies(uow, [other], [CopyForm(barcode=taken)])
        assert copy_by_barcode(uow, taken).title_id != other


@pytest.mark.shared
def test_ten_thousand_real_titles_come_in_and_stay_what_they_are(
    sqlite_library: Installation, shared_data: Path
) -> None:
    with (shared_data / "catalogue" / "books_10k.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    forms = [
        TitleForm(
            title=row["title"], contributors=[Contributor(name=name) for name in row["authors"].split(";")],
            isbns=[row["isbn13"]], year=int(float(row["year"])) if row["year"] else None, language=row["language"],
        )
        for row in rows
    ]  # fmt: skip
    ids = [row["book_id"] for row in rows]
    puts: list[Put] = []
    for start in range(0, len(forms), 1000):
        part = slice(start, start + 1000)
        with begin_work(sqlite_library, SYSTEM) as uow:
            puts += put_titles(uow, forms[part], source="goodbooks", source_ids=ids[part])
    assert len(puts) == 10_000
    with begin_work(sqlite_library, SYSTEM) as uow:
        again = put_titles(uow, forms[:2000], source="goodbooks", source_ids=ids[:2000])
        assert set(outcomes(again)) == {UNCHANGED}
        stored = uow.connection.scalar(text("SELECT count(*) FROM title"))
    assert stored == outcomes(puts).count(ADDED)
