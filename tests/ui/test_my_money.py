"""My money: the balance, each item with how it came about, receipts as papers, a statement, what is settled."""

from collections.abc import Callable
from datetime import date

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.billing.models import ChargeKind, PaymentMethod
from lib.circulation.money import charge_member, refund_charge, waive_charge
from lib.circulation.owed_items import FineFacts, OwedItem
from lib.ui.owed_list import balance_words, explained, owed_html
from tests.builders import a_charge, a_copy, a_librarian, a_loan, a_member, a_title, an_admin
from tests.circulation.money_steps import night
from tests.circulation.steps import hand_in, paid, rows
from tests.ui.conftest import at_page
from tests.ui.on_screen import html_of, links, read, somebody_called

PAGE = "member/money.py"
SessionOf = Callable[[Role], int]


@pytest.fixture
def session(session_of: SessionOf) -> int:
    return session_of(Role.MEMBER)


@pytest.fixture
def me(session: int, served: Installation) -> Actor:
    return somebody_called(served, "member")


def test_who_never_owed_anything_reads_so(session: int) -> None:
    at = at_page(session, PAGE)
    words = read(at)
    assert not at.exception
    assert "You owe nothing" in words
    assert "Nothing was ever charged." in words
    assert "Statement of account" not in words


@pytest.mark.parametrize("after_the_night", [False, True])
def test_a_running_fine_is_worked_out_in_front_of_the_reader(
    served: Installation, session: int, me: Actor, after_the_night: bool
) -> None:
    a_loan(served, me, a_copy(served, a_title(served, "Emma")), days_ago=31)
    if after_the_night:
        night(served)
    words = read(at_page(session, PAGE))
    assert "You owe €1\\.00" in words
    assert "Pay at the desk" in words
    assert "Fine for a late return : Emma" in words
    assert "Due 28 February 2026, counted until 10 March 2026." in words
    assert "10 open days late × €0.10 = €1.00." in words
    assert "Up to 1 day late would have cost nothing." in words
    assert "It grows by €0.10 on each open day until it is back, up to €5.00." in words


def test_a_fine_at_its_cap_says_so_and_no_longer_threatens_to_grow(
    served: Installation, session: int, me: Actor
) -> None:  # fmt: skip
    barcode = a_copy(served)
    a_loan(served, me, barcode, days_ago=120)
    hand_in(served, a_librarian(served), barcode)
    words = read(at_page(session, PAGE))
    assert "brought back 10 March 2026" in words
    assert "99 open days late × €0.10 = €9.90, but never more than €5.00." in words
    assert "It grows" not in words


def test_receipts_lead_to_their_papers_and_the_statement_to_its_own(
    served: Installation, session: int, me: Actor
) -> None:  # fmt: skip
    desk = a_librarian(served)
    with begin_work(served, desk) as uow:
        a_charge(uow, me, 800, what="Coffee on the cover", kind="damage")
    receipt = paid(served, desk, me, 300)
    at = at_page(session, PAGE)
    words = read(at)
    assert "Coffee on the cover" in words
    assert "€8.00 in all, €3.00 of it paid or waived already." in words
    assert "You owe €5\\.00" in words
    assert f"/files/receipt/{receipt.payment_id}" in links(at)
    assert 'target="_blank"' in html_of(at)
    (paper,) = [found.proto.url for found in at.get("link_button") if "/files/" in found.proto.url]
    assert paper == f"/files/statement/{me.account_id}?first=2025-03-10&last=2026-03-10"
    at.date_input(key="from").set_value(date(2026, 3, 1)).run()
    (paper,) = [found.proto.url for found in at.get("link_button") if "/files/" in found.proto.url]
    assert paper.endswith("?first=2026-03-01&last=2026-03-10")


def test_a_statement_that_ends_before_it_begins_is_not_offered(served: Installation, session: int, me: Actor) -> None:
    with begin_work(served, a_librarian(served)) as uow:
        a_charge(uow, me, 800)
    at = at_page(session, PAGE)
    at.date_input(key="to").set_value(date(2025, 1, 1)).run()
    assert "The last day lies before the first." in read(at)
    assert not [found for found in at.get("link_button") if "/files/statement" in found.proto.url]


def test_what_the_library_owes_a_reader_is_told_with_what_to_do(
    served: Installation, session: int, me: Actor
) -> None:  # fmt: skip
    barcode, desk = a_copy(served), a_librarian(served)
    a_loan(served, me, barcode, days_ago=31)
    paid(served, desk, me, 100)
    with begin_work(served, desk) as uow:
        back = uow.now.replace(month=3, day=5)
    hand_in(served, desk, barcode, returned_at=back)
    words = read(at_page(session, PAGE))
    assert "The library owes you €0\\.50" in words
    assert "Ask for it at the desk" in words
    assert "You paid more than it came to in the end." in words
    charge = rows(served, "SELECT id FROM charge")[0][0]
    with begin_work(served, desk) as uow:
        refund_charge(
            uow, charge_id=charge, amount_minor=50, method=PaymentMethod.CASH, reason="Was back before"
        )  # fmt: skip
    words = read(at_page(session, PAGE))
    assert "You owe nothing" in words
    assert "Given back to you, cash" in words


def test_what_is_settled_shows_what_was_paid_and_what_was_waived(
    served: Installation, session: int, me: Actor
) -> None:  # fmt: skip
    desk = a_librarian(served)
    with begin_work(served, desk) as uow:
        charge = charge_member(
            uow, member_id=me.account_id or 0, kind=ChargeKind.OTHER, amount_minor=150, what="<b>Photocopies</b>"
        )
    paid(served, desk, me, 100)
    with begin_work(served, an_admin(served)) as uow:
        waive_charge(uow, charge_id=charge, amount_minor=None, reason="The machine was broken")
    at = at_page(session, PAGE)
    words = " ".join(read(at).split())
    assert "<b>Photocopies</b> €1.50 €1.00 €0.50" in words
    assert "<b>Photocopies" not in html_of(at)


def test_nobody_elses_money_is_on_the_page(served: Installation, session: int) -> None:
    other = a_member(served)
    with begin_work(served, a_librarian(served)) as uow:
        a_charge(uow, other, 800, what="Somebody else's")
    assert "Somebody else" not in read(at_page(session, PAGE))


def test_what_was_fixed_before_a_renewal_is_not_worked_out_wrongly() -> None:
    facts = FineFacts(date(2026, 4, 1), date(2026, 4, 2), False, 1, 10, 1, 500, 1, adds_up=False)
    item = OwedItem(1, ChargeKind.FINE, "Fine", False, date(2026, 3, 1), 7, "A & B", 100, 0, 100, facts)
    assert explained(item) == ["For being late before it was renewed."]
    assert "A &amp; B" in owed_html([item])


@pytest.mark.parametrize(
    ("minor", "words"),
    [(250, "You owe €2.50"), (0, "You owe nothing"), (-50, "The library owes you €0.50")],
)
def test_the_balance_is_one_sentence(minor: int, words: str) -> None:
    assert balance_words(minor) == words
