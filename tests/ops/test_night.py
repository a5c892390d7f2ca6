"""The night: every job in its order and in batches, one fault does not stop the rest, and only one night at a time."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.once import remember
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.catalogue.covers import remove_cover, set_cover
from lib.circulation.borrowing import borrow
from lib.kit.clock import SetClock
from lib.kit.errors import Invalid
from lib.ops.night import DEAD_AFTER, NIGHT, NightIsRunning, done_today, run_night
from lib.ops.night_history import KEPT, last_runs, nights
from lib.ops.night_jobs import JOBS, Batch, Job, Seen
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title, an_admin
from tests.catalogue.test_covers import a_picture
from tests.circulation.steps import hand_in, rows
from tests.ops.broken import break_it, lived_in
from tests.ops.test_integrity import names_of


def counting(seen: list[tuple[int, int]], total: int) -> Job:
    """A job of `total` rows that notes its batches as (after_id, limit)."""

    def step(_uow: UnitOfWork, after: int, limit: int) -> Batch:
        seen.append((after, limit))
        reached = min(after + limit, total)
        return Batch(reached if reached < total else None, {"rows": reached - after})

    return Job("counting", "Counting", "Counts.", step)


def looking_first(seen: list[tuple[str, int]], windows: list[int]) -> Job:
    """A job of so many changes in each window, which notes what it looks at and how much it writes at once."""

    def look(uow: UnitOfWork, after: int, _limit: int) -> Seen:
        assert uow.connection.get_execution_options().get("read_only")
        seen.append(("look", after))
        left = after + 1 if after + 1 < len(windows) else None
        return Seen(left, {"looked_at": windows[after]}, range(windows[after]), write)

    def write(some: Sequence[int], _uow: UnitOfWork) -> Mapping[str, int]:
        seen.append(("write", len(some)))
        return {"written": len(some)}

    def step(_uow: UnitOfWork, after: int, _limit: int) -> Batch:
        seen.append(("step", after))
        return Batch(after + 1 if after + 1 < len(windows) else None, {"written": windows[after]})

    return Job("looking", "Looking", "Looks first.", step, look)


def failing(name: str = "failing") -> Job:
    def step(_uow: UnitOfWork, _after: int, _limit: int) -> Batch:
        raise ZeroDivisionError("with somebody's name in it")

    return Job(name, "Failing", "Fails.", step)


def test_every_job_runs_in_order_and_is_kept(library: Installation) -> None:
    lived_in(library)
    outcomes = run_night(library)
    assert [one.name for one in outcomes] == [job.name for job in JOBS]
    assert [one for one in outcomes if one.failed] == []
    kept = rows(library, "SELECT job, failed FROM job_run ORDER BY id")
    assert kept == [(NIGHT, ""), *((job.name, "") for job in JOBS)]
    assert rows(library, "SELECT count(*) FROM job_run WHERE finished_at IS NULL") == [(0,)]
    assert rows(library, "SELECT asked_by, findings FROM integrity_run") == [("night", 0)]
    assert JOBS[-1].name == "integrity"
    assert names_of(library) == set()


def test_a_second_night_adds_nothing(library: Installation, clock: SetClock) -> None:
    lived_in(library)
    clock.at += timedelta(days=30)
    run_night(library)
    again = {one.name: dict(one.counts) for one in run_night(library)}
    assert again.pop("integrity") == {"checks": rows(library, "SELECT max(checked) FROM integrity_run")[0][0]}
    for job, counts in again.items():
        assert not any(number for name, number in counts.items() if name != "looked_at"), (job, counts)


def test_batches_grow_while_they_are_quick(sqlite_library: Installation) -> None:
    seen: list[tuple[int, int]] = []
    (outcome,) = run_night(sqlite_library, jobs=[counting(seen, 5000)])
    assert outcome.counts == {"rows": 5000}
    assert seen[0] == (0, 100)
    assert seen[1] == (100, 200)
    assert max(limit for _, limit in seen) <= 2000


def test_a_job_in_two_parts_writes_some_changes_at_a_time_and_takes_no_turn_for_none(
    sqlite_library: Installation,
) -> None:
    """The first batch has room for 100: 250 changes are three batches, none of them a small rest."""
    seen: list[tuple[str, int]] = []
    (outcome,) = run_night(sqlite_library, jobs=[looking_first(seen, [250, 0, 1])])
    assert outcome.counts == {"looked_at": 251, "written": 251}
    assert (seen[:2], seen[-3:]) == ([("look", 0), ("write", 84)], [("look", 1), ("look", 2), ("write", 1)])
    assert sum(many for what, many in seen if what == "write") == 251


def test_postgresql_has_rows_to_lock_and_does_such_a_job_at_once(postgres_library: Installation) -> None:
    seen: list[tuple[str, int]] = []
    (outcome,) = run_night(postgres_library, jobs=[looking_first(seen, [250, 1])])
    assert (outcome.counts, seen) == ({"written": 251}, [("step", 0), ("step", 1)])


def test_desks_write_between_the_batches(library: Installation) -> None:
    """Each batch is a transaction of its own: between two of them a desk gets the writer."""
    desk, made = a_librarian(library), list[int]()

    def a_desk_works(_job: Job, _counts: Mapping[str, int]) -> None:
        with begin_work(library, desk) as uow:
            remember(uow, f"k{len(made)}", "x", {})
            made.append(1)

    run_night(library, jobs=[counting([], 900)], progress=a_desk_works)
    assert len(made) > 2
    assert rows(library, "SELECT count(*) FROM once_key") == [(len(made),)]


def test_a_job_that_fails_is_told_and_stops_no_other(library: Installation) -> None:
    seen: list[tuple[int, int]] = []
    first, second = run_night(library, jobs=[failing(), counting(seen, 1)])
    assert first.failed.startswith("ZeroDivisionError (incident ")
    assert "somebody" not in first.failed
    assert (second.failed, seen) == ("", [(0, 100)])
    with begin_reading(library, an_admin(library)) as uow:
        last = last_runs(uow)
        assert last["failing"].failed == first.failed
        assert last[NIGHT].failed == "failed: failing"
        assert last[NIGHT].counts == {"jobs": 2, "failed": 1}
        assert not done_today(uow)


def test_faults_that_the_check_finds_fail_the_night(library: Installation) -> None:
    break_it(library, "DELETE FROM policy_rule")
    outcome = next(one for one in run_night(library, only=["integrity"]))
    assert "found 1 thing" in outcome.failed


def test_only_the_named_jobs_run_and_unknown_ones_are_refused(library: Installation) -> None:
    assert [one.name for one in run_night(library, only=["keys", "policy"])] == ["policy", "keys"]
    with pytest.raises(Invalid, match="hats"):
        run_night(library, only=["hats"])
    with begin_reading(library, an_admin(library)) as uow:
        assert not done_today(uow)  # a part is no night


def test_two_nights_do_not_run_at_once(library: Installation) -> None:
    def another(_uow: UnitOfWork, _after: int, _limit: int) -> Batch:
        return Batch(None)

    def whole(installation: Installation, _alive: Callable[[], None]) -> Mapping[str, int]:
        with pytest.raises(NightIsRunning):
            run_night(installation, jobs=[Job("another", "Another", "Is another.", another)])
        return {"refused": 1}

    (outcome,) = run_night(library, jobs=[Job("whole", "Whole", "Tries another.", whole=whole)])
    assert (outcome.counts, outcome.failed) == ({"refused": 1}, "")
    run_night(library, jobs=[counting([], 1)])


def test_a_night_whose_process_was_killed_is_taken_over_after_half_an_hour(
    library: Installation, clock: SetClock
) -> None:  # fmt: skip
    class Killed(BaseException):
        pass

    def dies(_uow: UnitOfWork, _after: int, _limit: int) -> Batch:
        raise Killed

    with pytest.raises(Killed):
        run_night(library, jobs=[Job("dies", "Dies", "Dies.", dies)])
    break_it(library, "UPDATE job_run SET finished_at = NULL")  # a process that is killed does not even write that
    with pytest.raises(NightIsRunning):
        run_night(library, jobs=[counting([], 1)])
    clock.at += DEAD_AFTER
    assert run_night(library, jobs=[counting([], 1)])[0].failed == ""
    told = rows(library, "SELECT job, failed FROM job_run ORDER BY id")
    assert told[:2] == [(NIGHT, "broken off: its process ended"), ("dies", "broken off: its process ended")]


def test_a_night_that_shows_life_is_not_taken_over(library: Installation, clock: SetClock) -> None:
    def slow(_uow: UnitOfWork, after: int, _limit: int) -> Batch:
        clock.at += timedelta(minutes=20)
        return Batch(after + 1 if after < 3 else None)

    def meanwhile(_job: Job, _counts: Mapping[str, int]) -> None:
        with pytest.raises(NightIsRunning):
            run_night(library, jobs=[counting([], 1)])

    (outcome,) = run_night(library, jobs=[Job("slow", "Slow", "Takes its time.", slow)], progress=meanwhile)
    assert outcome.failed == ""


def test_who_was_taken_over_stops(library: Installation, clock: SetClock) -> None:
    seen: list[int] = []

    def slow(_uow: UnitOfWork, after: int, _limit: int) -> Batch:
        seen.append(after)
        return Batch(after + 1)

    def sleeps(_job: Job, _counts: Mapping[str, int]) -> None:
        clock.at += DEAD_AFTER
        assert run_night(library, jobs=[counting([], 1)])[0].failed == ""

    (outcome,) = run_night(library, jobs=[Job("slow", "Slow", "Sleeps.", slow)], progress=sleeps)
    assert outcome.failed == "another process took over"
    assert seen == [0]


def test_nights_are_listed_newest_first_and_forgotten_after_a_year(library: Installation, clock: SetClock) -> None:
    run_night(library, only=["keys"])
    clock.at += KEPT + timedelta(days=1)
    run_night(library)
    with begin_reading(library, an_admin(library)) as uow:
        assert done_today(uow)
        page = nights(uow)
    assert (page.total, page.rows[0].counts["jobs"]) == (1, len(JOBS))


# ----------------------------------------------------------------------------------- what the jobs of this table do


def test_history_ends_after_the_librarys_months_and_cannot_be_found_again(
    library: Installation, clock: SetClock
) -> None:  # fmt: skip
    desk, reader, recent = a_librarian(library), a_member(library), a_member(library)
    title = a_title(library)
    barcode = a_copy(library, title)
    with begin_work(library, reader) as uow:
        borrow(uow, title_id=title)
    hand_in(library, desk, barcode)
    clock.at += timedelta(days=800)
    with begin_work(library, recent) as uow:
        borrow(uow, title_id=title)
    hand_in(library, desk, barcode)
    (outcome,) = run_night(library, only=["history"])
    assert outcome.counts == {"loans": 1}
    assert rows(library, "SELECT account_id, issued_by FROM loan ORDER BY id") == [
        (None, None), (recent.account_id, recent.account_id),
    ]  # fmt: skip
    assert rows(library, f"SELECT 1 FROM desk_act WHERE account_id = {reader.account_id}") == []
    named = "SELECT 1 FROM audit a JOIN {} x ON x.{} = a.at WHERE a.action = 'loan.self-issue' AND a.subject_id = {}"
    for table, column in (("loan", "issued_at"), ("desk_act", "at")):
        assert rows(library, named.format(table, column, reader.account_id)) == [], table
        assert rows(library, named.format(table, column, recent.account_id)) != [], table
    assert names_of(library) - {"every-title-is-indexed"} == set()


def test_history_with_something_owed_stays(library: Installation, clock: SetClock) -> None:
    reader = a_member(library)
    at = clock.now()
    loan = a_loan(library, reader, returned_at=at, returned_on=at.date())
    break_it(
        library,
        "INSERT INTO charge (account_id, kind, state, loan_id, what, balance_minor, made_at)"
        f" SELECT account_id, 'fine', 'final', id, 'Fine', 100, returned_at FROM loan WHERE id = {loan}",
    )
    clock.at += timedelta(days=2000)
    assert run_night(library, only=["history"])[0].counts == {"loans": 0}
    break_it(library, "UPDATE charge SET balance_minor = 0")
    assert run_night(library, only=["history"])[0].counts == {"loans": 1}


def test_old_reservations_lose_their_reader(library: Installation, clock: SetClock) -> None:
    lived_in(library)
    run_night(library, only=["old-holds"])
    assert rows(library, "SELECT count(*) FROM hold WHERE account_id IS NULL") == [(0,)]
    clock.at += timedelta(days=2000)
    assert run_night(library, only=["old-holds"])[0].counts == {"holds": 2}
    assert rows(library, "SELECT DISTINCT state FROM hold WHERE account_id IS NULL ORDER BY state") == [
        ("cancelled",), ("expired",),
    ]  # fmt: skip


def test_a_cover_nobody_uses_goes_after_a_day(library: Installation, clock: SetClock) -> None:
    desk, title, kept = a_librarian(library), a_title(library), a_title(library)
    for number, which in enumerate((title, kept)):
        with begin_work(library, desk) as uow:
            set_cover(uow, which, a_picture(size=(200 + number * 10, 300)))
    with begin_work(library, desk) as uow:
        remove_cover(uow, title)
    digests = [row[0] for row in rows(library, "SELECT sha256 FROM stored_file")]
    clock.at += timedelta(days=2)
    for digest in digests:
        old = (clock.at - timedelta(hours=30)).timestamp()
        os.utime(library.files.path(digest), (old, old))
    assert run_night(library, only=["files"])[0].counts == {"files": 1}
    (left,) = [row[0] for row in rows(library, "SELECT sha256 FROM stored_file")]
    assert [library.files.path(digest).exists() for digest in digests] == [digest == left for digest in digests]
    assert run_night(library, only=["files"])[0].counts == {"files": 0}


def test_a_file_that_was_stored_again_lately_stays(library: Installation, clock: SetClock) -> None:
    desk, title, picture = a_librarian(library), a_title(library), a_picture()
    with begin_work(library, desk) as uow:
        set_cover(uow, title, picture)
    with begin_work(library, desk) as uow:
        remove_cover(uow, title)
    (digest,) = rows(library, "SELECT sha256 FROM stored_file")[0]
    clock.at += timedelta(days=2)
    os.utime(library.files.path(digest), (clock.at.timestamp(), clock.at.timestamp()))
    assert run_night(library, only=["files"])[0].counts == {"files": 0}
    assert library.files.path(digest).exists()


def test_old_keys_are_dropped_in_batches(library: Installation, clock: SetClock) -> None:
    with begin_work(library, SYSTEM) as uow:
        for number in range(1500):
            remember(uow, f"k{number}", "x", {})
    clock.at += timedelta(days=3)
    assert run_night(library, only=["keys"])[0].counts == {"keys": 1500}
    assert rows(library, "SELECT count(*) FROM once_key") == [(0,)]
