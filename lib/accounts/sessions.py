"""Sessions: who is signed in on which device, from the one-time ticket to the last click."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from lib.access.actor import GUEST, Actor
from lib.access.installation import Installation
from lib.access.permissions import Permission, Role
from lib.access.work import UnitOfWork, begin_reading, begin_work
from lib.accounts.models import AccountStatus, RefreshToken, SignInSession
from lib.accounts.policy import STAFF, sign_in_refusal
from lib.accounts.settings import AccountSettings
from lib.audit.trail import record
from lib.kit.config import Mode
from lib.kit.crypto import new_token, token_hash
from lib.kit.database import Statement
from lib.kit.errors import NotFound
from lib.kit.tables import as_instant

TICKET_LIFE = timedelta(seconds=30)
TOUCH_EVERY = timedelta(minutes=1)
_OF_TOKEN = Statement("SELECT id FROM session WHERE token_hash = :hash AND ended_at IS NULL AND expires_at > :now")
_WHO = Statement(
    "SELECT s.last_seen_at, s.expires_at, a.id, a.name, a.username, a.email, a.email_key, a.role, a.status,"
    " a.language, a.card_number, a.preferences FROM session s JOIN account a ON a.id = s.account_id"
    " WHERE s.id = :id AND s.token_hash IS NOT NULL AND s.ended_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What the cookie holds and how long it may live (seconds); without `keep` it goes with the browser."""

    token: str
    max_age_s: int
    keep: bool


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in, as the database knows them now."""

    actor: Actor
    account_id: int
    name: str
    username: str | None
    email: str | None
    role: Role
    status: AccountStatus
    language: str
    card_number: str | None
    preferences: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One of somebody's sign-ins; `mine` is the one that asks."""

    id: int
    device: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    keep: bool
    mine: bool


def redeem_ticket(installation: Installation, ticket: str) -> Redeemed | None:
    """Turns a ticket into the token of a cookie, once and within 30 seconds; None when it is no good."""
    if not ticket or len(ticket) > 200 or not ticket.isascii():
        return None
    with begin_reading(installation, GUEST) as uow:  # strangers may ask all day; they take nobody's turn to write
        if (
            uow.connection.scalar(select(SignInSession.id).where(SignInSession.ticket_hash == token_hash(ticket)))
            is None
        ):
            return None
    token = new_token()
    with begin_work(installation, GUEST) as uow:
        row = uow.connection.execute(
            update(SignInSession)
            .where(
                SignInSession.ticket_hash == token_hash(ticket), SignInSession.ticket_expires_at > uow.now,
                SignInSession.ended_at.is_(None),
            )
            .values(ticket_hash=None, token_hash=token_hash(token))
            .returning(SignInSession.expires_at, SignInSession.keep)
        ).first()  # fmt: skip
        return Redeemed(token, int((row[0] - uow.now).total_seconds()), row[1]) if row else None


def session_of_token(installation: Installation, token: str) -> int | None:
    """The session a cookie stands for: one indexed look-up. Whether it may still be used, `identify` tells."""
    if not token or len(token) > 200 or not token.isascii():
        return None
    with begin_reading(installation, GUEST) as uow:
        row = _OF_TOKEN.row(uow.connection, hash=token_hash(token), now=uow.now)
    return row[0] if row else None


def identify(installation: Installation, session_id: int | None) -> Me | None:
    """Who a session belongs to, or None when it is over: ended, expired, idle too long, account disabled.

    Asked on every run; notes the visit at most once a minute.
    """
    if session_id is None:
        return None
    with begin_reading(installation, GUEST) as uow:
        row = _WHO.row(uow.connection, id=session_id)
        if row is None:
            return None
        last_seen, over = _moment(row[0]), _why_over(uow, row)
        now = uow.now
    if over:
        _end_or_touch(installation, session_id, over)
        return None
    if now - last_seen >= TOUCH_EVERY:
        _end_or_touch(installation, session_id, None)
    return _me(row, session_id)


def _moment(value: Any) -> datetime:
    found = as_instant(value)
    assert found is not None  # the column is NOT NULL
    return found


