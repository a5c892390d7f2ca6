"""How days and amounts are written for one reader: the same in a decision's reasons as on the screen beside them."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date

from lib.kit.money import Money


@dataclass(frozen=True, slots=True)
class Wording:
    """A language tag such as "en-GB", and the library's currency (ISO 4217)."""

    locale: str
    currency: str

    def day(self, day: date) -> str:
        """ "3 May 2026", "3. Mai 2026"."""
        return format_date(day, "long", known_locale(self.locale))

    def weekday(self, day: date) -> str:
        """ "Sunday, 3 May 2026", "Sonntag, 3. Mai 2026"."""
        return format_date(day, "full", known_locale(self.locale))

    def money(self, minor: int) -> str:
        """An amount in minor units: "€2.40", "2,40 €"."""
        return Money(minor, self.currency).text(str(known_locale(self.locale)))


@lru_cache(maxsize=64)
def known_locale(tag: str) -> Locale:
    """The language as Babel knows it; British English where it does not."""
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en", "GB")
