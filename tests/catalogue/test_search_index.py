"""The search index follows the catalogue within the transaction that changes it."""

from sqlalchemy import text

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.catalogue.search_index import create_index, drop_index, rebuild_index, reindex_titles
from tests.builders import a_title


def _indexed(uow: UnitOfWork) -> set[int]:
    key = "rowid" if uow.installation.is_sqlite else "title_id"
    return set(uow.connection.execute(text(f"SELECT {key} FROM title_search")).scalars())


def _known_words(uow: UnitOfWork) -> set[str]:
    return set(uow.connection.execute(text("SELECT word FROM search_word")).scalars())


def test_it_indexes_titles_and_remembers_their_words(library: Installation) -> None:
    ids = [
        a_title(library, "Der Zauberberg"),
        a_title(library, "吾輩は猫である"),
        a_title(library, "O'Brien's \\ “Café”"),
    ]
    with begin_work(library, SYSTEM) as uow:
        reindex_titles(uow, ids)
    with begin_reading(library, SYSTEM) as uow:
        assert _indexed(uow) == set(ids)
        assert _known_words(uow) == {"der", "zauberberg", "obriens", "cafe"}


def test_it_forgets_a_title_that_is_gone(library: Installation) -> None:
    kept, gone = a_title(library, "Kept"), a_title(library, "Gone")
    with begin_work(library, SYSTEM) as uow:
        reindex_titles(uow, [kept, gone])
    with begin_work(library, SYSTEM) as uow:
        uow.connection.execute(text("DELETE FROM title WHERE id = :id"), {"id": gone})
        reindex_titles(uow, [gone])
    with begin_reading(library, SYSTEM) as uow:
        assert _indexed(uow) == {kept}


def test_nothing_is_indexed_by_work_that_is_rolled_back(library: Installation) -> None:
    number = a_title(library, "Never")
    try:
        with begin_work(library, SYSTEM) as uow:
            reindex_titles(uow, [number])
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    with begin_reading(library, SYSTEM) as uow:
        assert _indexed(uow) == set()


def test_a_rebuilt_index_holds_every_title_and_tells_its_progress(library: Installation) -> None:
    ids = {a_title(library) for _ in range(3)}
    told: list[tuple[int, int]] = []
    with begin_work(library, SYSTEM) as uow:
        assert rebuild_index(uow, lambda done, total: told.append((done, total))) == 3
        assert _indexed(uow) == ids
    assert told == [(3, 3)]


def test_the_index_can_be_dropped_and_made_again(library: Installation) -> None:
    number = a_title(library)
    with begin_work(library, SYSTEM) as uow:
        drop_index(uow.connection)
        create_index(uow.connection)
        create_index(uow.connection)
        reindex_titles(uow, [number])
        assert _indexed(uow) == {number}


def test_very_long_texts_and_words_are_indexed_up_to_a_bound(library: Installation) -> None:
    number = a_title(library, "x" * 5000, description="word " * 20_000 + "y" * 9000)
    with begin_work(library, SYSTEM) as uow:
        reindex_titles(uow, [number])
        assert _indexed(uow) == {number}
