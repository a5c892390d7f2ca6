"""The demo library: full shelves, readers, two years of loans up to now, and nothing in it is broken."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_reading
from lib.accounts.passwords import check_password
from lib.accounts.pins import pin_fault
from lib.circulation.closure_entries import calendar_of
from lib.kit.clock import SetClock
from lib.kit.text import tokens
from lib.ops.demo import STEPS, make_demo
from lib.ops.demo_library.content import member_lines, section_lines, title_lines
from lib.ops.demo_library.errors import LibraryNotEmpty
from lib.ops.first_run import DEMO_LOGINS, DEMO_PASSWORD, DEMO_PIN
from tests.builders import a_member
from tests.ops.bringing import ask, broken

_DUE = "returned_at IS NULL AND due_on < '2026-03-10'"
ALIVE = {
    "ready holds": "hold WHERE state = 'ready'",
    "a hold to fetch by today": "hold WHERE state = 'ready' AND shelf_until <= '2026-03-11'",
    "sleeping holds": "hold WHERE state = 'waiting' AND suspended_until > '2026-03-10'",
    "holds that ended": "hold WHERE state = 'expired'",
    "a pull list": "hold h JOIN copy c ON c.title_id = h.title_id WHERE h.state = 'waiting'"
    " AND c.status = 'available' AND h.suspended_until < '2026-03-10'",
    "running fines": "charge WHERE state = 'accruing' AND balance_minor > 0",
    "charges for damage": "charge WHERE kind = 'damage' AND balance_minor > 0",
    "charges for losses": "charge WHERE kind = 'replacement' AND balance_minor > 0",
    "something the library owes": "charge WHERE balance_minor < 0",
    "waivers": "ledger_entry WHERE kind = 'waiver'",
    "refunds": "payment WHERE kind = 'refund'",
    "an open till": "payment WHERE id > (SELECT max(last_payment_id) FROM day_close)",
    "a till that did not agree": "day_close WHERE cash_counted_minor <> cash_expected_minor AND note <> ''",
    "claims": f"loan WHERE {_DUE} AND claimed_on IS NOT NULL",
    "losses by age": "loan l JOIN desk_act d ON d.loan_id = l.id WHERE d.kind = 'lost' AND d.actor_id IS NULL",
    "repairs with notes": "copy WHERE status = 'in_repair' AND note LIKE 'Pages%'",
    "copies to weed": "copy c WHERE c.status = 'available' AND c.added_at < '2023-03-10'"
    " AND NOT EXISTS (SELECT 1 FROM loan l WHERE l.copy_id = c.id AND l.issued_on >= '2023-03-10')",
    "exceptions": "member_exception WHERE ended_at IS NULL AND until > '2026-03-10'",
    "a closure that moved loans": "closure_change WHERE moved LIKE '%2026-%'",
    "rules to come": "policy_change WHERE holds_from = '2026-03-24'",
    "offline conflicts": "offline_record WHERE state = 'conflict'",
    "an act offline against a rule": "offline_record WHERE state = 'overridden'",
    "a self-check machine": "terminal WHERE kind = 'sip2'",
}


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
    assert people == len(member_lines()) + 3 + 2 + 2  # staff and the demo member, registrations, terminals
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


def test_everything_a_library_has_to_do_with_is_there(sqlite_library: Installation) -> None:
    make_demo(sqlite_library)
    for what, question in ALIVE.items():
        ((count,),) = ask(sqlite_library, f"SELECT count(*) FROM {question}")
        assert count, what
    assert ask(sqlite_library, "SELECT count(*) FROM day_close") == [(12,)]
    assert ask(sqlite_library, "SELECT max(position) FROM hold") == [(5,)]
    assert ask(sqlite_library, "SELECT failed, findings FROM job_run, integrity_run WHERE job = 'night'") == [("", 0)]


def test_the_demo_member_waits_has_something_ready_and_owes_a_little(sqlite_library: Installation) -> None:
    make_demo(sqlite_library)
    holds = ask(sqlite_library, "SELECT h.state, h.position FROM hold h JOIN account a ON a.id = h.account_id"
                " WHERE a.email_key = 'member@demo.example' ORDER BY h.state")  # fmt: skip
    assert holds == [("cancelled", None), ("ready", None), ("waiting", 3)]
    owed = ask(sqlite_library, "SELECT sum(c.balance_minor) FROM charge c JOIN account a ON a.id = c.account_id"
               " WHERE a.email_key = 'member@demo.example'")  # fmt: skip
    assert owed == [(250,)]
    (card,) = ask(sqlite_library, "SELECT card_number, pin_hash FROM account WHERE email_key = 'member@demo.example'")
    assert check_password(card[1], DEMO_PIN)
    assert pin_fault(DEMO_PIN, card[0]) is None


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
    # A loan that came back before a day was closed keeps its due day.
    days = {date.fromisoformat(day) for row in rows for day in (row[1], row[3] or row[2])}
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
