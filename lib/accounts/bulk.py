"""Many people at once, for imports: who is known already is found by source id, e-mail and name, or card and name.

Give batches of 500 to 2,000. Somebody whose card number, user name or address belongs to another account is refused
with the reason; the others go in.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork
from lib.accounts.cards import PREFIX, check_digit
from lib.accounts.fields import email_key_of
from lib.accounts.models import Account
from lib.accounts.people import Person, index_people, known_as, named, reachable
from lib.accounts.policy import STAFF
from lib.kit.bulk import fetch_in, reserve_ids, run_many
from lib.kit.text import fold

# What somebody signs in with, or gets a new password by: of staff, an admin's business.
_WAYS_IN = frozenset({"email", "email_key", "username", "username_key", "card_number"})
_KNOWN = (
    "SELECT id, source, source_id, name, email_key, username_key, card_number, phone_sealed, address_sealed,"
    " membership_type_id, membership_ends_on, note, role FROM account WHERE "
)


@dataclass(frozen=True, slots=True)
class PersonPut:
    """What became of somebody: "added", "merged" (empty fields were filled), "unchanged" or "refused"."""

    outcome: str
    account_id: int | None = None
    field: str = ""
    reason: str = ""


class _Met:
    """The accounts that a batch could be meant by, and what it has added to them so far."""

    def __init__(self, uow: UnitOfWork, people: Sequence[Person]) -> None:
        rows = list(fetch_in(uow.connection, _KNOWN + "card_number IN (:values)", _each(people, "card_number")))
        keys = [email_key_of(person.email) for person in people if person.email]
        rows += fetch_in(uow.connection, _KNOWN + "email_key IN (:values)", keys)
        keys = [fold(person.username) for person in people if person.username]
        rows += fetch_in(uow.connection, _KNOWN + "username_key IN (:values)", keys)
        for source in {person.source for person in people if person.source}:
            ids = [p.source_id for p in people if p.source == source and p.source_id]
            rows += fetch_in(uow.connection, _KNOWN + "source = ? AND source_id IN (:values)", ids, source)
        self.by: dict[tuple[str, Any], Any] = {}
        for row in rows:
            self.note(tuple(row))

    def note(self, row: tuple[Any, ...]) -> None:
        for kind, value in (("id", row[1:3]), ("email", row[4]), ("username", row[5]), ("card", row[6])):
            if value and value != (None, None):
                self.by[kind, value] = row

    def meet(self, person: Person) -> tuple[Any, str]:
        """The account this is, or (None, field that belongs to somebody else)."""
        own = self.by.get(("id", (person.source, person.source_id))) if person.source_id else None
        claims = (
            ("email", email_key_of(person.email)), ("card_number", person.card_number),
            ("username", fold(person.username)),
        )  # fmt: skip
        for field, value in claims:
            other = self.by.get((field.partition("_")[0], value)) if value else None
            if other is None or (own and other[0] == own[0]):
                continue
            if own or fold(other[3]) != fold(person.name) or (other[1], other[2]) == (person.source, None):
                return None, field
            if other[1] == person.source and other[2] != person.source_id:
                return None, field
            own = other
        return own, ""


def _each(people: Sequence[Person], name: str) -> list[Any]:
    return [value for person in people if (value := getattr(person, name))]


def put_people(uow: UnitOfWork, people: Sequence[Person], *, sort_names: Sequence[str] = ()) -> list[PersonPut]:
    """Enters members, or fills the empty fields of those who are here; one result each, in order.

    Who has no card number gets one. Nobody gets a password: whoever has an e-mail address asks for one by mail.
    """
    uow.require(Permission.IMPORT)
    met = _Met(uow, people)
    ids = iter(reserve_ids(uow.connection, "account", len(people)))
    results: list[PersonPut] = []
    fresh: list[dict[str, Any]] = []
    for at, person in enumerate(people):
        known, taken = met.meet(person)
        if taken:
            words = {"email": "e-mail address", "card_number": "card number", "username": "user name"}[taken]
            results.append(PersonPut("refused", None, taken, f"This {words} belongs to another member."))
        elif known is not None:
            results.append(_fill(uow, person, known))
        else:
            number = next(ids)
            values = _values(uow, number, person, sort_names[at] if sort_names else "", met)
            fresh.append(values)
            met.note(_as_row(values))
            results.append(PersonPut("added", number))
    if fresh:
        uow.connection.execute(insert(Account), fresh)
        index_people(uow, {values["id"]: values["name"] for values in fresh})
    return results


def _as_row(values: dict[str, Any]) -> tuple[Any, ...]:
    names = (
        "id", "source", "source_id", "name", "email_key", "username_key", "card_number", "phone_sealed",
        "address_sealed", "membership_type_id", "membership_ends_on", "note", "role",
    )  # fmt: skip
    return tuple(values[name] for name in names)


def _values(uow: UnitOfWork, number: int, person: Person, sort_name: str, met: _Met) -> dict[str, Any]:
    values = {
        "id": number, "role": person.role, "status": person.status, "password_hash": person.password_hash,
        "password_changed_at": uow.now if person.password_hash else None,
        "card_number": person.card_number or _free_card(uow, met), "membership_type_id": person.membership_type_id,
        "membership_ends_on": person.membership_ends_on, "language": person.language, "note": person.note,
        "source": person.source if person.source_id else None, "source_id": person.source_id,
        "email_verified_at": uow.now if person.email_verified else None, "preferences": person.preferences,
        "consented_at": uow.now if person.consented else None, "registered_at": person.registered_at or uow.now,
        "keep_history": True, "version": 1,
        **named(person.name), **reachable(uow, person.phone, person.address),
        **known_as(person.username, person.email),
    }  # fmt: skip
    return values | ({"sort_name": fold(sort_name)} if sort_name else {})


def _free_card(uow: UnitOfWork, met: _Met) -> str:
    while True:
        body = f"{PREFIX}{secrets.randbelow(10**10):010d}"
        number = body + check_digit(body)
        if ("card", number) not in met.by and not fetch_in(
            uow.connection, "SELECT id FROM account WHERE card_number IN (:values)", [number]
        ):
            return number


def _fill(uow: UnitOfWork, person: Person, known: Any) -> PersonPut:
    account_id, source, _, _, email, username, card, phone, address, type_id, ends_on, note, role = known
    fills: dict[str, Any] = {}
    if person.source_id and source is None:
        fills |= {"source": person.source, "source_id": person.source_id}
    own, at = known_as(person.username, person.email), reachable(uow, person.phone, person.address)
    fills |= {name: own[name] for name in ("email", "email_key") if not email and own["email"]}
    fills |= {name: own[name] for name in ("username", "username_key") if not username and own["username"]}
    fills |= {name: at[name] for name in ("phone_sealed", "phone_hash") if not phone and at["phone_sealed"]}
    fills |= {"address_sealed": at["address_sealed"]} if not address and at["address_sealed"] else {}
    offered = (
        ("card_number", card, person.card_number), ("membership_type_id", type_id, person.membership_type_id),
        ("membership_ends_on", ends_on, person.membership_ends_on), ("note", note, person.note),
    )  # fmt: skip
    fills |= {name: new for name, old, new in offered if not old and new}
    if Role(role) in STAFF and uow.actor.account_id is not None and not uow.actor.may(Permission.MANAGE_STAFF):
        fills = {name: value for name, value in fills.items() if name not in _WAYS_IN}
    if not fills:
        return PersonPut("unchanged", account_id)
    marks = ", ".join(f"{name} = ?" for name in fills)
    sql = f"UPDATE account SET {marks}, version = version + 1 WHERE id = ?"
    run_many(uow.connection, sql, [(*fills.values(), account_id)])
    return PersonPut("merged", account_id)
