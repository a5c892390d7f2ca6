"""What a library says of itself: name, place in time and money. Every room may read it."""

from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale, UnknownLocaleError
from babel.numbers import list_currencies
from pydantic import Field, field_validator

from lib.kit.settings import SettingsGroup


class LibrarySettings(SettingsGroup):
    """The library itself."""

    group: ClassVar[str] = "library"
    heading: ClassVar[str] = "The library"

    name: str = Field("Galactic Tome Nexus", min_length=2, max_length=80, title="Name")
    line: str = Field(
        "Every book, every reader, one small corner of the galaxy.",
        max_length=160,
        title="One line about it",
        description="Stands on the home page under the name.",
    )
    time_zone: str = Field(
        "Europe/London", title="Time zone", description="Days begin and end here, e.g. Europe/Paris."
    )
    currency: str = Field(
        "EUR",
        title="Currency",
        description="Three letters, e.g. EUR. One for everything.",
        json_schema_extra={"x-options": [*sorted(list_currencies())]},
    )
    locale: str = Field("en-GB", title="Language", description="How dates and money are written, e.g. en, en-GB, de.")
    contact_email: str = Field("", max_length=200, title="Contact e-mail")
    address: str = Field("", max_length=300, title="Address", description="Shown on the home page.")

    @field_validator("time_zone")
    @classmethod
    def _real_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"“{name}” is no time zone; use one like Europe/Paris or America/Lima.")
        return name

    @field_validator("currency")
    @classmethod
    def _real_currency(cls, code: str) -> str:
        if code.upper() not in list_currencies():
            raise ValueError(f"“{code}” is no currency; use three letters like EUR.")
        return code.upper()

    @field_validator("locale")
    @classmethod
    def _real_locale(cls, tag: str) -> str:
        try:
            Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError) as error:
            raise ValueError(f"“{tag}” is no known language; use one like en, en-GB or de.") from error
        return tag

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
