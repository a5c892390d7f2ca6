"""Renewal: the new date, the reasons against it, and all at once."""

from datetime import date, timedelta
from typing import Any

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.accounts.models import AccountStatus
from lib.circulation.claims import clear_claim
from lib.circulation.errors import CannotRenew, ForOneself
from lib.circulation.exceptions import add_exception, end_exception
from lib.circulation.models import ClosureKind
from lib.circulation.queries import loans_of
from lib.circulation.renewals import RenewOutcome, consider_renewal, renew_all
from lib.closures.opening_days import add_closure
from lib.kit.errors import NotFound
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title, an_admin
from tests.circulation.hold_steps import came_back, cancelled, copy_id_of, hold, set_lending, sound
from tests.circulation.money_steps import claimed
from tests.circulation.steps import hand_in, issue, renewed, rows, set_rule, undone

TODAY = date(2026, 3, 10)


def _codes(library: Installation, actor: Actor, loan: int) -> list[str]:
    with begin_reading(library, actor) as uow:
        return [reason.code for reason in consider_renewal(uow, loan_id=loan).reasons]


def test_a_member_renews_an_own_loan_from_its_due_day(library: Installation) -> None:
    reader = a_member(library)
    loan = a_loan(library, reader, days_ago=15)
    receipt = renewed(library, reader, loan)
    assert (receipt.old_due_on, receipt.due_on) == (TODAY + timedelta(days=6), TODAY + timedelta(days=27))
    assert (receipt.renewals, receipt.renewals_left) == (1, 1)
    assert rows(library, "SELECT action, subject_kind FROM audit") == [("loan.self-renew", "account")]


def test_an_overdue_loan_is_renewed_from_today_and_its_fine_so_far_stays(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    barcode = a_copy(library)
    loan = a_loan(library, reader, barcode, days_ago=30)  # nine days late
    assert renewed(library, desk, loan).due_on == TODAY + timedelta(days=21)
    assert rows(library, "SELECT fine_settled FROM loan") == [(90,)]
    assert rows(library, "SELECT action FROM audit") == [("loan.renew",)]
    assert hand_in(library, desk, barcode).fine_minor == 90


def test_fines_of_several_spans_together_never_pass_the_cap(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    barcode = a_copy(library)
    a_loan(library, reader, barcode, days_ago=90, fine_settled=480, renewals=1)
    assert hand_in(library, desk, barcode).fine_minor == 500


AGAINST: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"renewals": 2}, "renewals-used"),
    ({}, {"max_renewals": 0}, "renewals-used"),
    ({"status": AccountStatus.SUSPENDED, "status_reason": "x"}, {}, "member-suspended"),
    ({"status": AccountStatus.DISABLED}, {}, "member-not-active"),
    ({"membership_ends_on": TODAY - timedelta(days=1)}, {}, "membership-expired"),
    ({"membership_ends_on": TODAY + timedelta(days=11)}, {}, "not-later"),
    ({}, {"fine_settled": 501}, "owes-too-much"),
]


@pytest.mark.parametrize(("who", "what", "code"), AGAINST)
def test_it_says_what_stands_against_it(
    library: Installation, who: dict[str, Any], what: dict[str, Any], code: str
) -> None:
    reader = a_member(library, **who)
    loan = a_loan(library, reader, days_ago=10, **what)
    assert code in _codes(library, reader, loan)
    with pytest.raises(CannotRenew) as refusal:
        renewed(library, reader, loan)
    assert code in [reason.code for reason in refusal.value.reasons]


def test_a_lost_copy_is_not_renewed(library: Installation) -> None:
    reader, barcode = a_member(library), a_copy(library)
    loan = a_loan(library, reader, barcode)
    with library.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE copy SET status = 'lost'")
    assert _codes(library, reader, loan) == ["copy-lost"]


