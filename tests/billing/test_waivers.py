"""Forgiving: up to what is owed, with a reason, once per key, and taken back by an opposite entry."""

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.billing.errors import AlreadyReversed, NothingOwed, NotReversible, WaiverTooHigh
from lib.billing.ledger import reverse_entry
from lib.billing.models import EntryKind
from lib.billing.waivers import waive
from lib.kit.errors import Forbidden, Invalid, NotFound
from tests.billing.steps import balance, entries, owes, paid, rows, sound
from tests.builders import a_librarian, a_member


def waived(
    library: Installation, desk: Actor, charge_id: int, amount: int | None, reason: str = "Was ill", key: str = ""
) -> int:
    with begin_work(library, desk) as uow:
        return waive(uow, charge_id=charge_id, amount_minor=amount, reason=reason, key=key or None)


# charged, paid before, waived (None: all), and what is owed afterwards or the refusal
WAIVERS = [
    (500, 0, None, 0),
    (500, 0, 500, 0),
    (500, 0, 120, 380),
    (500, 200, None, 0),
    (500, 200, 301, WaiverTooHigh),
    (500, 0, 501, WaiverTooHigh),
    (500, 500, None, NothingOwed),
    (500, 500, 1, NothingOwed),
    (500, 0, 0, Invalid),
    (500, 0, -5, Invalid),
]


@pytest.mark.parametrize(("charged", "before", "amount", "after"), WAIVERS)
def test_what_can_be_forgiven(
    library: Installation, charged: int, before: int, amount: int | None, after: int | type[Exception]
) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, charged)
    if before:
        paid(library, desk, reader, before)
    if isinstance(after, int):
        waived(library, desk, charge, amount)
        assert balance(library, reader) == after
    else:
        with pytest.raises(after):
            waived(library, desk, charge, amount)
        assert balance(library, reader) == charged - before
    sound(library)


def test_the_refusal_says_what_is_owed(sqlite_library: Installation) -> None:
    charge = owes(sqlite_library, a_member(sqlite_library), 240)
    with pytest.raises(WaiverTooHigh, match=r"€3\.00 cannot be waived: only €2\.40 is owed\."):
        waived(sqlite_library, a_librarian(sqlite_library), charge, 300)


def test_a_waiver_has_a_reason_that_says_something(sqlite_library: Installation) -> None:
    charge = owes(sqlite_library, a_member(sqlite_library))
    with pytest.raises(Invalid, match="reason"):
        waived(sqlite_library, a_librarian(sqlite_library), charge, 100, reason=" x ")


def test_only_those_who_may_waive_do(sqlite_library: Installation) -> None:
    reader = a_member(sqlite_library)
    with pytest.raises(Forbidden):
        waived(sqlite_library, reader, owes(sqlite_library, reader), 100)
    with pytest.raises(NotFound):
        waived(sqlite_library, a_librarian(sqlite_library), 99, None)
    with pytest.raises(NotFound):
        waived(sqlite_library, a_librarian(sqlite_library), 99, 10)


def test_the_same_key_forgives_once(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)
    first = waived(library, desk, charge, 100, key="k")
    assert waived(library, desk, charge, 100, key="k") == first
    assert balance(library, reader) == 400
    assert rows(library, "SELECT count(*) FROM audit WHERE action = 'charge.waive'") == [(1,)]


def test_a_waiver_is_taken_back_once_by_an_opposite_entry(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)
    entry = waived(library, desk, charge, 300)
    with begin_work(library, SYSTEM) as uow:
        reversal = reverse_entry(uow, entry, reason="Taken back at the desk")
    assert entries(library, charge, "kind", "amount_minor", "reverses_id") == [
        (EntryKind.CHARGE, 500, None),
        (EntryKind.WAIVER, -300, None),
        (EntryKind.REVERSAL, 300, entry),
    ]
    assert balance(library, reader) == 500
    with pytest.raises(AlreadyReversed), begin_work(library, SYSTEM) as uow:
        reverse_entry(uow, entry, reason="Again")
    with pytest.raises(NotReversible), begin_work(library, SYSTEM) as uow:
        reverse_entry(uow, reversal, reason="Once more")
    sound(library)


def test_money_is_taken_back_by_its_receipt_only(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = owes(library, reader, 500)
    paid(library, desk, reader, 500)
    with begin_work(library, SYSTEM) as uow:
        payment = entries(library, charge, "id")[1][0]
        with pytest.raises(NotReversible, match="receipt"):
            reverse_entry(uow, payment, reason="By the back door")
        with pytest.raises(NotFound):
            reverse_entry(uow, 99, reason="Nothing there")
