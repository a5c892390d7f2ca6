"""Overdue loans: which they are, what they cost, how to reach who has them; as a file too."""

from datetime import timedelta

from sqlalchemy import select, update

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.audit.models import AuditRow
from lib.circulation.models import Closure, ClosureKind
from lib.closures.opening_days import add_closure
from lib.ops.overdue_file import overdue_csv
from lib.reports.overdue import overdue_count, overdue_loans
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title, an_admin


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


def test_days_and_fine_are_those_of_the_desk(library: Installation) -> None:
    with begin_work(library, an_admin(library)) as uow:
        add_closure(uow, kind=ClosureKind.WEEKLY, weekday=6)
    a_loan(library, a_member(library), days_ago=35)  # due 14 days ago: two Sundays between
    with begin_reading(library, a_librarian(library)) as uow:
        (row,) = overdue_loans(uow).rows
    assert (row.late_days, row.fine_minor) == (12, 120)


def test_it_is_searched_by_name_title_and_barcode(library: Installation) -> None:
    barcode = a_copy(library, a_title(library, "Emma"))
    loan = a_loan(library, a_member(library, name="Zoë Ríos", sort_name="zoe rios"), barcode, days_ago=40)
    a_loan(library, a_member(library), days_ago=40)
    with begin_reading(library, a_librarian(library)) as uow:
        for text in ("zoe", "RÍOS", "emma", barcode):
            found = overdue_loans(uow, text=text)
            assert ([row.loan_id for row in found.rows], found.total) == ([loan], 1), text
        assert overdue_loans(uow, text="nobody").rows == ()


def test_it_is_kept_as_a_file_without_formulas(library: Installation) -> None:
    a_loan(library, a_member(library, name="=HYPERLINK(1)", email="ada@example.org"), days_ago=40)
    with begin_reading(library, a_librarian(library)) as uow:
        lines = overdue_csv(uow).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("member,email,phone,title")
    assert lines[1].startswith("'=HYPERLINK(1),ada@example.org,")
    with library.engine.connect() as connection:
        assert "loan.export-overdue" in connection.scalars(select(AuditRow.action)).all()
