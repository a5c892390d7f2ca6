"""Tables beside the loan: exceptions for one member, changes of policy and calendar in advance, offline records."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.kit.tables import Base, Id, choice


class MemberException(Base):
    """A value of the policy that holds otherwise for one member, up to and including a day, for a reason.

    `name` is one of the policy's values (max_loans, debt_block, …) or "overdue_blocks" (amount 0: overdue loans do
    not block this member).
    """

    __tablename__ = "member_exception"
    __table_args__ = (
        Index("uq_member_exception_live", "account_id", "name", unique=True,
              sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
        Index("ix_member_exception_account", "account_id"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("reason <> ''", name="has_reason"),
    )  # fmt: skip

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str]
    amount: Mapped[int]
    until: Mapped[date]
    reason: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None]
    ended_at: Mapped[datetime | None]  # taken back before its day


class PolicyChange(Base):
    """A whole new set of policy lines that holds from a day on. `lines`: as policy/rules.py writes them."""

    __tablename__ = "policy_change"
    __table_args__ = (
        Index("uq_policy_change_day", "holds_from", unique=True,
              sqlite_where=text("cancelled_at IS NULL"), postgresql_where=text("cancelled_at IS NULL")),
        CheckConstraint("applied_at IS NULL OR cancelled_at IS NULL", name="applied_or_cancelled"),
    )  # fmt: skip

    id: Mapped[Id]
    holds_from: Mapped[date]
    lines: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    made_by: Mapped[int | None]
    applied_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]


class ClosureChange(Base):
    """One change of the calendar with everything it moved, so that it can be taken back whole.

    `added` and `removed` hold calendar entries; `moved` holds loans and holds with their dates before and after.
    """

    __tablename__ = "closure_change"
    __table_args__ = (CheckConstraint("undone_at IS NULL OR undone_by IS NOT NULL", name="undo_has_actor"),)

    id: Mapped[Id]
    at: Mapped[datetime]
    by: Mapped[int | None]
    what: Mapped[str]
    added: Mapped[list[Any]]
    removed: Mapped[list[Any]]
    moved: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None]


class OfflineState(StrEnum):
    """What became of an act recorded while the server was away."""

    DONE = "done"
    OVERRIDDEN = "overridden"  # done against a block, since the book was gone: a task to look at
    CONFLICT = "conflict"  # could not be done: a task to settle
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class OfflineRecord(Base):
    """One issue or return recorded without the server; `client_id` is the browser's own name for it.

    `card` stays only while a conflict waits: afterwards the loan alone says whose it was, as long as it may.
    """

    __tablename__ = "offline_record"
    __table_args__ = (
        CheckConstraint("kind IN ('issue', 'return')", name="kind_known"),
        Index("ix_offline_record_state", "state", "id"),
        Index("ix_offline_record_loan", "loan_id"),
    )

    id: Mapped[Id]
    client_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    barcode: Mapped[str]
    card: Mapped[str]
    recorded_at: Mapped[datetime]
    received_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(default="")  # which desk, in its own words
    sent_by: Mapped[int]
    state: Mapped[OfflineState] = mapped_column(choice(OfflineState, "state"))
    told: Mapped[str]  # what came of it, or why not, in words
    reasons: Mapped[list[Any]]
    loan_id: Mapped[int | None] = mapped_column(ForeignKey("loan.id"))
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None]
    settled_how: Mapped[str] = mapped_column(default="")
