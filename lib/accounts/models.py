"""Accounts and everything that proves them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.access.permissions import Role
from lib.kit.tables import Base, Id, choice

# Folded text compared byte by byte on both databases: the same order, and a range of words is a prefix.
BYTEWISE = Text().with_variant(Text(collation="C"), "postgresql")


class AccountStatus(StrEnum):
    """Where an account stands; the allowed moves are in accounts/policy.py."""

    UNVERIFIED = "unverified"  # registered, the mail address not yet proved
    PENDING = "pending"  # proved, waits for approval
    ACTIVE = "active"
    SUSPENDED = "suspended"  # with a reason and perhaps an end; may sign in, may not borrow
    DISABLED = "disabled"  # may not sign in
    REJECTED = "rejected"
    CLOSED = "closed"


class LinkKind(StrEnum):
    """What a mailed link proves or allows."""

    VERIFY_EMAIL = "verify-email"
    RESET_PASSWORD = "reset-password"  # noqa: S105
    CHANGE_EMAIL = "change-email"
    FIRST_ADMIN = "first-admin"


class MembershipType(Base):
    """What kind of reader somebody is; lending rules are made for it."""

    __tablename__ = "membership_type"
    __table_args__ = (CheckConstraint("months BETWEEN 1 AND 1200", name="months_possible"),)

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    months: Mapped[int | None]  # how long a new membership lasts; None: for good
    retired_at: Mapped[datetime | None]


class Account(Base):
    """A person known to the library."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("role IN ('member', 'librarian', 'admin', 'terminal')", name="role_known"),
        CheckConstraint("status <> 'suspended' OR status_reason IS NOT NULL", name="suspension_has_reason"),
        UniqueConstraint("source", "source_id", name="uq_account_source"),
        Index("ix_account_status", "status", "id"),
        Index("ix_account_role", "role", "status", "id"),
        Index("ix_account_phone_hash", "phone_hash"),
        Index("ix_account_decided_by", "decided_by"),
        Index("ix_account_sort_name", "sort_name", "id"),
    )

    id: Mapped[Id]
    username: Mapped[str | None] = mapped_column(unique=True)  # as typed, folded in username_key
    username_key: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str | None]
    email_key: Mapped[str | None] = mapped_column(unique=True)
    email_verified_at: Mapped[datetime | None]
    name: Mapped[str]
    sort_name: Mapped[str] = mapped_column(BYTEWISE)
    card_number: Mapped[str | None] = mapped_column(unique=True)
    role: Mapped[Role] = mapped_column(String(20), default=Role.MEMBER)
    status: Mapped[AccountStatus] = mapped_column(choice(AccountStatus, "status"))
    status_reason: Mapped[str | None]
    suspended_until: Mapped[date | None]
    password_hash: Mapped[str | None]
    password_changed_at: Mapped[datetime | None]
    pin_hash: Mapped[str | None]  # for machines in the library: four to eight digits
    phone_sealed: Mapped[str | None]
    phone_hash: Mapped[str | None]
    address_sealed: Mapped[str | None]
    membership_type_id: Mapped[int | None] = mapped_column(ForeignKey("membership_type.id"))
    membership_ends_on: Mapped[date | None]
    language: Mapped[str] = mapped_column(default="en")
    keep_history: Mapped[bool] = mapped_column(default=True)
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(default="")
    consented_at: Mapped[datetime | None]
    registered_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]  # approved or rejected
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    last_seen_at: Mapped[datetime | None]
    source: Mapped[str | None]
    source_id: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)


class AccountWord(Base):
    """One folded word of a member's name, for looking members up by any part of it."""

    __tablename__ = "account_word"

    word: Mapped[str] = mapped_column(BYTEWISE, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    __table_args__ = (Index("ix_account_word_account", "account_id"),)


class SignInSession(Base):
    """One sign-in on one device. Only hashes of its ticket and its cookie are kept."""

    __tablename__ = "session"
    __table_args__ = (
        Index("ix_session_account", "account_id", "ended_at"),
        CheckConstraint("ended_at IS NULL OR end_reason IS NOT NULL", name="end_has_reason"),
    )

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    ticket_hash: Mapped[str | None] = mapped_column(unique=True)
    ticket_expires_at: Mapped[datetime | None]
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    keep: Mapped[bool] = mapped_column(default=False)  # "keep me signed in"
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    device: Mapped[str]
    address: Mapped[str]


class KioskVisit(Base):
    """Who stands at a kiosk now: at most one member for each device's session; the row goes when they leave."""

    __tablename__ = "kiosk_visit"
    __table_args__ = (Index("ix_kiosk_visit_account", "account_id"),)

    session_id: Mapped[int] = mapped_column(
        ForeignKey("session.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class MailedLink(Base):
    """A link that was mailed: works once, for an hour, void after sign-in or a new password."""

    __tablename__ = "mailed_link"
    __table_args__ = (Index("ix_mailed_link_account", "account_id", "kind"),)

    id: Mapped[Id]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    kind: Mapped[LinkKind] = mapped_column(choice(LinkKind, "kind"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    payload: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    void_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """One try to sign in or to be mailed a link; what the limits count."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_account", "kind", "account_key", "at"),
        Index("ix_sign_in_attempt_address", "kind", "address", "at"),
        Index("ix_sign_in_attempt_at", "kind", "at"),
    )

    id: Mapped[Id]
    kind: Mapped[str]  # password, reset, …
    account_key: Mapped[str]  # keyed hash of what was typed: no names of strangers are kept
    address: Mapped[str]
    at: Mapped[datetime]
    succeeded: Mapped[bool]


class ApiKey(Base):
    """A key for programs: hashed, scoped, revocable."""

    __tablename__ = "api_key"
    __table_args__ = (Index("ix_api_key_account", "account_id"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    name: Mapped[str]
    key_hash: Mapped[str] = mapped_column(unique=True)
    hint: Mapped[str]  # its last four characters
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class RefreshToken(Base):
    """One link in a chain of refresh tokens; using an old one ends the whole family."""

    __tablename__ = "refresh_token"
    __table_args__ = (Index("ix_refresh_token_family", "family"), Index("ix_refresh_token_account", "account_id"))

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    family: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class OneAdminGuard(Base):
    """A single row that every change of roles locks first, so that the last admin cannot go in a race."""

    __tablename__ = "staff_guard"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, server_default=text("1"))
    changes: Mapped[int] = mapped_column(default=0)


class Terminal(Base):
    """A machine that serves members by itself: a SIP2 self-check or a kiosk. Its account (role terminal) acts."""

    __tablename__ = "terminal"
    __table_args__ = (CheckConstraint("kind IN ('sip2', 'kiosk')", name="kind_known"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    kind: Mapped[str]
    login: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[str]
    takes_returns: Mapped[bool] = mapped_column(default=False)  # it has a bin: what it takes back is returned at once
    made_at: Mapped[datetime]
    made_by: Mapped[int | None]
    last_seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
