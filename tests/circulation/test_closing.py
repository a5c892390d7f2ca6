"""Closing an account: every reason against it, what ends with it at once, and that nothing of the person is left."""

import json

import pytest
from sqlalchemy import text

from lib.access.actor import GUEST, SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission
from lib.access.work import begin_reading, begin_work
from lib.accounts.api_keys import actor_of_key, create_key
from lib.accounts.errors import MoveRefused, NotOnOneself
from lib.accounts.people import index_people
from lib.billing.ledger import adjust
from lib.billing.models import ChargeKind
from lib.circulation.closing import ClosingReceipt, close_account, consider_closing, disable_account
from lib.circulation.errors import CannotClose
from lib.circulation.exceptions import add_exception
from lib.circulation.hold_jobs import expire_holds
from lib.circulation.money import charge_member
from lib.kit.errors import Forbidden, Invalid, NotFound, NotSignedIn
from lib.ops.tables import METADATA
from tests.builders import a_charge, a_copy, a_librarian, a_loan, a_member, a_title, an_admin
from tests.circulation.hold_steps import a_lent_title, came_back, forward, hold, sound, states
from tests.circulation.steps import hand_in, issue, paid, rows

NAME = "Zoë O'Neil-Ünal"
PERSONAL = ("Zo", "Neil", "Ünal", "dcnal", "zoe@example.org", "+49 30 1234", "2999999999999", "192.0.2.55")


def close(library: Installation, who: Actor, member: Actor | None = None, reason: str = "") -> ClosingReceipt:
    with begin_work(library, who) as uow:
        return close_account(uow, member.account_id if member else None, reason=reason)


def against(library: Installation, who: Actor, member: Actor | None = None) -> dict[str, str | None]:
    with begin_reading(library, who) as uow:
        found = consider_closing(uow, member.account_id if member else None)
    assert found.may is not bool(found.reasons)
    assert all(reason.text and reason.way_out for reason in found.reasons if reason.code != "already-closed")
    return {reason.code: reason.way_out_action for reason in found.reasons}


def a_whole_person(library: Installation) -> Actor:
    """Somebody of whom everything is known that the library can know."""
    reader = a_member(
        library, name=NAME, username="zoe", username_key="zoe", email="zoe@example.org", email_key="zoe@example.org",
        phone_sealed=library.keys.seal("+49 30 1234"), address_sealed=library.keys.seal("4 Lighthouse Lane"),
        phone_hash=library.keys.fingerprint("4930"), card_number="2999999999999", note="Zoe likes maps",
        preferences={"x": "Zoe"}, pin_hash="x", password_hash="x", source="old", source_id="Zoe-1",
    )  # fmt: skip
    with begin_work(library, SYSTEM) as uow:
        index_people(uow, {reader.account_id or 0: NAME})
    return reader


def dump(library: Installation) -> str:
    """Every cell of every table but the audit trail, whose rows are never changed and hold no personal data."""
    with library.engine.connect().execution_options(read_only=True) as connection:
        tables = set(METADATA.tables) - {"audit"}
        found = {name: connection.execute(text(f'SELECT * FROM "{name}"')).fetchall() for name in sorted(tables)}
    return json.dumps({name: [list(map(str, row)) for row in held] for name, held in found.items()}, ensure_ascii=False)


