"""Loans, the policy under which they are made, and the calendar they run by."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.kit.tables import Base, Id, choice


class Channel(StrEnum):
    """By which door a loan was made."""

    DESK = "desk"
    SELF = "self"
    API = "api"
    IMPORT = "import"
    SELF_CHECK = "self_check"
    OFFLINE = "offline"


class ClosureKind(StrEnum):
    """A pattern by weekday, by day of the year, or a single day that beats both."""

    WEEKLY = "weekly"
    YEARLY = "yearly"
    DAY = "day"


class PolicyRule(Base):
    """A line of the lending policy, for (membership type × item kind); None means any.

    Each value is optional: the most specific line that sets it wins. Amounts in minor units.
    """

    __tablename__ = "policy_rule"
    __table_args__ = (
        Index(
            "uq_policy_rule_scope",
            text("coalesce(membership_type_id, 0)"),
            text("coalesce(item_kind_id, 0)"),
            unique=True,
        ),
        CheckConstraint("loan_days BETWEEN 1 AND 3650", name="loan_days"),
        CheckConstraint("max_loans BETWEEN 0 AND 10000", name="max_loans"),
        CheckConstraint("max_renewals BETWEEN 0 AND 1000", name="max_renewals"),
        CheckConstraint("fine_per_day >= 0", name="fine_per_day"),
        CheckConstraint("grace_days BETWEEN 0 AND 365", name="grace_days"),
        CheckConstraint("fine_cap >= 0", name="fine_cap"),
        CheckConstraint("max_holds BETWEEN 0 AND 10000", name="max_holds"),
        CheckConstraint("hold_shelf_days BETWEEN 1 AND 365", name="hold_shelf_days"),
        CheckConstraint("debt_block >= 0", name="debt_block"),
    )

    id: Mapped[Id]
    membership_type_id: Mapped[int | None] = mapped_column(ForeignKey("membership_type.id"))
    item_kind_id: Mapped[int | None] = mapped_column(ForeignKey("item_kind.id"))
    loan_days: Mapped[int | None]
    max_loans: Mapped[int | None]
    max_renewals: Mapped[int | None]
    fine_per_day: Mapped[int | None]
    grace_days: Mapped[int | None]
    fine_cap: Mapped[int | None]
    max_holds: Mapped[int | None]
    hold_shelf_days: Mapped[int | None]
    debt_block: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)


class Closure(Base):
    """When the library is closed, or open against a pattern."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("kind <> 'weekly' OR weekday BETWEEN 0 AND 6", name="weekly_has_weekday"),
        CheckConstraint("kind <> 'yearly' OR (month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31)", name="yearly_has_day"),
        CheckConstraint("kind <> 'day' OR on_date IS NOT NULL", name="day_has_date"),
        CheckConstraint("kind = 'day' OR NOT is_open", name="only_days_open"),
        CheckConstraint("kind <> 'day' OR since IS NULL", name="only_patterns_begin"),
        Index("ix_closure_change", "change_id"),
        Index("uq_closure_weekday", "weekday", unique=True, sqlite_where=text("kind = 'weekly'"),
              postgresql_where=text("kind = 'weekly'")),
        Index("uq_closure_yearly", "month", "day", unique=True, sqlite_where=text("kind = 'yearly'"),
              postgresql_where=text("kind = 'yearly'")),
        Index("uq_closure_date", "on_date", unique=True, sqlite_where=text("kind = 'day'"),
              postgresql_where=text("kind = 'day'")),
    )  # fmt: skip

    id: Mapped[Id]
    kind: Mapped[ClosureKind] = mapped_column(choice(ClosureKind, "kind"))
    weekday: Mapped[int | None]  # 0 Monday … 6 Sunday
    month: Mapped[int | None]
    day: Mapped[int | None]
    on_date: Mapped[date | None]
    since: Mapped[date | None]  # of a pattern: the first day on which it holds; None: it always did
    is_open: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    change_id: Mapped[int | None] = mapped_column(ForeignKey("closure_change.id"))


