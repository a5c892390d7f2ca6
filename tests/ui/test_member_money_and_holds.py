"""A member's record: money, holds, exceptions and what is done about a loan."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.accounts.models import AccountStatus
from lib.billing.ledger import adjust
from lib.billing.models import Charge, ChargeKind, LedgerEntry, Payment, PaymentMethod
from lib.circulation.exceptions import add_exception
from lib.circulation.hold_models import Hold
from lib.circulation.holds import place_hold
from lib.circulation.money import charge_member, take_payment
from lib.kit.clock import SetClock
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.money_steps import sound
from tests.ui.conftest import at_page
from tests.ui.on_screen import button, labels, links, read

PAGE = "staff/member.py"


@pytest.fixture
def ada(served: Installation) -> Actor:
    return a_member(served, name="Ada")


@pytest.fixture
def record(session_of: Callable[[Role], int], ada: Actor) -> Callable[[], AppTest]:
    """Ada's record as a librarian opens it."""
    session: list[int] = []

    def open_it() -> AppTest:
        if not session:
            session.append(session_of(Role.LIBRARIAN))
        return at_page(session[0], PAGE, id=str(ada.account_id))

    return open_it


def charged(library: Installation, who: Actor, amount: int) -> int:
    with begin_work(library, a_librarian(library)) as uow:
        return charge_member(
            uow, member_id=who.account_id or 0, kind=ChargeKind.DAMAGE, amount_minor=amount, what="Coffee"
        )


def field(at: AppTest, label: str, value: str) -> None:
    next(found for found in at.text_input if found.label == label).set_value(value)


def field_of(at: AppTest, form: str, label: str):  # type: ignore[no-untyped-def]
    return next(found for found in at.text_input if found.label == label and form in str(found.proto.form_id))


def refusal(at: AppTest) -> str:
    return str(at.error[0].value).replace("\\", "")


def balances(library: Installation) -> list[int]:
    with library.engine.connect() as connection:
        return list(connection.scalars(select(Charge.balance_minor).order_by(Charge.id)))


def test_everything_is_taken_unless_an_amount_is_given(
    served: Installation, ada: Actor, record: Callable[[], AppTest]
) -> None:
    charged(served, ada, 1450)
    at = record()
    field(at, "Amount", "4.50")
    assert "€4.50 taken, receipt R-000001" in read(button(at, "Take it").click().run())
    assert balances(served) == [1000]
    button(at, "Take it").click().run()
    assert balances(served) == [0]
    assert "/files/receipt/2" in links(at)
    sound(served)


def test_more_than_is_owed_is_refused_and_what_is_owed_is_one_button_away(
    served: Installation, ada: Actor, record: Callable[[], AppTest]
) -> None:
    charged(served, ada, 100)
    at = record()
    field(at, "Amount", "4.50")
    button(at, "Take it").click().run()
    assert "€4.50 is more than what is owed: €1.00. Take €1.00." in refusal(at)
    assert balances(served) == [100]
    said = read(button(at, "Take €1.00").click().run())
    assert "€1.00 taken, receipt R-000001. Nothing is owed any more." in said
    assert balances(served) == [0]
    button(at, "Undo").click().run()
    assert balances(served) == [100]
    sound(served)


def test_more_than_is_owed_cannot_be_waived_but_what_is_owed_can_for_the_same_reason(
    served: Installation, ada: Actor, record: Callable[[], AppTest]
) -> None:
    charged(served, ada, 100)
    at = record()
    field(at, "Amount to waive", "4.50")
    field_of(at, "waive", "Reason").set_value("A gift")
    button(at, "Waive it").click().run()
    assert "only €1.00 is owed" in refusal(at)
    assert "€1.00 waived." in read(button(at, "Waive €1.00").click().run())
    assert balances(served) == [0]
    with served.engine.connect() as connection:
        assert connection.scalars(select(LedgerEntry.reason).where(LedgerEntry.kind == "waiver")).all() == ["A gift"]
    sound(served)


def test_more_than_was_paid_cannot_be_given_back_but_what_was_can(
    served: Installation, ada: Actor, record: Callable[[], AppTest]
) -> None:
    charge_id = charged(served, ada, 500)
    with begin_work(served, a_librarian(served)) as uow:
        take_payment(uow, member_id=ada.account_id or 0, amount_minor=500, method=PaymentMethod.CARD)
    with begin_work(served, SYSTEM) as uow:
        adjust(uow, charge_id, -300)
    at = record()
    field(at, "Amount to give back", "4.00")
    field_of(at, "refund", "Reason").set_value("Found again")
    button(at, "Give it back").click().run()
    assert "€3.00 of it is too much" in refusal(at)
    assert "€3.00 given back, receipt R-000002" in read(button(at, "Give back €3.00").click().run())
    assert balances(served) == [0]
    sound(served)


