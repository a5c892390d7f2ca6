"""What changes in the catalogue is found by the next search, on both databases."""

import threading

import pytest
from sqlalchemy import text, update

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.catalogue.models import Copy, Title
from lib.catalogue.search import SearchQuery, search
from lib.catalogue.search_index import rebuild_index, reindex_titles
from tests.catalogue.search_corpus import a_corpus
from tests.catalogue.search_steps import DAYS, HOBBIT, MOUNTAIN, ODES, RINGS, SKETCHBOOK, SOLITUDE, counts, look, titles


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