def _why_over(uow: UnitOfWork, row: Any) -> str | None:
    last_seen, expires, role, status = _moment(row[0]), _moment(row[1]), Role(row[7]), AccountStatus(row[8])
    if expires <= uow.now:
        return "expired"
    production = uow.installation.config.mode is Mode.PRODUCTION
    if sign_in_refusal(status, row[6], production=production):
        return "account"
    idle = timedelta(minutes=uow.settings(AccountSettings).staff_idle_minutes)
    return "idle" if role in STAFF and uow.now - last_seen >= idle else None


def _end_or_touch(installation: Installation, session_id: int, over: str | None) -> None:
    values: dict[str, Any] = {"ended_at": installation.clock.now(), "end_reason": over} if over else {}
    with begin_work(installation, GUEST) as uow:
        uow.connection.execute(
            update(SignInSession)
            .where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
            .values(**(values or {"last_seen_at": uow.now}))
        )


def _me(row: Any, session_id: int) -> Me:
    role = Role(row[7])
    likes = json.loads(row[11]) if isinstance(row[11], str) else row[11]
    return Me(
        Actor(row[2], role, row[3], session_id), row[2], row[3], row[4], row[5], role, AccountStatus(row[8]),
        row[9], row[10], likes or {},
    )  # fmt: skip


def my_sessions(uow: UnitOfWork) -> tuple[SessionRow, ...]:
    """One's own open sessions, the latest used first; at most 100."""
    uow.require(Permission.USE_ACCOUNT)
    kept = SignInSession
    rows = uow.connection.execute(
        select(
            kept.id, kept.device, kept.address, kept.created_at, kept.last_seen_at, kept.expires_at, kept.keep,
            kept.id == (uow.actor.session_id or 0),
        )
        .where(
            kept.account_id == uow.actor.account_id, kept.ended_at.is_(None), kept.expires_at > uow.now,
            kept.token_hash.is_not(None),
        )
        .order_by(kept.last_seen_at.desc(), kept.id.desc())
        .limit(100)
    )  # fmt: skip
    return tuple(SessionRow(*row) for row in rows)


def end_session(uow: UnitOfWork, session_id: int) -> None:
    """Signs one of one's own devices out.

    Raises:
        NotFound: no open session of one's own has this id.
    """
    uow.require(Permission.USE_ACCOUNT)
    mine = SignInSession.account_id == uow.actor.account_id
    ended = uow.connection.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, mine, SignInSession.ended_at.is_(None))
        .values(ended_at=uow.now, end_reason="signed out elsewhere")
    ).rowcount
    if not ended:
        raise NotFound("session")
    record(uow, "session.end", "session", session_id)


def end_other_sessions(uow: UnitOfWork) -> int:
    """Signs every other device of one's own out; returns how many."""
    uow.require(Permission.USE_ACCOUNT)
    account_id = uow.actor.account_id
    if account_id is None:
        raise NotFound("session")
    ended = end_all(uow, account_id, "signed out elsewhere", but=uow.actor.session_id)
    record(uow, "session.end-others", "account", account_id, count=ended)
    return ended


def sign_out(installation: Installation, session_id: int | None) -> None:
    """Ends the session that asks; does nothing when it is over already."""
    if session_id is None:
        return
    with begin_work(installation, GUEST) as uow:
        account_id = uow.connection.scalar(
            update(SignInSession)
            .where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
            .values(ended_at=uow.now, end_reason="signed out", ticket_hash=None)
            .returning(SignInSession.account_id)
        )
        if account_id is not None:
            record(uow, "session.end", "session", session_id, account=account_id)


def end_all(uow: UnitOfWork, account_id: int, reason: str, *, but: int | None = None) -> int:
    """Ends every session and refresh token of an account, `but` one session; returns how many sessions."""
    ended = uow.connection.execute(
        update(SignInSession)
        .where(SignInSession.account_id == account_id, SignInSession.ended_at.is_(None), SignInSession.id != (but or 0))
        .values(ended_at=uow.now, end_reason=reason, ticket_hash=None)
    ).rowcount
    uow.connection.execute(
        update(RefreshToken)
        .where(RefreshToken.account_id == account_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=uow.now)
    )
    return ended
