"""Past and open loans come in row by row, and none that would break what must hold."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.circulation.models import ClosureKind
from lib.closures.opening_days import add_closure
from lib.kit.clock import SetClock
from tests.builders import an_admin
from tests.ops.bringing import COPIES, MEMBERS, TITLES, Bring, ask, bringer, counts, faults


@pytest.fixture
def bring(library: Installation, tmp_path: Path) -> Bring:
    """Imports a table given as text."""
    return bringer(library, tmp_path)


@pytest.fixture
def house(bring: Bring) -> Bring:
    """Two titles with three copies, two members."""
    bring("titles", TITLES)
    bring("copies", COPIES)
    bring("members", MEMBERS)
    return bring


HEAD = "loan_id,member_id,book_id,copy_no,issued,due,returned,renewals,fine\n"


def test_loans_come_in_with_their_dates_under_the_rules_now_in_force(library: Installation, house: Bring) -> None:
    report = house(
        "loans",
        HEAD + "1,m1,1,2,2024-06-02T09:14:00,2024-06-23,2024-07-20,1,7.50\n2,m2,2,1,2026-03-02,,,0,\n",
    )
    assert counts(report) == (2, 0, 0, 0)
    rows = ask(library, "SELECT l.issued_on, l.due_on, l.returned_on, l.renewals, l.loan_days, l.fine_per_day,"
               " l.fine_cap, l.fine_settled, l.channel, c.source_id FROM loan l JOIN copy c ON c.id = l.copy_id"
               " ORDER BY l.id")  # fmt: skip
    past, now = ([str(part) for part in row] for row in rows)
    assert past == ["2024-06-02", "2024-06-23", "2024-07-20", "1", "21", "10", "750", "750", "import", "1#2"]
    assert now == ["2026-03-02", "2026-03-23", "None", "0", "21", "10", "500", "0", "import", "2#1"]
    assert ask(library, "SELECT status FROM copy ORDER BY id") == [("available",), ("available",), ("on_loan",)]
    assert ask(library, "SELECT loan_count FROM title ORDER BY id") == [(1,), (1,)]


def test_times_are_the_librarys_and_daylight_saving_counts(library: Installation, house: Bring) -> None:
    house("loans", HEAD + "1,m1,1,1,2024-07-02T00:30:00,,2024-07-02,0,\n2,m1,1,2,2024-01-02T00:30:00,,2024-01-03,0,\n")
    with library.engine.connect().execution_options(read_only=True) as connection:
        rows = connection.execute(text("SELECT issued_at, issued_on FROM loan ORDER BY id")).all()
    assert str(rows[0][0]).startswith("2024-07-01 23:30")
    assert str(rows[0][1]) == "2024-07-02"
    assert str(rows[1][0]).startswith("2024-01-02 00:30")


def test_a_loan_that_is_closed_there_now_is_closed_here(library: Installation, house: Bring) -> None:
    house("loans", HEAD + "1,m1,1,1,2026-02-01,2026-02-22,,0,\n")
    report = house("loans", HEAD + "1,m1,1,1,2026-02-01,2026-02-22,2026-03-01,0,\n")
    assert counts(report) == (0, 1, 0, 0)
    assert ask(library, "SELECT status FROM copy WHERE source_id = '1#1'") == [("available",)]


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("9,m9,1,2,2024-01-01,,2024-01-05,0,", "member_id", "no member “m9” from members"),
        ("9,m1,7,1,2024-01-01,,2024-01-05,0,", "book_id", "no title “7” from titles"),
        ("9,m1,1,3,2024-01-01,,2024-01-05,0,", "copy_no", "only 2 from titles"),
        ("9,m1,1,2,,,2024-01-05,0,", "issued", "no date of issue"),
        ("9,m1,1,2,tomorrow,,2024-01-05,0,", "issued", "not a date"),
        ("9,m1,1,2,2024-02-30,,,0,", "issued", "not a date"),
        ("9,m1,1,2,2024-01-05,,2024-01-01,0,", "returned", "before it was issued"),
        ("9,m1,1,2,2024-01-05,2024-01-01,2024-01-06,0,", "due", "due before"),
        ("9,m1,1,2,2027-01-05,,,0,", "issued", "in the future"),
        ("9,m1,1,2,2024-01-05,,2027-01-01,0,", "returned", "in the future"),
        ("9,m1,1,1,2024-03-01,,2024-03-05,0,", "issued", "was on loan from 1 February 2024 until 3 March 2024"),
        ("9,m1,1,1,2024-01-01,,,0,", "issued", "was on loan"),
        ("9,m1,2,1,2026-03-05,,,0,", "issued", "and is still out"),
        ("9,m1,1,2,2024-01-01,,2024-01-05,many,", "renewals", "not a whole number"),
        ("9,m1,1,2,2024-01-01,,2024-01-05,0,lots", "fine", "not an amount"),
    ],
)
def test_a_loan_that_would_break_a_rule_is_refused_with_the_reason(
    house: Bring, row: str, column: str, says: str
) -> None:
    good = "1,m1,1,1,2024-02-01,,2024-03-03,0,0.50\n2,m2,2,1,2026-03-02,,,0,\n"
    report = house("loans", f"{HEAD}{good}{row}\n")
    assert counts(report) == (2, 0, 0, 1)
    assert (4, column) in [(fault.line, fault.column) for fault in report.faults]
    assert any(says in fault.reason for fault in report.faults)


def test_a_copy_back_and_out_on_one_day_is_no_clash(house: Bring) -> None:
    rows = "1,m1,1,1,2024-02-01T10:00,,2024-02-09,0,\n2,m2,1,1,2024-02-09T11:00,,2024-02-20,0,\n"
    assert counts(house("loans", HEAD + rows)) == (2, 0, 0, 0)


def test_a_file_that_names_no_copies_gets_the_free_one_or_a_new_one(library: Installation, house: Bring) -> None:
    head = "loan_id,member_id,book_id,borrowed,returned\n"
    rows = "1,m1,2,1924-02-01,1924-03-01\n2,m2,2,1924-02-10,1924-02-20\n3,m2,2,1924-04-01,1924-04-02\n"
    report = house("loans", head + rows)
    assert counts(report) == (3, 0, 0, 0)
    assert any("1 copy was made" in note for note in report.notes)
    assert ask(library, "SELECT c.source_id, count(*) FROM loan l JOIN copy c ON c.id = l.copy_id GROUP BY 1"
               " ORDER BY 2") == [("2#loan2", 1), ("2#1", 2)]  # fmt: skip
    assert counts(house("loans", head + rows)) == (0, 0, 3, 0)
    assert ask(library, "SELECT count(*) FROM copy") == [(4,)]


def test_pairs_without_dates_are_refused_row_by_row(house: Bring) -> None:
    report = house("loans", "member_id,book_id,borrow_count\nm1,1,2\nm7,2,1\n")
    assert counts(report) == (0, 0, 0, 2)
    assert [fault.line for fault in report.faults] == [2, 3, 3]
    assert "no date of issue" in report.faults[0].reason
    assert "no member “m7”" in report.faults[2].reason


def test_members_who_keep_no_history_get_none_by_import(library: Installation, house: Bring) -> None:
    with library.engine.begin() as connection:
        connection.execute(text("UPDATE account SET keep_history = (1 = 0) WHERE source_id = 'm1'"))
    house("loans", HEAD + "1,m1,1,1,2024-02-01,,2024-02-09,0,\n2,m1,1,2,2026-03-01,,,0,\n")
    assert [row[0] is None for row in ask(library, "SELECT account_id FROM loan ORDER BY id")] == [True, False]


def test_loans_find_members_by_card_and_copies_by_barcode(library: Installation, bring: Bring) -> None:
    bring("titles", TITLES)
    bring("copies", "book_id,barcode\n1,B1\n")
    bring("members", "card,name\nC-1,Ada Lovelace\n")
    report = bring(
        "loans", "card number,item barcode,issued,returned\nC-1,b1,2024-01-01,2024-01-05\nC-1,b2,2024-01-01,\n"
    )
    assert counts(report) == (1, 0, 0, 1)
    assert faults(report) == [(3, "item barcode", "There is no copy with barcode B2.")]
    assert counts(bring("loans", "card number,item barcode,issued,returned\nC-1,b1,2024-01-01,2024-01-05\n")) == (
        0,
        0,
        1,
        0,
    )


def test_open_loans_lend_only_what_stands_on_the_shelf(library: Installation, house: Bring) -> None:
    with library.engine.begin() as connection:
        connection.execute(text("UPDATE copy SET status = 'lost' WHERE source_id = '1#1'"))
    report = house("loans", HEAD + "1,m1,1,1,2026-03-01,,,0,\n")
    assert faults(report) == [(2, "copy_no", "This copy is lost and cannot be on loan.")]


def test_instants_keep_their_zone_where_the_file_tells_one(library: Installation, house: Bring) -> None:
    house("loans", HEAD + "1,m1,1,1,2024-02-01T23:30:00-05:00,,2024-02-09,0,\n")
    ((issued, day),) = ask(library, "SELECT issued_at, issued_on FROM loan")
    assert str(issued).startswith("2024-02-02 04:30")
    assert str(day) == "2024-02-02"


def test_the_clock_decides_what_is_the_future(library: Installation, house: Bring, clock: SetClock) -> None:
    row = HEAD + "1,m1,1,1,2026-03-11,,,0,\n"
    assert counts(house("loans", row)) == (0, 0, 0, 1)
    clock.forward(timedelta(days=2))
    assert counts(house("loans", row)) == (1, 0, 0, 0)
    assert ask(library, "SELECT count(*) FROM loan") == [(1,)]


def test_a_copy_that_came_back_there_may_be_out_again_in_the_same_file(library: Installation, house: Bring) -> None:
    house("loans", HEAD + "1,m1,1,1,2026-02-01,2026-02-22,,0,\n")
    again = (
        "1,m1,1,1,2026-02-01,2026-02-22,2026-02-20,0,\n2,m2,1,1,2026-02-21,,2026-02-25,0,\n3,m1,1,1,2026-03-01,,,0,\n"
    )
    report = house("loans", HEAD + again)
    assert faults(report) == []
    assert counts(report) == (2, 1, 0, 0)
    assert ask(library, "SELECT status FROM copy WHERE source_id = '1#1'") == [("on_loan",)]


def test_a_loan_closed_by_import_forgets_a_member_who_keeps_no_history(library: Installation, house: Bring) -> None:
    house("loans", HEAD + "1,m1,1,1,2026-02-01,2026-02-22,,0,\n2,m1,1,2,2026-02-01,2026-02-22,,0,\n")
    with library.engine.begin() as connection:
        connection.execute(text("UPDATE account SET keep_history = (1 = 0) WHERE source_id = 'm1'"))
    back = "1,m1,1,1,2026-02-01,2026-02-22,2026-02-20,0,\n2,m1,1,2,2026-02-01,2026-02-22,2026-03-02,0,0.80\n"
    house("loans", HEAD + back)
    assert [row[0] is None for row in ask(library, "SELECT account_id FROM loan ORDER BY id")] == [True, False]


def test_a_due_day_that_the_file_leaves_out_is_an_open_day(library: Installation, house: Bring) -> None:
    with begin_work(library, an_admin(library)) as uow:
        add_closure(uow, kind=ClosureKind.WEEKLY, weekday=6)
    house("loans", HEAD + "1,m1,1,1,2026-03-01,,,0,\n")  # a Sunday, and 21 days on another
    assert [str(row[0]) for row in ask(library, "SELECT due_on FROM loan")] == ["2026-03-23"]
