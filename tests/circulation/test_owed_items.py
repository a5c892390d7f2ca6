"""What a member owes item by item: the sum is what the desk says, and each fine can be worked out by its facts."""

from datetime import date

import pytest

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.billing.models import ChargeKind
from lib.circulation.history import erase_history
from lib.circulation.money import charge_member
from lib.circulation.owed_items import OwedItem, owed_items
from lib.kit.errors import Forbidden, NotFound, NotSignedIn
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.money_steps import claimed, forward, lost, night, owed_by, sound
from tests.circulation.steps import hand_in, paid, renewed, rows


def items(library: Installation, actor: Actor, account_id: int | None = None) -> tuple[OwedItem, ...]:
    """What is owed; the sum is always what the rest of the library says."""
    with begin_reading(library, actor) as uow:
        found = owed_items(uow, account_id or actor.account_id or 0)
    if account_id is None:
        assert sum(item.balance_minor for item in found) == owed_by(library, actor)
    return found


def test_nothing_is_owed_and_nothing_listed(library: Installation) -> None:
    assert items(library, a_member(library)) == ()


def test_a_running_fine_is_told_before_and_after_the_night_alike(library: Installation) -> None:
    me = a_member(library)
    a_loan(library, me, a_copy(library, a_title(library, "Emma")), days_ago=31)
    (fresh,) = items(library, me)
    assert (fresh.charge_id, fresh.running, fresh.title, fresh.balance_minor) == (None, True, "Emma", 100)
    night(library)
    (posted,) = items(library, me)
    assert posted.charge_id
    assert (posted.balance_minor, posted.fine) == (fresh.balance_minor, fresh.fine)
    assert posted.fine is not None
    facts = posted.fine
    assert (facts.days_late, facts.per_day_minor, facts.grace_days, facts.cap_minor) == (10, 10, 1, 500)
    assert (facts.returned, facts.until, facts.adds_up) == (False, date(2026, 3, 10), True)


def test_what_grew_since_the_night_is_added_and_what_was_paid_is_covered(library: Installation) -> None:
    me, desk = a_member(library), a_librarian(library)
    barcode = a_copy(library)
    a_loan(library, me, barcode, days_ago=31)
    paid(library, desk, me, 60)
    forward(library, days=2)
    (item,) = items(library, me)
    assert (item.charged_minor, item.covered_minor, item.balance_minor) == (120, 60, 60)
    paid(library, desk, me, 60)
    forward(library, days=1)
    (item,) = items(library, me)
    assert (item.charge_id, item.charged_minor, item.covered_minor, item.balance_minor) == (None, 130, 120, 10)
    hand_in(library, desk, barcode)
    (item,) = items(library, me)
    assert (item.running, item.balance_minor) == (False, 10)
    assert item.fine is not None
    assert (item.fine.returned, item.fine.days_late, item.fine.adds_up) == (True, 13, True)
    sound(library)


def test_a_fine_at_its_cap_still_adds_up(library: Installation) -> None:
    me = a_member(library)
    a_loan(library, me, days_ago=120)
    (item,) = items(library, me)
    assert item.balance_minor == 500
    assert item.fine is not None
    assert item.fine.days_late * item.fine.per_day_minor > item.fine.cap_minor
    assert item.fine.adds_up


def test_a_fine_that_a_renewal_settled_does_not_pretend_to_add_up(library: Installation) -> None:
    me, desk = a_member(library), a_librarian(library)
    loan = a_loan(library, me, days_ago=31)
    renewed(library, desk, loan, override="Agreed at the desk")
    (item,) = items(library, me)
    assert (item.running, item.balance_minor) == (False, 100)
    assert item.fine is not None
    assert (item.fine.adds_up, item.fine.renewals) == (False, 1)


def test_a_claimed_loan_costs_until_the_day_of_the_claim(library: Installation) -> None:
    me, desk = a_member(library), a_librarian(library)
    loan = a_loan(library, me, days_ago=31)
    claimed(library, desk, loan, date(2026, 3, 5))
    forward(library, days=9)
    (item,) = items(library, me)
    assert item.fine is not None
    assert (item.fine.until, item.fine.days_late, item.balance_minor) == (date(2026, 3, 5), 5, 50)


def test_a_loss_names_its_title_and_other_charges_say_what_for(library: Installation) -> None:
    me, desk = a_member(library), a_librarian(library)
    lost(library, desk, a_loan(library, me, a_copy(library, a_title(library, "Emma"), price_minor=2000)))
    with begin_work(library, desk) as uow:
        charge_member(uow, member_id=me.account_id or 0, kind=ChargeKind.OTHER, amount_minor=150, what="Copies")
    found = items(library, me)
    assert [item.title for item in found if item.kind is ChargeKind.REPLACEMENT] == ["Emma"]
    assert (found[-1].what, found[-1].title, found[-1].fine) == ("Copies", "", None)


def test_an_erased_history_does_not_come_back_with_a_charge(library: Installation) -> None:
    me, desk = a_member(library), a_librarian(library)
    barcode = a_copy(library, a_title(library, "Secret"))
    a_loan(library, me, barcode, days_ago=31)
    hand_in(library, desk, barcode)
    forward(library, days=3)
    with begin_work(library, me) as uow:
        erase_history(uow)
    forgotten = not rows(library, f"SELECT 1 FROM loan WHERE account_id = {me.account_id}")
    (item,) = items(library, me)
    assert item.balance_minor == 100
    assert (item.title == "") is forgotten
    assert (item.fine is None) is forgotten


def test_only_oneself_and_the_desk_may_know(library: Installation) -> None:
    me, other = a_member(library), a_member(library)
    a_loan(library, me, days_ago=31)
    assert len(items(library, a_librarian(library), me.account_id)) == 1
    with pytest.raises(Forbidden):
        items(library, other, me.account_id)
    with pytest.raises(NotSignedIn):
        items(library, GUEST, me.account_id)
    with pytest.raises(NotFound):
        items(library, a_librarian(library), 999_999)
