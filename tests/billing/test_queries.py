"""What members and the desk see of money: charges, receipts, a statement of account."""

from datetime import date, timedelta

import pytest

from lib.access.actor import GUEST, SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.billing import queries
from lib.billing.errors import StatementTooLong
from lib.billing.ledger import adjust, finalise
from lib.billing.models import ChargeKind, ChargeState, EntryKind
from lib.billing.policy import Posting, merge_growth
from lib.billing.queries import AccountStatement, ChargeRow, charges_of, payments_of, statement
from lib.billing.waivers import waive
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotSignedIn
from tests.billing.steps import balance, owes, paid, refunded, sound, taken_back
from tests.builders import a_librarian, a_loan, a_member

TODAY = date(2026, 3, 10)


def charges(library: Installation, actor: Actor, reader: Actor, *, open_only: bool = False) -> list[ChargeRow]:
    with begin_reading(library, actor) as uow:
        return list(charges_of(uow, reader.account_id or 0, open_only=open_only).rows)


def account(library: Installation, reader: Actor, first: date, last: date) -> AccountStatement:
    with begin_reading(library, reader) as uow:
        return statement(uow, reader.account_id or 0, first=first, last=last)


def test_a_charge_says_what_was_charged_paid_forgiven_and_left(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 1000)
    receipt = paid(library, desk, reader, 400)
    with begin_work(library, desk) as uow:
        waive(uow, charge_id=charge, amount_minor=150, reason="Because")
        adjust(uow, charge, -250, reason="It was less")
    assert [
        (c.charged_minor, c.paid_minor, c.waived_minor, c.balance_minor) for c in charges(library, desk, reader)
    ] == [(750, 400, 150, 200)]
    taken_back(library, desk, receipt.payment_id)
    (found,) = charges(library, reader, reader)
    assert (found.charged_minor, found.paid_minor, found.waived_minor, found.balance_minor) == (750, 0, 150, 600)
    assert found.balance_minor == found.charged_minor - found.paid_minor - found.waived_minor


