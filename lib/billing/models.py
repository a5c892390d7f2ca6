"""Charges, the entries that make up their balance, payments as they went through the till, and closed tills.

Amounts are minor units of the library's currency. `ledger_entry`, `payment` and `day_close` are append-only: the
database itself refuses to change or delete a row (triggers made by the migrations).
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lib.kit.tables import Base, Id, choice


class ChargeKind(StrEnum):
    """What a charge is for."""

    FINE = "fine"
    REPLACEMENT = "replacement"
    LOST_FEE = "lost_fee"
    DAMAGE = "damage"
    OTHER = "other"


class ChargeState(StrEnum):
    """Whether the amount may still grow. The allowed moves are in billing/policy.py."""

    ACCRUING = "accruing"
    FINAL = "final"


class EntryKind(StrEnum):
    """What an entry of the ledger does to the balance; REVERSAL takes one earlier entry back."""

    CHARGE = "charge"  # owed more
    CORRECTION = "correction"  # owed less (or more) because the amount was wrong: backdated, found again
    PAYMENT = "payment"  # owed less: money came in
    WAIVER = "waiver"  # owed less: forgiven, with a reason
    REFUND = "refund"  # owed more: money went back
    SET_OFF = "set_off"  # a credit pays another charge: more owed here, less there, under the payment it came from
    REVERSAL = "reversal"


class PaymentKind(StrEnum):
    """Money in, money out, or one of them taken back."""

    PAYMENT = "payment"
    REFUND = "refund"
    REVERSAL = "reversal"


class PaymentMethod(StrEnum):
    """By what the money came or went."""

    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    OTHER = "other"


class Charge(Base):
    """Something a member owes. `balance_minor` is the sum of its entries, kept with them; below nought the library
    owes the member. `loan_id` and `copy_id` name what it came from: rows of a room above, hence no foreign key."""

    __tablename__ = "charge"
    __table_args__ = (
        Index("uq_charge_accruing", "loan_id", unique=True, sqlite_where=text("state = 'accruing'"),
              postgresql_where=text("state = 'accruing'")),
        Index("ix_charge_open", "account_id", sqlite_where=text("balance_minor <> 0"),
              postgresql_where=text("balance_minor <> 0")),
        Index("ix_charge_account", "account_id", "id"),
        Index("ix_charge_loan", "loan_id"),
        Index("ix_charge_copy", "copy_id"),
        CheckConstraint("state = 'final' OR (kind = 'fine' AND loan_id IS NOT NULL)", name="only_fines_accrue"),
    )  # fmt: skip

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[ChargeKind] = mapped_column(choice(ChargeKind, "kind"))
    state: Mapped[ChargeState] = mapped_column(choice(ChargeState, "state"))
    loan_id: Mapped[int | None]
    copy_id: Mapped[int | None]
    what: Mapped[str]  # what it was for in words, without naming the title: "Fine for a late return"
    balance_minor: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None]


class Payment(Base):
    """Money that changed hands at one moment, over one or more charges. `number` is the receipt's, without gaps.

    `amount_minor` is what came into the till: above nought for a payment, below for a refund.
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="not_nothing"),
        CheckConstraint("kind <> 'payment' OR amount_minor > 0", name="payment_comes_in"),
        CheckConstraint("kind <> 'refund' OR amount_minor < 0", name="refund_goes_out"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal_of_one"),
        Index("ix_payment_account", "account_id", "id"),
        Index("ix_payment_day", "on_date", "id"),
    )

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[PaymentKind] = mapped_column(choice(PaymentKind, "kind"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    method: Mapped[PaymentMethod] = mapped_column(choice(PaymentMethod, "method"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    at: Mapped[datetime]
    on_date: Mapped[date]  # the library's day
    taken_by: Mapped[int | None]
    note: Mapped[str] = mapped_column(default="")
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), unique=True)


class LedgerEntry(Base):
    """One line of the ledger: above nought the member owes more, below they owe less."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="not_nothing"),
        CheckConstraint("kind NOT IN ('charge', 'refund') OR amount_minor > 0", name="owes_more"),
        CheckConstraint("kind NOT IN ('payment', 'waiver') OR amount_minor < 0", name="owes_less"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal_of_one"),
        CheckConstraint(
            "kind NOT IN ('payment', 'refund', 'set_off') OR payment_id IS NOT NULL", name="money_has_receipt"
        ),
        CheckConstraint("kind <> 'waiver' OR reason <> ''", name="waiver_has_reason"),
        Index("ix_ledger_entry_charge", "charge_id", "id"),
        Index("ix_ledger_entry_account", "account_id", "id"),
        Index("ix_ledger_entry_payment", "payment_id"),
        Index("ix_ledger_entry_day", "on_date", "id"),
        Index("ix_ledger_entry_settling", "charge_id", sqlite_where=text("kind NOT IN ('charge', 'correction')"),
              postgresql_where=text("kind NOT IN ('charge', 'correction')")),
    )  # fmt: skip

    id: Mapped[Id]
    charge_id: Mapped[int] = mapped_column(ForeignKey("charge.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[EntryKind] = mapped_column(choice(EntryKind, "kind"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    at: Mapped[datetime]
    on_date: Mapped[date]  # the library's day
    made_by: Mapped[int | None]
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"), unique=True)
    reason: Mapped[str] = mapped_column(default="")


class ReceiptNumber(Base):
    """The last receipt's number: one row, whose lock makes numbers follow one another without gaps."""

    __tablename__ = "receipt_number"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class DayClose(Base):
    """The till as it was counted: every payment since the close before. `totals`: minor units by method and kind."""

    __tablename__ = "day_close"
    __table_args__ = (
        CheckConstraint("last_payment_id >= first_payment_id", name="span"),
        Index("uq_day_close_last", "last_payment_id", unique=True),
    )

    id: Mapped[Id]
    on_date: Mapped[date]
    closed_at: Mapped[datetime]
    closed_by: Mapped[int]
    first_payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    last_payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    totals: Mapped[dict[str, Any]]
    cash_expected_minor: Mapped[int]
    cash_counted_minor: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
