"""Suspending, disabling and reactivating accounts."""

from datetime import date
from typing import Any

from sqlalchemy import select, update

from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork
from lib.accounts import limits
from lib.accounts.api_keys import revoke_all
from lib.accounts.errors import MoveRefused, NotOnOneself, TooManyBlocks
from lib.accounts.fields import read_reason
from lib.accounts.links import void_links
from lib.accounts.models import Account, AccountStatus
from lib.accounts.policy import may_move
from lib.accounts.sessions import end_all
from lib.accounts.staff import lock_staff, require_another_admin, require_over, require_room
from lib.audit.trail import record
from lib.kit.database import Statement
from lib.kit.errors import Fault, Invalid, NotFound, TooManyAttempts
from lib.kit.wording import Wording
from lib.notices.outbox import queue

BLOCKED = "Blocked at "  # with which the reason of a machine's block begins
_BLOCKED_CARDS = Statement(
    "SELECT count(*) FROM (SELECT id FROM account WHERE status = 'suspended' AND suspended_until IS NULL"
    " AND status_reason LIKE :blocked LIMIT 1000) AS found"
)


def suspend(uow: UnitOfWork, account_id: int, reason: str, until: date | None = None) -> None:
    """Keeps somebody from borrowing, up to and including the day `until`, or until lifted; they may still sign in.

    Raises:
        NotFound, NotOnOneself, LastAdmin; Forbidden: staff are an admin's business.
        MoveRefused: the account is not active. Invalid: no reason, or the end has passed.
    """
    uow.require(Permission.EDIT_MEMBERS)
    why = read_reason(reason)
    if until is not None and until < uow.today:
        raise Invalid(Fault("until", "The last day of a suspension cannot lie in the past."))
    row = _change(uow, account_id, AccountStatus.SUSPENDED, status_reason=why, suspended_until=until)
    _tell(uow, account_id, row, why, until)
    record(uow, "account.suspend", "account", account_id, until=until)


def _tell(uow: UnitOfWork, account_id: int, row: Any, why: str, until: date | None) -> None:
    queue(
        uow, account_id=account_id, address=row.email or "", kind="suspended", subject_key="",
        period=uow.now.isoformat(), language=row.language,
        facts={"name": row.name, "reason": why, "period": _period(row.language, until, uow.words_in(row.language))},
    )  # fmt: skip


def block_card(uow: UnitOfWork, account_id: int, reason: str) -> None:
    """A machine keeps a member's card from borrowing until the desk has looked at it; suspended already, it stays so.
    The desk is told among what waits (`blocked_cards`).

    Raises:
        NotFound; Forbidden: staff are an admin's business. MoveRefused: the account is not active. Invalid: no reason.
        TooManyBlocks: it did so five times in a day already.
    """
    uow.require(Permission.SELF_CHECK)
    why = read_reason(reason)
    if uow.connection.scalar(select(Account.status).where(Account.id == account_id)) is AccountStatus.SUSPENDED:
        return
    row = _change(uow, account_id, AccountStatus.SUSPENDED, status_reason=f"{BLOCKED}{why}", suspended_until=None)
    _tell(uow, account_id, row, f"{BLOCKED}{why}", None)
    try:
        limits.take(uow, "block", limits.account_key(uow, account_id, ""), f"terminal:{uow.actor.account_id}")
    except TooManyAttempts as refusal:
        raise TooManyBlocks(**refusal.facts) from refusal
    record(uow, "account.block", "account", account_id)


def note_block_refused(uow: UnitOfWork, account_id: int) -> None:
    """Leaves a trace of what a machine wanted beyond its limit."""
    uow.require(Permission.SELF_CHECK)
    record(uow, "account.block-refused", "account", account_id)


def blocked_cards(uow: UnitOfWork) -> int:
    """How many cards are suspended because a machine said so, and wait for the desk's look; at most 1,000."""
    uow.require(Permission.READ_MEMBERS)
    return int(_BLOCKED_CARDS.row(uow.connection, blocked=f"{BLOCKED}%")[0])


def disable(uow: UnitOfWork, account_id: int, reason: str) -> None:
    """Closes an account to sign-in: its sessions, tokens, API keys and open links end at once.

    Raises:
        NotFound, NotOnOneself, LastAdmin; Forbidden: staff are an admin's business. MoveRefused, Invalid.
    """
    uow.require(Permission.EDIT_MEMBERS)
    why = read_reason(reason)
    _change(uow, account_id, AccountStatus.DISABLED, status_reason=why, suspended_until=None)
    end_all(uow, account_id, "disabled")
    revoke_all(uow, account_id)
    void_links(uow, account_id)
    record(uow, "account.disable", "account", account_id)


def reactivate(uow: UnitOfWork, account_id: int) -> None:
    """Lifts a suspension or opens a disabled account again.

    Raises:
        NotFound; Forbidden: staff are an admin's business. MoveRefused: it is neither suspended nor disabled.
        SecondLibrarian: another librarian was appointed meanwhile, and the library has one only.
    """
    uow.require(Permission.EDIT_MEMBERS)
    row = _change(
        uow, account_id, AccountStatus.ACTIVE, AccountStatus.SUSPENDED, AccountStatus.DISABLED,
        status_reason=None, suspended_until=None,
    )  # fmt: skip
    record(uow, "account.reactivate", "account", account_id, before=row.status.value)


def _change(uow: UnitOfWork, account_id: int, wanted: AccountStatus, *only: AccountStatus, **values: Any) -> Any:
    """Moves an account along an allowed arrow; returns how it was."""
    lock_staff(uow)
    kept = Account
    row = uow.connection.execute(
        select(kept.role, kept.status, kept.name, kept.email, kept.language).where(kept.id == account_id)
    ).first()
    if row is None:
        raise NotFound("account")
    require_over(uow, row.role)
    if account_id == uow.actor.account_id:
        raise NotOnOneself
    if not may_move(row.status, wanted) or (only and row.status not in only):
        raise MoveRefused(status=row.status.value, wanted=wanted.value)
    if row.role == Role.ADMIN and wanted is not AccountStatus.ACTIVE:
        require_another_admin(uow, account_id)
    if wanted is AccountStatus.ACTIVE:
        require_room(uow, Role(row.role), account_id)
    changed = uow.connection.execute(
        update(kept)
        .where(kept.id == account_id, kept.status == row.status)
        .values(status=wanted, **values, version=kept.version + 1)
    ).rowcount
    if not changed:
        raise MoveRefused(status="changed meanwhile", wanted=wanted.value)
    return row


def _period(language: str, until: date | None, words: Wording) -> str:
    german = language.partition("-")[0] == "de"
    if until is None:
        return "bis auf Weiteres" if german else "until further notice"
    on = words.day(until)
    return f"bis einschließlich {on}" if german else f"up to and including {on}"