def test_open_loans_and_money_on_either_side_stand_against_it_all_at_once(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    barcode = a_copy(library, a_title(library, "Dune"))
    a_loan(library, reader, barcode, days_ago=40)
    with begin_work(library, desk) as uow:
        charge_member(uow, member_id=reader.account_id or 0, kind=ChargeKind.OTHER, amount_minor=240, what="Card")
        credit = a_charge(uow, reader, 300)
        adjust(uow, credit, -500, reason="found")
    assert against(library, reader) == {"has-loans": "return", "owes-money": "pay", "has-credit": "refund"}
    with pytest.raises(CannotClose, match="One loan is open") as refused:
        close(library, desk, reader, "Moves away")
    assert [reason.code for reason in refused.value.reasons] == ["has-loans", "owes-money", "has-credit"]
    assert refused.value.reasons[0].facts["titles"] == ["Dune"]
    assert rows(library, f"SELECT status FROM account WHERE id = {reader.account_id}") == [("active",)]


def test_what_the_library_owes_pays_what_is_owed_before_anybody_is_refused(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    with begin_work(library, desk) as uow:
        credit = a_charge(uow, reader, 300)
    paid(library, desk, reader, 300)
    with begin_work(library, SYSTEM) as uow:
        adjust(uow, credit, -300, reason="found")
    with begin_work(library, desk) as uow:
        charge_member(uow, member_id=reader.account_id or 0, kind=ChargeKind.OTHER, amount_minor=240, what="Card")
    with begin_reading(library, reader) as uow:
        (reason,) = consider_closing(uow).reasons
    assert (reason.code, reason.facts["credit_minor"]) == ("has-credit", 60)
    with begin_work(library, desk) as uow:
        charge_member(uow, member_id=reader.account_id or 0, kind=ChargeKind.OTHER, amount_minor=60, what="Bag")
    assert against(library, reader) == {}
    close(library, reader)
    assert rows(library, "SELECT sum(balance_minor), min(balance_minor) FROM charge") == [(0, 0)]
    sound(library)


def test_a_way_out_that_was_taken_stands_against_it_no_more(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    barcode = a_copy(library)
    issue(library, desk, barcode, reader)
    assert against(library, desk, reader) == {"has-loans": "return"}
    hand_in(library, desk, barcode)
    with begin_work(library, desk) as uow:
        charge_member(uow, member_id=reader.account_id or 0, kind=ChargeKind.OTHER, amount_minor=240, what="Card")
    assert against(library, desk, reader) == {"owes-money": "pay"}
    paid(library, desk, reader, 240)
    assert against(library, desk, reader) == {}
    close(library, desk, reader, "Moves away")
    assert against(library, desk, reader) == {"already-closed": None}
    with pytest.raises(CannotClose, match="closed already"):
        close(library, desk, reader, "Moves away")
    sound(library)


def test_its_holds_end_and_the_copies_go_to_the_next_in_the_same_step(library: Installation) -> None:
    desk, reader, next_one = a_whole_desk(library)
    ready, (barcode,) = a_lent_title(library, "Dune")
    waited, _ = a_lent_title(library, "Emma")
    for who, title in ((reader, ready), (next_one, ready), (reader, waited), (next_one, waited)):
        hold(library, who, title)
    came_back(library, barcode)
    assert states(library) == ["ready", "waiting", "waiting", "waiting"]
    assert close(library, reader).holds == 2
    assert states(library) == ["cancelled", "ready", "cancelled", "waiting"]
    assert rows(library, "SELECT title_id, position FROM hold WHERE state = 'waiting'") == [(waited, 1)]
    told = rows(library, "SELECT account_id FROM notice WHERE kind = 'hold-ready'")
    assert told == [(next_one.account_id,)]
    assert desk.account_id
    sound(library)


def a_whole_desk(library: Installation) -> tuple[Actor, Actor, Actor]:
    return a_librarian(library), a_member(library, email="a@example.org"), a_member(library, email="b@example.org")


@pytest.mark.parametrize("own", [True, False])
def test_nothing_of_the_person_is_left_but_a_number_in_the_ledger(library: Installation, own: bool) -> None:
    desk, reader = a_librarian(library, name="Desk"), a_whole_person(library)
    other = a_member(library, name="Bo Lind")
    title, (lent,) = a_lent_title(library, "Dune")
    held = hold(library, reader, title)
    came_back(library, lent)
    barcode = a_copy(library, a_title(library, "Emma"))
    issue(library, desk, barcode, reader, key="issue-zoe")
    hand_in(library, desk, barcode, key="return-zoe")
    with begin_work(library, desk) as uow:
        charge_member(uow, member_id=reader.account_id or 0, kind=ChargeKind.OTHER, amount_minor=240, what="Card")
        add_exception(
            uow, account_id=reader.account_id or 0, name="max_loans", amount=9, until=uow.today, reason="Zoe asked"
        )
    paid(library, desk, reader, 240)
    with begin_work(library, reader) as uow:
        _, secret = create_key(uow, "Zoe's key", [Permission.SEARCH])
    assert actor_of_key(library, secret) is not None
    assert "Zo" in dump(library)
    forward(library, days=2)
    receipt = close(library, reader) if own else close(library, desk, reader, "Zoë moves away")
    assert (receipt.holds, receipt.loans) == (1, 1)
    left = dump(library)
    assert [word for word in PERSONAL if word in left] == []
    assert actor_of_key(library, secret) is None
    me = reader.account_id
    assert rows(library, f"SELECT name, status FROM account WHERE id = {me}") == [("Closed account", "closed")]
    assert rows(library, f"SELECT count(*) FROM loan WHERE account_id = {me}") == [(0,)]
    assert rows(library, f"SELECT count(*) FROM hold WHERE account_id = {me} OR id = {held.hold_id} AND state <> "
                         "'cancelled'") == [(0,)]  # fmt: skip
    assert rows(library, f"SELECT sum(balance_minor), count(*) FROM charge WHERE account_id = {me}") == [(0, 1)]
    assert rows(library, f"SELECT count(*) FROM payment WHERE account_id = {me}") == [(1,)]
    trail = str(rows(library, "SELECT facts FROM audit WHERE action = 'account.close'"))
    assert not [word for word in PERSONAL if word in trail]
    assert other.account_id
    sound(library)


def test_what_was_settled_today_is_forgotten_by_the_night_after_it(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    barcode = a_copy(library)
    a_loan(library, reader, barcode, days_ago=40)
    fine = hand_in(library, desk, barcode).fine_minor
    paid(library, desk, reader, fine)
    assert close(library, reader).loans == 0
    assert rows(library, "SELECT keep_history FROM account WHERE status = 'closed'")[0][0] in (0, False)
    sound(library)


def test_who_may_close_what(library: Installation) -> None:
    desk, admin, reader, other = a_librarian(library), an_admin(library), a_member(library), a_member(library)
    with pytest.raises(Forbidden):
        close(library, other, reader, "A joke")
    with pytest.raises(NotSignedIn):
        close(library, GUEST, reader, "A joke")
    with pytest.raises(Forbidden):
        close(library, desk, admin, "A joke")
    with pytest.raises(NotFound):
        close(library, desk, Actor(10**9, reader.role), "Nobody")
    with pytest.raises(Invalid):
        close(library, desk, reader, " ")
    for staff, by in ((desk, desk), (desk, admin), (admin, admin)):
        with pytest.raises(CannotClose, match="works here"):
            close(library, by, staff, "Moves away")
    assert rows(library, "SELECT DISTINCT status FROM account") == [("active",)]


def test_disabling_ends_the_holds_at_once_and_not_only_by_night(library: Installation) -> None:
    desk, reader, next_one = a_whole_desk(library)
    title, (barcode,) = a_lent_title(library, "Dune")
    for who in (reader, next_one):
        hold(library, who, title)
    came_back(library, barcode)
    with begin_work(library, desk) as uow:
        assert disable_account(uow, reader.account_id or 0, "Stolen card") == 1
    assert states(library) == ["cancelled", "ready"]
    with begin_work(library, SYSTEM) as uow:
        assert expire_holds(uow) == 0
    with pytest.raises(MoveRefused), begin_work(library, desk) as uow:
        disable_account(uow, reader.account_id or 0, "Twice")
    with pytest.raises(NotOnOneself), begin_work(library, an_admin(library)) as uow:
        disable_account(uow, uow.actor.account_id or 0, "Myself")
    sound(library)


def test_a_refused_disabling_ends_no_hold(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    title, _ = a_lent_title(library, "Dune")
    hold(library, reader, title)
    with pytest.raises(Invalid), begin_work(library, desk) as uow:
        disable_account(uow, reader.account_id or 0, "")
    assert states(library) == ["waiting"]
