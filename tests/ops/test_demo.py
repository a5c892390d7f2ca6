"""The demo library: full shelves, readers, two years of loans up to now, and nothing in it is broken."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading
from lib.accounts.passwords import check_password
from lib.circulation.closures import calendar_of
from lib.kit.clock import SetClock
from lib.kit.text import tokens
from lib.ops.demo import STEPS, make_demo
from lib.ops.demo_library.content import member_lines, section_lines, title_lines
from lib.ops.demo_library.errors import LibraryNotEmpty
from lib.ops.first_run import DEMO_LOGINS, DEMO_PASSWORD
from tests.builders import a_member
from tests.ops.bringing import ask, broken


def test_every_title_says_something_of_itself_and_stands_in_a_section() -> None:
    lines = title_lines()
    codes = {section.code for section in section_lines()}
    assert len(lines) > 320
    for line in lines:
        assert line.sections, line.form.title
        assert set(line.sections) <= codes, line.form.title
        assert len(line.form.description) > 10, line.form.title
        assert 2 <= line.fame <= 9
    keys = Counter((" ".join(tokens(x.form.title)), x.form.year, x.form.language, x.form.kind) for x in lines)
    assert [key for key, count in keys.items() if count > 1] == []


def test_it_speaks_many_languages_and_scripts() -> None:
    languages = {line.form.language for line in title_lines()}
    assert {"en", "ru", "uk", "ja", "zh", "ko", "ar", "fa", "he", "hi", "bn", "ta", "el", "de", "fr", "es"} <= languages
    assert len({line.language for line in member_lines()}) > 20


def test_it_is_whole_and_sound(library: Installation) -> None:
    told: list[tuple[int, int]] = []
    make_demo(library, lambda done, total: told.append((done, total)))
    assert told[-1] == (STEPS, STEPS)
    assert broken(library) == ()
    ((titles, copies, sections, people, loans),) = ask(
        library,
        "SELECT (SELECT count(*) FROM title), (SELECT count(*) FROM copy), (SELECT count(*) FROM section),"
        " (SELECT count(*) FROM account), (SELECT count(*) FROM loan)",
    )
    assert (titles, sections) == (len(title_lines()), 10)
    assert 650 < copies < 800
    assert people == len(member_lines()) + 3 + 2
    assert 3_600 < loans < 4_600
    ((open_loans, overdue, fined),) = ask(
        library,
        "SELECT sum(CASE WHEN returned_at IS NULL THEN 1 ELSE 0 END),"
        " sum(CASE WHEN returned_at IS NULL AND due_on < '2026-03-10' THEN 1 ELSE 0 END),"
        " sum(CASE WHEN fine_settled > 0 THEN 1 ELSE 0 END) FROM loan",
    )
    assert 100 < open_loans < 250
    assert 5 < overdue < 40
    assert fined > 100
    assert ask(library, "SELECT count(*) FROM title WHERE rating_count = 0 OR call_number = ''") == [(0,)]


def test_the_three_demo_accounts_and_two_registrations_are_there(sqlite_library: Installation) -> None:
    make_demo(sqlite_library)
    rows = ask(sqlite_library, "SELECT email, role, status, password_hash FROM account"
               " WHERE password_hash IS NOT NULL ORDER BY id")  # fmt: skip
    assert [row[:3] for row in rows] == [
        (login, role, "active")
        for login, role in zip(DEMO_LOGINS, (Role.ADMIN, Role.LIBRARIAN, Role.MEMBER), strict=True)
    ]
    assert check_password(rows[0][3], DEMO_PASSWORD)
    assert ask(sqlite_library, "SELECT count(*) FROM account WHERE status = 'pending'") == [(2,)]
    assert ask(sqlite_library, "SELECT count(*) FROM account WHERE email NOT LIKE '%@demo.example'") == [(0,)]


def test_the_demo_member_has_three_loans_one_due_soon_and_may_borrow_more(sqlite_library: Installation) -> None:
    make_demo(sqlite_library)
    rows = ask(sqlite_library, "SELECT l.returned_on, l.due_on FROM loan l JOIN account a ON a.id = l.account_id"
               " WHERE a.email_key = 'member@demo.example'")  # fmt: skip
    due = sorted(date.fromisoformat(str(day)) for returned, day in rows if returned is None)
    assert len(due) == 3
    assert date(2026, 3, 10) <= due[0] <= date(2026, 3, 12)
    assert len(rows) > 15


@pytest.mark.parametrize(
    "now",
    [
        datetime(2028, 2, 29, 0, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 12, 27, 23, 59, tzinfo=UTC),
        datetime(2027, 1, 1, 12, 0, tzinfo=UTC),
    ],
)
def test_it_can_be_made_at_any_hour_of_any_day(sqlite_library: Installation, clock: SetClock, now: datetime) -> None:
    clock.at = now
    make_demo(sqlite_library)
    assert broken(sqlite_library) == ()
    late = ask(
        sqlite_library, "SELECT count(*) FROM loan WHERE issued_at > '" + now.strftime("%Y-%m-%d %H:%M:%S") + "'"
    )
    assert late == [(0,)]


def test_nobody_ever_borrowed_or_brought_back_on_a_closed_day_nor_more_than_allowed(
    sqlite_library: Installation,
) -> None:
    make_demo(sqlite_library)
    rows = ask(sqlite_library, "SELECT l.account_id, l.issued_on, l.due_on, l.returned_on, m.code FROM loan l"
               " JOIN account a ON a.id = l.account_id"
               " JOIN membership_type m ON m.id = a.membership_type_id")  # fmt: skip
    with begin_reading(sqlite_library, SYSTEM) as uow:
        calendar = calendar_of(uow)
    days = {date.fromisoformat(day) for row in rows for day in row[1:4] if day}
    assert [day for day in sorted(days) if not calendar.is_open(day)] == []
    limits = {"public": 5, "student": 5, "staff": 5, "child": 8, "faculty": 20}
    out: Counter[tuple[int, date]] = Counter()
    for account, issued, _, returned, _ in rows:
        day, last = date.fromisoformat(issued), date.fromisoformat(returned) if returned else date(2026, 3, 10)
        while day < last:
            out[account, day] += 1
            day += timedelta(days=1)
    types = {account: code for account, *_, code in rows}
    assert [key for key, count in out.items() if count > limits[types[key[0]]]] == []


def test_the_same_day_makes_the_same_library(sqlite_library: Installation, postgres_library: Installation) -> None:
    question = (
        "SELECT t.title, c.shelf, a.email_key, l.issued_on, l.due_on, l.returned_on FROM loan l"
        " JOIN copy c ON c.id = l.copy_id JOIN title t ON t.id = l.title_id JOIN account a ON a.id = l.account_id"
    )
    made = []
    for library in (sqlite_library, postgres_library):
        make_demo(library)
        made.append(sorted(tuple(str(cell) for cell in row) for row in ask(library, question)))
    assert made[0] == made[1]


def test_a_library_in_use_is_left_alone(sqlite_library: Installation) -> None:
    a_member(sqlite_library)
    with pytest.raises(LibraryNotEmpty):
        make_demo(sqlite_library)
    assert ask(sqlite_library, "SELECT count(*) FROM title") == [(0,)]
