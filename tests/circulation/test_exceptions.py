"""Exceptions for one member: what they change in a decision, for how long, and who may make them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.billing.ledger import adjust
from lib.billing.models import PaymentMethod
from lib.circulation.checkout import check_out, consider_check_out
from lib.circulation.closing import close_account
from lib.circulation.errors import ExceptionStands, ForOneself
from lib.circulation.exceptions import add_exception, end_exception, exceptions_of
from lib.circulation.money import refund_charge, waive_charge
from lib.circulation.queries import standing
from lib.kit.clock import SetClock
from lib.kit.errors import Forbidden, Invalid, NotFound
from tests.builders import a_charge, a_copy, a_librarian, a_loan, a_member, an_admin
from tests.circulation.steps import paid


def _codes(library: Installation, desk: Actor, reader: Actor, barcode: str) -> set[str]:
    with begin_reading(library, desk) as uow:
        return {reason.code for reason in consider_check_out(uow, barcode=barcode, member_id=reader.account_id).against}


def _except(library: Installation, desk: Actor, reader: Actor, name: str, amount: int, days: int = 7) -> int:
    with begin_work(library, desk) as uow:
        until = uow.today + timedelta(days=days)
        assert reader.account_id is not None
        return add_exception(
            uow, account_id=reader.account_id, name=name, amount=amount, until=until, reason="Thesis this term"
        )


def _full(library: Installation, reader: Actor) -> None:
    for _ in range(5):
        a_loan(library, reader)


def _late(library: Installation, reader: Actor) -> None:
    a_loan(library, reader, days_ago=30)


def _indebted(library: Installation, reader: Actor) -> None:
    with begin_work(library, reader) as uow:
        a_charge(uow, reader, 700, kind="other")


CASES = [
    # what is the matter, which rule speaks, the exception that lifts it, one that does not
    (_full, "limit-reached", ("max_loans", 6), ("max_loans", 5)),
    (_indebted, "owes-too-much", ("debt_block", 700), ("debt_block", 699)),
    (_late, "has-overdue", ("overdue_blocks", 0), ("overdue_blocks", 1)),
]


@pytest.mark.parametrize(("matter", "code", "lifts", "leaves"), CASES, ids=[case[1] for case in CASES])
def test_it_lifts_a_block_for_one_member_up_to_its_day(
    library: Installation, clock: SetClock, matter: object, code: str, lifts: tuple[str, int], leaves: tuple[str, int]
) -> None:
    desk, reader, other, barcode = a_librarian(library), a_member(library), a_member(library), a_copy(library)
    for who in (reader, other):
        matter(library, who)  # type: ignore[operator]
    assert code in _codes(library, desk, reader, barcode)
    too_little = _except(library, desk, reader, *leaves)
    assert code in _codes(library, desk, reader, barcode)
    with begin_work(library, desk) as uow:
        end_exception(uow, too_little)
    _except(library, desk, reader, *lifts, days=2)
    assert code not in _codes(library, desk, reader, barcode)
    assert code in _codes(library, desk, other, barcode)
    clock.forward(timedelta(days=2))
    assert code not in _codes(library, desk, reader, barcode)
    clock.forward(timedelta(days=1))
    assert code in _codes(library, desk, reader, barcode)


def test_it_is_taken_back_before_its_day(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    _full(library, reader)
    made = _except(library, desk, reader, "max_loans", 8)
    with begin_work(library, desk) as uow:
        assert standing(uow, reader.account_id or 0).limits.max_loans == 8
        end_exception(uow, made)
        end_exception(uow, made)
        assert standing(uow, reader.account_id or 0).limits.max_loans == 5
        (row,) = exceptions_of(uow, reader.account_id or 0)
        assert (row.name, row.holds, row.reason, row.made_by) == ("max_loans", False, "Thesis this term", desk.name)


def test_two_of_one_name_do_not_stand_at_once(library: Installation, clock: SetClock) -> None:
    desk, reader = a_librarian(library), a_member(library)
    _except(library, desk, reader, "max_loans", 8, days=1)
    with pytest.raises(ExceptionStands, match=r"has an exception for this until 11 March 2026\."):
        _except(library, desk, reader, "max_loans", 9)
    clock.forward(timedelta(days=2))
    _except(library, desk, reader, "max_loans", 9)


@pytest.mark.parametrize(
    ("name", "amount", "days", "reason", "field"),
    [
        ("max_lones", 3, 7, "Thesis", "name"),
        ("max_loans", -1, 7, "Thesis", "amount"),
        ("overdue_blocks", 2, 7, "Thesis", "amount"),
        ("max_loans", 3, -1, "Thesis", "until"),
        ("max_loans", 3, 732, "Thesis", "until"),
        ("max_loans", 3, 7, " ", "reason"),
    ],
)
def test_it_says_what_is_wrong(
    sqlite_library: Installation, name: str, amount: int, days: int, reason: str, field: str
) -> None:
    desk, reader = a_librarian(sqlite_library), a_member(sqlite_library)
    with begin_work(sqlite_library, desk) as uow, pytest.raises(Invalid) as refused:
        add_exception(
            uow, account_id=reader.account_id or 0, name=name, amount=amount,
            until=uow.today + timedelta(days=days), reason=reason,
        )  # fmt: skip
    assert [fault.field for fault in refused.value.faults] == [field]


def test_members_make_none_and_nobody_gets_one_who_is_not_there(sqlite_library: Installation) -> None:
    reader = a_member(sqlite_library)
    with pytest.raises(Forbidden):
        _except(sqlite_library, reader, reader, "max_loans", 100)
    with pytest.raises(NotFound):
        _except(sqlite_library, a_librarian(sqlite_library), Actor(10**6, reader.role), "max_loans", 6)


def test_nobody_gets_one_who_has_left(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    with begin_work(library, reader) as uow:
        close_account(uow)
    with pytest.raises(NotFound):
        _except(library, desk, reader, "max_loans", 6)


def test_nobody_decides_about_their_own_blocks_charges_and_exceptions_but_an_admin(library: Installation) -> None:
    clerk, chief, colleague = a_librarian(library), an_admin(library), a_librarian(library)
    for who in (clerk, chief):
        _full(library, who)
        with begin_work(library, colleague) as uow:
            charge = a_charge(uow, who, 300, kind="other")
            spare = a_charge(uow, who, 50, kind="other")
        paid(library, colleague, who, 50, charge_ids=[spare])
        with begin_work(library, SYSTEM) as uow:
            adjust(uow, spare, -50)
        acts: list[Callable[[UnitOfWork], object]] = [
            lambda uow, spare=spare: refund_charge(
                uow, charge_id=spare, amount_minor=50, method=PaymentMethod.CASH, reason="A mistake"
            ),
            lambda uow, charge=charge: waive_charge(uow, charge_id=charge, amount_minor=100, reason="A mistake"),
            lambda uow, who=who: add_exception(
                uow, account_id=who.account_id or 0, name="max_loans", amount=9, until=uow.today, reason="My thesis"
            ),
        ]
        barcode = a_copy(library)
        acts.insert(0, lambda uow, who=who, barcode=barcode: check_out(
            uow, barcode=barcode, member_id=who.account_id or 0, override="I need it"
        ))  # fmt: skip
        for act in acts:
            if who is clerk:
                with pytest.raises(ForOneself), begin_work(library, who) as uow:
                    act(uow)
            with begin_work(library, colleague if who is clerk else who) as uow:
                act(uow)
