"""Lending at the desk beyond one scan after another: renewals, undo, titles that are out, the slip, cash."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.audit.models import AuditRow
from lib.circulation.models import Loan
from lib.ui.loan_acts import LoanAct
from tests.builders import a_copy, a_loan, a_member, a_title
from tests.circulation.money_steps import choose, sound
from tests.ui.on_screen import labels, links, read
from tests.ui.test_desk import Screen, add_a_member, add_a_title, open_loans, screen
from tests.ui.test_desk_holds_and_money import addresses, charged, held, payments

__all__ = ["screen"]  # a fixture
CARD = "2999000000018"


@pytest.fixture
def reader(served: Installation) -> Actor:
    return a_member(served, name="Ada Lovelace", sort_name="ada lovelace", card_number=CARD)


def renewals(library: Installation) -> list[int]:
    with library.engine.connect() as connection:
        return list(connection.scalars(select(Loan.renewals).order_by(Loan.id)))


def test_a_loan_is_chosen_by_its_number_and_renewed_by_a_key(screen: Screen, reader: Actor) -> None:
    for name, ago in (("Emma", 12), ("Dune", 2)):
        a_loan(screen.library, reader, a_copy(screen.library, a_title(screen.library, name)), days_ago=ago)
    assert "2: Dune , due" in screen.scan(CARD, "2")
    assert {"Take it back", LoanAct.LOST.value, LoanAct.CLAIM.value} <= set(labels(screen.at))
    assert "Dune : renewed, due on" in screen.press("Renew it")
    assert renewals(screen.library) == [0, 1]
    screen.scan("1")
    screen.press("Take it back")
    assert len(open_loans(screen.library)) == 1


def test_a_number_beyond_the_list_is_looked_up_like_anything_else(screen: Screen, reader: Actor) -> None:
    assert "is called so" in screen.scan(CARD, "7")
    assert screen.desk.member_id == reader.account_id


def test_a_renewal_is_overridden_with_a_written_reason(screen: Screen, reader: Actor) -> None:
    loan = a_loan(screen.library, reader, a_copy(screen.library), days_ago=5)
    with screen.library.engine.begin() as connection:
        connection.execute(update(Loan).where(Loan.id == loan).values(renewals=9))
    screen.scan(CARD)
    told = screen.press("Renew")
    assert "renew" in told
    screen.press("Renew anyway")
    told = screen.scan("30000000000012")
    assert "That is a number, not a reason" in told
    assert "renewals" in told, "the refusal stays in sight"
    assert "Title" in screen.scan("Ill in hospital")
    assert renewals(screen.library) == [10]
    with screen.library.engine.connect() as connection:
        facts = connection.scalars(select(AuditRow.facts).where(AuditRow.action == "loan.renew-override")).all()
    assert "Ill in hospital" in str(facts)


def test_an_override_thought_better_of_leaves_the_refusal_and_its_ways_out(screen: Screen, reader: Actor) -> None:
    a_loan(screen.library, reader, a_copy(screen.library), days_ago=30)
    screen.scan(CARD, a_copy(screen.library))
    offered = set(labels(screen.at))
    screen.press("Lend anyway")
    screen.scan("30000000000012")
    told = screen.scan("")
    assert "not a reason" not in told
    assert "overdue" in told
    assert offered <= set(labels(screen.at))


def test_what_is_overdue_is_renewed_and_the_copy_lent_at_once(screen: Screen, reader: Actor) -> None:
    a_loan(screen.library, reader, a_copy(screen.library, a_title(screen.library, "Emma")), days_ago=30)
    a_loan(screen.library, reader, a_copy(screen.library, a_title(screen.library, "Dune")))
    copy = a_copy(screen.library)
    assert "overdue" in screen.scan(CARD, copy)
    told = screen.press("Renew what is overdue")
    assert "Emma : renewed" in told
    assert renewals(screen.library) == [1, 0]
    screen.press("Lend Title")
    assert copy in open_loans(screen.library)
    sound(screen.library)


def test_what_is_undone_is_named_first_and_of_somebody_else_asked_once_more(screen: Screen, reader: Actor) -> None:
    other = a_member(screen.library, name="Bob", card_number="2999000000025")
    copy = a_copy(screen.library, a_title(screen.library, "Emma"))
    screen.scan(CARD, copy)
    assert "Undo: Lent Emma · Ada Lovelace" in labels(screen.at)
    screen.scan("2999000000025")
    assert "Undo this? Lent Emma · Ada Lovelace" in screen.press("Undo: Lent Emma")
    screen.scan("")
    assert (open_loans(screen.library), screen.desk.member_id) == ([copy], other.account_id)
    screen.press("Undo: Lent Emma")
    assert "Undone: Lent Emma · Ada Lovelace" in screen.press("Undo now: Lent Emma")
    assert open_loans(screen.library) == []


def test_ones_own_issue_is_undone_at_the_first_key(screen: Screen, reader: Actor) -> None:
    screen.scan(CARD, a_copy(screen.library))
    screen.press("Undo: Lent Title")
    assert open_loans(screen.library) == []
    assert "13:00" in read(screen.at) or "12:00" in read(screen.at), "each act has its time"


def test_a_title_that_is_out_says_when_it_is_back_and_how_many_wait(screen: Screen, reader: Actor) -> None:
    title = add_a_title(screen.library)
    a_loan(screen.library, a_member(screen.library), a_copy(screen.library, title))
    held(screen.library, title, a_member(screen.library))
    told = screen.scan("9780141439587")
    assert "Emma has no copy that is in. The next one is due back on 31 March 2026." in told
    assert "1 reader waits for it." in told
    assert "scan the reader’s card" in told
    assert f"/title?id={title}" in links(screen.at)


def test_more_than_nine_is_said_and_a_button_shows_how_the_card_ends(screen: Screen) -> None:
    for place in range(10):
        add_a_member(screen.library, f"Ada {place}")
    assert "There are more: type more of the name." in screen.scan("ada")
    assert any(label.startswith("**9** Ada") and "card … " in label for label in labels(screen.at))


def test_the_slip_has_what_they_take_along_this_time(screen: Screen, reader: Actor) -> None:
    a_loan(screen.library, reader, a_copy(screen.library))
    copy, other = a_copy(screen.library), a_copy(screen.library)
    screen.scan(CARD)
    assert addresses(screen) == []
    screen.scan(copy, other)
    assert addresses(screen) == [f"/files/loan-slip/{reader.account_id}?ids=2,3"]
    screen.press("Undo: ")
    assert addresses(screen) == [f"/files/loan-slip/{reader.account_id}?ids=2"]
    screen.scan("", CARD)
    assert addresses(screen) == [], "the next visit is another one"


def test_a_library_that_prints_no_slips_offers_none(screen: Screen, reader: Actor) -> None:
    choose(screen.library, loan_slips=False)
    screen.scan(CARD, a_copy(screen.library))
    assert addresses(screen) == []


def test_a_note_for_what_is_owed_gives_change(screen: Screen, reader: Actor) -> None:
    charged(screen.library, reader, 250)
    screen.scan(CARD)
    screen.press("Take €2.50")
    assert "Given €50.00 in cash: give back €47.50" in screen.scan("50").replace("*", "")
    told = screen.press("Cash")
    assert "Give back €47.50. Taken: €2.50" in told
    assert payments(screen.library) == [(250, "cash")]


def test_part_of_it_is_taken_out_of_a_larger_note(screen: Screen, reader: Actor) -> None:
    charged(screen.library, reader, 4390)
    screen.scan(CARD)
    screen.press("Take €43.90")
    screen.scan("10/50")
    assert "Give back €40.00" in screen.press("Cash")
    assert payments(screen.library) == [(1000, "cash")]


def test_what_is_no_amount_leaves_the_till_open_and_is_forgotten_with_it(screen: Screen, reader: Actor) -> None:
    charged(screen.library, reader, 250)
    screen.scan(CARD)
    screen.press("Take €2.50")
    assert "is not an amount" in screen.scan("abc")
    assert "Cash" in labels(screen.at)
    assert "is not an amount" not in screen.scan("")
    assert "is not an amount" not in screen.press("Take €2.50")


def test_a_payment_that_is_refused_leaves_the_till_open(screen: Screen, reader: Actor) -> None:
    charged(screen.library, reader, 250)
    screen.scan(CARD)
    screen.press("Take €2.50")
    told = screen.do(lambda desk: desk.pay("cash", 99_00, 99_00))
    assert "more than what is owed" in told
    assert "Cash" in labels(screen.at)
    assert "Taken: €2.50" in screen.press("Cash")


def test_a_claim_is_of_today_and_its_panel_stays_where_it_is_refused(screen: Screen, reader: Actor) -> None:
    loan = a_loan(screen.library, reader, a_copy(screen.library), days_ago=3)
    screen.scan(CARD)
    screen.do(lambda desk: desk.pick(loan, LoanAct.CLAIM))
    asked = screen.at.date_input[0]
    assert asked.value == screen.library.clock.now().date()
    assert asked.max == screen.library.clock.now().date()
    today = screen.library.clock.now().date()
    asked.set_value(today - timedelta(days=3)).run()
    with screen.library.engine.begin() as connection:
        connection.execute(update(Loan).where(Loan.id == loan).values(issued_on=today))
    assert "Give a day from the issue up to today" in screen.press("Note it")
    assert "Note it" in labels(screen.at)
