"""The pace of the night: batches as large as desks can bear, larger once it is alone, and a log that stays short."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from lib.access.installation import Installation
from lib.access.work import UnitOfWork
from lib.kit.database import Statement, sqlite_module
from lib.ops.night_pace import AIM_S, ALONE_S, LARGEST, LOG_PAGES, QUIET_S, Pace, aim, next_limit

_PAGE = 4096 + 24  # of SQLite's log
_TOUCH = Statement("UPDATE title SET loan_count = loan_count")
_GROW = Statement(
    "WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < :pages)"
    " INSERT INTO heavy SELECT randomblob(4000) FROM n"
)


def test_a_batch_is_as_large_as_desks_can_bear() -> None:
    assert next_limit(100, AIM_S, 0.0) == 100
    assert next_limit(100, AIM_S * 1.25, 0.0) == 80
    assert next_limit(100, 0.1, 0.0) == 50
    assert next_limit(100, 0.0, 0.0) == 200
    assert next_limit(12, 9.0, 0.0) == 10
    assert next_limit(2000, 0.0, 0.0) == LARGEST == 2000


def test_on_a_slow_disk_a_batch_works_for_two_commits() -> None:
    """Desks wait for their own commits there; smaller batches would but make the night longer."""
    assert next_limit(100, 0.008, 0.004) == 100
    assert next_limit(100, 0.008, 0.001) == 50
    assert next_limit(100, 0.02, 0.001, aim_s=0.04) == 200, "alone it may take its time"


def test_the_night_is_alone_once_nobody_else_has_written_for_a_while() -> None:
    """A desk pauses between two scans: one batch without another's writing is no sign that nobody waits."""
    assert (aim(0.0), aim(QUIET_S), aim(QUIET_S + 0.01)) == (AIM_S, AIM_S, ALONE_S)


def test_a_batch_hears_that_somebody_else_writes(sqlite_library: Installation) -> None:
    pace = Pace(sqlite_library)

    def heard() -> float:
        pace.batch(lambda uow: _TOUCH.count(uow.connection))
        return pace._heard_at

    before = heard()
    assert heard() == before, "its own commits are nobody else's"
    with closing(sqlite_module().connect(str(sqlite_library.engine.url.database))) as other:
        other.execute("CREATE TABLE somebody_writes (id INTEGER)")
    assert heard() > before


def test_a_small_rest_says_nothing_about_the_next_batch(sqlite_library: Installation) -> None:
    pace = Pace(sqlite_library)
    pace.limit = 400
    pace.batch(lambda _uow: None, amount=7)
    assert pace.limit == 400
    pace.batch(lambda _uow: None, amount=300)
    assert pace.limit == 600, "twice what it did, as it was quick"


def test_beside_a_desk_the_log_is_moved_before_somebody_must_do_it_in_their_turn(sqlite_library: Installation) -> None:
    path = Path(str(sqlite_library.engine.url.database) + "-wal")
    pace = Pace(sqlite_library)
    pace.batch(lambda uow: uow.connection.exec_driver_sql("CREATE TABLE heavy (content BLOB)"))
    for _ in range(40):
        pace._heard_at = float("inf")
        pace.batch(_pages(60))
    assert path.stat().st_size < 2 * LOG_PAGES * _PAGE, "40 × 60 pages were written"
    assert os.path.getsize(str(sqlite_library.engine.url.database)) > 2400 * 4096, "they are in the file"


def _pages(many: int) -> Callable[[UnitOfWork], int]:
    return lambda uow: _GROW.count(uow.connection, pages=many)


def test_the_log_is_moved_no_more_often_than_it_grows(sqlite_library: Installation) -> None:
    pace = Pace(sqlite_library)
    for _ in range(30):
        pace.batch(lambda uow: _TOUCH.count(uow.connection))
    assert pace._log._every > 8