def test_a_librarian_overrides_a_limit_with_a_written_reason(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    loan = a_loan(library, reader, renewals=2)
    receipt = renewed(library, desk, loan, override="Broken leg")
    assert (receipt.renewals, receipt.renewals_left) == (3, 0)
    assert rows(library, "SELECT action FROM audit") == [("loan.renew-override",)]


def test_somebody_elses_loan_is_not_found(library: Installation) -> None:
    loan = a_loan(library, a_member(library))
    for act in (renewed, _codes):
        with pytest.raises(NotFound):
            act(library, a_member(library), loan)


def test_a_returned_loan_is_not_found(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    receipt = issue(library, desk, barcode, reader)
    hand_in(library, desk, barcode)
    with pytest.raises(NotFound):
        renewed(library, reader, receipt.loan_id)


def test_the_same_key_again_renews_once(library: Installation) -> None:
    reader = a_member(library)
    loan = a_loan(library, reader, days_ago=15)
    assert renewed(library, reader, loan, key="k") == renewed(library, reader, loan, key="k")
    assert rows(library, "SELECT renewals FROM loan") == [(1,)]


def _all(library: Installation, actor: Actor, member: Actor) -> dict[str, RenewOutcome]:
    with begin_work(library, actor) as uow:
        return {row.title: row for row in renew_all(uow, member_id=member.account_id or 0)}


def test_renewing_all_says_for_each_what_happened_or_why_not(library: Installation) -> None:
    reader = a_member(library)
    a_loan(library, reader, a_copy(library, a_title(library, "Dune")), days_ago=15)
    a_loan(library, reader, a_copy(library, a_title(library, "Emma")), renewals=2)
    found = _all(library, reader, reader)
    dune = found["Dune"].receipt
    assert dune is not None
    assert dune.due_on == TODAY + timedelta(days=27)
    assert found["Emma"].receipt is None
    assert [reason.code for reason in found["Emma"].reasons] == ["renewals-used"]


def test_renewing_all_of_somebody_else_is_for_the_desk(library: Installation) -> None:
    reader = a_member(library)
    a_loan(library, reader)
    with pytest.raises(NotFound):
        _all(library, a_member(library), reader)
    assert len(_all(library, a_librarian(library), reader)) == 1


def test_the_snapshot_of_the_loan_counts_not_the_policy_of_today(library: Installation) -> None:
    reader = a_member(library)
    loan = a_loan(library, reader, days_ago=15, loan_days=5, max_renewals=1)
    set_rule(library, loan_days=60, max_renewals=0)
    assert renewed(library, reader, loan).due_on == TODAY + timedelta(days=11)


def test_the_same_key_says_the_same_also_once_the_copy_has_come_back(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    set_lending(library, renew_from_days=0)
    loan = issue(library, desk, barcode, reader).loan_id
    receipt = renewed(library, reader, loan, key="k1")
    hand_in(library, desk, barcode)
    assert renewed(library, reader, loan, key="k1") == receipt
    with pytest.raises(NotFound):
        renewed(library, reader, loan, key="k2")


def test_a_membership_that_ends_on_a_closed_day_is_the_way_out_of_a_date_that_would_not_move(
    library: Installation,
) -> None:
    reader = a_member(library, membership_ends_on=TODAY + timedelta(days=12))  # Sunday 22 March
    loan = a_loan(library, reader, days_ago=10)  # due on Saturday 21 March
    with begin_work(library, an_admin(library)) as uow:
        add_closure(uow, kind=ClosureKind.WEEKLY, weekday=6)
    with begin_reading(library, reader) as uow:
        (reason,) = consider_renewal(uow, loan_id=loan).reasons
    assert (reason.code, reason.way_out) == ("not-later", "Renew the membership first.")


def test_an_override_for_oneself_is_an_admins_alone_and_audited_like_any_other(library: Installation) -> None:
    clerk, desk = a_librarian(library), an_admin(library)
    with pytest.raises(ForOneself):
        renewed(library, clerk, a_loan(library, clerk, renewals=2), override="Needed for the reading group")
    loan = a_loan(library, desk, renewals=2)
    renewed(library, desk, loan, override="Needed for the reading group")
    ((action, subject, facts),) = rows(library, "SELECT action, subject_id, facts FROM audit")
    assert (action, subject) == ("loan.renew-override", loan)
    assert "reading group" in str(facts)


def test_the_only_other_copy_on_the_shelf_is_no_comfort_to_those_who_wait_when_it_is_wanted_by_name(
    library: Installation,
) -> None:
    reader, title = a_member(library), a_title(library)
    mine, other = a_copy(library, title), a_copy(library, title)
    loan = a_loan(library, reader, mine, days_ago=15)
    a_loan(library, a_member(library), other)
    hold(library, a_member(library), title)
    came_back(library, other)  # for who waits
    assert renewed(library, reader, loan).renewals == 1
    set_lending(library, renew_from_days=0)
    named = hold(library, a_member(library), title, copy_id=copy_id_of(library, other))
    assert _codes(library, reader, loan) == []
    anybody = hold(library, a_member(library), title)
    assert _codes(library, reader, loan) == ["waited-for"]
    with begin_reading(library, reader) as uow:
        assert [reason.code for reason in loans_of(uow, reader.account_id or 0).rows[0].why_not] == ["waited-for"]
    for number in (named.hold_id, anybody.hold_id):
        cancelled(library, a_librarian(library), number, reason="No longer needed")
    assert _codes(library, reader, loan) == []


def test_a_copy_on_the_shelf_that_somebody_wants_by_name_serves_nobody_else(library: Installation) -> None:
    reader, title = a_member(library), a_title(library)
    loan = a_loan(library, reader, a_copy(library, title))
    set_lending(library, hold_on_shelf=True, renew_from_days=0)
    shelved = copy_id_of(library, a_copy(library, title))
    hold(library, a_member(library), title)
    assert _codes(library, reader, loan) == []
    hold(library, a_member(library), title, copy_id=shelved)
    assert _codes(library, reader, loan) == ["waited-for"]


@pytest.mark.parametrize("all_at_once", [False, True])
def test_a_loan_that_the_member_says_is_back_is_not_renewed_until_the_claim_is_cleared(
    library: Installation, all_at_once: bool
) -> None:
    desk, reader = a_librarian(library), a_member(library)
    loan = a_loan(library, reader, days_ago=30)
    claimed(library, desk, loan, TODAY - timedelta(days=2))
    if all_at_once:
        (outcome,) = _all(library, reader, reader).values()
        reasons = outcome.reasons
    else:
        with pytest.raises(CannotRenew) as refusal:
            renewed(library, desk, loan, override="They insist")
        reasons = refusal.value.reasons
    assert [(reason.code, reason.way_out_action) for reason in reasons] == [("claimed-returned", "clear-claim")]
    assert rows(library, "SELECT claimed_on, renewals FROM loan")[0][1] == 0
    with begin_work(library, desk) as uow:
        clear_claim(uow, loan_id=loan)
    assert renewed(library, desk, loan).renewals == 1
    sound(library)


def test_readers_renew_only_shortly_before_the_due_day_and_the_desk_at_any_time(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    loan = a_loan(library, reader, days_ago=13)  # due in 8 days
    with begin_reading(library, reader) as uow:
        (reason,) = consider_renewal(uow, loan_id=loan).reasons
    assert (reason.code, reason.text) == ("renew-later", "It can be renewed from 11 March 2026.")
    with pytest.raises(CannotRenew):
        renewed(library, reader, loan)
    (outcome,) = _all(library, reader, reader).values()
    assert [found.code for found in outcome.reasons] == ["renew-later"]
    assert _codes(library, desk, loan) == []
    set_lending(library, renew_from_days=8)
    assert renewed(library, reader, loan).renewals == 1
    with pytest.raises(CannotRenew):  # and not once more in the same minute
        renewed(library, reader, loan)
    set_lending(library, renew_from_days=0)
    assert renewed(library, reader, loan).renewals == 2


def test_more_renewals_by_exception_count_for_what_is_on_loan_already(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    loan = a_loan(library, reader, days_ago=15, renewals=2)
    assert _codes(library, reader, loan) == ["renewals-used"]
    with begin_work(library, desk) as uow:
        number = add_exception(
            uow, account_id=reader.account_id or 0, name="max_renewals", amount=3, until=TODAY + timedelta(days=9),
            reason="In hospital",
        )  # fmt: skip
    receipt = renewed(library, reader, loan)
    assert (receipt.renewals, receipt.renewals_left) == (3, 0)
    sound(library)  # three renewals of a loan that allowed two, and no override
    undone(library, desk, receipt.act_id)
    assert rows(library, "SELECT renewals, max_renewals FROM loan") == [(2, 2)]
    with begin_work(library, desk) as uow:
        end_exception(uow, number)
    assert _codes(library, reader, loan) == ["renewals-used"]


def test_fewer_renewals_by_exception_take_nothing_from_what_is_on_loan_already(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    loan = a_loan(library, reader, days_ago=15)
    with begin_work(library, desk) as uow:
        add_exception(
            uow, account_id=reader.account_id or 0, name="max_renewals", amount=0, until=TODAY + timedelta(days=9),
            reason="Never again",
        )  # fmt: skip
    assert renewed(library, reader, loan).renewals_left == 1
