"""What a machine lent and could not hand out was never lent: the copy, its reader's reservation, and those behind."""

from datetime import timedelta

from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.desk.self_check import self_check_out
from lib.desk.self_returns import SelfReturn, self_cancel
from lib.kit.clock import SetClock
from tests.builders import a_copy, a_librarian, a_member, a_title
from tests.circulation.hold_steps import a_lent_title, came_back, hold, sound
from tests.circulation.steps import renewed, rows


def _cancelled(library: Installation, barcode: str, member_id: int) -> SelfReturn:
    with begin_work(library, a_member(library, role=Role.TERMINAL)) as uow:
        return self_cancel(uow, barcode=barcode, member_id=member_id)


def _lent(library: Installation, barcode: str, member_id: int) -> int:
    with begin_work(library, a_member(library, role=Role.TERMINAL)) as uow:
        return self_check_out(uow, barcode=barcode, member_id=member_id).loan_id


def test_whoever_came_for_a_reserved_copy_keeps_it_on_the_hold_shelf(library: Installation) -> None:
    title, (barcode,) = a_lent_title(library)
    first, behind = a_member(library), a_member(library)
    mine, theirs = hold(library, first, title).hold_id, hold(library, behind, title).hold_id
    came_back(library, barcode)
    _lent(library, barcode, first.account_id or 0)
    done = _cancelled(library, barcode, first.account_id or 0)
    assert (done.copy_status, done.returned) == ("on_hold_shelf", True)
    assert rows(library, "SELECT id, state, position FROM hold ORDER BY id") == [
        (mine, "ready", None), (theirs, "waiting", 1)
    ]  # fmt: skip
    sound(library)


def test_a_copy_that_never_left_the_machine_counts_as_never_lent(library: Installation) -> None:
    title, reader = a_title(library), a_member(library)
    barcode = a_copy(library, title)
    _lent(library, barcode, reader.account_id or 0)
    assert _cancelled(library, barcode, reader.account_id or 0).copy_status == "available"
    assert rows(library, f"SELECT loan_count FROM title WHERE id = {title}") == [(0,)]
    assert rows(library, "SELECT count(*) FROM loan WHERE undone_at IS NOT NULL") == [(1,)]
    assert rows(library, "SELECT subject_kind, subject_id FROM audit WHERE action = 'loan.self-undo'") == [
        ("account", reader.account_id)
    ]
    sound(library)


def test_a_loan_that_was_renewed_since_ends_instead(library: Installation, clock: SetClock) -> None:
    reader, barcode = a_member(library), a_copy(library)
    loan = _lent(library, barcode, reader.account_id or 0)
    clock.forward(timedelta(minutes=1))
    renewed(library, a_librarian(library), loan, override="By arrangement")
    assert _cancelled(library, barcode, reader.account_id or 0).copy_status == "available"
    assert rows(library, "SELECT returned_at IS NOT NULL, undone_at IS NULL FROM loan") in ([(1, 1)], [(True, True)])
    sound(library)
