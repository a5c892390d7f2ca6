"""Emptying an account for good: nobody can sign in, nobody can be found, and what stays is a number for the ledger.

Whether it may be closed looks at loans, holds and money, so that `lib.circulation.closing` decides and calls.
"""

from sqlalchemy import delete, select, update

from lib.access.permissions import Role
from lib.access.work import UnitOfWork
from lib.accounts.errors import MoveRefused
from lib.accounts.models import (
    Account,
    AccountStatus,
    AccountWord,
    ApiKey,
    KioskVisit,
    MailedLink,
    RefreshToken,
    SignInSession,
)
from lib.accounts.people import named
from lib.accounts.policy import MOVES
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.notices.outbox import forget_notices

PSEUDONYM = "Closed account"
_LEFT = Statement("SELECT 1 FROM account WHERE id = :account_id AND status = 'closed'")
_MAY = tuple(status for status, to in MOVES.items() if AccountStatus.CLOSED in to)


def has_left(uow: UnitOfWork, account_id: int) -> bool:
    """Whether an account was closed for good: nothing is charged to it, made for it or taken back of it again."""
    return _LEFT.row(uow.connection, account_id=account_id) is not None


def empty_account(uow: UnitOfWork, account_id: int) -> str:
    """Closes a member's account: sessions, tokens, keys, links and the PIN end, and everything that says who it was
    goes, also the mails to them and the places they signed in from. Returns the name it had. No permission is asked.

    Raises:
        NotFound: no such member. MoveRefused: it is closed already.
    """
    own = Account
    row = uow.connection.execute(
        select(own.name, own.email, own.status).where(own.id == account_id, own.role == Role.MEMBER)
    ).first()
    if row is None:
        raise NotFound("member")
    closed = uow.connection.execute(
        update(own)
        .where(own.id == account_id, own.role == Role.MEMBER, own.status.in_(_MAY))
        .values(
            **named(PSEUDONYM), status=AccountStatus.CLOSED, status_reason=None, suspended_until=None, username=None,
            username_key=None, email=None, email_key=None, email_verified_at=None, card_number=None,
            password_hash=None, password_changed_at=None, pin_hash=None, phone_sealed=None, phone_hash=None,
            address_sealed=None, note="", preferences={}, keep_history=False, consented_at=None, last_seen_at=None,
            source=None, source_id=None, version=own.version + 1,
        )
    ).rowcount  # fmt: skip
    if not closed:
        raise MoveRefused(status=row.status.value, wanted=AccountStatus.CLOSED.value)
    for table in (AccountWord, KioskVisit, MailedLink, SignInSession, RefreshToken, ApiKey):
        uow.connection.execute(delete(table).where(table.account_id == account_id))
    forget_notices(uow, account_id, row.email)
    return str(row.name)