class Loan(Base):
    """One copy lent to one member, from issue to return, with the numbers it was made under.

    `account_id` is empty once a member's history has been cut. `undone_at`: the issue was taken back, the loan
    counts nowhere. `lost_at`: it ended because the copy was lost; `found_at`: which came back after all.
    `claimed_on`: the member says that they returned it then; the fine stands still from that day.
    """

    __tablename__ = "loan"
    __table_args__ = (
        Index("uq_loan_open_copy", "copy_id", unique=True, sqlite_where=text("returned_at IS NULL"),
              postgresql_where=text("returned_at IS NULL")),
        Index("ix_loan_open_account", "account_id", sqlite_where=text("returned_at IS NULL"),
              postgresql_where=text("returned_at IS NULL")),
        Index("ix_loan_open_due", "due_on", sqlite_where=text("returned_at IS NULL"),
              postgresql_where=text("returned_at IS NULL")),
        Index("ix_loan_account", "account_id", "id"),
        Index("ix_loan_copy", "copy_id", "id"),
        Index("ix_loan_title", "title_id", "id"),
        Index("ix_loan_issued_on", "issued_on"),
        Index("ix_loan_claimed", "claimed_on", sqlite_where=text("claimed_on IS NOT NULL AND returned_at IS NULL"),
              postgresql_where=text("claimed_on IS NOT NULL AND returned_at IS NULL")),
        Index("ix_loan_returned_on", "returned_on", sqlite_where=text("returned_on IS NOT NULL"),
              postgresql_where=text("returned_on IS NOT NULL")),
        CheckConstraint("due_on >= issued_on", name="due_not_before_issue"),
        CheckConstraint("returned_at IS NULL OR returned_at >= issued_at", name="return_not_before_issue"),
        CheckConstraint("(returned_at IS NULL) = (returned_on IS NULL)", name="return_is_whole"),
        CheckConstraint("undone_at IS NULL OR returned_at IS NOT NULL", name="undone_is_closed"),
        CheckConstraint("lost_at IS NULL OR returned_at IS NOT NULL", name="lost_is_closed"),
        CheckConstraint("found_at IS NULL OR lost_at IS NOT NULL", name="found_was_lost"),
        CheckConstraint("account_id IS NOT NULL OR returned_at IS NOT NULL", name="open_loan_has_member"),
        CheckConstraint("renewals >= 0 AND max_renewals >= 0", name="renewals_not_negative"),
        CheckConstraint("fine_settled >= 0 AND fine_per_day >= 0 AND fine_cap >= 0", name="fines_not_negative"),
        CheckConstraint("loan_days >= 1 AND grace_days >= 0", name="days_possible"),
        UniqueConstraint("source", "source_id", name="uq_loan_source"),
    )  # fmt: skip

    id: Mapped[Id]
    copy_id: Mapped[int] = mapped_column(ForeignKey("copy.id"))
    title_id: Mapped[int] = mapped_column(ForeignKey("title.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    issued_at: Mapped[datetime]
    issued_on: Mapped[date]  # the library's day
    due_on: Mapped[date]  # the last second of this day, in the library's zone
    returned_at: Mapped[datetime | None]
    returned_on: Mapped[date | None]
    renewals: Mapped[int] = mapped_column(default=0)
    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"))
    issued_by: Mapped[int | None]
    returned_by: Mapped[int | None]
    undone_at: Mapped[datetime | None]
    lost_at: Mapped[datetime | None]
    found_at: Mapped[datetime | None]
    claimed_on: Mapped[date | None]
    # the numbers it was made under
    loan_days: Mapped[int]
    max_renewals: Mapped[int]
    fine_per_day: Mapped[int]
    grace_days: Mapped[int]
    fine_cap: Mapped[int]
    fine_settled: Mapped[int] = mapped_column(default=0)  # the fine as it stood when the loan was closed
    max_loans: Mapped[int | None]  # the limit it was made under, where one was asked
    limit_kind_id: Mapped[int | None]  # that limit counted loans of this kind of item only
    source: Mapped[str | None]
    source_id: Mapped[str | None]


class DeskAct(Base):
    """One act at the desk with what stood before it, so that it can be shown and taken back."""

    __tablename__ = "desk_act"
    __table_args__ = (
        Index("ix_desk_act_actor", "actor_id", "id"),
        Index("ix_desk_act_loan", "loan_id", "id"),
        Index("ix_desk_act_copy", "copy_id"),
        Index("ix_desk_act_account", "account_id"),
        Index(
            "ix_desk_act_hold",
            "hold_id",
            sqlite_where=text("hold_id IS NOT NULL"),
            postgresql_where=text("hold_id IS NOT NULL"),
        ),
        CheckConstraint(
            "kind IN ('issue', 'renew', 'return', 'hold', 'cancel-hold', 'pay', 'waive', 'refund', 'charge',"
            " 'set-off', 'lost', 'claim', 'inspect')",
            name="kind_known",
        ),
        CheckConstraint("undone_at IS NULL OR undone_by IS NOT NULL", name="undo_has_actor"),
    )

    id: Mapped[Id]
    kind: Mapped[str]  # as in circulation/acts.py
    loan_id: Mapped[int | None] = mapped_column(ForeignKey("loan.id"))
    copy_id: Mapped[int | None] = mapped_column(ForeignKey("copy.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    hold_id: Mapped[int | None]  # no foreign key: ended holds may be forgotten
    actor_id: Mapped[int | None]  # None: a job
    at: Mapped[datetime]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None]
