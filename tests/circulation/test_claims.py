"""Claimed returned: the fine stands still, nothing is blocked by it, and staff know what to look for."""

from datetime import timedelta

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.circulation.checkout import consider_check_out
from lib.circulation.claims import claims, clear_claim
from lib.circulation.errors import AlreadyClaimed, NotClaimed
from lib.kit.errors import Forbidden, Invalid, NotFound
from tests.builders import a_copy, a_librarian, a_loan, a_member, a_title
from tests.circulation.money_steps import charges, claimed, forward, night, owed_by, sound
from tests.circulation.steps import hand_in, rows

DAY = timedelta(days=1)


def test_the_fine_stands_still_from_the_day_that_is_claimed(library: Installation) -> None:
    desk, reader, barcode = a_librarian(library), a_member(library), a_copy(library)
    loan = a_loan(library, reader, barcode, days_ago=31)
    night(library)
    receipt = claimed(library, desk, loan, library.clock.now().date() - 4 * DAY)
    assert receipt.fine_minor == 60
    assert charges(library) == [("fine", "accruing", 60)]
    forward(library, days=20)
    assert night(library)["changed"] == 0
    assert owed_by(library, reader) == 60
    assert hand_in(library, desk, barcode).fine_minor == 60
    assert rows(library, "SELECT claimed_on FROM loan") == [(None,)]
    sound(library)


def test_it_blocks_nothing_by_being_overdue(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    loan, wanted = a_loan(library, reader, days_ago=31), a_copy(library)

    def against() -> list[str]:
        with begin_reading(library, desk) as uow:
            decision = consider_check_out(uow, barcode=wanted, member_id=reader.account_id or 0)
        return [reason.code for reason in decision.against]

    assert against() == ["has-overdue"]
    claimed(library, desk, loan)
    assert against() == []


def test_the_list_says_what_to_look_for_the_oldest_claim_first(library: Installation) -> None:
    desk, reader, today = a_librarian(library), a_member(library, name="Ada"), library.clock.now().date()
    for name, days in (("Dune", 1), ("Emma", 3)):
        barcode = a_copy(library, a_title(library, name, call_number=name[:2]), shelf="B-12")
        claimed(library, desk, a_loan(library, reader, barcode, days_ago=31), today - days * DAY)
    a_loan(library, reader)
    with begin_reading(library, desk) as uow:
        page = claims(uow)
    assert page.total == 2
    assert [(row.title, row.call_number, row.shelf, row.member, row.claimed_on) for row in page.rows] == [
        ("Emma", "Em", "B-12", "Ada", today - 3 * DAY), ("Dune", "Du", "B-12", "Ada", today - DAY),
    ]  # fmt: skip
    with pytest.raises(Forbidden), begin_reading(library, reader) as uow:
        claims(uow)


def test_a_claim_that_is_cleared_lets_the_fine_catch_up(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    loan = a_loan(library, reader, days_ago=31)
    claimed(library, desk, loan, library.clock.now().date() - 4 * DAY)
    with begin_work(library, desk) as uow:
        assert clear_claim(uow, loan_id=loan).fine_minor == 100
    assert charges(library) == [("fine", "accruing", 100)]
    with pytest.raises(NotClaimed), begin_work(library, desk) as uow:
        clear_claim(uow, loan_id=loan)
    sound(library)


def test_a_claim_is_made_once_and_for_a_day_that_can_be(library: Installation) -> None:
    desk, reader, today = a_librarian(library), a_member(library), library.clock.now().date()
    loan = a_loan(library, reader, days_ago=31)
    for wrong in (today + DAY, today - 32 * DAY):
        with pytest.raises(Invalid):
            claimed(library, desk, loan, wrong)
    claimed(library, desk, loan)
    with pytest.raises(AlreadyClaimed):
        claimed(library, desk, loan)
    with pytest.raises(NotFound):
        claimed(library, desk, 10**9)
    with pytest.raises(Forbidden):
        claimed(library, reader, loan)
