"""A fine that was paid and then cost less pays what else its reader owes: at night, and whatever is undone after."""

import pytest

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import begin_reading, begin_work
from lib.billing.errors import NothingToSetOff
from lib.billing.ledger import adjust
from lib.billing.models import ChargeKind
from lib.circulation.acts import PAY, RETURN, SET_OFF
from lib.circulation.errors import UndoOvertaken
from lib.circulation.jobs import set_off_credits
from lib.circulation.money import charge_member, could_set_off, set_off_now
from lib.desk.undo import desk_acts
from lib.kit.errors import Forbidden, Invalid, RuleBroken
from tests.billing.steps import refunded
from tests.builders import a_member
from tests.circulation.money_steps import credited, night, owed_by, sound
from tests.circulation.steps import paid, rows, undone

BALANCES = "SELECT balance_minor FROM charge ORDER BY id"


def _charged(library: Installation, desk: Actor, reader: Actor, amount: int) -> None:
    with begin_work(library, desk) as uow:
        charge_member(
            uow, member_id=reader.account_id or 0, kind=ChargeKind.OTHER, amount_minor=amount, what="A lost key"
        )


def _credit(library: Installation) -> tuple[Actor, Actor]:
    """A fine of 300 was paid; the copy had come back in time. The reader also owes 200 for a key."""
    desk, reader = credited(library)
    _charged(library, desk, reader, 200)
    return desk, reader


def _act(library: Installation, desk: Actor, kind: str) -> int:
    with begin_reading(library, desk) as uow:
        return next(act.id for act in desk_acts(uow) if act.kind == kind)


def test_the_night_sets_a_credit_off_once(library: Installation) -> None:
    _, reader = _credit(library)
    assert night(library, set_off_credits) == {"members": 1}
    assert rows(library, BALANCES) == [(-100,), (0,)]
    assert sum(night(library, set_off_credits).values()) == 0
    assert owed_by(library, reader) == -100
    sound(library)


@pytest.mark.parametrize(("kind", "owed", "each"), [
    (RETURN, 200, [200, 0]),  # the fine is owed again, the key stays paid
    (PAY, 200, [0, 200]),  # the money goes back; the key is owed again
])  # fmt: skip
def test_what_was_set_off_keeps_no_act_from_being_undone(
    library: Installation, kind: str, owed: int, each: list[int]
) -> None:
    desk, reader = _credit(library)
    night(library, set_off_credits)
    undone(library, desk, _act(library, desk, kind))
    assert owed_by(library, reader) == owed
    assert [row[0] for row in rows(library, BALANCES)] == each
    sound(library)


def test_a_payment_whose_money_was_given_back_where_it_went_stays(library: Installation) -> None:
    desk, reader = _credit(library)
    night(library, set_off_credits)
    payment = _act(library, desk, PAY)
    fine = rows(library, "SELECT min(id) FROM charge")[0][0]
    refunded(library, desk, fine, 100)
    with pytest.raises(RuleBroken, match="given back since"):
        undone(library, desk, payment)
    assert owed_by(library, reader) == 0


def _set_off(library: Installation, desk: Actor, reader: Actor, key: str | None = None) -> int:
    with begin_work(library, desk) as uow:
        return set_off_now(uow, member_id=reader.account_id or 0, key=key)


def test_the_desk_sets_a_credit_off_at_once_and_a_double_click_once(library: Installation) -> None:
    desk, reader = _credit(library)
    with begin_reading(library, desk) as uow:
        assert could_set_off(uow, reader.account_id or 0) == 200
    assert [_set_off(library, desk, reader, "a-key-of-a-form") for _ in range(2)] == [200, 200]
    assert rows(library, BALANCES) == [(-100,), (0,)]
    assert rows(library, "SELECT count(*) FROM audit WHERE action = 'charge.set-off'") == [(1,)]
    with begin_reading(library, desk) as uow:
        assert could_set_off(uow, reader.account_id or 0) == 0
        assert [(act.what, act.amount_minor) for act in desk_acts(uow, limit=1)] == [("set off €2.00", 200)]
    with pytest.raises(NothingToSetOff) as refused:
        _set_off(library, desk, reader)
    assert refused.value.reasons[0].facts["net_minor"] == -100
    sound(library)


def test_what_was_set_off_stays_once_its_money_was_given_back(library: Installation) -> None:
    desk, reader = _credit(library)
    _set_off(library, desk, reader)
    act = _act(library, desk, SET_OFF)
    with begin_work(library, SYSTEM) as uow:
        (key,) = [row[0] for row in rows(library, "SELECT max(id) FROM charge")]
        adjust(uow, key, -150)
    refunded(library, desk, key, 150)
    with pytest.raises(UndoOvertaken, match="given back or went elsewhere"):
        undone(library, desk, act)
    sound(library)


def test_what_was_set_off_stays_once_its_receipt_was_taken_back(library: Installation) -> None:
    desk, reader = _credit(library)
    _set_off(library, desk, reader)
    act = _act(library, desk, SET_OFF)
    undone(library, desk, _act(library, desk, PAY))
    with pytest.raises(UndoOvertaken):
        undone(library, desk, act)
    sound(library)


def test_what_was_set_off_stays_once_its_money_went_elsewhere(library: Installation) -> None:
    """The second move brought other money there, so that the sum of the charge looks as before."""
    desk, reader = _credit(library)
    _set_off(library, desk, reader)
    act = _act(library, desk, SET_OFF)
    key = rows(library, "SELECT max(id) FROM charge")[0][0]
    with begin_work(library, SYSTEM) as uow:
        adjust(uow, key, -200)
    _charged(library, desk, reader, 300)
    _set_off(library, desk, reader)
    with begin_work(library, SYSTEM) as uow:
        adjust(uow, key, 200)
    paid(library, desk, reader, 200, charge_ids=[key])
    with pytest.raises(UndoOvertaken, match="went elsewhere"):
        undone(library, desk, act)
    sound(library)


def test_a_key_says_nothing_of_another_account(library: Installation) -> None:
    desk, reader = _credit(library)
    _set_off(library, desk, reader, "a-key-of-a-form")
    with pytest.raises(Invalid, match="another request"):
        _set_off(library, desk, a_member(library), "a-key-of-a-form")


def test_only_the_till_sets_off_or_takes_that_back(library: Installation) -> None:
    desk, reader = _credit(library)
    lender = Actor(desk.account_id, desk.role, scopes=frozenset({Permission.CIRCULATE}))
    for who in (reader, lender):
        with pytest.raises(Forbidden), begin_reading(library, who) as uow:
            could_set_off(uow, reader.account_id or 0)
        with pytest.raises(Forbidden):
            _set_off(library, who, reader)
    _set_off(library, desk, reader)
    with pytest.raises(Forbidden):
        undone(library, lender, _act(library, desk, SET_OFF))
    assert rows(library, BALANCES) == [(-100,), (0,)]
