"""What values look like: how a column is recognised by its content. Pure."""

import re
from datetime import date, datetime, time

from lib.catalogue.policy import isbn13_of
from lib.catalogue.records import language_tag_of

_YEAR = re.compile(r"-?\d{1,4}(?:\.0)?|\[?c?a?\.?\s*\d{4}\??\]?|\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d+)?")
_MONEY = re.compile(r"(?:[A-Z]{3}|[$€£¥])?\s*\d{1,9}(?:[.,]\d{1,3})?\s*(?:[A-Z]{3}|[$€£¥])?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_TRIPLE = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[ T](\d{1,2}):(\d\d)(?::(\d\d))?)?")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")


def is_isbn(text: str) -> bool:
    """A valid ISBN-10 or ISBN-13, however written."""
    return isbn13_of(text) is not None


def is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def is_year(text: str) -> bool:
    return _YEAR.fullmatch(text) is not None


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def is_money(text: str) -> bool:
    return _MONEY.fullmatch(text) is not None


def is_language(text: str) -> bool:
    return len(text) < 40 and bool(language_tag_of(text))


def is_barcode(text: str) -> bool:
    return 1 <= len(text) <= 40 and any(char.isdigit() for char in text) and " " not in text.strip()


def is_id(text: str) -> bool:
    """A key of another system: short, one word."""
    return 0 < len(text) <= 100 and not any(char.isspace() for char in text)


def is_name(text: str) -> bool:
    """Words, not a number or an address."""
    return any(char.isalpha() for char in text) and "@" not in text and "://" not in text


def is_date(text: str) -> bool:
    return moment_of(text) is not None or moment_of(text, day_first=False) is not None


def day_comes_first(values: list[str]) -> bool:
    """Whether a column of dates like 03/04/2024 writes the day first; so unless a value says otherwise."""
    for text in values:
        found = _TRIPLE.fullmatch(text.strip())
        if found and len(found[1]) < 3:
            if int(found[1]) > 12:
                return True
            if int(found[2]) > 12:
                return False
    return True


def moment_of(text: str, *, day_first: bool = True) -> datetime | date | None:
    """A date, or a date with a time (aware if the text says its zone, else naive): ISO 8601, 3.4.2024, 03/04/2024,
    20240403. None where it is none."""
    raw = text.strip()
    if len(raw) == 10 and raw[4:5] == "-":
        try:
            return date.fromisoformat(raw)
        except ValueError:
            return None
    if found := _COMPACT.fullmatch(raw):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if raw[4:5] == "-":
        try:
            return datetime.fromisoformat(raw)
        except ValueError:
            pass
    return _written(raw, day_first)


def _written(raw: str, day_first: bool) -> datetime | date | None:
    found = _TRIPLE.fullmatch(raw)
    if found is None:
        return None
    first, second, third = int(found[1]), int(found[2]), int(found[3])
    if len(found[1]) == 4:
        day = _date(first, second, third)
    elif len(found[3]) == 4:
        day = _date(third, second, first) if day_first else _date(third, first, second)
    else:
        return None
    if day is None or found[4] is None:
        return day
    try:
        return datetime.combine(day, time(int(found[4]), int(found[5]), int(found[6] or 0)))
    except ValueError:
        return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
