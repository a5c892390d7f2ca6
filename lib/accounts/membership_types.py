"""Membership types: what kinds of reader the library knows."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.errors import TypeInUse
from lib.accounts.fields import Faults, read_name
from lib.accounts.models import Account, MembershipType
from lib.audit.trail import record
from lib.kit.errors import Fault, Invalid, NotFound
from lib.kit.versions import POLICY

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
FIRST = "public"  # what somebody gets who registers from outside
LONGEST_MONTHS = 1200


@dataclass(frozen=True, slots=True)
class MembershipTypeRow:
    """A membership type; `months` None lasts for good; `retired` ones are given to nobody new."""

    id: int
    code: str
    name: str
    months: int | None
    retired: bool


def list_types(uow: UnitOfWork, *, retired: bool = False) -> tuple[MembershipTypeRow, ...]:
    """The types in use, by name, at most 200; with `retired`, those of old as well."""
    uow.require(Permission.SEARCH)  # the join page and the policy name them
    kept = MembershipType
    wanted = select(kept.id, kept.code, kept.name, kept.months, kept.retired_at.is_not(None))
    if not retired:
        wanted = wanted.where(kept.retired_at.is_(None))
    rows = uow.connection.execute(wanted.order_by(kept.name, kept.id).limit(200))
    return tuple(MembershipTypeRow(*row) for row in rows)


def save_type(
    uow: UnitOfWork, *, code: str, name: str, months: int | None, type_id: int | None = None, retired: bool = False
) -> int:
    """Adds a membership type, or changes the one with `type_id`; returns its id.

    Raises:
        Invalid: code, name or months are not as they should be, or the code is taken.
        NotFound; TypeInUse: it cannot be retired while members have it.
    """
    uow.require(Permission.MANAGE_POLICY)
    faults = Faults()
    label = faults.read(lambda: read_name(name), "")
    key = code.strip().lower()
    if not _CODE.fullmatch(key):
        faults.append(Fault("code", "Use up to 30 letters (a–z), digits and dashes."))
    if months is not None and not 1 <= months <= LONGEST_MONTHS:
        faults.append(Fault("months", "Give 1 to 1200 months, or none for good."))
    faults.raise_any()
    if retired and type_id is not None:
        _require_unused(uow, type_id)
    values: dict[str, Any] = {"code": key, "name": label, "months": months, "retired_at": uow.now if retired else None}
    try:
        with uow.connection.begin_nested():
            saved = _write(uow, type_id, values)
    except IntegrityError as error:
        raise Invalid(Fault("code", "Another membership type has this code.")) from error
    uow.bump(POLICY)
    record(uow, "membership-type.save", "membership-type", saved, code=key, months=months, retired=retired)
    return saved


def _write(uow: UnitOfWork, type_id: int | None, values: dict[str, Any]) -> int:
    if type_id is None:
        return uow.connection.execute(insert(MembershipType).values(**values).returning(MembershipType.id)).scalar_one()
    changed = uow.connection.execute(update(MembershipType).where(MembershipType.id == type_id).values(**values))
    if not changed.rowcount:
        raise NotFound("membership type")
    return type_id


def _require_unused(uow: UnitOfWork, type_id: int) -> None:
    count = uow.connection.scalar(select(func.count()).where(Account.membership_type_id == type_id)) or 0
    if count:
        raise TypeInUse(count=count)


def default_type(uow: UnitOfWork) -> int | None:
    """The type somebody gets who chose none: “public”, else the oldest in use."""
    kept = MembershipType
    order = select(kept.id).where(kept.retired_at.is_(None)).order_by((kept.code == FIRST).desc(), kept.id).limit(1)
    return uow.connection.scalar(order)


def require_type(uow: UnitOfWork, type_id: int | None) -> int | None:
    """A type that may be given to somebody.

    Raises:
        Invalid: there is no such type, or it is retired.
    """
    if type_id is None:
        return default_type(uow)
    kept = MembershipType
    if uow.connection.scalar(select(kept.id).where(kept.id == type_id, kept.retired_at.is_(None))) is None:
        raise Invalid(Fault("membership_type_id", "There is no such membership type (any more)."))
    return type_id
