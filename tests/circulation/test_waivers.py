"""Waiving what a member owes as of today at the desk: of which charges, how much, by whom, and once."""

from collections.abc import Sequence

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.billing.errors import NothingOwed, WaiverTooHigh
from lib.billing.models import ChargeKind
from lib.circulation.errors import ForOneself
from lib.circulation.money import charge_member, waive_charges
from lib.kit.errors import Forbidden, NotFound
from tests.builders import a_charge, a_librarian, a_loan, a_member, an_admin
from tests.circulation.money_steps import charges, credited, owed_by, sound
from tests.circulation.steps import rows


def _charged(library: Installation, reader: Actor, *amounts: int) -> list[int]:
    with begin_work(library, a_librarian(library)) as uow:
        return [
            charge_member(uow, member_id=reader.account_id or 0, kind=ChargeKind.OTHER, amount_minor=one, what="A key")
            for one in amounts
        ]


def _waived(
    library: Installation, who: Actor, reader: Actor, amount: int | None = None, of: Sequence[int] = (), key: str = ""
) -> int:  # fmt: skip
    with begin_work(library, who) as uow:
        return waive_charges(
            uow, member_id=reader.account_id or 0, charge_ids=of, amount_minor=amount, reason="Was ill", key=key or None
        )


# what is waived (None: all) of which of three charges of 100, 200 and 300, and what each is then
WAIVED = [
    (None, (), [0, 0, 0]),
    (600, (), [0, 0, 0]),
    (250, (), [0, 50, 300]),
    (None, (1,), [100, 0, 300]),
    (350, (1, 2), [100, 0, 150]),
]


@pytest.mark.parametrize(("amount", "which", "left"), WAIVED)
def test_so_much_of_the_chosen_charges_is_waived_the_oldest_first(
    library: Installation, amount: int | None, which: tuple[int, ...], left: list[int]
) -> None:
    desk, reader = a_librarian(library), a_member(library)
    made = _charged(library, reader, 100, 200, 300)
    assert _waived(library, desk, reader, amount, [made[one] for one in which]) == 600 - sum(left)
    assert [row[0] for row in charges(library, "balance_minor")] == left
    sound(library)


def test_more_than_is_owed_is_not_waived_and_nothing_of_it_is(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    _charged(library, reader, 100, 200)
    with pytest.raises(WaiverTooHigh):
        _waived(library, desk, reader, 301)
    assert owed_by(library, reader) == 300


def test_a_fine_that_grows_is_waived_as_of_today(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    a_loan(library, reader, days_ago=31)
    assert _waived(library, desk, reader) == 100
    assert owed_by(library, reader) == 0
    sound(library)


def test_what_the_library_owes_pays_before_anything_is_waived(library: Installation) -> None:
    desk, reader = credited(library)
    _charged(library, reader, 500)
    assert _waived(library, desk, reader) == 200
    assert [row[0] for row in charges(library, "balance_minor")] == [0, 0]
    sound(library)


def test_a_double_click_waives_once(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    _charged(library, reader, 300)
    assert [_waived(library, desk, reader, 100, key="a-key-of-a-till") for _ in range(2)] == [100, 100]
    assert owed_by(library, reader) == 200


def test_where_nothing_is_owed_nothing_is_waived_nor_of_somebody_else(sqlite_library: Installation) -> None:
    library = sqlite_library
    desk, reader, other = a_librarian(library), a_member(library), a_member(library)
    with pytest.raises(NothingOwed):
        _waived(library, desk, reader)
    (own,), (foreign,) = _charged(library, reader, 300), _charged(library, other, 300)
    for chosen in ([foreign], [own, foreign]):
        with pytest.raises(NothingOwed):
            _waived(library, desk, reader, of=chosen)
    with pytest.raises(NotFound):
        _waived(library, desk, reader, of=[own, 10**6])
    assert [row[0] for row in charges(library, "balance_minor")] == [300, 300]


def test_nobody_waives_what_they_owe_themselves_but_an_admin(sqlite_library: Installation) -> None:
    library = sqlite_library
    for who, may in ((a_librarian(library), False), (an_admin(library), True)):
        with pytest.raises(NothingOwed if may else ForOneself):
            _waived(library, who, who)
        with begin_work(library, SYSTEM) as uow:
            a_charge(uow, who, 300, kind="other")
        if may:
            assert _waived(library, who, who) == 300
        else:
            with pytest.raises(ForOneself):
                _waived(library, who, who)


def test_whether_anything_is_owed_is_the_desks_to_know(sqlite_library: Installation) -> None:
    """Members and jobs are told of their rights, not of the account."""
    reader = a_member(sqlite_library)
    for who in (reader, a_member(sqlite_library), SYSTEM):
        with pytest.raises(Forbidden):
            _waived(sqlite_library, who, reader)
    assert rows(sqlite_library, "SELECT count(*) FROM ledger_entry") == [(0,)]
