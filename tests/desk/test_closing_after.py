"""What was done before an account was closed is not taken back after it: nobody would have the book or owe money."""

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.billing.errors import NotReversible
from lib.billing.models import ChargeKind
from lib.circulation.closing import close_account
from lib.circulation.errors import UndoOvertaken
from lib.circulation.money import charge_member, take_back_receipt, waive_charge
from lib.desk.undo import desk_acts
from lib.kit.errors import NotFound
from tests.builders import a_copy
from tests.circulation.hold_steps import a_lent_title, cancelled, hold
from tests.circulation.steps import hand_in, issue, paid, rows, undone
from tests.desk.offline_steps import sound


def _closed(library: Installation, desk: Actor, reader: Actor) -> None:
    with begin_work(library, desk) as uow:
        close_account(uow, reader.account_id, reason="Moved away")


def _charged(library: Installation, desk: Actor, reader: Actor) -> int:
    with begin_work(library, desk) as uow:
        return charge_member(
            uow, member_id=reader.account_id or 0, kind=ChargeKind.OTHER, amount_minor=500, what="A lost key"
        )


def _nothing_can_be_undone(library: Installation, desk: Actor) -> None:
    """Not one of the acts: neither said nor done."""
    with begin_reading(library, desk) as uow:
        acts = [act for act in desk_acts(uow) if act.member_id]
    assert [act.can_undo for act in acts] == [False] * len(acts)
    for (act_id,) in rows(library, "SELECT id FROM desk_act WHERE undone_at IS NULL AND kind <> 'issue'"):
        with pytest.raises(UndoOvertaken):
            undone(library, desk, act_id)
    sound(library)


def test_a_payment_stays_where_it_is(library: Installation, desk: Actor, reader: Actor) -> None:
    _charged(library, desk, reader)
    receipt = paid(library, desk, reader, 500)
    _closed(library, desk, reader)
    _nothing_can_be_undone(library, desk)
    with begin_work(library, desk) as uow, pytest.raises(NotReversible, match="account is closed"):
        take_back_receipt(uow, payment_id=receipt.payment_id, reason="Wrong reader")
    assert rows(library, "SELECT balance_minor FROM charge") == [(0,)]


def test_what_was_forgiven_stays_forgiven(library: Installation, desk: Actor, reader: Actor) -> None:
    charge = _charged(library, desk, reader)
    with begin_work(library, desk) as uow:
        waive_charge(uow, charge_id=charge, amount_minor=None, reason="Was ill")
    _closed(library, desk, reader)
    _nothing_can_be_undone(library, desk)
    assert rows(library, "SELECT balance_minor FROM charge") == [(0,)]


def test_a_return_stays_a_return(library: Installation, desk: Actor, reader: Actor) -> None:
    barcode = a_copy(library)
    issue(library, desk, barcode, reader)
    hand_in(library, desk, barcode)
    _closed(library, desk, reader)
    _nothing_can_be_undone(library, desk)
    assert rows(library, "SELECT count(*) FROM loan WHERE returned_at IS NULL") == [(0,)]


def test_a_cancelled_reservation_stays_cancelled(library: Installation, desk: Actor, reader: Actor) -> None:
    title, _ = a_lent_title(library)
    cancelled(library, reader, hold(library, reader, title).hold_id)
    _closed(library, desk, reader)
    acts = rows(library, "SELECT max(id) FROM desk_act WHERE kind = 'cancel-hold'")
    with pytest.raises(UndoOvertaken):
        undone(library, desk, acts[0][0])
    assert rows(library, "SELECT state FROM hold") == [("cancelled",)]


def test_nothing_is_charged_to_a_closed_account(library: Installation, desk: Actor, reader: Actor) -> None:
    _closed(library, desk, reader)
    with pytest.raises(NotFound):
        _charged(library, desk, reader)
    assert rows(library, "SELECT count(*) FROM charge") == [(0,)]
