"""Issue: who may have what, why not, and what is kept of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import begin_reading, begin_work
from lib.accounts.models import AccountStatus
from lib.circulation.borrowing import borrow, consider_borrow
from lib.circulation.checkout import IssueReceipt, check_out, consider_check_out
from lib.circulation.decision import Decision, Reason, ReasonKind
from lib.circulation.errors import CannotLend, NoSuchCopy, SelfIssueOff
from lib.circulation.models import ClosureKind
from lib.circulation.queries import standing
from lib.circulation.settings import CirculationSettings
from lib.closures.opening_days import add_closure
from lib.desk.self_check_words import reader_words
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotFound
from lib.kit.settings import save_group
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.hold_steps import sound
from tests.circulation.steps import issue, rows, set_rule

TODAY = date(2026, 3, 10)


def _reasons(library: Installation, desk: Actor, barcode: str, member: Actor) -> dict[str, Reason]:
    with begin_reading(library, desk) as uow:
        decision = consider_check_out(uow, barcode=barcode, member_id=member.account_id or 0)
    return {reason.code: reason for reason in decision.reasons}


def test_it_lends_a_copy_for_the_days_of_the_rule_and_says_where_it_stands(library: Installation) -> None:
    desk, reader, title = a_librarian(library), a_member(library), a_title(library, "Dune")
    barcode = a_copy(library, title, shelf="B-12", price_minor=300)
    receipt = issue(library, desk, barcode, reader)
    assert (receipt.title, receipt.barcode, receipt.shelf, receipt.location) == (
        "Dune",
        barcode,
        "B-12",
        "Main library",
    )
    assert receipt.due_on == TODAY + timedelta(days=21)
    (loan,) = rows(library, "SELECT loan_days, max_renewals, fine_per_day, grace_days, fine_cap, renewals FROM loan")
    assert loan == (21, 2, 10, 1, 300, 0), "the loan keeps the numbers it was made under; the cap is the copy's price"
    assert rows(library, "SELECT status FROM copy") == [("on_loan",)]
    assert rows(library, "SELECT loan_count FROM title") == [(1,)]
    assert rows(library, "SELECT action, subject_kind, actor_id FROM audit") == [
        ("loan.issue", "loan", desk.account_id)
    ]
    assert rows(library, "SELECT kind, account_id FROM desk_act") == [("issue", reader.account_id)]


def test_a_later_edit_of_the_policy_changes_no_old_loan(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    issue(library, desk, a_copy(library), reader)
    set_rule(library, loan_days=7, fine_per_day=99)
    later = issue(library, desk, a_copy(library), reader)
    assert later.due_on == TODAY + timedelta(days=7)
    assert rows(library, "SELECT loan_days, fine_per_day FROM loan ORDER BY id") == [(21, 10), (7, 99)]


COPY_STATES = [
    ("withdrawn", "copy-withdrawn"), ("lost", "copy-lost"), ("in_repair", "copy-in-repair"),
    ("on_order", "copy-on-order"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "code"), COPY_STATES)
def test_a_copy_that_is_not_for_lending_is_refused_whatever_is_written(
    sqlite_library: Installation, status: str, code: str
) -> None:
    desk, reader = a_librarian(sqlite_library), a_member(sqlite_library)
    barcode = a_copy(sqlite_library, status=status)
    assert _reasons(sqlite_library, desk, barcode, reader)[code].kind is ReasonKind.IMPOSSIBLE
    with pytest.raises(CannotLend):
        issue(sqlite_library, desk, barcode, reader, override="they insist")


MEMBER_STATES: list[tuple[dict[str, Any], str]] = [
    ({"status": AccountStatus.UNVERIFIED}, "member-not-active"),
    ({"status": AccountStatus.PENDING}, "member-not-active"),
    ({"status": AccountStatus.DISABLED}, "member-not-active"),
    ({"status": AccountStatus.REJECTED}, "member-not-active"),
    ({"status": AccountStatus.CLOSED}, "member-not-active"),
    ({"status": AccountStatus.SUSPENDED, "status_reason": "Water damage"}, "member-suspended"),
    ({"status": AccountStatus.SUSPENDED, "status_reason": "x", "suspended_until": TODAY}, "member-suspended"),
    ({"membership_ends_on": TODAY - timedelta(days=1)}, "membership-expired"),
]


@pytest.mark.parametrize(("given", "code"), MEMBER_STATES)
def test_a_member_who_may_not_borrow_is_refused_whatever_is_written(
    sqlite_library: Installation, given: dict[str, Any], code: str
) -> None:
    desk, reader = a_librarian(sqlite_library), a_member(sqlite_library, **given)
    barcode = a_copy(sqlite_library)
    assert _reasons(sqlite_library, desk, barcode, reader)[code].kind is ReasonKind.IMPOSSIBLE
    with pytest.raises(CannotLend) as refusal:
        issue(sqlite_library, desk, barcode, reader, override="they insist")
    assert not refusal.value.facts["can_override"]


def test_a_suspension_says_its_reason_and_its_end_and_is_over_the_day_after(library: Installation) -> None:
    desk = a_librarian(library)
    until = {"status": AccountStatus.SUSPENDED, "status_reason": "Water damage", "suspended_until": TODAY}
    reader, barcode = a_member(library, **until), a_copy(library)
    reason = _reasons(library, desk, barcode, reader)["member-suspended"]
    assert reason.text == "The membership is suspended until 10 March 2026."
    assert reason.facts["reason"] == "Water damage"
    with begin_reading(library, reader) as uow:
        (own,) = standing(uow, reader.account_id or 0).blocks
    assert own.facts["reason"] is None, "what staff noted is theirs"
    assert "Water" not in reader_words(own)
    assert reason.facts["until"] == TODAY
    clock = library.clock
    assert isinstance(clock, SetClock)
    clock.forward(timedelta(days=1))
    assert issue(library, desk, barcode, reader)


def test_it_tells_every_reason_at_once_and_the_cheapest_way_out(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    title = a_title(library, "Dune")
    set_rule(library, max_loans=2, debt_block=100)
    a_loan(library, reader, a_copy(library, title), days_ago=60)
    a_loan(library, reader, a_copy(library, a_title(library, "Emma")), days_ago=60)
    found = _reasons(library, desk, a_copy(library, title, status="on_hold_shelf"), reader)
    assert set(found) == {"limit-reached", "owes-too-much", "has-overdue", "on-hold-shelf", "same-title"}
    assert all(reason.kind is ReasonKind.BLOCKED for reason in found.values())
    limit = found["limit-reached"]
    assert limit.way_out == "Return one of “Dune”, “Emma”."
    assert {key: limit.facts[key] for key in ("rule", "line", "limit", "open")} == {
        "rule": "max_loans", "line": "any × any", "limit": 2, "open": 2,
    }  # fmt: skip
    assert found["owes-too-much"].facts["owed_minor"] == 2 * 39 * 10
    assert found["owes-too-much"].way_out == "Settle €6.80 or more."


def test_the_dry_run_says_what_the_act_says_and_changes_nothing(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    set_rule(library, max_loans=0)
    barcode = a_copy(library)
    with begin_reading(library, desk) as uow:
        dry = consider_check_out(uow, barcode=barcode, member_id=reader.account_id or 0)
    with pytest.raises(CannotLend) as refusal:
        issue(library, desk, barcode, reader)
    assert refusal.value.reasons == dry.reasons
    assert (dry.may, dry.needs_override, dry.due_on) == (False, True, TODAY + timedelta(days=21))
    assert rows(library, "SELECT count(*) FROM loan") == [(0,)]
    assert rows(library, "SELECT count(*) FROM audit") == [(0,)]


def test_a_librarian_overrides_a_block_with_a_written_reason_which_is_audited(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    set_rule(library, max_loans=0)
    barcode = a_copy(library)
    with pytest.raises(Invalid):
        issue(library, desk, barcode, reader, override="  ")
    assert issue(library, desk, barcode, reader, override="Exam tomorrow")
    (facts,) = rows(library, "SELECT facts FROM audit")[0]
    assert '"override": "Exam tomorrow"' in str(facts).replace("'", '"')
    assert "limit-reached" in str(facts)


def test_no_override_without_its_permission(library: Installation) -> None:
    desk = a_librarian(library)
    narrow = Actor(desk.account_id, desk.role, scopes=frozenset({Permission.CIRCULATE}))
    set_rule(library, max_loans=0)
    with pytest.raises(Forbidden):
        issue(library, narrow, a_copy(library), a_member(library), override="Exam tomorrow")
    assert rows(library, "SELECT count(*) FROM loan") == [(0,)]


def test_a_copy_that_is_out_says_to_whom_it_could_matter(library: Installation) -> None:
    desk, reader, other = a_librarian(library), a_member(library), a_member(library)
    barcode = a_copy(library)
    a_loan(library, reader, barcode)
    theirs = _reasons(library, desk, barcode, reader)
    assert set(theirs) == {"already-theirs"}
    assert theirs["already-theirs"].way_out_action == "renew"
    foreign = _reasons(library, desk, barcode, other)
    assert set(foreign) == {"copy-on-loan"}
    assert foreign["copy-on-loan"].way_out_action == "return-first"


@pytest.mark.parametrize("order", ["book book book film film", "film film book book book", "film book book film book"])
def test_what_may_be_borrowed_does_not_depend_on_the_order_of_scanning(library: Installation, order: str) -> None:
    set_rule(library, max_loans=3)
    set_rule(library, kind="film", max_loans=2)
    desk, reader = a_librarian(library), a_member(library)
    for kind in order.split():
        assert issue(library, desk, a_copy(library, a_title(library, kind=kind)), reader)
    for kind, line in (("book", "any × any"), ("film", "any × Film")):
        found = _reasons(library, desk, a_copy(library, a_title(library, kind=kind)), reader)
        assert found["limit-reached"].facts["line"] == line
    sound(library)


def test_a_limit_for_a_kind_of_item_counts_items_of_that_kind_only(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    set_rule(library, kind="film", max_loans=1)
    for _ in range(3):
        issue(library, desk, a_copy(library), reader)
    assert issue(library, desk, a_copy(library, a_title(library, kind="film")), reader)
    found = _reasons(library, desk, a_copy(library, a_title(library, kind="film")), reader)
    assert found["limit-reached"].facts["line"] == "any × Film"
    assert issue(library, desk, a_copy(library), reader)


def test_overdue_loans_do_not_block_where_the_library_says_so(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    a_loan(library, reader, days_ago=30)
    assert set(_reasons(library, desk, barcode, reader)) == {"has-overdue"}
    _settings(library, desk, overdue_blocks=False)
    assert _reasons(library, desk, barcode, reader) == {}


def _settings(library: Installation, actor: Actor, **given: Any) -> None:
    with begin_work(library, actor) as uow:
        save_group(uow.connection, CirculationSettings(**given), seen_version=0, at=uow.now, by=None)


def test_the_end_of_a_membership_caps_the_due_date_and_says_so(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library, membership_ends_on=TODAY + timedelta(days=5))
    found = _reasons(library, desk, a_copy(library), reader)
    assert found["due-capped"].kind is ReasonKind.NOTE
    assert found["due-capped"].text == "The loan ends with the membership on 15 March 2026."
    assert issue(library, desk, a_copy(library), reader).due_on == TODAY + timedelta(days=5)
    _settings(library, desk, membership_caps_due=False)
    assert issue(library, desk, a_copy(library), reader).due_on == TODAY + timedelta(days=21)


def test_a_cap_that_rolls_back_to_an_open_day_says_so_too(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library, membership_ends_on=TODAY + timedelta(days=5))  # a Sunday
    with begin_work(library, desk) as uow:
        add_closure(uow, kind=ClosureKind.WEEKLY, weekday=6)
    found = _reasons(library, desk, a_copy(library), reader)["due-capped"]
    assert found.text == ("The loan ends on 14 March 2026: the library is closed from then until the membership ends.")
    assert found.facts["membership_ends_on"] == TODAY + timedelta(days=5)


def test_unknown_barcodes_and_members_are_not_found(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    with pytest.raises(NoSuchCopy):
        issue(library, desk, "nonsense", reader)
    barcode = a_copy(library)
    with pytest.raises(NotFound), begin_work(library, desk) as uow:
        check_out(uow, barcode=barcode, member_id=10**9)


def test_a_member_may_not_issue_at_the_desk(library: Installation) -> None:
    reader = a_member(library)
    with pytest.raises(Forbidden):
        issue(library, reader, a_copy(library), reader)


def test_the_same_key_again_lends_nothing_more_and_gives_the_same_receipt(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    first = issue(library, desk, barcode, reader, key="k1")
    assert issue(library, desk, barcode, reader, key="k1") == first
    assert rows(library, "SELECT count(*) FROM loan") == [(1,)]
    assert rows(library, "SELECT count(*) FROM audit") == [(1,)]
    with pytest.raises(Invalid):
        issue(library, desk, a_copy(library), reader, key="k1")


def _borrow(library: Installation, reader: Actor, title: int, key: str | None = None) -> IssueReceipt:
    with begin_work(library, reader) as uow:
        return borrow(uow, title_id=title, key=key)


def _consider(library: Installation, reader: Actor, title: int) -> Decision:
    with begin_reading(library, reader) as uow:
        return consider_borrow(uow, title_id=title)


def test_a_member_borrows_an_available_copy_of_a_title(library: Installation) -> None:
    reader, title = a_member(library), a_title(library)
    a_copy(library, title, status="in_repair")
    barcode = a_copy(library, title, shelf="C-3")
    assert _consider(library, reader, title).may
    receipt = _borrow(library, reader, title, "k")
    assert (receipt.barcode, receipt.shelf, receipt.member_id) == (barcode, "C-3", reader.account_id)
    assert _borrow(library, reader, title, "k") == receipt
    assert rows(library, "SELECT channel FROM loan") == [("self",)]


def test_a_member_is_told_when_the_next_copy_is_due_and_what_else_is_in_the_way(library: Installation) -> None:
    reader, other, title = a_member(library), a_member(library), a_title(library)
    a_loan(library, other, a_copy(library, title))
    a_loan(library, other, a_copy(library, title), days_ago=5)
    decision = _consider(library, reader, title)
    assert [reason.code for reason in decision.reasons] == ["all-out"]
    assert decision.reasons[0].way_out == "Place a hold. The next one is due back on 26 March 2026."
    set_rule(library, max_loans=0)
    with pytest.raises(CannotLend) as refusal:
        _borrow(library, reader, title)
    assert [reason.code for reason in refusal.value.reasons] == ["all-out", "limit-reached"]


def test_members_cannot_borrow_by_themselves_where_it_is_switched_off(library: Installation) -> None:
    reader, title = a_member(library), a_title(library)
    a_copy(library, title)
    _settings(library, a_librarian(library), self_issue=False)
    with pytest.raises(SelfIssueOff):
        _borrow(library, reader, title)
    with pytest.raises(SelfIssueOff):
        _consider(library, reader, title)


def test_borrowing_a_title_that_is_not_there_is_not_found(library: Installation) -> None:
    reader = a_member(library)
    gone = a_title(library, archived_at=datetime(2026, 1, 1, tzinfo=UTC))
    for title in (10**9, gone):
        with pytest.raises(NotFound):
            _borrow(library, reader, title)


def test_a_title_without_copies_says_so(library: Installation) -> None:
    assert _consider(library, a_member(library), a_title(library)).reasons[0].code == "no-copies"
