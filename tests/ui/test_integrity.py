"""The integrity page: calm when all is well, findings with rows and repairs; and the page of night jobs."""

from collections.abc import Callable
from datetime import timedelta

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.catalogue.search_index import rebuild_index
from lib.kit.clock import SetClock
from lib.ops.auditor import run_audit
from lib.ops.integrity import checks
from lib.ops.night import run_night
from lib.ops.night_jobs import JOBS
from tests.builders import a_copy, a_librarian, a_title
from tests.circulation.steps import rows
from tests.ops.broken import break_it
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, html_of, labels, links, read

PAGE, JOBS_PAGE = "admin/integrity.py", "admin/jobs.py"
SessionOf = Callable[[Role], int]


def _break_a_copy(library: Installation) -> tuple[int, str]:
    title = a_title(library, "Dune <b>")
    barcode = a_copy(library, title)
    with begin_work(library, a_librarian(library)) as uow:
        rebuild_index(uow)
    break_it(library, "UPDATE copy SET status = 'on_loan'")
    return title, barcode


def test_before_the_first_check_it_offers_one(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), PAGE)
    assert "Nothing has been checked yet" in read(at)
    button(at, "Check now").click().run()
    assert f"All {checks()} checks held today." in read(at)
    assert "asked by this page, Admin" in read(at)


def test_it_is_calm_when_all_is_well(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.ADMIN)
    run_audit(served, asked_by="night")
    at = at_page(session, PAGE)
    assert f"All {checks()} checks held tonight." in read(at)
    assert not at.warning
    assert "Repair it" not in labels(at)


def test_a_finding_shows_its_rows_and_is_repaired(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.ADMIN)
    title, barcode = _break_a_copy(served)
    run_audit(served, asked_by="night")
    at = at_page(session, PAGE)
    assert "1 thing is not as it must be" in read(at)
    assert "marked as on the shelf" in read(at)
    assert f"“Dune <b>”, {barcode}" in read(at)
    assert {f"/title?id={title}", f"/copies?barcode={barcode}"} <= set(links(at))
    button(at, "Repair it").click().run()
    assert not at.exception
    assert rows(served, "SELECT status FROM copy") == [("available",)]
    assert f"Now: {barcode} “Dune <b>” available." in read(at).replace("\\", "")
    assert "Repaired" in read(at)
    assert "by Admin" in read(at)
    assert "Repair it" not in labels(at)


def test_what_a_person_must_look_at_says_so(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.ADMIN)
    break_it(served, "DELETE FROM policy_rule")
    run_audit(served, asked_by="verify")
    at = at_page(session, PAGE)
    assert "What to do: Save a line for any type and any kind" in read(at)
    assert "Repair it" not in labels(at)


def test_earlier_checks_can_be_looked_at(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.ADMIN)
    break_it(served, "UPDATE policy_rule SET loan_days = NULL")
    first = run_audit(served, asked_by="night").run
    break_it(served, "UPDATE policy_rule SET loan_days = 21")
    run_audit(served, asked_by="night")
    at = at_page(session, PAGE)
    assert f"/integrity?run={first.id}" in links(at)
    assert "leaves a value open" in read(at_page(session, PAGE, run=str(first.id)))


def test_the_jobs_before_their_first_night(served: Installation, session_of: SessionOf) -> None:
    at = at_page(session_of(Role.ADMIN), JOBS_PAGE)
    assert "No night has run yet" in read(at)
    assert html_of(at).count("never") == len(JOBS)


def test_the_jobs_tell_their_last_run_and_what_failed(served: Installation, session_of: SessionOf) -> None:
    session = session_of(Role.ADMIN)
    run_night(served)
    words = read(at_page(session, JOBS_PAGE))
    assert f"All {len(JOBS)} jobs of the night went well" in words
    assert "nothing to do" in words
    break_it(served, "DELETE FROM policy_rule")
    run_night(served)
    words = read(at_page(session, JOBS_PAGE))
    assert "failed: Integrity check" in words
    assert "found 1 thing" in words


def test_a_night_that_is_missing_is_told(served: Installation, session_of: SessionOf, clock: SetClock) -> None:
    run_night(served)
    clock.at += timedelta(hours=37)
    assert "Look at the timer" in read(at_page(session_of(Role.ADMIN), JOBS_PAGE))
