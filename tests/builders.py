"""Short builders of members, titles, copies and loans: straight rows, for tests that start in the middle."""

from datetime import date, timedelta
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import insert, select

from lib.access.actor import Actor
from lib.access.installation import Installation
from lib.access.permissions import Role
from lib.access.work import UnitOfWork, begin_work
from lib.accounts.models import Account, AccountStatus, MembershipType
from lib.accounts.passwords import hash_password
from lib.billing.models import Charge, LedgerEntry
from lib.catalogue.models import Copy, ItemKind, Location, Title
from lib.circulation.models import Channel, Loan
from lib.kit.text import fold

_number = count(1)


@cache
def hash_of(password: str) -> str:
    """A password as it is kept. Hashing takes long on purpose, and once is enough for all who have the same one."""
    return hash_password(password)


def a_member(library: Installation, *, type_code: str = "public", **given: Any) -> Actor:
    """An account (active member unless told otherwise) and the actor it is."""
    n = next(_number)
    with begin_work(library, Actor(None, Role.SYSTEM)) as uow:
        type_id = uow.connection.scalar(select(MembershipType.id).where(MembershipType.code == type_code))
        values: dict[str, Any] = {
            "username": f"reader{n}", "username_key": f"reader{n}", "email": f"reader{n}@example.org",
            "email_key": f"reader{n}@example.org", "name": f"Reader {n}", "sort_name": f"reader {n}",
            "card_number": f"29{n:011d}", "role": Role.MEMBER, "status": AccountStatus.ACTIVE, "language": "en",
            "membership_type_id": type_id, "registered_at": uow.now, "keep_history": True, "preferences": {},
            "note": "", "version": 1,
        } | given  # fmt: skip
        found = uow.connection.execute(insert(Account).values(**values).returning(Account.id)).scalar_one()
    return Actor(found, Role(values["role"]), values["name"])


def a_librarian(library: Installation, **given: Any) -> Actor:
    return a_member(library, role=Role.LIBRARIAN, **given)


def an_admin(library: Installation, **given: Any) -> Actor:
    return a_member(library, role=Role.ADMIN, **given)


def a_title(library: Installation, title: str = "", *, kind: str = "book", **given: Any) -> int:
    """A title without authors; returns its id."""
    name = title or f"Title {next(_number)}"
    with begin_work(library, Actor(None, Role.SYSTEM)) as uow:
        kind_id = uow.connection.scalar(select(ItemKind.id).where(ItemKind.code == kind))
        values: dict[str, Any] = {
            "kind_id": kind_id, "title": name, "sort_title": fold(name), "match_key": fold(name),
            "added_at": uow.now, "changed_at": uow.now,
        } | given  # fmt: skip
        return uow.connection.execute(insert(Title).values(**values).returning(Title.id)).scalar_one()


def a_copy(library: Installation, title_id: int | None = None, **given: Any) -> str:
    """An available copy; returns its barcode."""
    of = title_id or a_title(library)
    with begin_work(library, Actor(None, Role.SYSTEM)) as uow:
        place = uow.connection.scalar(select(Location.id).where(Location.code == "MAIN"))
        values: dict[str, Any] = {
            "title_id": of, "barcode": f"31{next(_number):011d}", "location_id": place, "added_at": uow.now,
            "withdrawn_at": uow.now if given.get("status") == "withdrawn" else None,
        } | given  # fmt: skip
        uow.connection.execute(insert(Copy).values(**values))
    return str(values["barcode"])


def a_loan(library: Installation, member: Actor, barcode: str | None = None, *, days_ago: int = 0, **given: Any) -> int:
    """An open loan of 21 days made `days_ago`; returns its id. Keeps the copy's status in step."""
    code = barcode or a_copy(library)
    with begin_work(library, Actor(None, Role.SYSTEM)) as uow:
        copy_id, title_id = uow.connection.execute(select(Copy.id, Copy.title_id).where(Copy.barcode == code)).one()
        issued = uow.now - timedelta(days=days_ago)
        day: date = issued.date()
        values: dict[str, Any] = {
            "copy_id": copy_id, "title_id": title_id, "account_id": member.account_id, "issued_at": issued,
            "issued_on": day, "due_on": day + timedelta(days=21), "channel": Channel.DESK, "loan_days": 21,
            "max_renewals": 2, "fine_per_day": 10, "grace_days": 1, "fine_cap": 500,
        } | given  # fmt: skip
        loan = uow.connection.execute(insert(Loan).values(**values).returning(Loan.id)).scalar_one()
        if values.get("returned_at") is None:
            uow.connection.execute(Copy.__table__.update().where(Copy.id == copy_id).values(status="on_loan"))
        if fine := values.get("fine_settled"):
            a_charge(uow, member, fine, loan_id=loan, copy_id=copy_id)
    return int(loan)


def a_charge(uow: UnitOfWork, member: Actor, amount: int, *, kind: str = "fine", **given: Any) -> int:
    """A fixed charge with its one entry, as the ledger keeps it; returns its id."""
    values = {
        "account_id": member.account_id, "kind": kind, "state": "final", "what": "Fine for a late return",
        "balance_minor": amount, "made_at": uow.now,
    } | given  # fmt: skip
    charge = uow.connection.execute(insert(Charge).values(**values).returning(Charge.id)).scalar_one()
    entry = {"kind": "charge", "amount_minor": amount, "currency": uow.library.currency}
    uow.connection.execute(
        insert(LedgerEntry).values(
            charge_id=charge, account_id=member.account_id, at=uow.now, on_date=uow.today, reason="", **entry
        )
    )
    return int(charge)
