"""What could not be done as it was written down becomes a task: its reason, a way out, and how it is settled."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import begin_reading, begin_work
from lib.accounts.models import AccountStatus
from lib.desk.offline import WHY, try_again
from lib.desk.offline_tasks import TaskSettled, dismiss, offline_task_count, offline_tasks, resolve
from lib.kit.errors import Invalid, NotFound
from tests.builders import a_copy, a_loan, a_member
from tests.circulation.steps import hand_in, issue, rows, set_rule
from tests.desk.offline_steps import CARD, CONFLICT, DONE, MORNING, OVERRIDDEN, brought, lent, sent, sound, waiting


def test_a_block_is_overridden_since_the_book_is_gone_and_becomes_a_task(
    library: Installation, desk: Actor, reader: Actor
) -> None:
    set_rule(library, max_loans=0)
    (told,) = sent(library, desk, lent(a_copy(library)))
    assert told.state is OVERRIDDEN
    assert [reason.code for reason in told.reasons] == ["limit-reached"]
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(1,)]
    ((facts,),) = rows(library, "SELECT facts FROM audit WHERE action = 'loan.issue'")
    assert WHY in str(facts)
    (task,) = waiting(library, desk)
    assert (task.state, task.member_id, task.card) == (OVERRIDDEN, reader.account_id, "")
    sound(library)


def test_who_may_not_override_leaves_a_conflict(library: Installation, desk: Actor, reader: Actor) -> None:
    set_rule(library, max_loans=0)
    key = Actor(desk.account_id, desk.role, desk.name, scopes=frozenset({Permission.CIRCULATE}))
    (told,) = sent(library, key, lent(a_copy(library)))
    assert told.state is CONFLICT
    assert rows(library, "SELECT count(*) FROM loan") == [(0,)]


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("unknown barcode", "no-such-copy"), ("unknown card", "no-such-card"), ("withdrawn", "copy-withdrawn"),
        ("disabled account", "member-not-active"), ("on loan to somebody else", "copy-on-loan"),
        ("came back since", "issue-before-return"),
    ],
)  # fmt: skip
def test_what_is_impossible_becomes_a_task_with_its_reason_and_a_way_out(
    library: Installation, desk: Actor, reader: Actor, case: str, code: str
) -> None:
    barcode = a_copy(library, status="withdrawn") if case == "withdrawn" else a_copy(library)
    card = CARD
    if case == "unknown barcode":
        barcode = "NOWHERE"
    elif case == "unknown card":
        card = "2988800000027"
    elif case == "disabled account":
        card = a_member(library, card_number="2988800000010", status=AccountStatus.DISABLED) and "2988800000010"
    elif case == "on loan to somebody else":
        a_loan(library, a_member(library), barcode, days_ago=3)
    elif case == "came back since":
        a_loan(library, a_member(library), barcode, days_ago=3)
        hand_in(library, desk, barcode)
    before = rows(library, "SELECT count(*) FROM loan")
    (told,) = sent(library, desk, lent(barcode, card=card))
    assert told.state is CONFLICT
    assert [reason.code for reason in told.reasons] == [code]
    assert told.reasons[0].way_out
    (task,) = waiting(library, desk)
    assert (task.told, task.barcode, task.card) == (told.told, barcode, card)
    assert rows(library, "SELECT count(*) FROM loan") == before
    assert rows(library, "SELECT count(*) FROM audit WHERE action = 'loan.issue'") == [(0,)]
    sound(library)


def test_a_return_of_a_copy_that_was_lent_again_since_is_a_conflict(
    library: Installation, desk: Actor, reader: Actor
) -> None:
    barcode = a_copy(library)
    issue(library, desk, barcode, reader)
    (told,) = sent(library, desk, brought(barcode))
    assert [reason.code for reason in told.reasons] == ["return-before-issue"]
    assert "lent again on 10 March 2026" in told.reasons[0].way_out
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(1,)]


def test_an_issue_waits_for_the_return_that_another_desk_sends_later(
    library: Installation, desk: Actor, reader: Actor
) -> None:
    barcode = a_copy(library)
    a_loan(library, a_member(library), barcode, days_ago=5)
    assert sent(library, desk, lent(barcode, MORNING + timedelta(hours=1)))[0].state is CONFLICT
    assert sent(library, desk, brought(barcode))[0].state is DONE
    assert waiting(library, desk) == ()
    assert rows(library, "SELECT account_id FROM loan WHERE returned_at IS NULL") == [(reader.account_id,)]
    sound(library)


def test_a_conflict_is_tried_again_once_its_cause_is_gone(library: Installation, desk: Actor, reader: Actor) -> None:
    (told,) = sent(library, desk, lent("NEW-1"))
    a_copy(library, barcode="NEW-1")
    with begin_work(library, desk) as uow:
        assert try_again(uow, told.record_id).state is DONE
    assert waiting(library, desk) == ()
    assert rows(library, "SELECT card FROM offline_record") == [("",)]
    with begin_work(library, desk) as uow, pytest.raises(NotFound):
        try_again(uow, told.record_id)
    sound(library)


def test_a_copy_that_somebody_else_still_has_is_taken_back_and_issued_in_one_step(
    library: Installation, desk: Actor, reader: Actor
) -> None:
    barcode = a_copy(library)
    a_loan(library, a_member(library), barcode, days_ago=5)
    (told,) = sent(library, desk, lent(barcode))
    assert waiting(library, desk)[0].can_take_back
    with begin_work(library, desk) as uow:
        assert try_again(uow, told.record_id, take_back=True).state is DONE
    with begin_reading(library, desk) as uow:
        found = uow.connection.execute(text("SELECT returned_on, account_id FROM loan ORDER BY id")).all()
    assert [str(row[0]) for row in found] == ["2026-03-09", "None"]
    assert found[1][1] == reader.account_id
    sound(library)


def test_a_failed_take_back_leaves_the_loan_as_it_was(library: Installation, desk: Actor, reader: Actor) -> None:
    barcode = a_copy(library)
    a_loan(library, a_member(library), barcode, days_ago=5)
    (told,) = sent(library, desk, lent(barcode))
    with begin_work(library, desk) as uow:
        uow.connection.execute(text("UPDATE account SET status = 'disabled' WHERE card_number = :c"), {"c": CARD})
    with begin_work(library, desk) as uow:
        assert try_again(uow, told.record_id, take_back=True).state is CONFLICT
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(1,)]
    assert rows(library, "SELECT count(*) FROM audit WHERE action = 'loan.return'") == [(0,)]
    sound(library)


def test_a_task_is_settled_once_by_hand_or_dismissed_and_the_card_is_forgotten(
    library: Installation, desk: Actor, reader: Actor
) -> None:
    first, second = sent(library, desk, lent("NOWHERE-1"), lent("NOWHERE-2", MORNING + timedelta(minutes=1)))
    with begin_reading(library, desk) as uow:
        assert offline_task_count(uow) == 2
    with begin_work(library, desk) as uow:
        resolve(uow, first.record_id, "Issued under its new label.")
        dismiss(uow, second.record_id, "Scanned the wrong thing.")
    with begin_work(library, desk) as uow, pytest.raises(TaskSettled):
        dismiss(uow, first.record_id, "Twice is too often.")
    with begin_work(library, desk) as uow, pytest.raises(Invalid):
        resolve(uow, first.record_id, " ")
    with begin_reading(library, desk) as uow:
        settled = offline_tasks(uow, settled=True).rows
        assert offline_task_count(uow) == 0
    assert [task.settled_how for task in settled] == ["Scanned the wrong thing.", "Issued under its new label."]
    assert rows(library, "SELECT DISTINCT card FROM offline_record") == [("",)]
    told = rows(library, "SELECT action FROM audit WHERE subject_kind = 'offline-record' ORDER BY id")
    assert sorted(row[0] for row in told) == ["offline.dismiss", "offline.replay", "offline.replay", "offline.resolve"]
