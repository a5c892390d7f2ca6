"""Night work on loans: in bounded batches, for those it is for, and a second run changes nothing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.billing.models import ChargeKind
from lib.circulation.jobs import accrue_fines, age_to_lost, auto_renew, settle_history
from lib.circulation.models import ClosureKind
from lib.circulation.money import charge_member
from lib.closures.opening_days import add_closure
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.hold_steps import hold
from tests.circulation.money_steps import charges, choose, forward, lost, night, owed_by, sound
from tests.circulation.steps import hand_in, paid, renewed, rows

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize("job", [accrue_fines, age_to_lost, auto_renew, settle_history])
def test_jobs_are_run_by_the_system_alone(sqlite_library: Installation, job: Any) -> None:
    with pytest.raises(Forbidden), begin_work(sqlite_library, a_librarian(sqlite_library)) as uow:
        job(uow, after_id=0, limit=10)


def test_each_night_adds_what_a_day_costs_and_the_second_run_nothing(library: Installation) -> None:
    reader = a_member(library)
    for days in (20, 22, 23, 30, 31, 200):
        a_loan(library, reader, days_ago=days)
    assert night(library) == {"looked_at": 5, "changed": 4}
    assert [row[2] for row in charges(library)] == [20, 90, 100, 500]
    before = rows(library, "SELECT count(*) FROM ledger_entry"), rows(library, "SELECT count(*) FROM audit")
    assert night(library) == {"looked_at": 5, "changed": 0}
    assert (rows(library, "SELECT count(*) FROM ledger_entry"), rows(library, "SELECT count(*) FROM audit")) == before
    forward(library, days=1)
    assert night(library)["changed"] == 4  # one more is past its grace, one stands at its cap
    assert sorted(row[2] for row in charges(library)) == [20, 30, 100, 110, 500]
    assert owed_by(library, reader) == 760
    sound(library)


def test_a_night_that_was_missed_is_made_up_for(library: Installation) -> None:
    a_loan(library, a_member(library), days_ago=31)
    night(library)
    forward(library, days=4)
    night(library)
    assert charges(library) == [("fine", "accruing", 140)]


def test_a_fine_goes_with_the_lateness_that_a_closure_took_away(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    a_loan(library, reader, days_ago=23)
    night(library)
    assert charges(library) == [("fine", "accruing", 20)]
    with begin_work(library, desk) as uow:
        first, last = TODAY - timedelta(days=2), TODAY + timedelta(days=3)
        add_closure(uow, kind=ClosureKind.DAY, first=first, last=last, reason="Burst pipe")
    assert owed_by(library, reader) == 0
    night(library)
    assert [row[2] for row in charges(library)] == [0]
    night(library)
    sound(library)


@pytest.mark.parametrize("limit", [7, 1000])
def test_many_that_are_not_late_any_more_are_taken_back_some_at_a_time(library: Installation, limit: int) -> None:
    """Each reader has something besides whose fine begins in the same night; it begins once."""
    desk, readers = a_librarian(library), [a_member(library) for _ in range(23)]
    for reader in readers:
        a_loan(library, reader, days_ago=23)
    night(library, limit=limit)
    assert [row[2] for row in charges(library)] == [20] * len(readers)
    with begin_work(library, desk) as uow:
        first, last = TODAY - timedelta(days=2), TODAY + timedelta(days=3)
        add_closure(uow, kind=ClosureKind.DAY, first=first, last=last, reason="Burst pipe")
    for reader in readers:
        a_loan(library, reader, days_ago=60)
    assert night(library, limit=limit)["looked_at"] == len(readers)
    assert [row[2] for row in charges(library)] == [0] * len(readers) + [360] * len(readers)
    assert {owed_by(library, reader) for reader in readers} == {360}
    assert night(library, limit=limit)["changed"] == 0
    sound(library)


def test_payments_on_a_running_fine_do_not_change_what_the_next_night_adds(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, barcode, days_ago=31)
    paid(library, desk, reader, 100)
    forward(library, days=2)
    assert night(library)["changed"] == 1
    assert night(library)["changed"] == 0
    assert charges(library) == [("fine", "accruing", 20)]
    assert hand_in(library, desk, barcode).fine_minor == 120
    sound(library)


def test_the_night_and_the_desk_count_the_same(library: Installation) -> None:
    """Closed days, a due day that became closed, and grace: the set-based job against the one rule."""
    desk, reader = a_librarian(library), a_member(library)
    with begin_work(library, desk) as uow:
        add_closure(uow, kind=ClosureKind.WEEKLY, weekday=6)
        add_closure(uow, kind=ClosureKind.DAY, first=date(2026, 2, 10), last=date(2026, 2, 14))
    copies = [a_copy(library) for _ in range(30)]
    for days, barcode in enumerate(copies, 22):
        a_loan(library, reader, barcode, days_ago=days, grace_days=days % 3, fine_cap=120 if days % 4 else 500)
    night(library, limit=7)
    posted = dict(rows(library, "SELECT loan_id, balance_minor FROM charge"))
    for barcode in copies:
        hand_in(library, desk, barcode)
    assert {loan: fine for loan, fine in rows(library, "SELECT id, fine_settled FROM loan") if fine} == posted
    sound(library)


@pytest.mark.parametrize(
    ("zone_night", "grown"),
    [(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 0), (datetime(2026, 3, 29, 23, 30, tzinfo=UTC), 1)],
)
def test_a_night_counts_the_librarys_days_across_a_change_of_the_clocks(
    library: Installation, zone_night: datetime, grown: int
) -> None:
    a_loan(library, a_member(library), due_on=date(2026, 3, 29), grace_days=0)
    clock = library.clock
    assert isinstance(clock, SetClock)
    clock.at = zone_night
    assert night(library).get("changed", 0) == grown


def _due_tomorrow(library: Installation, reader: Actor, name: str, **given: Any) -> int:
    return a_loan(library, reader, a_copy(library, a_title(library, name)), days_ago=20, **given)


def test_what_is_due_tomorrow_is_renewed_and_each_member_told_once(library: Installation) -> None:
    choose(library, auto_renewal=True)
    reader, other = a_member(library, name="Ada"), a_member(library, language="de")
    for name in ("Dune", "Emma", "Ulysses"):
        _due_tomorrow(library, reader, name)
    _due_tomorrow(library, other, "Faust")
    _due_tomorrow(library, other, "Used up", renewals=2)
    later = a_loan(library, reader, days_ago=19)
    assert night(library, auto_renew, limit=1) == {"renewed": 4, "left": 1}
    assert night(library, auto_renew) == {"renewed": 0, "left": 1}
    assert rows(library, f"SELECT renewals FROM loan WHERE id = {later}") == [(0,)]
    told = rows(library, "SELECT account_id, body FROM notice WHERE kind = 'loans-renewed' ORDER BY account_id")
    left = rows(library, "SELECT account_id, body FROM notice WHERE kind = 'loans-not-renewed'")
    assert [row[0] for row in left] == [other.account_id], "once, though the night came twice"
    assert "„Used up“ → 11. März 2026" in left[0][1]
    assert [row[0] for row in told] == [reader.account_id, other.account_id]
    assert all(f"“{name}” → 1 April 2026" in told[0][1] for name in ("Dune", "Emma", "Ulysses"))
    assert "„Faust“ → 1. April 2026" in told[1][1]
    sound(library)


def test_titles_are_not_named_to_whom_does_not_want_it(library: Installation) -> None:
    choose(library, auto_renewal=True)
    _due_tomorrow(library, a_member(library, preferences={"notices_name_titles": False}), "Dune")
    night(library, auto_renew)
    ((body,),) = rows(library, "SELECT body FROM notice")
    assert "Dune" not in body
    assert "a title you borrowed" in body


def test_nothing_is_renewed_against_a_hold_or_when_it_is_switched_off(library: Installation) -> None:
    reader, title = a_member(library), a_title(library)
    a_loan(library, reader, a_copy(library, title), days_ago=20)
    assert night(library, auto_renew) == {"renewed": 0, "left": 0}
    choose(library, auto_renewal=True)
    hold(library, a_member(library), title)
    assert night(library, auto_renew) == {"renewed": 0, "left": 1}
    assert rows(library, "SELECT count(*) FROM notice WHERE kind = 'loans-renewed'") == [(0,)]
    night(library, auto_renew)
    ((body,),) = rows(library, "SELECT body FROM notice WHERE kind = 'loans-not-renewed'")
    assert "could not be renewed" in body


def test_a_link_is_cut_a_day_after_its_money_is_settled(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library, keep_history=False)
    keeper = a_member(library)
    for who in (reader, keeper):
        barcode = a_copy(library)
        a_loan(library, who, barcode, days_ago=31)
        hand_in(library, desk, barcode)
    forward(library, days=5)
    assert night(library, settle_history) == {"cut": 0}
    for who in (reader, keeper):
        paid(library, desk, who, 100)
    assert night(library, settle_history) == {"cut": 0}
    forward(library, days=1, seconds=1)
    assert night(library, settle_history) == {"cut": 1}
    assert night(library, settle_history) == {"cut": 0}
    assert rows(library, "SELECT account_id FROM loan ORDER BY id") == [(None,), (keeper.account_id,)]
    assert rows(library, f"SELECT loan_id, copy_id FROM charge WHERE account_id = {reader.account_id}") == [
        (None, None)
    ]
    acts = "SELECT account_id, before, after FROM desk_act WHERE loan_id = (SELECT min(id) FROM loan)"
    assert [(row[0], str(row[1]), str(row[2])) for row in rows(library, acts)] == [(None, "{}", "{}")]
    sound(library)


def test_a_lost_copys_loan_keeps_its_member_while_the_replacement_could_be_given_back(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library, keep_history=False), a_copy(library)
    lost(library, desk, a_loan(library, reader, barcode))
    paid(library, desk, reader, 2500)
    forward(library, days=100)
    assert night(library, settle_history) == {"cut": 0}
    assert hand_in(library, desk, barcode).given_back_minor == 2000
    forward(library, days=400)
    assert night(library, settle_history) == {"cut": 0}  # the library owes money for it
    second = a_copy(library)
    lost(library, desk, a_loan(library, other := a_member(library, keep_history=False), second))
    paid(library, desk, other, 2500)
    forward(library, days=367)
    assert night(library, settle_history) == {"cut": 1}


def test_for_which_copy_somebody_paid_damage_is_forgotten_too(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library, keep_history=False), a_copy(library)
    copy_id = rows(library, f"SELECT id FROM copy WHERE barcode = '{barcode}'")[0][0]
    with begin_work(library, desk) as uow:
        charge_member(
            uow, member_id=reader.account_id or 0, kind=ChargeKind.DAMAGE, amount_minor=300, what="Coffee",
            copy_id=copy_id,
        )  # fmt: skip
    paid(library, desk, reader, 300)
    forward(library, days=2)
    night(library, settle_history)
    assert charges(library, "copy_id", "balance_minor") == [(None, 0)]


def test_a_renewal_by_night_can_be_seen_and_undone_at_the_desk(library: Installation) -> None:
    choose(library, auto_renewal=True)
    loan = _due_tomorrow(library, a_member(library), "Dune")
    night(library, auto_renew)
    from tests.circulation.steps import undone

    act = rows(library, "SELECT id, actor_id FROM desk_act")
    assert [row[1] for row in act] == [None]
    undone(library, a_librarian(library), act[0][0])
    assert rows(library, f"SELECT renewals FROM loan WHERE id = {loan}") == [(0,)]
    assert renewed(library, a_librarian(library), loan).due_on == TODAY + timedelta(days=22)
