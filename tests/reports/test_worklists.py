"""Work that waits: copies out of circulation, and loans past their day."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.models import AuditRow
from lib.catalogue.models import CopyStatus
from lib.circulation.models import Closure, ClosureKind
from lib.closures.opening_days import add_closure
from lib.kit.errors import Forbidden
from lib.reports.worklists import copies_waiting, overdue_count, overdue_loans, waiting_counts
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title, an_admin


def test_copies_are_found_by_their_status_the_newest_first(library: Installation) -> None:
    first = a_copy(library, a_title(library, "Emma"), status="in_repair", note="Spine")
    second = a_copy(library, status="in_repair")
    a_copy(library, status="lost")
    with begin_reading(library, a_librarian(library)) as uow:
        found = copies_waiting(uow, CopyStatus.IN_REPAIR)
        counts = waiting_counts(uow, (CopyStatus.IN_REPAIR, CopyStatus.LOST, CopyStatus.ON_ORDER))
    assert [row.barcode for row in found.rows] == [second, first]
    assert (found.total, found.rows[1].title, found.rows[1].note) == (2, "Emma", "Spine")
    assert counts == {CopyStatus.IN_REPAIR: 2, CopyStatus.LOST: 1, CopyStatus.ON_ORDER: 0}


def test_overdue_loans_come_longest_first_and_only_those_past_their_day(library: Installation) -> None:
    reader = a_member(library, name="Ada")
    late, later = (a_loan(library, reader, days_ago=days) for days in (25, 70))
    a_loan(library, reader, days_ago=21)
    a_loan(library, reader, days_ago=90, returned_at=library.clock.now(), returned_on=library.clock.now().date())
    with begin_reading(library, a_librarian(library)) as uow:
        found, long_ago = overdue_loans(uow), overdue_loans(uow, more_than_days=42)
        assert overdue_count(uow) == found.total
    assert [row.loan_id for row in found.rows] == [later, late]
    assert (found.rows[1].late_days, found.rows[1].member, found.total) == (4, "Ada", 2)
    assert found.rows[1].due_on == library.clock.now().date() - timedelta(days=4)
    assert [row.loan_id for row in long_ago.rows] == [later]


def test_a_loan_that_could_not_be_brought_back_on_an_open_day_is_not_overdue(library: Installation) -> None:
    today = library.clock.now().date()  # a Tuesday; closed on Sundays and, this once, on Monday
    a_loan(library, a_member(library), days_ago=23)  # due on Sunday
    with begin_work(library, an_admin(library)) as uow:
        add_closure(uow, kind=ClosureKind.WEEKLY, weekday=6)
        add_closure(uow, kind=ClosureKind.DAY, first=today)
    with begin_work(library, an_admin(library)) as uow:
        uow.connection.execute(
            update(Closure).where(Closure.on_date == today).values(on_date=today - timedelta(days=1))
        )
        uow.bump("closures")
    with begin_reading(library, a_librarian(library)) as uow:
        assert overdue_count(uow) == overdue_loans(uow).total == 0


def test_a_look_at_the_overdue_list_is_audited(library: Installation) -> None:
    a_loan(library, a_member(library), days_ago=30)
    with begin_reading(library, a_librarian(library)) as uow:
        overdue_loans(uow)
    with library.engine.connect() as connection:
        assert "loan.list-overdue" in connection.scalars(select(AuditRow.action)).all()


def test_a_page_has_its_bound(library: Installation) -> None:
    for _ in range(3):
        a_copy(library, status="lost")
    with begin_reading(library, a_librarian(library)) as uow:
        found = copies_waiting(uow, CopyStatus.LOST, page=2, size=2)
    assert (len(found.rows), found.total, found.pages) == (1, 3, 2)


def test_members_are_refused(library: Installation) -> None:
    with begin_reading(library, a_member(library)) as uow:
        with pytest.raises(Forbidden):
            copies_waiting(uow, CopyStatus.LOST)
        with pytest.raises(Forbidden):
            overdue_loans(uow)
        with pytest.raises(Forbidden):
            overdue_count(uow)
        with pytest.raises(Forbidden):
            waiting_counts(uow, (CopyStatus.LOST,))
