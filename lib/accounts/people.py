"""Writing a person's row: keys folded, phone and address encrypted, the words of the name indexed.

No permission is asked here: registration, the desk, the import and the demo library do, each its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from lib.access.permissions import Role
from lib.access.work import UnitOfWork
from lib.accounts.fields import email_key_of, phone_digits
from lib.accounts.models import Account, AccountStatus, AccountWord
from lib.kit.database import broken_constraint
from lib.kit.errors import Fault, Invalid
from lib.kit.text import fold, index_words

SUBJECT = "people"
_TAKEN = {
    "username": "This user name is taken. Choose another one.",
    "email": "Another account uses this e-mail address.",
    "card_number": "Another account has this card number.",
    "source": "This person of that source is here already.",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be entered, checked already. `registered_at` None means now."""

    name: str
    email: str = ""
    username: str = ""
    phone: str = ""
    address: str = ""
    role: Role = Role.MEMBER
    status: AccountStatus = AccountStatus.ACTIVE
    password_hash: str | None = None
    card_number: str | None = None
    membership_type_id: int | None = None
    membership_ends_on: date | None = None
    language: str = "en"
    note: str = ""
    email_verified: bool = False
    consented: bool = False
    registered_at: datetime | None = None
    source: str | None = None
    source_id: str | None = None
    preferences: dict[str, Any] = field(default_factory=dict)


def insert_person(uow: UnitOfWork, person: Person) -> int:
    """Enters somebody; returns the account's id.

    Raises:
        Invalid: the user name, e-mail address, card number or source id is taken.
    """
    values = {
        "role": person.role, "status": person.status, "password_hash": person.password_hash,
        "password_changed_at": uow.now if person.password_hash else None, "card_number": person.card_number,
        "membership_type_id": person.membership_type_id, "membership_ends_on": person.membership_ends_on,
        "language": person.language, "note": person.note, "source": person.source, "source_id": person.source_id,
        "email_verified_at": uow.now if person.email_verified else None, "preferences": person.preferences,
        "consented_at": uow.now if person.consented else None, "registered_at": person.registered_at or uow.now,
        "keep_history": True, "version": 1,
        **named(person.name), **reachable(uow, person.phone, person.address),
        **known_as(person.username, person.email),
    }  # fmt: skip
    account_id = refusing_doubles(
        uow, lambda: uow.connection.execute(insert(Account).values(**values).returning(Account.id)).scalar_one()
    )
    index_people(uow, {account_id: person.name})
    return int(account_id)


def named(name: str) -> dict[str, Any]:
    """The columns of a name."""
    return {"name": name, "sort_name": fold(name)}


def known_as(username: str, email: str) -> dict[str, Any]:
    """The columns of a user name and an e-mail address, as typed and as compared."""
    return {
        "username": username or None, "username_key": fold(username) or None,
        "email": email or None, "email_key": email_key_of(email) or None,
    }  # fmt: skip


def reachable(uow: UnitOfWork, phone: str, address: str) -> dict[str, Any]:
    """The columns of a telephone number and an address: encrypted, the number with a keyed hash to find it by."""
    keys = uow.installation.keys
    return {
        "phone_sealed": keys.seal(phone) or None, "address_sealed": keys.seal(address) or None,
        "phone_hash": phone_mark(uow, phone) if phone else None,
    }  # fmt: skip


def phone_mark(uow: UnitOfWork, phone: str) -> str:
    """The keyed hash under which a telephone number is looked up."""
    return uow.installation.keys.fingerprint(f"phone:{phone_digits(phone)}")


def refusing_doubles(uow: UnitOfWork, act: Any) -> Any:
    """Runs a statement on the account table; what is taken comes back as a fault of its field.

    Raises:
        Invalid: naming the field; the transaction survives.
    """
    try:
        with uow.connection.begin_nested():
            return act()
    except IntegrityError as error:
        broken = broken_constraint(error)
        # PostgreSQL names the constraint, SQLite the column.
        name = broken.removeprefix("uq_account_").removeprefix("account.").partition(",")[0].removesuffix("_key")
        if name not in _TAKEN:
            raise
        raise Invalid(Fault(name, _TAKEN[name])) from error


def index_people(uow: UnitOfWork, names: dict[int, str]) -> None:
    """Writes the words under which people are found; the mark moves only when a word is new to the library."""
    wanted = {(word, account_id) for account_id, name in names.items() for word in name_words(name)}
    for part in _parts(sorted(names), 500):
        uow.connection.execute(delete(AccountWord).where(AccountWord.account_id.in_(part)))
    words = {word for word, _ in wanted}
    known: set[str] = set()
    for part in _parts(sorted(words), 500):
        known |= set(uow.connection.scalars(select(AccountWord.word).where(AccountWord.word.in_(part)).distinct()))
    if wanted:
        rows = [{"word": word, "account_id": account_id} for word, account_id in sorted(wanted)]
        uow.connection.execute(insert(AccountWord), rows)
    if words - known:
        uow.bump(SUBJECT)


def name_words(name: str) -> set[str]:
    """The words a name is found by, each cut to 60 letters."""
    return {word[:60] for word in index_words(name)}


def _parts(items: list[Any], size: int) -> Iterable[list[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))
