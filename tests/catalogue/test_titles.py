"""Titles are added, edited once, and edited in bulk."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.errors import IsbnTaken
from lib.catalogue.queries import TitleDetail, title
from lib.catalogue.sections import add_section
from lib.catalogue.titles import (
    Contributor,
    TitleForm,
    add_title,
    bulk_edit,
    edit_title,
    title_for_editing,
)
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotFound, NotSignedIn, StaleEdit
from tests.builders import a_librarian, a_member


def a_form(**given: Any) -> TitleForm:
    people = [Contributor(name=name) for name in given.pop("by", ("Ursula K. Le Guin",))]
    return TitleForm(**({"title": "The Dispossessed", "contributors": people} | given))


def added(library: Installation, actor: Actor, **given: Any) -> int:
    with begin_work(library, actor) as uow:
        return add_title(uow, a_form(**given))


def read(library: Installation, title_id: int, actor: Actor = GUEST) -> TitleDetail:
    with begin_reading(library, actor) as uow:
        return title(uow, title_id)


def count(library: Installation, table: str) -> int:
    with begin_reading(library, GUEST) as uow:
        return int(uow.connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def test_a_title_comes_back_as_it_was_typed(library: Installation) -> None:
    actor = a_librarian(library)
    with begin_work(library, actor) as uow:
        section = add_section(uow, "Science fiction")
    title_id = added(
        library, actor, subtitle="An Ambiguous Utopia", original_title="", isbns=["0-06-105488-7"], publisher="Harper",
        year=1974, edition="1st", language="eng", pages=341, volume="1", description="Two\nworlds.", series="Hainish",
        series_number="6", genres=["Science Fiction", "science  fiction"], tags=["anarchism"], section_ids=[section],
        call_number="813.54 LEG", price_minor=999,
        by=("Le Guin, Ursula K.",),
    )  # fmt: skip
    found = read(library, title_id)
    assert (found.title, found.subtitle, found.publisher, found.year) == (
        "The Dispossessed", "An Ambiguous Utopia", "Harper", 1974)  # fmt: skip
    assert (found.language, found.pages, found.volume, found.description) == ("en", 341, "1", "Two\nworlds.")
    assert [(isbn.isbn13, isbn.isbn10) for isbn in found.isbns] == [("9780061054884", "0061054887")]
    assert [(person.name, person.role) for person in found.contributors] == [("Ursula K. Le Guin", "author")]
    assert [genre.name for genre in found.genres] == ["Science Fiction"]
    assert [tag.name for tag in found.tags] == ["anarchism"]
    assert [part.name for part in found.sections] == ["Science fiction"]
    assert found.series is not None
    assert (found.series.name, found.series_number) == ("Hainish", "6")
    assert (found.call_number, found.price_minor, found.version, found.kind) == ("813.54 LEG", 999, 1, "book")


@pytest.mark.parametrize(
    "name",
    [
        "海辺のカフカ", "الأيام", "Преступление и наказание", "מלחמה ושלום", "कामायनी", "Ulysses 🍀", "Ὀδύσσεια",
        "Cien años de soledad", "Đất nước đứng lên", "토지", "L’Étranger", "\u202bمزيج\u202c mixed", "?", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    ],
)  # fmt: skip
def test_titles_of_any_script_are_kept(library: Installation, name: str) -> None:
    title_id = added(library, a_librarian(library), title=f"  {name} ", by=(name,), genres=[name], series=name)
    found = read(library, title_id)
    assert (found.title, found.contributors[0].name, found.genres[0].name) == (name, name, name)


def test_every_fault_is_told_by_field_and_nothing_is_written(library: Installation) -> None:
    actor = a_librarian(library)
    with pytest.raises(Invalid) as refusal:
        added(
            library, actor, title=" ", isbns=["123"], year=4000, pages=0, language="Qwertyish", price_minor=-1,
            description="a\x00b", by=("x" * 201,),
        )  # fmt: skip
    assert {fault.field for fault in refusal.value.faults} == {
        "title", "isbns", "year", "pages", "language", "price_minor", "description", "contributors",
    }  # fmt: skip
    assert count(library, "title") == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "spoon"}, "kind"),
        ({"section_ids": [99]}, "section_ids"),
        ({"tags": ["t"] * 101}, "tags"),
        ({"price_minor": 2**63}, "price_minor"),
        ({"title": "a" * 1001}, "title"),
        ({"title": "half \ud800"}, "title"),
    ],
)
def test_what_cannot_be_is_refused_by_field(library: Installation, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        added(library, a_librarian(library), **given)
    assert [fault.field for fault in refusal.value.faults] == [field]


def test_an_isbn_belongs_to_one_title(library: Installation) -> None:
    actor = a_librarian(library)
    first = added(library, actor, isbns=["9780061054884"])
    second = added(library, actor, title="Another")
    with pytest.raises(IsbnTaken) as refusal:
        added(library, actor, title="A third", isbns=["0061054887"])
    assert refusal.value.facts["title_id"] == first
    with pytest.raises(IsbnTaken), begin_work(library, actor) as uow:
        edit_title(uow, second, a_form(title="Another", isbns=["0061054887"]), seen_version=1)
    assert count(library, "title") == 2
    assert read(library, second).isbns == ()


def test_a_refused_title_leaves_the_transaction_usable(library: Installation) -> None:
    actor = a_librarian(library)
    added(library, actor, isbns=["9780061054884"])
    with begin_work(library, actor) as uow:
        with pytest.raises(IsbnTaken):
            add_title(uow, a_form(isbns=["9780061054884"]))
        other = add_title(uow, a_form(title="Other"))
    assert read(library, other).title == "Other"


def test_two_librarians_editing_one_title_do_not_overwrite_each_other(library: Installation, clock: SetClock) -> None:
    anna, ben = a_librarian(library, name="Anna Schmidt"), a_librarian(library, name="Ben")
    title_id = added(library, ben)
    with begin_work(library, anna) as uow:
        edit_title(uow, title_id, a_form(year=1974), seen_version=1)
    clock.forward(timedelta(minutes=5))
    with pytest.raises(StaleEdit) as refusal, begin_work(library, ben) as uow:
        edit_title(uow, title_id, a_form(year=1975), seen_version=1)
    assert refusal.value.facts["changed_by"] == "Anna Schmidt"
    assert refusal.value.facts["changed_at"] == clock.now() - timedelta(minutes=5)
    assert read(library, title_id).year == 1974


def test_of_many_edits_racing_from_one_version_exactly_one_is_saved(library: Installation) -> None:
    actor = a_librarian(library)
    title_id = added(library, actor)
    outcomes: list[str] = []
    start = threading.Barrier(6)

    def edit(year: int) -> None:
        start.wait()
        try:
            with begin_work(library, actor) as uow:
                edit_title(uow, title_id, a_form(year=year), seen_version=1)
            outcomes.append("saved")
        except StaleEdit:
            outcomes.append("stale")

    editors = [threading.Thread(target=edit, args=(1970 + n,)) for n in range(6)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    assert sorted(outcomes) == ["saved"] + ["stale"] * 5
    assert read(library, title_id).version == 2


def test_of_many_racing_for_one_isbn_exactly_one_gets_it(library: Installation) -> None:
    actor = a_librarian(library)
    outcomes: list[str] = []
    start = threading.Barrier(5)

    def add(number: int) -> None:
        start.wait()
        try:
            added(library, actor, title=f"Title {number}", isbns=["9780061054884"])
            outcomes.append("added")
        except IsbnTaken:
            outcomes.append("taken")

    adders = [threading.Thread(target=add, args=(n,)) for n in range(5)]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join()
    assert sorted(outcomes) == ["added"] + ["taken"] * 4


def test_an_edit_changes_every_part_and_one_that_changes_nothing_is_none(library: Installation) -> None:
    actor = a_librarian(library)
    title_id = added(library, actor, isbns=["9780061054884"], genres=["SF"], tags=["a"], series="Hainish")
    with begin_work(library, actor) as uow:
        form, version = title_for_editing(uow, title_id)
        edit_title(uow, title_id, form, seen_version=version)
    assert read(library, title_id).version == 1
    changed = form.model_copy(
        update={
            "kind": "ebook", "isbns": ["9791032300824"], "genres": ["Utopia"], "tags": [], "series": "",
            "contributors": [Contributor(name="Somebody Else", role="editor"), *form.contributors],
        }
    )  # fmt: skip
    with begin_work(library, actor) as uow:
        edit_title(uow, title_id, changed, seen_version=1)
    found = read(library, title_id)
    assert (found.kind, found.version, found.series, found.tags) == ("ebook", 2, None, ())
    assert [isbn.isbn13 for isbn in found.isbns] == ["9791032300824"]
    assert [(person.name, person.role) for person in found.contributors] == [
        ("Somebody Else", "editor"), ("Ursula K. Le Guin", "author")]  # fmt: skip
    assert [genre.name for genre in found.genres] == ["Utopia"]


def test_authors_and_words_are_made_once_whatever_their_capitals_and_accents(library: Installation) -> None:
    actor = a_librarian(library)
    added(library, actor, title="One", by=("Émile Zola",), genres=["Roman"], tags=["été"], series="Les Rougon")
    added(library, actor, title="Two", by=("ZOLA, Emile",), genres=["ROMAN"], tags=["Ete"], series="les rougon")
    assert [count(library, table) for table in ("author", "genre", "tag", "series")] == [1, 1, 1, 1]


def test_bulk_edit_adds_and_takes_away_and_makes_open_forms_stale(library: Installation) -> None:
    actor = a_librarian(library)
    with begin_work(library, actor) as uow:
        old, new = add_section(uow, "Old"), add_section(uow, "New")
    one = added(library, actor, title="One", genres=["SF", "Classic"], section_ids=[old])
    two = added(library, actor, title="Two", genres=["Classic"], tags=["keep"], section_ids=[new])
    with begin_work(library, actor) as uow:
        changed = bulk_edit(
            uow, [one, two, 999], add_sections=[new], remove_sections=[old], remove_genres=["sf"], add_tags=["keep"]
        )
        again = bulk_edit(uow, [one, two], add_sections=[new], add_tags=["KEEP"])
    assert (changed, again) == (1, 0)
    first, second = read(library, one), read(library, two)
    assert ([part.name for part in first.sections], [genre.name for genre in first.genres]) == (["New"], ["Classic"])
    assert [tag.name for tag in first.tags] == ["keep"]
    assert (first.version, second.version) == (2, 1)
    with pytest.raises(StaleEdit), begin_work(library, actor) as uow:
        edit_title(uow, one, a_form(), seen_version=1)


def test_bulk_edit_is_bounded_and_refuses_sections_that_are_gone(library: Installation) -> None:
    actor = a_librarian(library)
    title_id = added(library, actor)
    with begin_work(library, actor) as uow, pytest.raises(Invalid):
        bulk_edit(uow, range(1, 502), add_tags=["x"])
    with begin_work(library, actor) as uow, pytest.raises(Invalid):
        bulk_edit(uow, [title_id], add_sections=[77])


def test_only_cataloguers_change_titles(library: Installation) -> None:
    title_id = added(library, a_librarian(library))
    for actor, refusal in ((GUEST, NotSignedIn), (a_member(library), Forbidden)):
        with begin_work(library, actor) as uow:
            with pytest.raises(refusal):
                add_title(uow, a_form())
            with pytest.raises(refusal):
                edit_title(uow, title_id, a_form(), seen_version=1)
            with pytest.raises(refusal):
                bulk_edit(uow, [title_id], add_tags=["x"])
            with pytest.raises(refusal):
                title_for_editing(uow, title_id)


def test_editing_what_is_not_there_says_so(library: Installation) -> None:
    with begin_work(library, a_librarian(library)) as uow, pytest.raises(NotFound):
        edit_title(uow, 99, a_form(), seen_version=1)


def test_each_change_leaves_its_row_in_the_audit_trail(library: Installation) -> None:
    actor = a_librarian(library)
    title_id = added(library, actor)
    with begin_work(library, actor) as uow:
        edit_title(uow, title_id, a_form(year=1974), seen_version=1)
        bulk_edit(uow, [title_id], add_tags=["x"])
    with begin_reading(library, actor) as uow:
        rows = uow.connection.execute(
            text("SELECT action, actor_id FROM audit WHERE subject_kind = 'title' AND subject_id = :id ORDER BY id"),
            {"id": title_id},
        ).all()
    who = actor.account_id
    assert [tuple(row) for row in rows] == [("title.add", who), ("title.edit", who), ("title.edit", who)]
