"""The overview: sentences that lead somewhere, six numbers, a chart with its table, the busiest titles."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.accounts.models import AccountStatus
from lib.ui.overview_chart import open_means, weeks
from tests.builders import a_copy, a_loan, a_member, a_title
from tests.ui.conftest import at_page
from tests.ui.on_screen import html_of, links, read

PAGE = "admin/overview.py"
MONDAY = date(2026, 3, 2)
SessionOf = Callable[[Role], int]


def test_a_quiet_library_says_that_nothing_needs_attention(served: Installation, session_of: SessionOf) -> None:
    words = read(at_page(session_of(Role.ADMIN), PAGE))
    assert "Nothing needs your attention" in words
    assert "the chart begins with the first loan" in words


def test_what_needs_attention_is_a_sentence_with_its_place(served: Installation, session_of: SessionOf) -> None:
    a_member(served, status=AccountStatus.PENDING)
    a_copy(served, status="in_repair")
    a_loan(served, a_member(served), days_ago=90)
    at = at_page(session_of(Role.ADMIN), PAGE)
    words = read(at)
    assert "One registration waits for approval." in words
    assert "One loan is more than four weeks overdue." in words
    assert {"/registrations", "/repairs", "/overdue?days=28"} <= set(links(at))


def test_six_numbers_and_the_busiest_titles(served: Installation, session_of: SessionOf) -> None:
    copy = a_copy(served, a_title(served, "<b>Emma</b>"))
    a_loan(served, a_member(served), copy, days_ago=2)
    at = at_page(session_of(Role.ADMIN), PAGE)
    assert [metric.label for metric in at.metric] == [
        "Loans", "Returns", "Active members", "Overdue", "New members", "Copies",
    ]  # fmt: skip
    assert at.metric[0].value == "1"
    assert at.metric[0].delta == "+1"
    assert "&lt;b&gt;Emma&lt;/b&gt;" in html_of(at)
    assert "<b>Emma</b>" not in html_of(at)


def test_the_chart_has_words_and_a_table_in_its_place(served: Installation, session_of: SessionOf) -> None:
    a_loan(served, a_member(served), days_ago=2)
    at = at_page(session_of(Role.ADMIN), PAGE)
    assert at.get("plotly_chart")
    assert "Loans a day open" in read(at)


def test_the_mean_counts_seven_open_days_and_leaves_closed_ones_out() -> None:
    days = [(MONDAY + timedelta(days=n), 7, n % 7 != 6) for n in range(9)]
    days[6] = (days[6][0], 0, False)
    assert open_means(days) == [None] * 7 + [7.0, 7.0]


@pytest.mark.parametrize("first", [MONDAY, MONDAY + timedelta(days=3)])
def test_weeks_begin_on_monday_newest_first(first: date) -> None:
    days = [(first + timedelta(days=n), 2, True) for n in range(8)]
    found = weeks(days)
    assert found[-1][0] == first
    assert sum(loans for _, loans, _ in found) == 16
    assert [week[0] for week in found] == sorted((week[0] for week in found), reverse=True)
    assert all(week[0].weekday() == 0 for week in found[:-1])
