"""Looking people up: lists for staff, one record in full, one's own profile, counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork
from lib.accounts.fields import readable
from lib.accounts.member_search import condition
from lib.accounts.models import Account, AccountStatus, MembershipType
from lib.audit.models import AuditRow
from lib.audit.trail import record
from lib.kit.errors import NotFound
from lib.kit.paging import Page, clamp
from lib.kit.text import fold

LOOK_ONCE_IN = timedelta(minutes=10)  # a screen that is drawn again is one look, not ten
_ROW = (
    Account.id, Account.name, Account.card_number, Account.email, Account.role, Account.status, MembershipType.name,
    Account.membership_ends_on, Account.registered_at, Account.version,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One line of a list of people."""

    account_id: int
    name: str
    card_number: str | None
    email: str | None
    role: Role
    status: AccountStatus
    membership_type: str | None
    membership_ends_on: date | None
    registered_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class MemberDetail:
    """Somebody's whole record, telephone number and address opened."""

    account_id: int
    name: str
    username: str | None
    email: str | None
    email_verified_at: datetime | None
    card_number: str | None
    role: Role
    status: AccountStatus
    status_reason: str | None
    suspended_until: date | None
    phone: str
    address: str
    membership_type_id: int | None
    membership_type: str | None
    membership_ends_on: date | None
    language: str
    keep_history: bool
    preferences: Mapping[str, Any]
    note: str
    has_password: bool
    registered_at: datetime
    decided_at: datetime | None
    decided_by: int | None
    last_seen_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class AccountCounts:
    """How many people there are, by role (accounts that may sign in) and by standing (all)."""

    roles: Mapping[Role, int]
    standings: Mapping[AccountStatus, int]

    @property
    def waiting(self) -> int:
        """Registrations that wait for a yes or no."""
        return self.standings.get(AccountStatus.PENDING, 0)


def find_members(
    uow: UnitOfWork, text: str = "", *, role: Role | None = None, status: AccountStatus | None = None, page: int = 1,
    size: int = 25,
) -> Page[MemberRow]:  # fmt: skip
    """People by name (any order of words, beginnings, small typos), card number, e-mail address or telephone
    number; those of the exact name first, then by name."""
    uow.require(Permission.READ_MEMBERS)
    meant, _ = condition(uow, text)
    wanted = [meant, Account.role != Role.TERMINAL]
    if role is not None:
        wanted.append(Account.role == role)
    if status is not None:
        wanted.append(Account.status == status)
    order: tuple[Any, ...] = (Account.sort_name, Account.id)
    if typed := readable(text):
        order = ((Account.sort_name == fold(typed)).desc(), *order)
    return _page(uow, wanted, order, page, size)


def registrations(uow: UnitOfWork, page: int = 1, size: int = 25) -> Page[MemberRow]:
    """Registrations that wait for approval, the longest waiting first."""
    uow.require(Permission.APPROVE_MEMBERS)
    waiting = Account.status == AccountStatus.PENDING
    return _page(uow, [waiting], (Account.registered_at, Account.id), page, size)


def _page(
    uow: UnitOfWork, wanted: list[ColumnElement[bool]], order: tuple[Any, ...], page: int, size: int
) -> Page[MemberRow]:
    number, size = clamp(page, size)
    total = uow.connection.scalar(select(func.count()).select_from(Account).where(*wanted)) or 0
    rows = uow.connection.execute(
        select(*_ROW)
        .outerjoin(MembershipType, MembershipType.id == Account.membership_type_id)
        .where(*wanted)
        .order_by(*order)
        .limit(size)
        .offset((number - 1) * size)
    )
    return Page(tuple(_member_row(row) for row in rows), total, number, size)


def _member_row(row: Any) -> MemberRow:
    values = list(row)
    values[4] = Role(values[4])
    return MemberRow(*values)


def member(uow: UnitOfWork, account_id: int) -> MemberDetail:
    """Somebody's record. The look is noted in the audit trail, also from `begin_reading`, once in ten minutes.

    Raises:
        NotFound.
    """
    uow.require(Permission.READ_MEMBERS)
    found = _detail(uow, account_id)
    if account_id != uow.actor.account_id and not _looked_lately(uow, account_id):
        uow.afterwards.append(lambda later: record(later, "account.read", "account", account_id))
    return found


def _looked_lately(uow: UnitOfWork, account_id: int) -> bool:
    look = exists().where(
        AuditRow.subject_kind == "account", AuditRow.subject_id == account_id, AuditRow.action == "account.read",
        AuditRow.actor_id == uow.actor.account_id, AuditRow.at > uow.now - LOOK_ONCE_IN,
    )  # fmt: skip
    return bool(uow.connection.scalar(select(look)))


def profile(uow: UnitOfWork) -> MemberDetail:
    """One's own record, without what staff noted."""
    uow.require(Permission.USE_ACCOUNT)
    return _detail(uow, uow.actor.account_id or 0, own=True)


def _detail(uow: UnitOfWork, account_id: int, *, own: bool = False) -> MemberDetail:
    kept = Account
    row = uow.connection.execute(
        select(
            kept.id, kept.name, kept.username, kept.email, kept.email_verified_at, kept.card_number, kept.role,
            kept.status, kept.status_reason, kept.suspended_until, kept.phone_sealed, kept.address_sealed,
            kept.membership_type_id, MembershipType.name, kept.membership_ends_on, kept.language, kept.keep_history,
            kept.preferences, kept.note, kept.password_hash.is_not(None), kept.registered_at, kept.decided_at,
            kept.decided_by, kept.last_seen_at, kept.version,
        )
        .outerjoin(MembershipType, MembershipType.id == kept.membership_type_id)
        .where(kept.id == account_id)
    ).first()  # fmt: skip
    if row is None:
        raise NotFound("member")
    values: list[Any] = list(row)
    values[6] = Role(values[6])
    values[10:12] = [uow.installation.keys.open(sealed) or "" for sealed in values[10:12]]
    values[18] = "" if own else values[18]
    return MemberDetail(*values)


def account_counts(uow: UnitOfWork) -> AccountCounts:
    """How many people there are, by role and by standing."""
    uow.require(Permission.READ_MEMBERS)
    rows = uow.connection.execute(
        select(Account.role, Account.status, func.count()).group_by(Account.role, Account.status)
    )
    roles: dict[Role, int] = {}
    standings: dict[AccountStatus, int] = {}
    for role, status, count in rows:
        standings[status] = standings.get(status, 0) + count
        if status in (AccountStatus.ACTIVE, AccountStatus.SUSPENDED):
            roles[Role(role)] = roles.get(Role(role), 0) + count
    return AccountCounts(roles, standings)


def names_of(uow: UnitOfWork, ids: Iterable[int]) -> dict[int, str]:
    """The names of at most 1,000 accounts, for lists that hold their ids (audit trail, last acts)."""
    uow.require(Permission.READ_MEMBERS)
    wanted = sorted(set(ids))[:1000]
    rows = uow.connection.execute(select(Account.id, Account.name).where(Account.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}
