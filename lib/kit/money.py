"""Money: an integer count of minor units and a currency; never a float."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from babel.core import UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision

from lib.kit.errors import Fault, Invalid

LARGEST = 10**12
_WRITTEN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE]\+?\d{1,2})?")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (cents, yen) of one currency (ISO 4217)."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.minor * times, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} is not {self.currency}")
        return other.minor

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-get_currency_precision(self.currency))

    def text(self, locale: str = "en") -> str:
        """As people write it: "€2.40", "2,40 €"."""
        try:
            return format_currency(self.decimal, self.currency, locale=locale.replace("-", "_"))
        except (UnknownLocaleError, ValueError):
            return format_currency(self.decimal, self.currency, locale="en")


def parse_money(text: str, currency: str, field: str = "amount") -> Money:
    """Reads "2.40", "2,40" or "2" as money.

    Raises:
        Invalid: not a number, more decimals than the currency has, or absurdly large.
    """
    raw = text.strip().replace("\u00a0", "").replace(" ", "").replace(",", ".")
    if not _WRITTEN.fullmatch(raw):  # Decimal reads more than people write, and breaks on some of it
        raw = ""
    try:
        minor = Decimal(raw).scaleb(get_currency_precision(currency))
        whole = minor.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    except InvalidOperation as error:
        raise Invalid(Fault(field, f"“{text}” is not an amount of money, like 2.40.")) from error
    if whole != minor or abs(whole) > LARGEST:
        raise Invalid(Fault(field, f"“{text}” is not an amount in {currency}."))
    return Money(int(whole), currency)