def test_a_charge_is_waived_for_a_reason(served: Installation, ada: Actor, record: Callable[[], AppTest]) -> None:
    charged(served, ada, 1450)
    at = record()
    button(at, "Waive it").click().run()
    assert at.error
    field(at, "Amount to waive", "4.50")
    next(found for found in at.text_input if found.label == "Reason" and "waive" in str(found.proto.form_id)).set_value(
        "It was wet before"
    )
    said = read(button(at, "Waive it").click().run())
    assert "€4.50 waived: Coffee. €10.00 is still owed." in said
    assert balances(served) == [1000]
    assert "is owed by Ada again" in read(button(at, "Undo").click().run())
    assert balances(served) == [1450]
    sound(served)


def test_several_charges_are_waived_and_taken_back_at_once(
    served: Installation, ada: Actor, record: Callable[[], AppTest]
) -> None:
    charges = [charged(served, ada, amount) for amount in (300, 500, 700)]
    at = record()
    field_of(at, "waive", "Reason").set_value("A gift")
    button(at, "Waive it").click().run()
    assert "Choose at least one charge" in at.error[0].value
    at.multiselect[1].set_value(charges[:2])
    assert "€8.00 waived: 2 charges. €7.00 is still owed." in read(button(at, "Waive it").click().run())
    assert balances(served) == [0, 0, 700]
    button(at, "Undo").click().run()
    assert balances(served) == [300, 500, 700]
    at.multiselect[1].set_value(charges)
    field(at, "Amount to waive", "4.00")
    field_of(at, "waive", "Reason").set_value("A gift")
    button(at, "Waive it").click().run()
    assert balances(served) == [0, 400, 700]
    sound(served)


def test_money_taken_charged_and_given_back_says_what_is_owed_and_can_be_undone(
    served: Installation, ada: Actor, record: Callable[[], AppTest]
) -> None:
    charged(served, ada, 1000)
    at = record()
    field_of(at, "take-payment", "Amount").set_value("4.00")
    assert "€4.00 taken, receipt R-000001. €6.00 is still owed." in read(button(at, "Take it").click().run())
    button(at, "Undo").click().run()
    assert balances(served) == [1000]
    field_of(at, "add-charge", "What for").set_value("New card")
    field_of(at, "add-charge", "Amount").set_value("2.50")
    assert "€2.50 charged: New card. €12.50 is still owed." in read(button(at, "Charge it").click().run())
    button(at, "Undo").click().run()
    assert "is not charged to Ada any more" in read(at)
    sound(served)


def test_a_charge_is_added_and_a_receipt_taken_back(
    served: Installation, ada: Actor, record: Callable[[], AppTest]
) -> None:
    at = record()
    field(at, "What for", "New card")
    next(found for found in at.text_input if "add-charge" in str(found.proto.form_id) and found.label == "Amount"
         ).set_value("2.50")  # fmt: skip
    assert "€2.50 charged: New card. €2.50 is still owed." in read(button(at, "Charge it").click().run())
    with begin_work(served, a_librarian(served)) as uow:
        take_payment(uow, member_id=ada.account_id or 0, amount_minor=250, method=PaymentMethod.CASH)
    at = record()
    at.text_input(key="receipt-why").set_value("The wrong member")
    assert "R-000001 is taken back by R-000002" in read(button(at, "Take it back").click().run())
    assert balances(served) == [250]
    with served.engine.connect() as connection:
        assert list(connection.scalars(select(Payment.amount_minor).order_by(Payment.id))) == [250, -250]


