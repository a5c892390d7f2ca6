"""The offline desk: what was recorded without the server goes through the full rules, with its time, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import begin_reading, begin_work
from lib.accounts.models import AccountStatus
from lib.circulation.checkout import check_out
from lib.circulation.errors import IssueBeforeReturn, IssueInFuture
from lib.circulation.models import Channel
from lib.circulation.side_models import OfflineState
from lib.desk.offline import WHY, OfflineAct, OfflineOutcome, replay, replay_batch, try_again
from lib.desk.offline_tasks import (
    OfflineTask,
    TaskSettled,
    dismiss,
    offline_task_count,
    offline_tasks,
    resolve,
)
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotFound, NotSignedIn
from lib.ops.integrity import findings
from tests.builders import a_copy, a_librarian, a_loan, a_member
from tests.circulation.steps import hand_in, issue, paid, rows, set_rule, undone

DONE, OVERRIDDEN, CONFLICT = OfflineState.DONE, OfflineState.OVERRIDDEN, OfflineState.CONFLICT
CARD = "2988800000003"
BUILT = {"every-title-is-indexed", "title-counts-its-loans", "loan-has-audit-row"}
MORNING = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)  # the day before the clock's


def lent(barcode: str, at: datetime = MORNING, *, card: str = CARD, client_id: str = "") -> OfflineAct:
    return OfflineAct(client_id or str(uuid4()), "issue", barcode, card, at, "Front desk")


def brought(barcode: str, at: datetime = MORNING, *, client_id: str = "") -> OfflineAct:
    return OfflineAct(client_id or str(uuid4()), "return", barcode, "", at, "Front desk")


def sent(library: Installation, desk: Actor, *acts: OfflineAct) -> tuple[OfflineOutcome, ...]:
    return replay_batch(library, desk, acts)


def waiting(library: Installation, desk: Actor) -> tuple[OfflineTask, ...]:
    with begin_reading(library, desk) as uow:
        return offline_tasks(uow).rows


def sound(library: Installation) -> None:
    """No invariant is broken but those that rows straight from the builders break."""
    with begin_reading(library, SYSTEM) as uow:
        assert {found.name for found in findings(uow)} <= BUILT


@pytest.fixture
def desk(library: Installation) -> Actor:
    return a_librarian(library)


@pytest.fixture
def reader(library: Installation) -> Actor:
    return a_member(library, card_number=CARD)


def test_an_issue_is_made_with_the_time_and_the_due_day_of_its_own_day(
    library: Installation, desk: Actor, reader: Actor
) -> None:
    barcode = a_copy(library)
    (told,) = sent(library, desk, lent(barcode))
    assert (told.state, told.told) == (DONE, "Issued; due back on 30 March 2026.")
    with begin_reading(library, desk) as uow:
        row = uow.connection.execute(text("SELECT account_id, issued_on, due_on, channel FROM loan")).one()
    assert (row[0], str(row[1]), str(row[2]), row[3]) == (reader.account_id, "2026-03-09", "2026-03-30", "offline")
    sound(library)


def test_a_return_is_backdated_so_that_nobody_pays_for_the_servers_absence(
    library: Installation, desk: Actor, reader: Actor
) -> None:
    barcode = a_copy(library)
    a_loan(library, reader, barcode, days_ago=22)  # due yesterday, the day on which it came back
    (told,) = sent(library, desk, brought(barcode))
    assert (told.state, told.told) == (DONE, "Returned.")
    assert rows(library, "SELECT fine_settled FROM loan") == [(0,)]
    sound(library)


def test_a_late_return_tells_the_days_and_the_fine(library: Installation, desk: Actor, reader: Actor) -> None:
    barcode = a_copy(library)
    a_loan(library, reader, barcode, days_ago=26)  # due on 5 March
    (told,) = sent(library, desk, brought(barcode))
    assert told.told == "Returned. 4 days late: a fine of €0.40."
    sound(library)


def test_acts_are_done_in_the_order_of_their_times_however_they_were_sent(
    library: Installation, desk: Actor, reader: Actor
) -> None:
    barcode, other = a_copy(library), a_member(library)
    a_loan(library, other, barcode, days_ago=5)
    later = lent(barcode, MORNING + timedelta(minutes=5))
    assert [one.state for one in sent(library, desk, later, brought(barcode))] == [DONE, DONE]
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(1,)]
    sound(library)


def test_the_same_act_sent_again_gets_the_same_answer_and_does_nothing(
    library: Installation, desk: Actor, reader: Actor
) -> None:
    act = lent(a_copy(library))
    assert sent(library, desk, act) == sent(library, desk, act, act)[:1]
    assert rows(library, "SELECT count(*) FROM loan") == [(1,)]
    assert rows(library, "SELECT count(*) FROM offline_record") == [(1,)]


def test_another_act_under_a_used_number_is_not_passed_over_in_silence(
    library: Installation, desk: Actor, reader: Actor
) -> None:
    first = lent(a_copy(library))
    sent(library, desk, first)
    (told,) = sent(library, desk, lent(a_copy(library), client_id=first.client_id))
    assert told.state is CONFLICT
    assert "Another act" in told.told
    assert rows(library, "SELECT count(*) FROM loan") == [(1,)]


def test_twenty_senders_of_one_batch_do_each_act_once(library: Installation, desk: Actor, reader: Actor) -> None:
    set_rule(library, max_loans=50)
    acts = [lent(a_copy(library), MORNING + timedelta(seconds=n)) for n in range(4)]
    start = Barrier(20)

    def send(_: int) -> Any:
        start.wait()
        return sent(library, desk, *acts)

    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(send, range(20)))
    assert all(one == told[0] for one in told)
    assert rows(library, "SELECT count(*) FROM loan") == [(4,)]
    assert rows(library, "SELECT count(*) FROM audit WHERE action = 'loan.issue'") == [(4,)]
    sound(library)


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


def test_a_bad_record_never_loses_the_others(library: Installation, desk: Actor, reader: Actor) -> None:
    good, last = a_copy(library), a_copy(library)
    with begin_work(library, desk) as uow:  # all in one transaction, each in its savepoint
        told = replay(uow, [lent(good), lent("NOWHERE", MORNING + timedelta(minutes=1)),
                            lent(last, MORNING + timedelta(minutes=2))])  # fmt: skip
    assert [one.state for one in told] == [DONE, CONFLICT, DONE]
    assert rows(library, "SELECT count(*) FROM loan") == [(2,)]
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


def test_a_copy_that_was_not_on_loan_is_taken_back_all_the_same(library: Installation, desk: Actor) -> None:
    (told,) = sent(library, desk, brought(a_copy(library)))
    assert (told.state, told.told) == (DONE, "It was not on loan.")


def test_a_time_that_lies_ahead_is_now_and_told(
    library: Installation, desk: Actor, reader: Actor, clock: SetClock
) -> None:
    (told,) = sent(library, desk, lent(a_copy(library), clock.at + timedelta(hours=3)))
    assert told.state is DONE
    assert "The clock of that computer is ahead" in told.told
    with begin_reading(library, desk) as uow:
        assert uow.connection.execute(text("SELECT issued_on FROM loan")).scalar_one() in (
            "2026-03-10", date(2026, 3, 10),
        )  # fmt: skip
    sound(library)


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


def test_it_is_for_the_desk_alone(library: Installation, desk: Actor, reader: Actor) -> None:
    with pytest.raises(Forbidden):
        sent(library, reader, lent(a_copy(library)))
    with pytest.raises(NotSignedIn):
        sent(library, SYSTEM, lent(a_copy(library)))
    for act in (lambda uow: try_again(uow, 1), offline_tasks, offline_task_count,
                lambda uow: resolve(uow, 1, "because"), lambda uow: dismiss(uow, 1, "because")):  # fmt: skip
        with begin_work(library, reader) as uow, pytest.raises(Forbidden):
            act(uow)
    assert rows(library, "SELECT count(*) FROM offline_record") == [(0,)]


def test_an_issue_lies_neither_ahead_nor_before_the_copys_last_return(
    library: Installation, desk: Actor, reader: Actor, clock: SetClock
) -> None:
    barcode = a_copy(library)
    given = {"barcode": barcode, "member_id": reader.account_id or 0, "channel": Channel.OFFLINE}
    with begin_work(library, desk) as uow, pytest.raises(IssueInFuture):
        check_out(uow, **given, issued_at=clock.at + timedelta(seconds=1))
    a_loan(library, a_member(library), barcode, days_ago=3)
    hand_in(library, desk, barcode, returned_at=MORNING)
    with begin_work(library, desk) as uow, pytest.raises(IssueBeforeReturn):
        check_out(uow, **given, issued_at=MORNING - timedelta(seconds=1))
    with begin_work(library, desk) as uow:
        check_out(uow, **given, issued_at=MORNING)
    sound(library)


def test_an_act_sent_late_breaks_no_limit_that_held_when_it_was_decided(
    library: Installation, desk: Actor, reader: Actor, clock: SetClock
) -> None:
    """What was returned, or lent, between the act and its sending counts as the desks saw it then."""
    set_rule(library, max_loans=1)
    first, second, third = (a_copy(library) for _ in range(3))
    issue(library, desk, first, reader)
    written = clock.at + timedelta(hours=1)
    clock.forward(timedelta(hours=2))
    hand_in(library, desk, first)
    assert sent(library, desk, lent(second, written))[0].state is DONE
    sound(library)
    hand_in(library, desk, second)
    written = clock.at + timedelta(hours=1)
    clock.forward(timedelta(hours=2))
    issue(library, desk, third, reader)
    assert sent(library, desk, lent(first, written))[0].state is OVERRIDDEN
    sound(library)


def test_an_issue_that_was_late_when_it_was_sent_is_taken_back_with_its_fine(
    library: Installation, desk: Actor, reader: Actor, clock: SetClock
) -> None:
    set_rule(library, loan_days=1, grace_days=0)
    barcode = a_copy(library)
    clock.forward(timedelta(days=5))
    sent(library, desk, lent(barcode))
    paid(library, desk, reader, 30)
    ((act,),) = rows(library, "SELECT id FROM desk_act WHERE kind = 'issue'")
    undone(library, desk, act)
    assert rows(library, "SELECT state, balance_minor FROM charge") == [("final", -30)]
    sound(library)
