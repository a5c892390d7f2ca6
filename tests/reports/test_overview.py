"""The overview counts what happened, and says what needs attention."""

from datetime import date, timedelta

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.accounts.models import AccountStatus
from lib.circulation.models import ClosureKind
from lib.closures.opening_days import add_closure
from lib.kit.errors import Forbidden
from lib.reports.overview import Measure, Overview, overview
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title, an_admin
from tests.circulation.steps import hand_in, issue, undone

TODAY = date(2026, 3, 10)


def _overview(library: Installation) -> Overview:
    with begin_reading(library, an_admin(library)) as uow:
        return overview(uow)


def _measures(library: Installation) -> dict[str, Measure]:
    return {measure.key: measure for measure in _overview(library).measures}


def test_it_shows_six_numbers_with_twelve_weeks_each(library: Installation) -> None:
    found = _overview(library).measures
    assert [measure.key for measure in found] == [
        "loans", "returns", "active-members", "overdue", "new-members", "copies",
    ]  # fmt: skip
    assert all(len(measure.trend) == 12 and measure.trend[-1][0] == TODAY for measure in found)


def test_it_counts_loans_and_returns_of_this_span_and_the_one_before(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    a_loan(library, reader, days_ago=3)
    a_loan(library, reader, days_ago=40, returned_at=library.clock.now() - timedelta(days=30),
           returned_on=TODAY - timedelta(days=30))  # fmt: skip
    barcode = a_copy(library)
    issue(library, desk, barcode, reader)
    hand_in(library, desk, barcode)
    found = _measures(library)
    assert (found["loans"].value, found["loans"].before) == (2, 1)
    assert (found["returns"].value, found["returns"].before) == (1, 1)
    assert (found["active-members"].value, found["active-members"].before) == (1, 1)
    assert found["loans"].trend[-1] == (TODAY, 2)


def test_a_loan_that_was_taken_back_counts_nowhere(library: Installation) -> None:
    desk = a_librarian(library)
    receipt = issue(library, desk, a_copy(library), a_member(library))
    undone(library, desk, receipt.act_id)
    found = _measures(library)
    assert [found[key].value for key in ("loans", "returns", "active-members", "overdue")] == [0, 0, 0, 0]


def test_it_knows_how_many_were_overdue_on_past_days(library: Installation) -> None:
    reader = a_member(library)
    a_loan(library, reader, days_ago=60)  # due 39 days ago, still out
    a_loan(library, reader, days_ago=60, returned_at=library.clock.now() - timedelta(days=10),
           returned_on=TODAY - timedelta(days=10))  # fmt: skip
    overdue = _measures(library)["overdue"]
    trend = dict(overdue.trend)
    assert overdue.value == 1
    assert trend[TODAY - timedelta(days=14)] == 2
    assert trend[TODAY - timedelta(days=42)] == 0


def test_a_loan_due_on_a_closed_day_is_overdue_once_an_open_day_has_passed(library: Installation) -> None:
    a_loan(library, a_member(library), days_ago=22)  # due yesterday, a Monday
    assert _measures(library)["overdue"].value == 1
    with begin_work(library, an_admin(library)) as uow:
        add_closure(uow, kind=ClosureKind.WEEKLY, weekday=0)
    assert _measures(library)["overdue"].value == 0


def test_it_counts_copies_and_says_of_how_many_titles(library: Installation) -> None:
    title = a_title(library)
    a_copy(library, title, added_at=library.clock.now() - timedelta(days=50))
    a_copy(library, title)
    copies = _measures(library)["copies"]
    assert (copies.value, copies.before, copies.detail) == (2, 1, "of 1 title")


def test_it_lists_the_busiest_titles_and_ninety_days(library: Installation) -> None:
    reader, dune, emma = a_member(library), a_title(library, "Dune"), a_title(library, "Emma")
    for title in (dune, dune, emma):
        a_loan(library, reader, a_copy(library, title), days_ago=2)
    found = _overview(library)
    assert [(row.title, row.loans) for row in found.busiest] == [("Dune", 2), ("Emma", 1)]
    assert len(found.loans_per_day) == 90
    assert found.loans_per_day[-3] == (TODAY - timedelta(days=2), 3, True)


def test_it_says_in_words_what_needs_attention(library: Installation) -> None:
    a_member(library, status=AccountStatus.PENDING)
    a_copy(library, status="in_repair")
    a_copy(library, status="in_repair")
    a_loan(library, a_member(library), days_ago=100)
    assert [alert.sentence for alert in _overview(library).alerts] == [
        "One registration waits for approval.", "One loan is more than four weeks overdue.", "2 copies are in repair.",
    ]  # fmt: skip


def test_a_quiet_library_has_no_alerts(library: Installation) -> None:
    assert _overview(library).alerts == ()


def test_only_admins_see_it(library: Installation) -> None:
    with begin_reading(library, a_librarian(library)) as uow, pytest.raises(Forbidden):
        overview(uow)
