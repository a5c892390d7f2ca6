"""PINs: four to eight digits with which a member proves, at a machine in the library, whose card it is.

A PIN opens no screen and no API: it is asked for by terminals alone. It is hashed like a password, between
transactions, and guesses are counted per card in the database (limits.py).
"""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.accounts import limits
from lib.accounts.errors import CannotSignIn, WrongPin
from lib.accounts.fields import readable
from lib.accounts.models import Account, AccountStatus
from lib.accounts.passwords import check_password, hash_password, prove_own
from lib.accounts.policy import SIGN_IN_REFUSALS, sign_in_refusal
from lib.accounts.staff import require_over
from lib.audit.trail import record
from lib.kit.config import Mode
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid, NotFound

KIND = "pin"
_PIN = re.compile(r"[0-9]{4,8}")
_DIGITS = "01234567890"  # runs up; read backwards, down
_BY_CARD = Statement(
    "SELECT id, name, status, email_key, pin_hash, password_hash, role FROM account WHERE card_number = :card"
)
_BY_ID = Statement("SELECT role, card_number FROM account WHERE id = :id")
_HAS = Statement("SELECT pin_hash IS NOT NULL FROM account WHERE id = :id")


@dataclass(frozen=True, slots=True)
class ProvedMember:
    """Somebody whose card and PIN (or password) went together."""

    account_id: int
    name: str
    card_number: str


def pin_fault(pin: str, card_number: str | None = None) -> str | None:
    """What is wrong with a PIN somebody wants, or None: too short or long, or among the first a thief would try."""
    if not _PIN.fullmatch(pin):
        return "A PIN has four to eight digits."
    if len(set(pin)) == 1 or pin in _DIGITS or pin in _DIGITS[::-1]:
        return "That PIN is easily guessed. Choose digits that are neither all the same nor in a row."
    if card_number and pin in (card_number[-len(pin) :], card_number[: len(pin)]):
        return "That PIN stands on the card. Choose another one."
    return None


def require_good_pin(pin: str, card_number: str | None = None) -> None:
    """Lets a PIN through.

    Raises:
        Invalid: with what is wrong with it.
    """
    if fault := pin_fault(pin, card_number):
        raise Invalid(Fault("pin", fault))


def set_own_pin(installation: Installation, actor: Actor, *, password: str, pin: str) -> None:
    """Chooses a PIN of one's own; the password is asked for again.

    Raises:
        WrongPassword, TooManyAttempts; Invalid: the PIN. NotFound: one has no card.
    """
    with begin_reading(installation, actor) as uow:
        uow.require(Permission.USE_ACCOUNT)
        card_number = _card(uow, actor.account_id or 0)
    require_good_pin(pin, card_number)
    mine = prove_own(installation, actor, password)
    hashed = hash_password(pin)
    with begin_work(installation, actor) as uow:
        uow.require(Permission.USE_ACCOUNT)
        _store(uow, mine.account_id, hashed)


def set_pin_at_desk(installation: Installation, actor: Actor, account_id: int, pin: str) -> None:
    """Gives a member a PIN at the desk. Those of staff are an admin's business.

    Raises:
        NotFound: no such member, or no card. Forbidden, Invalid.
    """
    with begin_reading(installation, actor) as uow:
        uow.require(Permission.EDIT_MEMBERS)
        card_number = _card(uow, account_id)
    require_good_pin(pin, card_number)
    hashed = hash_password(pin)
    with begin_work(installation, actor) as uow:
        uow.require(Permission.EDIT_MEMBERS)
        _store(uow, account_id, hashed)


def clear_pin(uow: UnitOfWork, account_id: int) -> None:
    """Takes a PIN away: one's own, or a member's at the desk.

    Raises:
        NotFound, Forbidden.
    """
    uow.require(Permission.USE_ACCOUNT if account_id == uow.actor.account_id else Permission.EDIT_MEMBERS)
    _card(uow, account_id)
    _store(uow, account_id, None)


def has_pin(uow: UnitOfWork, account_id: int) -> bool:
    """Whether somebody has a PIN: one's own, or a member's for staff."""
    uow.require(Permission.USE_ACCOUNT if account_id == uow.actor.account_id else Permission.READ_MEMBERS)
    row = _HAS.row(uow.connection, id=account_id)
    return bool(row and row[0])


def is_locked(uow: UnitOfWork, account_id: int) -> bool:
    """Whether wrong PINs closed a member's card to the machines just now."""
    uow.require(Permission.READ_MEMBERS)
    return limits.is_closed(uow, KIND, limits.account_key(uow, account_id, ""))


def lift_pin_lock(uow: UnitOfWork, account_id: int) -> None:
    """Opens a member's card to the machines again that wrong PINs closed; where none did, nothing happens.

    Raises:
        NotFound: no such member, or no card. Forbidden: staff are an admin's business.
    """
    uow.require(Permission.EDIT_MEMBERS)
    _card(uow, account_id)
    if tries := limits.forgive(uow, KIND, limits.account_key(uow, account_id, "")):
        record(uow, "pin.unlock", "account", account_id, tries=tries)


def _card(uow: UnitOfWork, account_id: int) -> str:
    row = _BY_ID.row(uow.connection, id=account_id)
    if row is None or row[0] == Role.TERMINAL:
        raise NotFound("member")
    if account_id != uow.actor.account_id:
        require_over(uow, Role(row[0]))
    if row[1] is None:
        raise NotFound("library card")
    return str(row[1])


def _store(uow: UnitOfWork, account_id: int, hashed: str | None) -> None:
    uow.connection.execute(update(Account).where(Account.id == account_id).values(pin_hash=hashed))
    if hashed:  # whoever gives the new one knows who stands there: wrong tries with the old one do not count
        limits.forgive(uow, KIND, limits.account_key(uow, account_id, ""))
    record(uow, "pin.set" if hashed else "pin.clear", "account", account_id)


def prove_member(installation: Installation, terminal: Actor, *, card: str, secret: str) -> ProvedMember:
    """Checks a card with its PIN, or with the password of its owner, at a terminal.

    Each try is counted before it is looked at and stays counted when it was wrong: five in fifteen minutes a card.
    A card nobody has answers as a wrong PIN does, and takes as long.

    Raises:
        Forbidden: the actor is no terminal. TooManyAttempts, WrongPin.
        CannotSignIn: it was right, but the account is not one that may borrow.
    """
    typed = readable(card, 64).replace(" ", "")
    with begin_reading(installation, terminal) as uow:
        uow.require(Permission.SELF_CHECK)
        row = _BY_CARD.row(uow.connection, card=typed)
    with begin_work(installation, terminal) as uow:
        key = limits.account_key(uow, row[0] if row else None, f"card:{typed}")
        attempt = limits.take(uow, KIND, key, f"terminal:{terminal.account_id}")
    kept = _kept_for(row, secret)
    if not check_password(kept, secret) or row is None:
        raise WrongPin
    with begin_work(installation, terminal) as uow:
        limits.succeed(uow, attempt)
    production = installation.config.mode is Mode.PRODUCTION
    if reason := sign_in_refusal(AccountStatus(row[2]), row[3], production=production):
        raise CannotSignIn(reason=reason, text=SIGN_IN_REFUSALS[reason])
    return ProvedMember(row[0], row[1], typed)


def _kept_for(row: Any, secret: str) -> str | None:
    """The hash to check against: digits alone are a PIN (no password is that short), all else is a password."""
    if row is None or row[6] == Role.TERMINAL:
        return None
    found: str | None = row[4] if _PIN.fullmatch(secret) else row[5]
    return found
