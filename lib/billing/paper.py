"""Papers of the till: facts set as PDF by the layouts beside this file, in the library's locale and time zone."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel.core import Locale
from babel.dates import format_date, format_datetime

from lib.access.work import UnitOfWork
from lib.billing.currency import currency_of
from lib.billing.models import ChargeKind, PaymentKind, PaymentMethod
from lib.kit.money import Money

_HERE = Path(__file__).parent
METHODS = {
    PaymentMethod.CASH: "Cash", PaymentMethod.CARD: "Card", PaymentMethod.TRANSFER: "Transfer",
    PaymentMethod.OTHER: "Other",
}  # fmt: skip
KINDS = {PaymentKind.PAYMENT: "Taken", PaymentKind.REFUND: "Given back", PaymentKind.REVERSAL: "Taken back"}
CHARGES = {
    ChargeKind.FINE: "Fines", ChargeKind.REPLACEMENT: "Replacements", ChargeKind.LOST_FEE: "Fees for losses",
    ChargeKind.DAMAGE: "Damage", ChargeKind.OTHER: "Other",
}  # fmt: skip


def typeset(uow: UnitOfWork, layout: str, **facts: Any) -> bytes:
    """A PDF: the library's head and these facts in the layout of this name (receipt, statement, till)."""
    import typst  # noqa: PLC0415  # heavy: a whole typesetter

    library = uow.library
    head = {"library": library.name, "address": library.address, "contact": library.contact_email}
    source = (_HERE / "paper.typ").read_bytes() + (_HERE / f"{layout}.typ").read_bytes()
    made: Any = typst.compile(source, sys_inputs={"paper": json.dumps(head | facts)}, format="pdf")
    return bytes(made)


def money(uow: UnitOfWork, minor: int) -> str:
    """An amount as the library writes it."""
    return Money(minor, currency_of(uow)).text(uow.library.locale)


def day(uow: UnitOfWork, on: date) -> str:
    """A day as the library writes it."""
    return format_date(on, "medium", locale=_locale(uow))


def moment(uow: UnitOfWork, at: datetime) -> str:
    """An instant in the library's zone, as it writes it."""
    return format_datetime(at, "medium", tzinfo=uow.zone, locale=_locale(uow))


def _locale(uow: UnitOfWork) -> Locale:
    return Locale.parse(uow.library.locale, sep="-")
