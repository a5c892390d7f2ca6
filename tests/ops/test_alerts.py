"""The overview says when the house itself needs attention."""

from datetime import timedelta

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.kit.clock import SetClock
from lib.ops.alerts import house_alerts
from lib.ops.auditor import run_audit
from lib.ops.night import run_night
from lib.ops.repairs import repair
from tests.builders import a_librarian, an_admin
from tests.ops.broken import BREAKS, break_it, lived_in


def _codes(library: Installation, actor: Actor) -> list[tuple[str, int]]:
    with begin_reading(library, actor) as uow:
        return [(alert.code, alert.count) for alert in house_alerts(uow)]


def test_what_the_check_found_stands_there_until_it_is_repaired(library: Installation) -> None:
    lived_in(library)
    admin = an_admin(library)
    run_audit(library, asked_by="page", actor=admin)
    assert _codes(library, admin) == []
    break_it(library, *BREAKS["title-counts-its-loans"])
    run_audit(library, asked_by="page", actor=admin)
    assert _codes(library, admin) == [("integrity", 1)]
    assert _codes(library, a_librarian(library)) == []
    with begin_work(library, admin) as uow:
        repair(uow, "title-counts-its-loans")
    assert _codes(library, admin) == []


def test_a_night_that_does_not_come_is_told(library: Installation, clock: SetClock) -> None:
    admin = an_admin(library)
    run_night(library)
    assert _codes(library, admin) == []
    clock.forward(timedelta(days=3))
    assert _codes(library, admin) == [("no-night", 1)]
