"""The auditor keeps what it found, sees one moment of the database, and lets others write meanwhile."""

from datetime import timedelta

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.trail import record
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, NotFound
from lib.ops.auditor import KEPT, findings_of, forget_old_runs, last_run, run_audit, run_of, runs
from lib.ops.integrity import checks
from tests.builders import a_librarian, a_member, an_admin
from tests.circulation.steps import rows
from tests.ops.broken import BREAKS, break_it, lived_in


def test_a_run_over_a_sound_library_is_kept_without_findings(library: Installation) -> None:
    lived_in(library)
    told: list[tuple[int, int]] = []
    made = run_audit(library, asked_by="night", tick=lambda done, total: told.append((done, total)))
    assert made.found == ()
    assert told[-1] == (checks(), checks())
    assert len(told) == checks()
    with begin_reading(library, an_admin(library)) as uow:
        last = last_run(uow)
        assert last == made.run
        assert findings_of(uow, made.run.id) == ()
    assert (last.asked_by, last.actor_id, last.checked, last.findings) == ("night", None, checks(), 0)


def test_findings_are_kept_with_their_rows(library: Installation) -> None:
    lived_in(library)
    break_it(library, *BREAKS["loan-of-its-copys-title"])
    admin = an_admin(library)
    made = run_audit(library, asked_by="page", actor=admin)
    with begin_reading(library, admin) as uow:
        kept = findings_of(uow, made.run.id)
    assert [row.name for row in kept] == [found.name for found in made.found]
    one = next(row for row in kept if row.name == "loan-of-its-copys-title")
    assert set(one.rows[0]) == {"loan_id", "title_id", "copy_id", "copys_title_id"}
    assert one.ids[0] == one.rows[0]["loan_id"]
    assert made.run.actor_id == admin.account_id


def test_runs_are_listed_newest_first_and_found_by_number(library: Installation, clock: SetClock) -> None:
    first = run_audit(library, asked_by="verify").run
    clock.at += timedelta(hours=1)
    second = run_audit(library, asked_by="night").run
    with begin_reading(library, an_admin(library)) as uow:
        page = runs(uow, size=1)
        assert (page.rows, page.total, page.pages) == ((second,), 2, 2)
        assert run_of(uow, first.id) == first
        with pytest.raises(NotFound):
            run_of(uow, 987654)


def test_only_who_reads_the_trail_may_run_or_read_it(library: Installation) -> None:
    for who in (a_member(library), a_librarian(library)):
        with pytest.raises(Forbidden):
            run_audit(library, asked_by="page", actor=who)
        with pytest.raises(Forbidden), begin_reading(library, who) as uow:
            last_run(uow)
    assert rows(library, "SELECT count(*) FROM integrity_run") == [(0,)]


def test_others_write_while_it_checks_and_it_sees_one_moment(library: Installation) -> None:
    """Each step of the check, somebody adds to the chains: it must neither hold them up nor take that for a fault."""
    desk = lived_in(library)

    def somebody_works(_done: int, _total: int) -> None:
        with begin_work(library, desk) as uow:
            for _ in range(3):
                record(uow, "test.act", "thing", 1)

    assert run_audit(library, asked_by="night", tick=somebody_works).found == ()
    assert rows(library, "SELECT count(*) FROM audit WHERE action = 'test.act'") == [(3 * checks(),)]
    assert run_audit(library, asked_by="night").found == ()


def test_what_changes_while_it_checks_is_left_to_the_next_run(library: Installation) -> None:
    def after_the_first(done: int, _total: int) -> None:
        if done == 1:
            break_it(library, "DELETE FROM policy_rule")

    assert run_audit(library, asked_by="night", tick=after_the_first).found == ()
    assert [found.name for found in run_audit(library, asked_by="night").found] == ["general-rule-is-there"]


def test_old_runs_go_with_what_they_found(library: Installation, clock: SetClock) -> None:
    break_it(library, "DELETE FROM policy_rule")
    run_audit(library, asked_by="night")
    clock.at += KEPT + timedelta(days=1)
    run_audit(library, asked_by="night")
    with begin_work(library, SYSTEM) as uow:
        assert forget_old_runs(uow) == 1
        assert forget_old_runs(uow) == 0
    assert rows(library, "SELECT count(*) FROM integrity_run") == [(1,)]
    assert rows(library, "SELECT count(*) FROM integrity_finding") == [(1,)]
