"""Undo: every act can be taken back for a while, and not once something else has happened."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.accounts.models import Account
from lib.audit.preferences import change_group
from lib.catalogue.models import Condition
from lib.circulation.errors import AlreadyUndone, UndoOvertaken, UndoTooLate
from lib.circulation.models import ClosureKind
from lib.circulation.returns import Inspection
from lib.circulation.withdrawal import archive_title
from lib.closures.opening_days import add_closure
from lib.desk.undo import DeskActRow, desk_acts
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, NotFound
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.steps import hand_in, issue, renewed, rows, undone
from tests.closures.steps import choose

STATE = (
    "SELECT c.status, c.condition, c.note, t.loan_count, l.account_id, l.due_on, l.renewals, l.returned_at,"
    " l.fine_settled, l.undone_at FROM copy c JOIN title t ON t.id = c.title_id LEFT JOIN loan l ON l.copy_id = c.id"
)


def _acts(library: Installation, desk: Actor, **given: Any) -> tuple[DeskActRow, ...]:
    with begin_reading(library, desk) as uow:
        return desk_acts(uow, **given)


def test_undoing_an_issue_frees_the_copy_and_the_loan_counts_nowhere(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library, name="Ada")
    barcode = a_copy(library, a_title(library, "Dune"))
    receipt = issue(library, desk, barcode, reader)
    assert undone(library, desk, receipt.act_id) == "“Dune” is no longer issued to Ada."
    assert rows(library, "SELECT status FROM copy") == [("available",)]
    assert rows(library, "SELECT loan_count FROM title") == [(0,)]
    assert rows(library, "SELECT count(*) FROM loan WHERE undone_at IS NULL") == [(0,)]
    assert rows(library, "SELECT action FROM audit ORDER BY id") == [("loan.issue",), ("loan.undo-issue",)]
    assert issue(library, desk, barcode, a_member(library))


def test_undoing_a_return_restores_everything(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library, name="Ada")
    barcode = a_copy(library, a_title(library, "Dune"), note="Signed")
    issue(library, desk, barcode, reader)
    _forward(library, days=40)
    before = rows(library, STATE)
    receipt = hand_in(library, desk, barcode, Inspection(Condition.DAMAGED, "Wet"))
    assert receipt.fine_minor == 190
    assert undone(library, desk, receipt.act_id) == "“Dune” is on loan to Ada again."
    assert rows(library, STATE) == before


def _forward(library: Installation, **by: int) -> None:
    clock = library.clock
    assert isinstance(clock, SetClock)
    clock.forward(timedelta(**by))


def test_undoing_a_renewal_restores_the_due_date(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library, a_title(library, "Dune"))
    loan = issue(library, desk, barcode, reader)
    before = rows(library, STATE)
    receipt = renewed(library, desk, loan.loan_id)
    assert undone(library, desk, receipt.act_id) == "“Dune” is due on 31 March 2026 again."
    assert rows(library, STATE) == before


@pytest.mark.parametrize(
    ("mode", "ends_on", "due_on"),
    [
        ("roll", None, "2026-04-02"), ("ignore", None, "2026-03-31"),
        ("roll", date(2026, 4, 1), "2026-03-31"),
    ],
)  # fmt: skip
def test_a_due_day_that_was_closed_since_the_renewal_rolls_on_when_it_is_undone(
    sqlite_library: Installation, mode: str, ends_on: date | None, due_on: str
) -> None:
    library = sqlite_library
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library, a_title(library, "Dune"))
    loan = issue(library, desk, barcode, reader)
    receipt = renewed(library, desk, loan.loan_id)
    choose(library, "circulation", closed_day_mode=mode)
    with begin_work(library, a_librarian(library)) as uow:
        add_closure(uow, kind=ClosureKind.DAY, first=date(2026, 3, 31), last=date(2026, 4, 1))
    with library.engine.begin() as connection:
        connection.execute(update(Account).where(Account.id == reader.account_id).values(membership_ends_on=ends_on))
    told = undone(library, desk, receipt.act_id)
    assert rows(library, "SELECT due_on FROM loan") == [(due_on,)]
    rolled = "“Dune” is due on 2 April 2026: on 31 March 2026, its day before, the library is closed."
    assert told == (rolled if due_on == "2026-04-02" else "“Dune” is due on 31 March 2026 again.")


@pytest.mark.parametrize(("mode", "moved"), [("skip", True), ("roll", False), ("ignore", False)])
def test_a_renewal_whose_day_a_closure_moved_since_stays(library: Installation, mode: str, moved: bool) -> None:
    """Where open days alone are counted, a day closed within the loan moves its end, and its reader is told."""
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library, a_title(library, "Dune"))
    choose(library, "circulation", closed_day_mode=mode)
    loan = issue(library, desk, barcode, reader)
    receipt = renewed(library, desk, loan.loan_id)
    with begin_work(library, a_librarian(library)) as uow:
        add_closure(uow, kind=ClosureKind.DAY, first=date(2026, 4, 8))
    if moved:
        with pytest.raises(UndoOvertaken, match="due date was changed since"):
            undone(library, desk, receipt.act_id)
        assert rows(library, "SELECT due_on, renewals FROM loan")[0][1] == 1
    else:
        assert undone(library, desk, receipt.act_id) == "“Dune” is due on 31 March 2026 again."


@pytest.mark.parametrize(("capped", "due_on"), [(True, "2026-03-31"), (False, "2026-04-02")])
def test_what_rolls_on_is_cut_at_the_end_of_a_membership_where_that_caps(
    sqlite_library: Installation, capped: bool, due_on: str
) -> None:
    library = sqlite_library
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    loan = issue(library, desk, barcode, reader)
    receipt = renewed(library, desk, loan.loan_id)
    choose(library, "circulation", membership_caps_due=capped)
    with begin_work(library, a_librarian(library)) as uow:
        add_closure(uow, kind=ClosureKind.DAY, first=date(2026, 3, 31), last=date(2026, 4, 1))
    with library.engine.begin() as connection:
        until = update(Account).where(Account.id == reader.account_id).values(membership_ends_on=date(2026, 4, 1))
        connection.execute(until)
    undone(library, desk, receipt.act_id)
    assert rows(library, "SELECT due_on FROM loan") == [(due_on,)]


def test_a_late_renewal_that_is_undone_ends_on_its_day_though_that_was_closed(sqlite_library: Installation) -> None:
    """A day that has passed stays: what is late since then would else be late by less."""
    library = sqlite_library
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    loan_id = a_loan(library, reader, barcode, days_ago=30)
    was = rows(library, "SELECT due_on FROM loan")
    with library.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO closure (kind, on_date, is_open, reason, created_at)"
            f" VALUES ('day', '{was[0][0]}', 0, 'Burst pipe', '2026-01-01 12:00:00.000000')"
        )
    receipt = renewed(library, desk, loan_id)
    undone(library, desk, receipt.act_id)
    assert rows(library, "SELECT due_on FROM loan") == was


def test_undoing_a_found_copy_makes_it_lost_again(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library, status="lost")
    receipt = hand_in(library, desk, barcode)
    undone(library, desk, receipt.act_id)
    assert rows(library, "SELECT status FROM copy") == [("lost",)]


def test_acts_are_undone_backwards_one_by_one(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    loan = issue(library, desk, barcode, reader)
    again = renewed(library, desk, loan.loan_id)
    back = hand_in(library, desk, barcode)
    for overtaken in (loan.act_id, again.act_id):
        with pytest.raises(UndoOvertaken):
            undone(library, desk, overtaken)
    for act in (back.act_id, again.act_id, loan.act_id):
        undone(library, desk, act)
    assert rows(library, "SELECT status FROM copy") == [("available",)]


def test_a_return_is_not_undone_once_the_copy_was_issued_again(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library)
    issue(library, desk, barcode, a_member(library))
    back = hand_in(library, desk, barcode)
    again = issue(library, desk, barcode, a_member(library))
    with pytest.raises(UndoOvertaken, match="issued again"):
        undone(library, desk, back.act_id)
    hand_in(library, desk, barcode)
    with pytest.raises(UndoOvertaken, match="issued again"):
        undone(library, desk, back.act_id)
    with pytest.raises(UndoOvertaken):
        undone(library, desk, again.act_id)


def test_a_return_is_not_undone_once_the_copys_status_was_changed(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library)
    issue(library, desk, barcode, a_member(library))
    back = hand_in(library, desk, barcode)
    with library.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE copy SET status = 'in_repair'")
    with pytest.raises(UndoOvertaken, match="status"):
        undone(library, desk, back.act_id)


def test_nothing_is_undone_twice_or_too_late(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library)
    first = issue(library, desk, barcode, a_member(library))
    undone(library, desk, first.act_id)
    with pytest.raises(AlreadyUndone):
        undone(library, desk, first.act_id)
    second = issue(library, desk, barcode, a_member(library))
    _forward(library, minutes=31)
    with pytest.raises(UndoTooLate):
        undone(library, desk, second.act_id)


def test_the_last_acts_say_whether_they_can_be_undone_and_why_not(library: Installation) -> None:
    desk, other = a_librarian(library), a_librarian(library)
    barcode = a_copy(library, a_title(library, "Dune"))
    loan = issue(library, desk, barcode, a_member(library, name="Ada"))
    hand_in(library, other, barcode)
    back, out = _acts(library, desk)
    assert (back.kind, back.title, back.member, back.can_undo, back.why_not) == ("return", "Dune", "Ada", True, "")
    assert (out.id, out.can_undo) == (loan.act_id, False)
    assert out.why_not == (
        "This cannot be undone any more: something else was done with this loan since."
        " Undo what came after it first, or do the opposite by hand."
    )
    assert [act.kind for act in _acts(library, desk, actor_id=desk.account_id)] == ["issue"]
    assert len(_acts(library, desk, limit=1)) == 1


def test_only_the_desk_sees_and_undoes_acts(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    receipt = issue(library, desk, barcode, reader)
    with pytest.raises(Forbidden):
        undone(library, reader, receipt.act_id)
    with pytest.raises(Forbidden):
        _acts(library, reader)
    with pytest.raises(NotFound):
        undone(library, desk, 10**9)


def test_an_issue_taken_back_leaves_no_trace_of_who_keeps_no_history(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library, keep_history=False), a_copy(library)
    receipt = issue(library, desk, barcode, reader)
    undone(library, desk, receipt.act_id)
    assert rows(library, "SELECT account_id, undone_at IS NOT NULL FROM loan") == [(None, True)]
    assert rows(library, "SELECT account_id FROM desk_act") == [(None,)]


def test_undoing_a_return_keeps_what_was_written_about_the_copy_since(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library, note="Signed")
    issue(library, desk, barcode, a_member(library))
    back = hand_in(library, desk, barcode)
    with library.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE copy SET note = 'Signed, new cover', condition = 'worn'")
    undone(library, desk, back.act_id)
    assert rows(library, "SELECT status, condition, note FROM copy") == [("on_loan", "worn", "Signed, new cover")]


def test_an_inspection_is_not_undone_once_the_copy_was_described_anew(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library, note="Signed")
    issue(library, desk, barcode, a_member(library))
    back = hand_in(library, desk, barcode, Inspection(Condition.WORN, "Cover torn"))
    with library.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE copy SET note = 'Cover mended'")
    with pytest.raises(UndoOvertaken, match="described"):
        undone(library, desk, back.act_id)


def test_the_audit_trail_does_not_repeat_the_notes_of_a_copy(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library, note="Mrs Lovelace spilt tea")
    issue(library, desk, barcode, a_member(library))
    undone(library, desk, hand_in(library, desk, barcode, Inspection(Condition.WORN, "Ada again")).act_id)
    told = str(rows(library, "SELECT facts FROM audit"))
    assert "Lovelace" not in told
    assert "Ada" not in told


def test_a_return_is_not_undone_once_its_title_was_archived(library: Installation) -> None:
    desk, title = a_librarian(library), a_title(library)
    barcode = a_copy(library, title)
    issue(library, desk, barcode, a_member(library))
    back = hand_in(library, desk, barcode, Inspection(Condition.DAMAGED))
    with begin_work(library, desk) as uow:
        archive_title(uow, title)
    with pytest.raises(UndoOvertaken, match="archived"):
        undone(library, desk, back.act_id)


def test_no_minutes_means_no_undo(library: Installation) -> None:
    desk, barcode = a_librarian(library), a_copy(library)
    with begin_work(library, a_member(library, role="admin")) as uow:
        change_group(uow, "circulation", {"undo_minutes": 0}, seen_version=0)
    receipt = issue(library, desk, barcode, a_member(library))
    with pytest.raises(UndoTooLate):
        undone(library, desk, receipt.act_id)
