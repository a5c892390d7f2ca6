"""Losses: said at the desk or by age; what they cost; and the copy that turns up after all."""

from datetime import timedelta

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.forms import CopyForm
from lib.catalogue.models import Condition, CopyStatus
from lib.circulation.copy_moves import edit_copy
from lib.circulation.errors import NobodyToCharge
from lib.circulation.jobs import age_to_lost
from lib.circulation.losses import consider_loss
from lib.circulation.returns import Inspection, ReturnReceipt
from lib.circulation.withdrawal import reinstate_copy, withdraw_copy
from lib.kit.errors import Forbidden, NotFound
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.hold_steps import hold
from tests.circulation.money_steps import charges, choose, claimed, forward, lost, night, owed_by, sound
from tests.circulation.steps import hand_in, issue, paid, rows, undone


def _lost(library: Installation, *, days_ago: int = 31, **copy: int) -> tuple[Actor, Actor, str]:
    """A copy that a member lost after so many days: the desk, the member and the barcode."""
    desk, reader, barcode = a_librarian(library), a_member(library, name="Ada"), a_copy(library, **copy)
    lost(library, desk, a_loan(library, reader, barcode, days_ago=days_ago))
    return desk, reader, barcode


def test_a_loss_stops_the_fine_and_charges_the_price_and_the_fee(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library, price_minor=1250)
    loan = a_loan(library, reader, barcode, days_ago=31)
    night(library)
    receipt = lost(library, desk, loan, reason="Left on a train")
    assert (receipt.fine_minor, receipt.replacement_minor, receipt.fee_minor) == (100, 1250, 500)
    assert charges(library) == [("fine", "final", 100), ("replacement", "final", 1250), ("lost_fee", "final", 500)]
    assert rows(library, "SELECT status FROM copy") == [("lost",)]
    assert rows(library, "SELECT returned_at IS NOT NULL, lost_at IS NOT NULL, fine_settled FROM loan") == [
        (True, True, 100)
    ]
    forward(library, days=30)
    night(library)
    assert owed_by(library, reader) == 1850
    sound(library)


def test_a_copy_without_a_price_costs_what_the_setting_says_and_a_fee_of_nought_is_not_charged(
    library: Installation,
) -> None:
    choose(library, replacement_price=900, lost_fee=0)
    _lost(library, days_ago=3)
    assert charges(library) == [("replacement", "final", 900)]


def test_the_member_is_told_once_and_not_at_all_once_it_was_undone(library: Installation) -> None:
    from tests.circulation.steps import undone

    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library, a_title(library, "Dune"))
    loan = a_loan(library, reader, barcode)
    act = lost(library, desk, loan).act_id
    ((body,),) = rows(library, "SELECT body FROM notice")
    assert "“Dune”" in body
    assert "€25.00" in body
    undone(library, desk, act)
    assert rows(library, "SELECT count(*) FROM notice") == [(0,)]