def test_open_charges_come_as_a_payment_fills_them_and_all_charges_newest_first(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    ids = [owes(library, reader, amount) for amount in (100, 200, 300)]
    paid(library, desk, reader, 200, [ids[1]])
    assert [charge.id for charge in charges(library, reader, reader, open_only=True)] == [ids[0], ids[2]]
    assert [charge.id for charge in charges(library, reader, reader)] == ids[::-1]


def test_what_can_be_given_back_is_told(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)
    paid(library, desk, reader, 300)
    with begin_work(library, desk) as uow:
        adjust(uow, charge, -400, reason="It was less")
    (found,) = charges(library, desk, reader, open_only=True)
    assert (found.balance_minor, found.refundable_minor) == (-200, 200)
    refunded(library, desk, charge, 200)
    assert charges(library, desk, reader, open_only=True) == []


def test_a_running_fine_that_costs_nothing_yet_is_not_shown(library: Installation) -> None:
    reader = a_member(library)
    owes(library, reader, 0, kind=ChargeKind.FINE, loan_id=a_loan(library, reader), state=ChargeState.ACCRUING)
    assert charges(library, reader, reader) == []


def test_pages_are_bounded(sqlite_library: Installation) -> None:
    reader = a_member(sqlite_library)
    for _ in range(5):
        owes(sqlite_library, reader, 100)
    with begin_reading(sqlite_library, reader) as uow:
        page = charges_of(uow, reader.account_id or 0, page=2, size=2)
        assert (len(page.rows), page.total, page.pages) == (2, 5, 3)
        assert payments_of(uow, reader.account_id or 0).total == 0


def test_ones_own_money_and_the_desks_view_but_nobody_elses(sqlite_library: Installation) -> None:
    reader, other, desk = a_member(sqlite_library), a_member(sqlite_library), a_librarian(sqlite_library)
    owes(sqlite_library, reader)
    for actor in (reader, desk):
        assert len(charges(sqlite_library, actor, reader)) == 1
    for actor, refusal in ((other, Forbidden), (GUEST, NotSignedIn), (SYSTEM, NotSignedIn)):
        with begin_reading(sqlite_library, actor) as uow:
            number = reader.account_id or 0
            with pytest.raises(refusal):
                charges_of(uow, number)
            with pytest.raises(refusal):
                payments_of(uow, number)
            with pytest.raises(refusal):
                statement(uow, number, first=TODAY, last=TODAY)


def test_receipts_are_listed_newest_first_and_say_what_took_them_back(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    owes(library, reader, 500)
    first = paid(library, desk, reader, 500)
    taken_back(library, desk, first.payment_id)
    with begin_reading(library, reader) as uow:
        rows = payments_of(uow, reader.account_id or 0).rows
    assert [(r.number, r.amount_minor, r.reverses, r.reversed_by) for r in rows] == [
        ("R-000002", -500, "R-000001", ""),
        ("R-000001", 500, "", "R-000002"),
    ]


def test_a_statement_runs_from_its_opening_balance_to_its_closing_one(library: Installation, clock: SetClock) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)  # 10 March
    clock.forward(timedelta(days=5))
    paid(library, desk, reader, 200)  # 15 March
    clock.forward(timedelta(days=5))
    with begin_work(library, desk) as uow:
        waive(uow, charge_id=charge, amount_minor=100, reason="Half the fault was ours")  # 20 March
    found = account(library, reader, date(2026, 3, 11), date(2026, 3, 19))
    assert (found.opening_minor, found.closing_minor) == (500, 300)
    assert [(x.on_date, x.kind, x.amount_minor, x.balance_minor, x.receipt) for x in found.lines] == [
        (date(2026, 3, 15), EntryKind.PAYMENT, -200, 300, "R-000001")
    ]
    whole = account(library, reader, TODAY, date(2026, 3, 20))
    assert (whole.opening_minor, [x.balance_minor for x in whole.lines], whole.closing_minor) == (
        0, [500, 300, 200], 200,
    )  # fmt: skip
    assert whole.closing_minor == balance(library, reader)
    assert account(library, reader, date(2026, 4, 1), date(2026, 4, 30)).opening_minor == 200


def test_the_days_of_a_statement_are_the_librarys(library: Installation, clock: SetClock) -> None:
    """Half past eleven at night in London is the next day in no other book than a foreign one."""
    reader = a_member(library)
    clock.forward(timedelta(days=30, hours=11, minutes=30))  # 9 April, 23:30 UTC: 00:30 on the 10th in London
    owes(library, reader, 100)
    assert len(account(library, reader, date(2026, 4, 10), date(2026, 4, 10)).lines) == 1
    assert account(library, reader, date(2026, 4, 9), date(2026, 4, 9)).lines == ()


def test_a_fine_that_grew_for_days_is_one_line_with_its_first_day(library: Installation, clock: SetClock) -> None:
    desk, reader = a_librarian(library), a_member(library)
    fine = owes(
        library, reader, 10, kind=ChargeKind.FINE, loan_id=a_loan(library, reader), state=ChargeState.ACCRUING,
        what="Fine for a late return",
    )  # fmt: skip
    for _ in range(3):
        clock.forward(timedelta(days=1))
        with begin_work(library, SYSTEM) as uow:
            adjust(uow, fine, 10)
    paid(library, desk, reader, 25)
    clock.forward(timedelta(days=1))
    with begin_work(library, SYSTEM) as uow:
        adjust(uow, fine, 10)
        finalise(uow, fine)
    found = account(library, reader, TODAY, date(2026, 3, 31))
    assert [(x.since.day, x.on_date.day, x.amount_minor, x.balance_minor) for x in found.lines] == [
        (10, 13, 40, 40), (13, 13, -25, 15), (14, 14, 10, 25),
    ]  # fmt: skip


def test_growth_is_told_apart_by_charge_and_never_hides_a_reason() -> None:
    def entry(charge: int, day: int, reason: str = "", kind: ChargeKind = ChargeKind.FINE) -> Posting:
        on = date(2026, 3, day)
        return Posting(charge, kind, "x", EntryKind.CHARGE, 10, on, on, reason=reason)

    told = merge_growth([
        entry(1, 1), entry(2, 1), entry(1, 2), entry(2, 2), entry(1, 3, "Backdated"), entry(1, 4),
        entry(3, 5, kind=ChargeKind.OTHER), entry(3, 6, kind=ChargeKind.OTHER),
    ])  # fmt: skip
    assert [(x.charge_id, x.since.day, x.on_date.day, x.amount_minor) for x in told] == [
        (1, 1, 2, 20), (2, 1, 2, 20), (1, 3, 3, 10), (1, 4, 4, 10), (3, 5, 5, 10), (3, 6, 6, 10),
    ]  # fmt: skip


def test_a_statement_is_bounded_and_runs_forward(sqlite_library: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = a_member(sqlite_library)
    with pytest.raises(Invalid, match="before the first"):
        account(sqlite_library, reader, TODAY, date(2026, 3, 9))
    monkeypatch.setattr(queries, "MOST_ENTRIES", 2)
    for _ in range(3):
        owes(sqlite_library, reader, 100)
    with pytest.raises(StatementTooLong, match="shorter"):
        account(sqlite_library, reader, TODAY, TODAY)


def test_taken_back_entries_say_what_they_take_back(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    owes(library, reader, 500)
    taken_back(library, desk, paid(library, desk, reader, 500).payment_id)
    lines = account(library, reader, TODAY, TODAY).lines
    assert [(x.kind, x.takes_back) for x in lines] == [
        (EntryKind.CHARGE, None), (EntryKind.PAYMENT, None), (EntryKind.REVERSAL, EntryKind.PAYMENT),
    ]  # fmt: skip
    sound(library)
