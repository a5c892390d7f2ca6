"""What a reader does at a kiosk: scan, touch, type a PIN."""

from itertools import count
from typing import Any

from sqlalchemy import update

from lib.access.actor import SYSTEM, Actor
from lib.access.installation import Installation
from lib.access.work import begin_work
from lib.accounts.models import Account
from lib.accounts.passwords import hash_password
from lib.ui.kiosk_state import Kiosk
from tests.builders import a_member
from tests.circulation.steps import rows

PIN = "4711"
PAGE = "public/kiosk.py"
_HASH = hash_password(PIN)
_numbers = count(1)


def a_reader(library: Installation, **given: Any) -> tuple[Actor, str]:
    actor = a_member(library, **given)
    with begin_work(library, SYSTEM) as uow:
        card = uow.connection.execute(
            update(Account).where(Account.id == actor.account_id).values(pin_hash=_HASH).returning(Account.card_number)
        ).scalar_one()
    return actor, str(card)


def act(screen: Kiosk, kind: str, code: str = "", secret: str = "", seq: str = "") -> str:
    """Does what a touch or a scan does; returns what the screen says."""
    screen.take({"kind": kind, "code": code, "secret": secret, "seq": seq or f"t-{next(_numbers)}"})
    return screen.answer.html if screen.answer else ""


def come(screen: Kiosk, card: str, pin: str = PIN) -> None:
    act(screen, "first", card)
    assert screen.step == "pin"
    act(screen, "come", card, pin)


def visits(library: Installation) -> list[tuple[Any, ...]]:
    return rows(library, "SELECT account_id FROM kiosk_visit")
