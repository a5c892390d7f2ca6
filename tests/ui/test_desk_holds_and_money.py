"""The desk beyond lending: holds handed over, money by keys, and the way out of every refusal."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.models import Account
from lib.billing.models import ChargeKind, LedgerEntry, Payment, PaymentMethod
from lib.circulation.exceptions import add_exception
from lib.circulation.hold_models import Hold
from lib.circulation.holds import place_hold
from lib.circulation.models import Loan
from lib.circulation.money import charge_member
from lib.kit.clock import SetClock
from lib.ui.desk_choices import Choice, ChoiceKind
from lib.ui.desk_offers import wording
from lib.ui.desk_outcome import Outcome
from lib.ui.loan_acts import LoanAct
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.money_steps import sound
from tests.ui.on_screen import labels, read
from tests.ui.test_desk import Screen, open_loans, screen

__all__ = ["screen"]  # a fixture
CARD = "2999000000018"


@pytest.fixture
def reader(served: Installation) -> Actor:
    return a_member(served, name="Ada Lovelace", sort_name="ada lovelace", card_number=CARD)


def charged(library: Installation, reader: Actor, amount: int, what: str = "Coffee on the cover") -> None:
    with begin_work(library, a_librarian(library)) as uow:
        charge_member(
            uow, member_id=reader.account_id or 0, kind=ChargeKind.DAMAGE, amount_minor=amount, what=what
        )  # fmt: skip


def held(library: Installation, title: int, who: Actor) -> None:
    with begin_work(library, a_librarian(library)) as uow:
        place_hold(uow, title_id=title, member_id=who.account_id)


def payments(library: Installation) -> list[tuple[int, str]]:
    with library.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(Payment.amount_minor, Payment.method))]


def waivers(library: Installation) -> list[tuple[int, str]]:
    chosen = select(LedgerEntry.amount_minor, LedgerEntry.reason).where(LedgerEntry.kind == "waiver")
    with library.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(chosen.order_by(LedgerEntry.id))]


def states(library: Installation) -> list[str]:
    with library.engine.connect() as connection:
        return [str(state) for state in connection.scalars(select(Hold.state).order_by(Hold.id))]


def addresses(screen: Screen) -> list[str]:
    return [element.proto.url for element in screen.at.get("link_button")]


def test_what_comes_back_for_somebody_says_for_whom_and_is_handed_over(screen: Screen, reader: Actor) -> None:
    title = a_title(screen.library, "Emma")
    copy = a_copy(screen.library, title)
    a_loan(screen.library, a_member(screen.library, name="Bob"), copy)
    held(screen.library, title, reader)
    screen.press("Take back")
    told = screen.scan(copy)
    assert "Hold for Ada Lovelace , card ends 0018, until" in told
    assert "put it on the hold shelf" in told
    assert "Put it back on its shelf" not in told
    assert any(address.startswith("/files/hold-slip/") for address in addresses(screen))
    screen.press("Lend")
    assert "1 hold to hand over." in screen.scan(CARD).replace("*", "")
    assert "Their hold is collected" in screen.scan(copy)
    assert states(screen.library) == ["collected"]
    sound(screen.library)


def test_everything_owed_is_taken_by_two_keys_and_undone_by_one(screen: Screen, reader: Actor) -> None:
    charged(screen.library, reader, 1450)
    assert "owes €14.50" in screen.scan(CARD).replace("*", "")
    screen.press("Take €14.50")
    told = screen.press("Cash")
    assert "Taken: €14.50 , receipt R-000001. Nothing is owed any more." in told
    assert "/files/receipt/1" in addresses(screen)
    assert payments(screen.library) == [(1450, PaymentMethod.CASH)]
    told = screen.press("Undo: Paid €14")
    assert "Undo this? Paid €14.50 · Ada Lovelace" in told
    assert payments(screen.library) == [(1450, PaymentMethod.CASH)], "money is not given back at the first key"
    assert "Undone: Paid €14.50 · Ada Lovelace" in screen.press("Undo now: Paid")
    assert sum(amount for amount, _ in payments(screen.library)) == 0
    assert "owes €14.50" in read(screen.at).replace("*", "")
    sound(screen.library)


def test_part_of_it_is_taken_by_typing_the_amount(screen: Screen, reader: Actor) -> None:
    charged(screen.library, reader, 1450)
    screen.scan(CARD)
    screen.press("Take €14.50")
    assert "is not an amount of money" in screen.scan("abc")
    screen.scan("1000,50")
    screen.scan("4,50")
    assert "€10.00 is still owed" in screen.press("Card terminal")
    assert payments(screen.library) == [(450, PaymentMethod.CARD)]


def test_chosen_charges_are_paid_alone(screen: Screen, reader: Actor) -> None:
    charged(screen.library, reader, 1450)
    charged(screen.library, reader, 250, "New card")
    screen.scan(CARD)
    screen.press("Take €17.00")
    screen.at.multiselect[0].select("New card: €2.50").run()
    assert "€14.50 is still owed" in screen.press("Cash")


def test_what_is_owed_is_waived_for_a_reason_and_undone_by_key(screen: Screen, reader: Actor) -> None:
    charged(screen.library, reader, 120)
    charged(screen.library, reader, 230)
    screen.scan(CARD)
    screen.press("Take €3.50")
    screen.scan("2")
    screen.press("Waive €2.00")
    assert wording(screen.desk)[0] == "Why is €2.00 waived?"
    shown = read(screen.at)
    assert "Waive €2.00" in shown
    assert "Take €2.00" not in shown
    assert {"Cash", "Not now"} <= set(labels(screen.at)), "they pay after all"
    assert "That is a number, not a reason" in screen.scan("123456")
    assert "Give the reason in a few words" in screen.scan("ok")
    assert "Waived: €2.00 . €1.50 is still owed." in screen.scan("The drop was closed")
    assert waivers(screen.library) == [(-120, "The drop was closed"), (-80, "The drop was closed")]
    assert payments(screen.library) == []
    for _ in range(2):  # each charge is an act of its own
        screen.press("Undo")
        assert "is owed by Ada Lovelace again" in screen.press("Undo now")
    sound(screen.library)
    screen.press("Take €3.50")
    screen.press("Waive €3.50")
    screen.scan("")
    assert "Take €3.50" in read(screen.at), "Enter alone: nothing is waived"
    assert "Waive €3.50" in labels(screen.at)
    assert len(waivers(screen.library)) == 2


def test_a_librarian_waives_nothing_of_their_own(screen: Screen) -> None:
    with screen.library.engine.begin() as connection:
        connection.execute(update(Account).where(Account.role == "librarian").values(card_number=CARD))
        own = connection.scalar(select(Account.id).where(Account.role == "librarian"))
    charged(screen.library, Actor(own, Role.LIBRARIAN), 120)
    screen.scan(CARD)
    screen.press("Take €1.20")
    assert "Cash" in labels(screen.at)
    assert not [label for label in labels(screen.at) if label.startswith("Waive")]


def test_one_till_takes_its_money_once(screen: Screen, reader: Actor) -> None:
    charged(screen.library, reader, 1450)
    screen.scan(CARD)
    screen.press("Take €14.50")
    till = screen.desk.till
    screen.press("Cash")
    assert till is not None
    screen.desk.till = till  # the second click of a double click
    screen.do(lambda desk: desk.pay(PaymentMethod.CASH, 1450, 1450))
    assert payments(screen.library) == [(1450, PaymentMethod.CASH)]


def test_enter_alone_closes_the_till_and_a_scan_in_it_is_a_scan(screen: Screen, reader: Actor) -> None:
    charged(screen.library, reader, 100)
    copy = a_copy(screen.library)
    screen.scan(CARD)
    screen.press("Take €1.00")
    screen.scan("")
    assert (screen.desk.till, screen.desk.member_id) == (None, reader.account_id)
    screen.press("Take €1.00")
    screen.scan(copy)
    assert open_loans(screen.library) == [copy]


def test_who_owes_too_much_pays_and_the_copy_is_lent_without_another_scan(screen: Screen, reader: Actor) -> None:
    charged(screen.library, reader, 1450)
    copy = a_copy(screen.library)
    assert "borrowing stops above €5.00" in screen.scan(CARD, copy)
    assert labels(screen.at).count("Take €14.50") == 1, "one button for one key"
    screen.press("Take €14.50")
    screen.press("Cash")
    screen.press("Lend Title")
    assert open_loans(screen.library) == [copy]


def test_the_facts_behind_a_refusal_are_shown(screen: Screen, reader: Actor) -> None:
    charged(screen.library, reader, 1450)
    told = screen.scan(CARD, a_copy(screen.library)).replace("\\", "")
    assert "Rule: debt block" in told
    assert "Owed: €14.50" in told


def test_a_limit_is_solved_by_taking_one_back(screen: Screen, reader: Actor) -> None:
    for _ in range(5):
        a_loan(screen.library, reader, a_copy(screen.library))
    copy, first = a_copy(screen.library), open_loans(screen.library)[0]
    assert "limit of 5 loans is reached" in screen.scan(CARD, copy)
    assert "Which one comes back?" in screen.press("Take one of them back")
    screen.scan("1")
    assert first not in open_loans(screen.library)
    screen.press("Lend Title")
    assert copy in open_loans(screen.library)


def test_a_membership_that_ended_is_renewed_on_the_spot(screen: Screen, reader: Actor, clock: SetClock) -> None:
    with screen.library.engine.begin() as connection:
        ended = clock.now().date() - timedelta(days=3)
        connection.execute(update(Account).where(Account.id == reader.account_id).values(membership_ends_on=ended))
    copy = a_copy(screen.library)
    assert "The membership ended on" in screen.scan(CARD, copy)
    assert "renewed until" in screen.press("Renew the membership")
    screen.press("Lend Title")
    assert open_loans(screen.library) == [copy]


def test_a_title_that_is_out_is_put_on_hold_with_its_place_and_wait(screen: Screen, reader: Actor) -> None:
    title = a_title(screen.library, "Emma")
    copy = a_copy(screen.library, title)
    a_loan(screen.library, a_member(screen.library), copy)
    screen.scan(CARD)
    screen.desk.outcome = Outcome(True, "", choices=(Choice(ChoiceKind.TITLE, "Emma", "", title),))
    assert "A hold would have place 1, about" in screen.scan("1")
    assert "Hold placed on “Emma”: place 1, about" in screen.press("Place a hold")
    assert states(screen.library) == ["waiting"]
    assert "Waits for Emma (place 1)" in read(screen.at)


def test_what_lies_on_the_hold_shelf_for_another_offers_a_hold(screen: Screen, reader: Actor) -> None:
    title = a_title(screen.library, "Emma")
    copy = a_copy(screen.library, title)
    a_loan(screen.library, a_member(screen.library), copy)
    held(screen.library, title, a_member(screen.library))
    screen.press("Take back")
    screen.scan(copy)
    screen.press("Lend")
    told = screen.scan(CARD, copy)
    assert "waits on the hold shelf for somebody else" in told
    assert "A hold would have place 1" in told
    screen.press("Place a hold")
    assert states(screen.library) == ["ready", "waiting"]


def test_an_exception_is_said_at_the_desk(screen: Screen, reader: Actor, clock: SetClock) -> None:
    with begin_work(screen.library, a_librarian(screen.library)) as uow:
        add_exception(
            uow, account_id=reader.account_id or 0, name="max_loans", amount=12,
            until=clock.now().date() + timedelta(days=30), reason="Writes a thesis",
        )  # fmt: skip
    told = screen.scan(CARD)
    assert "12 loans at a time until" in told
    assert "of 12 loans" in told.replace("*", "")


def test_damage_is_charged_with_the_return(screen: Screen, reader: Actor) -> None:
    copy = a_copy(screen.library)
    a_loan(screen.library, reader, copy)
    screen.press("Take back")
    screen.press("Damaged")
    assert "At most €10,000,000.00 is charged at once" in screen.scan("Wet", "10000000.01")
    assert screen.desk.back.charge_minor == 0
    assert "Charged for it: €4.50" in screen.scan("4,50").replace("*", "")
    assert screen.desk.back.charge_minor == 450
    assert "Damage: €4.50" in screen.scan(copy).replace(" .", ".")
    assert screen.desk.back.charge_minor == 0


@pytest.mark.parametrize("act", list(LoanAct))
def test_what_is_asked_about_a_loan_opens_under_it(screen: Screen, reader: Actor, act: LoanAct) -> None:
    loan = a_loan(screen.library, reader, a_copy(screen.library, a_title(screen.library, "Emma")), days_ago=30)
    screen.scan(CARD)
    screen.desk.pick(loan, act)
    screen.at.run()
    assert not screen.at.exception
    assert "Emma" in read(screen.at)
    assert "Close" in labels(screen.at)


def test_a_loss_says_what_it_costs_before_and_can_be_undone(screen: Screen, reader: Actor) -> None:
    loan = a_loan(screen.library, reader, a_copy(screen.library, price_minor=1250), days_ago=30)
    screen.scan(CARD)
    screen.desk.pick(loan, LoanAct.LOST)
    screen.at.run()
    told = read(screen.at)
    assert "charged €12.50 for replacing it and €5.00 as a fee" in told
    assert "The fine stops at €0.90" in told
    assert "is declared lost. Charged for it: €17.50" in screen.press("Declare it lost")
    screen.press("Undo: ")
    assert len(open_loans(screen.library)) == 1
    sound(screen.library)


def test_a_claim_stops_the_fine_and_is_taken_back(screen: Screen, reader: Actor) -> None:
    loan = a_loan(screen.library, reader, a_copy(screen.library), days_ago=30)
    screen.scan(CARD)
    screen.desk.pick(loan, LoanAct.CLAIM)
    screen.at.run()
    assert "counts as returned on" in screen.press("Note it")
    with screen.library.engine.connect() as connection:
        assert connection.scalar(select(Loan.claimed_on).where(Loan.id == loan)) is not None
    screen.desk.pick(loan, LoanAct.CLEAR)
    screen.at.run()
    assert "is still on loan" in screen.press("It is still with them")
