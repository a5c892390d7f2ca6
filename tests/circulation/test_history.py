"""A member's history is theirs: kept, switched off, or erased, and then nothing tells who had what."""

from datetime import timedelta

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.once import recall, remember
from lib.access.work import begin_reading, begin_work
from lib.circulation.borrowing import borrow
from lib.circulation.errors import UndoOvertaken
from lib.circulation.history import erase_history, keep_history
from lib.circulation.queries import history_of
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.hold_steps import set_lending
from tests.circulation.steps import hand_in, issue, paid, renewed, rows, undone


def _history(library: Installation, reader: Actor) -> list[str]:
    with begin_reading(library, reader) as uow:
        return [row.title for row in history_of(uow, reader.account_id or 0).rows]


def _erase(library: Installation, reader: Actor) -> int:
    with begin_work(library, reader) as uow:
        return erase_history(uow)


def _keep(library: Installation, reader: Actor, keep: bool) -> None:
    with begin_work(library, reader) as uow:
        keep_history(uow, keep)


def test_a_member_sees_what_they_read_and_nobody_else_does(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    for name in ("Dune", "Emma"):
        barcode = a_copy(library, a_title(library, name))
        issue(library, desk, barcode, reader)
        hand_in(library, desk, barcode)
    assert _history(library, reader) == ["Emma", "Dune"]
    with pytest.raises(Forbidden), begin_reading(library, desk) as uow:
        history_of(uow, reader.account_id or 0)


def test_erasing_leaves_the_loans_and_no_trace_of_who_had_them(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    title = a_title(library, "Dune")
    barcode = a_copy(library, title)
    set_lending(library, renew_from_days=0)
    with begin_work(library, reader) as uow:
        loan = borrow(uow, title_id=title, key="k")
    renewed(library, reader, loan.loan_id, key="r")
    hand_in(library, desk, barcode)
    still_out = issue(library, desk, a_copy(library), reader)
    assert _erase(library, reader) == 1
    assert _history(library, reader) == []
    me = reader.account_id
    assert rows(library, f"SELECT id FROM loan WHERE account_id = {me} OR issued_by = {me}") == [(still_out.loan_id,)]
    past = f"SELECT count(*) FROM desk_act WHERE loan_id = {loan.loan_id}"
    assert rows(library, f"{past} AND (account_id = {me} OR actor_id = {me})") == [(0,)]
    assert rows(library, f"SELECT count(*) FROM once_key WHERE owner = 'member:{me}'") == [(0,)]
    assert rows(library, f"SELECT count(*) FROM audit WHERE actor_id = {me} AND subject_kind <> 'account'") == [(0,)]
    assert rows(library, "SELECT loan_count FROM title WHERE loan_count = 1") == [(1,), (1,)]


def test_with_history_off_the_link_is_cut_at_return(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    _keep(library, reader, False)
    barcode = a_copy(library)
    issue(library, desk, barcode, reader)
    receipt = hand_in(library, desk, barcode)
    assert receipt.member_id == reader.account_id
    assert rows(library, "SELECT account_id FROM loan") == [(None,)]
    assert rows(library, "SELECT DISTINCT account_id FROM desk_act") == [(None,)]
    with pytest.raises(UndoOvertaken, match="no history"):
        undone(library, desk, receipt.act_id)
    _keep(library, reader, True)
    issue(library, desk, barcode, reader)
    hand_in(library, desk, barcode)
    assert len(_history(library, reader)) == 1


def test_a_loan_that_cost_a_fine_keeps_its_member_until_a_day_after_it_is_paid(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library, keep_history=False)
    barcode = a_copy(library)
    a_loan(library, reader, barcode, days_ago=40)
    fine = hand_in(library, desk, barcode).fine_minor
    assert fine > 0
    clock = library.clock
    assert isinstance(clock, SetClock)
    clock.forward(timedelta(days=3))
    assert _erase(library, reader) == 0
    paid(library, desk, reader, fine)
    assert _erase(library, reader) == 0
    clock.forward(timedelta(days=1, seconds=1))
    assert _erase(library, reader) == 1
    assert rows(library, "SELECT account_id, loan_id, copy_id, balance_minor FROM charge") == [
        (reader.account_id, None, None, 0)
    ]


def test_what_was_read_last_comes_first_whenever_it_was_entered(library: Installation) -> None:
    reader = a_member(library)
    for name, days in (("Emma", 40), ("Dune", 400)):
        issued = library.clock.now() - timedelta(days=days)
        back = issued + timedelta(days=7)
        barcode = a_copy(library, a_title(library, name))
        a_loan(library, reader, barcode, days_ago=days, returned_at=back, returned_on=back.date())
    assert _history(library, reader) == ["Emma", "Dune"]


@pytest.mark.parametrize("name", ["Ada Vega", "Zoë 100%_\\Ünal", 'O\'Neil "Bo" 王'])
def test_erasing_takes_the_reader_out_of_answers_kept_for_programs_of_the_desk(
    library: Installation, name: str
) -> None:
    """The answers stay without them: a payment that a program sends again must not be taken twice."""
    desk, reader, other = a_librarian(library), a_member(library, name=name), a_member(library)
    with begin_work(library, desk) as uow:
        for number, who in enumerate((reader, other)):
            whose = {"member_id": who.account_id, "title_id": reader.account_id, "title": "Dune"}
            remember(uow, f"issue-{number}", "asked", {"result": whose})
        offer = {"hold": {"account_id": reader.account_id, "name": name, "hold_id": 9}, "note": f"For {name}."}
        remember(uow, "return-1", "asked", {"result": offer})
    _erase(library, reader)
    with begin_work(library, desk) as uow:
        assert recall(uow, "issue-0", "asked") == {
            "result": {"member_id": 0, "title_id": reader.account_id, "title": "Dune"}
        }
        assert recall(uow, "issue-1", "asked")["result"]["member_id"] == other.account_id  # type: ignore[index]
        assert recall(uow, "return-1", "asked") == {
            "result": {"hold": {"account_id": 0, "name": "", "hold_id": 9}, "note": "For ."}
        }