def test_a_hold_is_placed_moved_paused_and_cancelled(
    served: Installation, ada: Actor, record: Callable[[], AppTest], clock: SetClock
) -> None:
    title = a_title(served, "Emma")
    copy = a_copy(served, title)
    a_loan(served, a_member(served), copy)
    other = a_member(served)
    with begin_work(served, a_librarian(served)) as uow:
        place_hold(uow, title_id=title, member_id=other.account_id)
    at = record()
    at.text_input(key="hold-search").set_value(copy).run()
    assert "A hold would have place 2, about" in read(at)
    assert "Hold placed on “Emma”: place 2" in read(button(at, "Place the hold").click().run())
    with served.engine.connect() as connection:
        hold = connection.scalar(select(Hold.id).where(Hold.account_id == ada.account_id))
    at.number_input(key=f"place-{hold}-2").set_value(1)
    at.text_input(key=f"move-why-{hold}-2").set_value("For the exam")
    assert "place 1 now" in read(at.button(key=f"move-it-{hold}").click().run())
    at.button(key=f"pause-it-{hold}").click().run()
    assert "paused until" in read(at)
    at.button(key=f"resume-{hold}").click().run()
    assert "waits again" in read(at)
    at.button(key=f"cancel-it-{hold}").click().run()
    assert at.error, "a reason is asked for"
    at.text_input(key=f"cancel-why-{hold}").set_value("The edition is not the one")
    assert "is cancelled" in read(at.button(key=f"cancel-it-{hold}").click().run())
    with served.engine.connect() as connection:
        assert connection.scalar(select(Hold.state).where(Hold.id == hold)) == "cancelled"
    sound(served)


def test_an_exception_is_added_and_ended(served: Installation, ada: Actor, record: Callable[[], AppTest]) -> None:
    at = record()
    field(at, "Value", "12")
    next(found for found in at.text_input if "exception" in str(found.proto.form_id) and found.label == "Reason"
         ).set_value("Writes a thesis")  # fmt: skip
    button(at, "Add the exception").click().run()
    assert "12 loans at a time until" in read(at)
    assert at.metric[0].value == "0 of 12"
    button(at, "End it").click().run()
    assert at.metric[0].value == "0 of 5"


def test_exceptions_that_are_over_are_kept(
    served: Installation, ada: Actor, record: Callable[[], AppTest], clock: SetClock
) -> None:
    with begin_work(served, a_librarian(served)) as uow:
        add_exception(
            uow, account_id=ada.account_id or 0, name="overdue_blocks", amount=0, until=uow.today, reason="Moves house"
        )
    clock.forward(timedelta(days=2))
    told = read(record())
    assert "May borrow while loans are overdue" in told
    assert "The lending policy holds for them as for everybody" in told


def test_a_loan_is_renewed_from_the_record(served: Installation, ada: Actor, record: Callable[[], AppTest]) -> None:
    loan = a_loan(served, ada, a_copy(served, a_title(served, "Emma")), days_ago=10)
    at = record()
    assert "“Emma” is renewed: due on" in read(at.button(key=f"renew-{loan}").click().run())


def test_why_a_loan_is_not_renewed_stands_under_it(
    served: Installation, ada: Actor, record: Callable[[], AppTest]
) -> None:
    title = a_title(served, "Emma")
    loan = a_loan(served, ada, a_copy(served, title), days_ago=10)
    bob = a_member(served, name="Bob")
    with begin_work(served, a_librarian(served)) as uow:
        place_hold(uow, title_id=title, member_id=bob.account_id)
    at = record()
    told = read(at).replace("\\", "")
    assert at.button(key=f"renew-{loan}").disabled
    assert "Not renewed: Somebody else waits for “Emma”" in told
    assert "then place a hold to have it again" in told


def test_what_blocks_them_has_its_way_out_on_the_record(
    served: Installation, session_of: Callable[[Role], int]
) -> None:
    waits = a_member(served, name="Bob", status=AccountStatus.PENDING)
    at = at_page(session_of(Role.LIBRARIAN), PAGE, id=str(waits.account_id))
    assert "Approve the registration" in labels(at)
    assert "The registration is approved" in read(button(at, "Approve the registration").click().run())


def test_a_credit_is_set_off_against_a_debt_with_one_button_and_undone(
    served: Installation, ada: Actor, record: Callable[[], AppTest]
) -> None:
    paid = charged(served, ada, 500)
    with begin_work(served, a_librarian(served)) as uow:
        take_payment(uow, member_id=ada.account_id or 0, amount_minor=500, method=PaymentMethod.CARD)
    with begin_work(served, SYSTEM) as uow:
        adjust(uow, paid, -300)
    assert not [label for label in labels(record()) if label.startswith("Set off")]
    charged(served, ada, 200)
    at = record()
    assert "€2.00 of what they owe is paid with that. No money changes hands" in read(at)
    assert "€2.00 is set off. The library owes them €1.00." in read(button(at, "Set off €2.00").click().run())
    assert balances(served) == [-100, 0]
    said = read(button(at, "Undo").click().run()).replace("\\", "")
    assert "owes €2.00 again, and the library owes them €2.00" in said
    assert balances(served) == [-300, 200]
    sound(served)
