"""What is missing: lost copies with what became of the money, and loans that count as lost soon."""

import pytest

from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.kit.errors import Forbidden
from lib.reports.missing import lost_copies, soon_lost
from tests.builders import a_copy, a_librarian, a_loan, a_member
from tests.circulation.money_steps import choose, claimed, forward, lost
from tests.circulation.steps import hand_in, paid, rows


def test_lost_copies_say_since_when_who_and_what_is_still_owed(library: Installation) -> None:
    choose(library, lost_fee=150)
    desk, reader = a_librarian(library), a_member(library, name="Ada")
    loan = a_loan(library, reader, barcode := a_copy(library, price_minor=1000))
    lost(library, desk, loan)
    paid(library, desk, reader, 400)
    by_hand = a_copy(library, status="lost")
    with begin_reading(library, desk) as uow:
        found = {row.barcode: row for row in lost_copies(uow).rows}
        today = uow.today
    assert len(found) == 2
    row = found[barcode]
    assert (row.lost_on, row.member, row.member_id) == (today, "Ada", reader.account_id)
    assert (row.charged_minor, row.owed_minor) == (1150, 750)
    other = found[by_hand]
    assert (other.lost_on, other.member_id, other.charged_minor, other.owed_minor) == (None, None, 0, 0)
    assert rows(library, "SELECT count(*) FROM audit WHERE action = 'copy.list-lost'") == [(1,)]


def test_a_copy_lost_twice_tells_of_the_last_time(library: Installation) -> None:
    choose(library, lost_fee=0)
    desk, last = a_librarian(library), a_member(library, name="Bo")
    barcode = a_copy(library, price_minor=500)
    lost(library, desk, a_loan(library, a_member(library), barcode))
    hand_in(library, desk, barcode)
    forward(library, days=1)
    lost(library, desk, a_loan(library, last, barcode))
    with begin_reading(library, desk) as uow:
        (row,) = lost_copies(uow).rows
    assert (row.member, row.charged_minor, row.owed_minor) == ("Bo", 500, 500)


def test_late_loans_count_down_to_their_loss(library: Installation) -> None:
    choose(library, lost_after_days=20)
    desk = a_librarian(library)
    for days_late in (5, 6, 12, 25):
        a_loan(library, a_member(library), a_copy(library, barcode=f"LATE-{days_late}"),
               days_ago=21 + days_late)  # fmt: skip
    spared = a_loan(library, a_member(library), a_copy(library, barcode="CLAIMED"), days_ago=40)
    claimed(library, desk, spared)
    with begin_reading(library, desk) as uow:
        found = [(row.barcode, row.days_left) for row in soon_lost(uow)]
    assert found == [("LATE-25", 0), ("LATE-12", 8), ("LATE-6", 14)]
    choose(library, lost_after_days=0)
    with begin_reading(library, desk) as uow:
        assert soon_lost(uow) == ()


def test_what_is_missing_is_for_the_desk(sqlite_library: Installation) -> None:
    for ask in (lost_copies, soon_lost):
        with pytest.raises(Forbidden), begin_reading(sqlite_library, a_member(sqlite_library)) as uow:
            ask(uow)
