"""What is typed at the desk in answer to a question: an amount, a day of the book drop; or it was a scan after all."""

import re
from datetime import date, timedelta

from lib.accounts.fields import read_reason
from lib.desk.counter import is_code
from lib.kit.errors import Invalid, Refusal
from lib.kit.money import parse_money
from lib.ui.doorway import reading

_DIGITS = 6  # so many digits and no letter: a scan that went into the wrong question
_DAY = re.compile(r"(\d{1,2})(?:[./](\d{1,2})(?:[./](\d{4}|\d{2})?)?)?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_YEAR = 366


def is_scan(text: str) -> bool:
    """Whether what came as an answer is a scan: many digits, or the number of one of the library's copies or cards.
    An amount of money has a point or a comma, or is short; a day has strokes."""
    if "." in text or "," in text or "/" in text or _ISO.fullmatch(text):
        return False
    if sum(char.isdigit() for char in text) >= _DIGITS and not any(char.isalpha() for char in text):
        return True
    if len(text) < _DIGITS or " " in text:
        return False
    try:
        with reading() as uow:
            return is_code(uow, text)
    except Refusal:  # whoever acts next is told
        return False


def why_no_reason(text: str) -> str:
    """Why what was typed is no reason to be kept; "" where it is one."""
    if is_scan(text):
        return "That is a number, not a reason. Write why, in words."
    try:
        read_reason(text)
    except Invalid as refusal:
        return " ".join(fault.text for fault in refusal.faults)
    return ""


def read_amount(text: str) -> int | str:
    """An amount in minor units; else why it is none."""
    try:
        with reading() as uow:
            return parse_money(text, uow.library.currency).minor
    except Refusal as refusal:
        return " ".join(fault.text for fault in refusal.faults) if isinstance(refusal, Invalid) else str(refusal)


def read_taken(text: str) -> tuple[int, int | None] | str:
    """What is to be taken and, after a stroke, what is given: "10/50". Else why it is no amount."""
    taken, stroke, given = text.partition("/")
    amounts = [read_amount(part) for part in ((taken, given) if stroke else (taken,))]
    for amount in amounts:
        if isinstance(amount, str):
            return amount
    whole = [amount for amount in amounts if isinstance(amount, int)]
    if min(whole) <= 0:
        return "Type an amount above nought, like 2.40; Enter alone closes the till."
    if len(whole) == 2 and whole[1] < whole[0]:
        return "Less is given than is to be taken."
    return whole[0], whole[1] if len(whole) == 2 else None


def read_past_day(text: str, today: date) -> date | str:
    """A day up to today, as people write it: "yesterday", "fri", "20", "20/11", "20.11.2026", "2026-11-20"; the
    latest one that fits. Else why it is none."""
    typed = text.strip().lower()
    if typed in ("today", "yesterday"):
        return today - timedelta(days=typed == "yesterday")
    if typed[:3] in _WEEKDAYS and typed.isalpha():
        return today - timedelta(days=(today.weekday() - _WEEKDAYS.index(typed[:3]) - 1) % 7 + 1)
    try:
        found = _written(typed, today)
    except ValueError:
        found = None
    if found is None:
        return f"“{text}” is no day. Type one like 20/11, or yesterday."
    return found if found <= today else "That day is still to come."


def _written(typed: str, today: date) -> date | None:
    if match := _ISO.fullmatch(typed):
        return date(*(int(part) for part in match.groups()))
    match = _DAY.fullmatch(typed)
    if match is None:
        return None
    day, month, year = (int(part) if part else None for part in match.groups())
    if year is not None and month is not None and day is not None:
        return date(year if year > 99 else 2000 + year, month, day)
    past = (today - timedelta(days=back) for back in range(_YEAR))
    return next((one for one in past if one.day == day and month in (None, one.month)), None)
