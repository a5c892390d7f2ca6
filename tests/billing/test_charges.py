"""Charges made by hand."""

from typing import Any

import pytest

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import begin_work
from lib.billing.charges import add_charge
from lib.billing.models import ChargeKind
from lib.kit.errors import Forbidden, Invalid, NotFound
from tests.billing.steps import balance, rows, sound
from tests.builders import a_librarian, a_member


def charged(library: Installation, desk: Actor, reader: Actor, **given: Any) -> int:
    values: dict[str, Any] = {"kind": ChargeKind.DAMAGE, "amount_minor": 350, "what": "Coffee on the cover"} | given
    with begin_work(library, desk) as uow:
        return add_charge(uow, account_id=reader.account_id or 0, **values)


def test_damage_is_charged_at_once_and_stands_in_the_trail(library: Installation) -> None:
    desk, reader = a_librarian(library), a_member(library)
    charge = charged(library, desk, reader, key="k")
    assert charged(library, desk, reader, key="k") == charge
    assert balance(library, reader) == 350
    assert rows(library, "SELECT kind, state, what, made_by FROM charge") == [
        ("damage", "final", "Coffee on the cover", desk.account_id)
    ]
    assert rows(library, "SELECT action, subject_id FROM audit") == [("charge.add", charge)]
    sound(library)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"kind": ChargeKind.FINE}, "fines come from loans"),
    ({"kind": ChargeKind.REPLACEMENT}, "fines come from loans"),
    ({"amount_minor": 0}, "above nought"),
    ({"amount_minor": -1}, "above nought"),
    ({"amount_minor": 10**9 + 1}, r"At most €10,000,000\.00 is charged at once; this is €10,000,000\.01"),
    ({"what": " "}, "what it is for"),
    ({"what": "x" * 201}, "what it is for"),
    ({"what": "half a \ud800 pair"}, "cannot be stored"),
]


@pytest.mark.parametrize(("given", "words"), REFUSED)
def test_what_cannot_be_charged_by_hand(sqlite_library: Installation, given: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid, match=words):
        charged(sqlite_library, a_librarian(sqlite_library), a_member(sqlite_library), **given)
    assert rows(sqlite_library, "SELECT count(*) FROM charge") == [(0,)]


def test_as_much_is_charged_as_the_settings_let_a_lost_copy_cost(sqlite_library: Installation) -> None:
    reader = a_member(sqlite_library)
    charged(sqlite_library, a_librarian(sqlite_library), reader, amount_minor=10**9)
    assert balance(sqlite_library, reader) == 10**9


def test_nobody_and_machines_owe_nothing(sqlite_library: Installation) -> None:
    desk = a_librarian(sqlite_library)
    for nobody in (Actor(77, Role.MEMBER), a_member(sqlite_library, role=Role.TERMINAL)):
        with pytest.raises(NotFound, match="no such member"):
            charged(sqlite_library, desk, nobody)


def test_members_charge_nobody(sqlite_library: Installation) -> None:
    reader = a_member(sqlite_library)
    with pytest.raises(Forbidden):
        charged(sqlite_library, reader, reader)
