"""Night work on accounts: suspensions that end, registrations nobody confirmed, sessions and attempts of old.

Each job works in bounded batches and says how many rows it changed; run it again until that is 0.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update

from lib.access.permissions import Permission
from lib.access.work import UnitOfWork
from lib.accounts.models import Account, AccountStatus, MailedLink, RefreshToken, SignInAttempt, SignInSession
from lib.accounts.registration import NAME_KEPT
from lib.audit.trail import record

BATCH = 500
KEPT = timedelta(days=30)


def lift_suspensions(uow: UnitOfWork) -> int:
    """Makes accounts active whose suspension had its last day yesterday or before."""
    uow.require(Permission.RUN_JOBS)
    over = (Account.status == AccountStatus.SUSPENDED, Account.suspended_until < uow.today)
    ids = list(uow.connection.scalars(select(Account.id).where(*over).order_by(Account.id).limit(BATCH)))
    uow.connection.execute(
        update(Account)
        .where(Account.id.in_(ids), *over)
        .values(
            status=AccountStatus.ACTIVE, status_reason=None, suspended_until=None, version=Account.version + 1
        )
    )  # fmt: skip
    for account_id in ids:
        record(uow, "account.reactivate", "account", account_id, before="suspended")
    return len(ids)


def drop_unconfirmed(uow: UnitOfWork) -> int:
    """Takes registrations out whose address was not confirmed within a week: people who asked for nothing."""
    uow.require(Permission.RUN_JOBS)
    old = (Account.status == AccountStatus.UNVERIFIED, Account.registered_at < uow.now - NAME_KEPT)
    ids = list(uow.connection.scalars(select(Account.id).where(*old).order_by(Account.id).limit(BATCH)))
    uow.connection.execute(delete(Account).where(Account.id.in_(ids), *old))
    for account_id in ids:
        record(uow, "account.drop-unconfirmed", "account", account_id)
    return len(ids)


def forget_old_traces(uow: UnitOfWork) -> int:
    """Deletes attempts, links, ended sessions and refresh tokens a month after they were of use."""
    uow.require(Permission.RUN_JOBS)
    before = uow.now - KEPT
    session, token = SignInSession, RefreshToken
    return (
        _delete(uow, SignInAttempt, SignInAttempt.at < before)
        + _delete(uow, MailedLink, MailedLink.expires_at < before)
        + _delete(uow, session, or_(session.ended_at < before, session.expires_at < before))
        + _delete(uow, token, token.expires_at < before)
    )


def _delete(uow: UnitOfWork, table: Any, condition: Any) -> int:
    ids = list(uow.connection.scalars(select(table.id).where(condition).order_by(table.id).limit(BATCH)))
    return uow.connection.execute(delete(table).where(table.id.in_(ids))).rowcount if ids else 0
