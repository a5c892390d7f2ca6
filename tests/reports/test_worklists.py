"""Work that waits: copies out of circulation, and loans past their day."""

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.catalogue.models import CopyStatus
from lib.kit.errors import Forbidden
from lib.reports.overdue import overdue_count, overdue_loans
from lib.reports.worklists import copies_waiting, waiting_counts
from tests.builders import a_copy, a_librarian, a_member, a_title


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