def test_the_same_key_again_loses_and_charges_once(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    loan = a_loan(library, reader)
    first, again = (lost(library, desk, loan, key="k") for _ in range(2))
    assert (first.act_id, first.replacement_minor) == (again.act_id, again.replacement_minor)
    assert len(charges(library)) == 2
    with pytest.raises(NotFound):
        lost(library, desk, loan)
    with pytest.raises(Forbidden):
        lost(library, reader, loan)


def test_a_found_copy_gives_the_unpaid_replacement_back_and_keeps_the_fee(library: Installation) -> None:
    desk, reader, barcode = _lost(library)
    forward(library, days=5)
    receipt = hand_in(library, desk, barcode)
    assert (receipt.copy_status, receipt.given_back_minor, receipt.fine_minor) == ("available", 2000, 50)
    assert (receipt.member_id, receipt.note) == (
        reader.account_id, "It was not on loan. It was marked as lost and is on the shelf again.",
    )  # fmt: skip
    assert charges(library, "kind", "balance_minor") == [
        ("fine", 100), ("replacement", 0), ("lost_fee", 500), ("fine", 50),
    ]  # fmt: skip
    assert rows(library, "SELECT found_at IS NOT NULL, fine_settled FROM loan") == [(True, 150)]
    sound(library)


def test_what_was_paid_for_a_found_copy_is_owed_to_the_member_but_not_what_was_forgiven(library: Installation) -> None:
    from lib.access.work import begin_work
    from lib.circulation.money import waive_charge

    desk, reader, barcode = _lost(library)
    ((replacement,),) = rows(library, "SELECT id FROM charge WHERE kind = 'replacement'")
    with begin_work(library, desk) as uow:
        waive_charge(uow, charge_id=replacement, amount_minor=500, reason="First time")
    paid(library, desk, reader, 1200, charge_ids=[replacement])
    assert hand_in(library, desk, barcode).given_back_minor == 1500
    assert charges(library, "kind", "balance_minor")[1] == ("replacement", -1200)
    sound(library)


def test_damage_to_a_lost_copy_that_is_found_is_charged_to_who_had_it_while_the_replacement_goes(
    library: Installation,
) -> None:
    desk, reader, barcode = _lost(library)
    receipt = hand_in(library, desk, barcode, Inspection(Condition.DAMAGED, "Wet", 800))
    assert (receipt.copy_status, receipt.member_id, receipt.charge_minor) == ("in_repair", reader.account_id, 800)
    owed = [("fine", 100), ("replacement", 0), ("lost_fee", 500), ("damage", 800)]
    assert charges(library, "kind", "balance_minor") == owed
    assert rows(library, "SELECT loan_id IS NOT NULL, copy_id IS NOT NULL FROM charge WHERE kind = 'damage'") == [
        (True, True)
    ]
    sound(library)
    undone(library, desk, receipt.act_id)
    assert charges(library, "kind", "balance_minor") == [
        ("fine", 100), ("replacement", 2000), ("lost_fee", 500), ("damage", 0),
    ]  # fmt: skip
    assert rows(library, "SELECT status FROM copy") == [("lost",)]
    sound(library)


def test_nobody_pays_for_damage_to_a_copy_whose_replacement_stays_paid(library: Installation) -> None:
    desk, _, barcode = _lost(library)
    choose(library, refund_found_days=0)
    with pytest.raises(NobodyToCharge):
        hand_in(library, desk, barcode, Inspection(Condition.DAMAGED, "Wet", 800))


def test_a_copy_is_found_once(library: Installation) -> None:
    desk, _, barcode = _lost(library)
    hand_in(library, desk, barcode)
    before = charges(library, "*")
    assert hand_in(library, desk, barcode).given_back_minor == 0
    with library.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE copy SET status = 'lost'")
    assert hand_in(library, desk, barcode).given_back_minor == 0
    assert charges(library, "*") == before
    sound(library)


def test_the_fine_of_a_found_copy_stays_within_the_cap(library: Installation) -> None:
    desk, _, barcode = _lost(library)
    forward(library, days=300)
    hand_in(library, desk, barcode)
    assert rows(library, "SELECT fine_settled, fine_cap FROM loan") == [(500, 500)]
    sound(library)


@pytest.mark.parametrize(("days", "given_back"), [(365, 2000), (366, 0)])
def test_a_copy_found_too_late_gives_nothing_back(library: Installation, days: int, given_back: int) -> None:
    desk, _, barcode = _lost(library)
    forward(library, days=days)
    receipt = hand_in(library, desk, barcode)
    assert (receipt.given_back_minor, receipt.copy_status) == (given_back, "available")


def test_a_found_copy_goes_to_whoever_waits_and_a_damaged_one_to_repair(library: Installation) -> None:
    def turns_up(look: Inspection | None) -> ReturnReceipt:
        desk, title, waits = a_librarian(library), a_title(library), a_member(library, name="Grace")
        barcode = a_copy(library, title)
        loan = issue(library, desk, barcode, a_member(library)).loan_id
        hold(library, waits, title)
        lost(library, desk, loan)
        return hand_in(library, desk, barcode, look)

    found = turns_up(None)
    assert found.copy_status == "on_hold_shelf"
    assert found.hold is not None
    assert found.hold.name == "Grace"
    damaged = turns_up(Inspection(Condition.DAMAGED))
    assert (damaged.copy_status, damaged.hold) == ("in_repair", None)
    sound(library)


def test_the_fine_of_a_claimed_copy_that_was_lost_and_found_does_not_rise(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    loan = a_loan(library, reader, barcode, days_ago=31)
    claimed(library, desk, loan, library.clock.now().date() - timedelta(days=5))
    lost(library, desk, loan)
    forward(library, days=50)
    assert hand_in(library, desk, barcode).fine_minor == 0
    assert charges(library, "kind", "balance_minor")[0] == ("fine", 50)
    sound(library)


def test_copies_overdue_for_too_long_are_lost_in_the_night_and_a_second_run_changes_nothing(
    library: Installation,
) -> None:
    reader = a_member(library)
    for days in (21 + 41, 21 + 42, 21 + 43, 21 + 90):
        a_loan(library, reader, days_ago=days)
    spared = a_loan(library, reader, days_ago=21 + 90, claimed_on=library.clock.now().date() - timedelta(days=60))
    assert night(library, age_to_lost) == {"lost": 3}
    before = charges(library, "*")
    assert night(library, age_to_lost) == {"lost": 0}
    assert charges(library, "*") == before
    assert rows(library, f"SELECT returned_at IS NULL FROM loan WHERE id = {spared}") == [(True,)]
    assert rows(library, "SELECT count(*) FROM desk_act WHERE kind = 'lost' AND actor_id IS NULL") == [(3,)]
    sound(library)


def test_without_days_nothing_is_lost_by_age(library: Installation) -> None:
    choose(library, lost_after_days=0)
    a_loan(library, a_member(library), days_ago=500)
    assert night(library, age_to_lost) == {"lost": 0}


def test_what_a_loss_would_cost_is_what_it_costs(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library, price_minor=1250)
    loan = a_loan(library, reader, barcode, days_ago=31)
    with begin_reading(library, desk) as uow:
        told = consider_loss(uow, loan_id=loan)
    receipt = lost(library, desk, loan)
    assert (told.fine_minor, told.replacement_minor, told.fee_minor) == (100, 1250, 500)
    assert receipt.charged_minor == told.replacement_minor + told.fee_minor
    with begin_reading(library, desk) as uow, pytest.raises(NotFound):
        consider_loss(uow, loan_id=loan)


@pytest.mark.parametrize("status", [CopyStatus.AVAILABLE, CopyStatus.IN_REPAIR])
def test_a_lost_copy_that_an_edit_brings_back_costs_its_replacement_no_more(
    library: Installation, status: CopyStatus
) -> None:
    desk, reader, barcode = _lost(library, days_ago=3, price_minor=1250)
    paid(library, desk, reader, 1750)
    ((copy_id, version),) = rows(library, "SELECT id, version FROM copy")
    with begin_work(library, desk) as uow:
        edit_copy(uow, copy_id, CopyForm(barcode=barcode, status=status), seen_version=version)
    given_back = [("replacement", "final", -1250), ("lost_fee", "final", 0)]
    assert charges(library) == given_back
    hand_in(library, desk, barcode)
    assert charges(library) == given_back
    sound(library)


def test_a_lost_copy_that_was_withdrawn_and_turns_up_costs_its_replacement_no_more(library: Installation) -> None:
    desk, reader, barcode = _lost(library, days_ago=3, price_minor=1250)
    paid(library, desk, reader, 1750)
    ((copy_id,),) = rows(library, "SELECT id FROM copy")
    with begin_work(library, desk) as uow:
        withdraw_copy(uow, copy_id, "Missing for good")
    receipt = hand_in(library, desk, barcode)
    assert (receipt.copy_status, receipt.given_back_minor) == ("withdrawn", 1250)
    assert charges(library) == [("replacement", "final", -1250), ("lost_fee", "final", 0)]
    undone(library, desk, receipt.act_id)
    assert charges(library) == [("replacement", "final", 0), ("lost_fee", "final", 0)]
    with begin_work(library, desk) as uow:
        reinstate_copy(uow, copy_id)
    assert charges(library) == [("replacement", "final", -1250), ("lost_fee", "final", 0)]
    sound(library)
