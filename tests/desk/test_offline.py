"""The offline desk: what was recorded without the server goes through the full rules, with its time, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.circulation.checkout import check_out
from lib.circulation.errors import IssueBeforeReturn, IssueInFuture
from lib.circulation.models import Channel
from lib.desk.offline import replay, try_again
from lib.desk.offline_tasks import dismiss, offline_task_count, offline_tasks, resolve
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, NotSignedIn
from tests.builders import a_copy, a_loan, a_member
from tests.circulation.steps import hand_in, issue, paid, rows, set_rule, undone
from tests.desk.offline_steps import CONFLICT, DONE, MORNING, OVERRIDDEN, brought, lent, sent, sound


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


def test_a_bad_record_never_loses_the_others(library: Installation, desk: Actor, reader: Actor) -> None:
    good, last = a_copy(library), a_copy(library)
    with begin_work(library, desk) as uow:  # all in one transaction, each in its savepoint
        told = replay(uow, [lent(good), lent("NOWHERE", MORNING + timedelta(minutes=1)),
                            lent(last, MORNING + timedelta(minutes=2))])  # fmt: skip
    assert [one.state for one in told] == [DONE, CONFLICT, DONE]
    assert rows(library, "SELECT count(*) FROM loan") == [(2,)]
    sound(library)


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
