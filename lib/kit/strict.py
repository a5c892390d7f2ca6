"""Types of fields that take what they name and nothing that merely looks like it: neither true nor "5" nor 5.0 is a
whole number, and no number is a day."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, StrictBool, StrictInt

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _a_day(given: Any) -> Any:
    if (isinstance(given, str) and not _DAY.fullmatch(given)) or not isinstance(given, str | date):
        raise ValueError("A day is written like 2026-05-03.")
    return given


def _a_moment(given: Any) -> Any:
    if (isinstance(given, str) and not _DAY.match(given)) or not isinstance(given, str | datetime):
        raise ValueError("A moment is written like 2026-05-03T09:30:00Z.")
    return given


Whole = StrictInt
YesNo = StrictBool
Day = Annotated[date, BeforeValidator(_a_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_a_moment)]
