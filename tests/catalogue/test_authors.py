"""Authors are renamed, and merged where two records are one person."""

import pytest

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.authors import merge_authors, rename_author
from lib.catalogue.bulk import Outcome, put_titles
from lib.catalogue.errors import MergeImpossible, NameTaken
from lib.catalogue.queries import author, browse_authors, title
from lib.catalogue.search import SearchQuery, search
from lib.catalogue.titles import Contributor, TitleForm, add_title
from lib.kit.errors import Forbidden, Invalid, NotFound
from tests.builders import a_librarian, a_member


def written(library: Installation, actor: Actor, name: str, *people: str | Contributor) -> tuple[int, list[int]]:
    """Adds a title; returns its id and its authors' ids."""
    by = [Contributor(name=person) if isinstance(person, str) else person for person in people]
    with begin_work(library, actor) as uow:
        title_id = add_title(uow, TitleForm(title=name, contributors=by))
        return title_id, [person.author_id for person in title(uow, title_id).contributors]


def by_whom(library: Installation, title_id: int) -> list[tuple[str, str]]:
    with begin_reading(library, GUEST) as uow:
        return [(person.name, person.role) for person in title(uow, title_id).contributors]


def found_by(library: Installation, words: str) -> list[int]:
    with begin_reading(library, GUEST) as uow:
        return [card.id for card in search(uow, SearchQuery(text=words)).cards]


def test_a_rename_shows_and_is_found_on_every_title(library: Installation) -> None:
    actor = a_librarian(library)
    title_id, (author_id,) = written(library, actor, "Middlemarch", "George Elliot")
    with begin_work(library, actor) as uow:
        rename_author(uow, author_id, "Eliot, George")
    assert by_whom(library, title_id) == [("George Eliot", "author")]
    assert found_by(library, "eliot") == [title_id]
    assert found_by(library, "elliot middlemarch") == []


def test_the_old_name_leads_to_the_new_one_in_later_imports(library: Installation) -> None:
    actor = a_librarian(library)
    title_id, (author_id,) = written(library, actor, "Middlemarch", "George Elliot")
    form = TitleForm(title="Middlemarch", contributors=[Contributor(name="George Elliot")])
    with begin_work(library, actor) as uow:
        rename_author(uow, author_id, "George Eliot")
        assert put_titles(uow, [form]) == [(title_id, Outcome.UNCHANGED)]
        rename_author(uow, author_id, "George Elliot")  # and back again
    assert by_whom(library, title_id) == [("George Elliot", "author")]


def test_a_name_that_is_taken_is_not_given(library: Installation) -> None:
    actor = a_librarian(library)
    _, (first,) = written(library, actor, "One", "Anne Brontë")
    written(library, actor, "Two", "Emily Brontë")
    with begin_work(library, actor) as uow:
        with pytest.raises(NameTaken):
            rename_author(uow, first, "BRONTE, Emily")
        with pytest.raises(Invalid):
            rename_author(uow, first, " ")
        with pytest.raises(NotFound):
            rename_author(uow, 99, "Somebody")


def test_merging_moves_titles_and_points_the_others_to_who_is_kept(library: Installation) -> None:
    actor = a_librarian(library)
    one, (kept,) = written(library, actor, "Adam Bede", "George Eliot")
    two, (other,) = written(library, actor, "Romola", "Marian Evans")
    with begin_work(library, actor) as uow:
        assert merge_authors(uow, kept, [other]) == 1
    assert by_whom(library, two) == by_whom(library, one) == [("George Eliot", "author")]
    assert sorted(found_by(library, "eliot")) == [one, two]
    assert found_by(library, "evans romola") == []
    with begin_reading(library, GUEST) as uow:
        assert author(uow, other).id == kept
        assert [(row.name, row.titles) for row in browse_authors(uow).rows] == [("George Eliot", 2)]


def test_a_title_by_both_names_one_person_once_for_each_part(library: Installation) -> None:
    actor = a_librarian(library)
    title_id, (kept, other, _) = written(
        library, actor, "Letters", "George Eliot", "Marian Evans", Contributor(name="Marian Evans", role="translator")
    )
    with begin_work(library, actor) as uow:
        merge_authors(uow, kept, [other])
    assert by_whom(library, title_id) == [("George Eliot", "author"), ("George Eliot", "translator")]


def test_chains_of_merges_lead_straight_to_the_last(library: Installation) -> None:
    actor = a_librarian(library)
    _, (a,) = written(library, actor, "One", "Name A")
    _, (b,) = written(library, actor, "Two", "Name B")
    _, (c,) = written(library, actor, "Three", "Name C")
    with begin_work(library, actor) as uow:
        merge_authors(uow, b, [a])
        merge_authors(uow, c, [b])
        assert author(uow, a).id == author(uow, b).id == c
    later, (again,) = written(library, actor, "Four", "NAME a")
    assert again == c
    assert by_whom(library, later) == [("Name C", "author")]


def test_nobody_is_merged_into_themselves_or_into_who_is_gone(library: Installation) -> None:
    actor = a_librarian(library)
    _, (a,) = written(library, actor, "One", "Name A")
    _, (b,) = written(library, actor, "Two", "Name B")
    with begin_work(library, actor) as uow:
        with pytest.raises(MergeImpossible):
            merge_authors(uow, a, [a])
        with pytest.raises(NotFound):
            merge_authors(uow, a, [99])
        merge_authors(uow, a, [b])
        with pytest.raises(NotFound):
            merge_authors(uow, b, [a])
    with begin_work(library, a_member(library)) as uow, pytest.raises(Forbidden):
        merge_authors(uow, a, [b])
