"""Dates, money and counts as the reader writes them.

Every function takes the reader of the running page unless one is given. `plain` is for text that people typed.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import streamlit as st
from babel.dates import format_skeleton, format_time
from babel.numbers import format_decimal

from lib.kit.wording import Wording, known_locale

_KEPT = "tome.reader"
_ONE: ContextVar["Reader | None"] = ContextVar("reader", default=None)
_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^&])")
_ADDRESSES = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_JOINER = "\u2060"  # seen by nobody, but Streamlit's Markdown makes no link of an address that holds one


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody reads: language tag, currency of the library, time zone of the library."""

    locale: str = "en-GB"
    currency: str = "EUR"
    zone: str = "UTC"

    @property
    def babel(self) -> str:
        """The language as Babel names it; English where Babel does not know it."""
        return str(known_locale(self.locale))

    @property
    def words(self) -> Wording:
        """How days and amounts are written for them, on the screen as in a decision's reasons."""
        return Wording(self.locale, self.currency)


def set_reader(reader: Reader) -> None:
    """Makes this the reader of the running page and its fragments."""
    st.session_state[_KEPT] = reader


@contextmanager
def one_reader() -> Iterator[None]:
    """Looks the reader up once for all that follows: Streamlit may end the run at each look into its session."""
    before = _ONE.set(the_reader())
    try:
        yield
    finally:
        _ONE.reset(before)


def the_reader() -> Reader:
    """The reader of the running page."""
    if (one := _ONE.get()) is not None:
        return one
    kept = st.session_state.get(_KEPT)
    return kept if isinstance(kept, Reader) else Reader()


def day(value: date, reader: Reader | None = None) -> str:
    """A day: "3 May 2026"."""
    return (reader or the_reader()).words.day(value)


def weekday(value: date, reader: Reader | None = None) -> str:
    """A day with its name: "Sunday, 3 May 2026"."""
    return (reader or the_reader()).words.weekday(value)


def due(value: date, today: date, reader: Reader | None = None) -> str:
    """A due day as people say it, always with the date: "due tomorrow, 3 May 2026"."""
    written = day(value, reader)
    left = (value - today).days
    if left < 0:
        return f"{count(-left, 'day', 'days', reader)} overdue, was due {written}"
    if left == 0:
        return f"due today, {written}"
    if left == 1:
        return f"due tomorrow, {written}"
    return f"due in {left} days, {written}" if left <= 14 else f"due {written}"


def when(value: datetime, reader: Reader | None = None) -> str:
    """An instant in the library's time zone: "3 May 2026, 14:05"."""
    known = reader or the_reader()
    local = value.astimezone(ZoneInfo(known.zone))
    return f"{day(local.date(), known)}, {format_time(local, format='short', locale=known.babel)}"


def moment(value: datetime, today: date, reader: Reader | None = None) -> str:
    """An instant of a busy day: the time alone where it was today, else the day, with another year than this one."""
    known = reader or the_reader()
    local = value.astimezone(ZoneInfo(known.zone))
    time = format_time(local, format="short", locale=known.babel)
    if local.date() == today:
        return time
    if local.year == today.year:
        return f"{format_skeleton('MMMMd', local.date(), locale=known.babel)}, {time}"
    return f"{day(local.date(), known)}, {time}"


def clock(value: datetime, reader: Reader | None = None) -> str:
    """A time of day in the library's time zone: "14:05"."""
    known = reader or the_reader()
    return format_time(value, format="short", tzinfo=ZoneInfo(known.zone), locale=known.babel)


def money(minor: int, reader: Reader | None = None) -> str:
    """An amount in minor units with its currency: "€2.40"."""
    return (reader or the_reader()).words.money(minor)


def number(value: int | float, reader: Reader | None = None) -> str:
    """A number with the reader's separators: "12,083"."""
    return format_decimal(value, locale=(reader or the_reader()).babel)


def count(value: int, one: str, many: str, reader: Reader | None = None) -> str:
    """A number and its noun: "1 copy", "12,083 copies"."""
    return f"{number(value, reader)} {one if value == 1 else many}"


def unlinked(text: str) -> str:
    """A sentence of ours with names in it that people typed: nothing in it becomes a link, picture or colour."""
    return _ADDRESSES.sub(_JOINER, text).replace("\\", "\\\\").replace("[", "\\[")


def plain(text: str) -> str:
    """Text that people typed, so that Markdown shows it letter by letter: no links, images or emphasis."""
    return _MARKS.sub(r"\\\1", _ADDRESSES.sub(_JOINER, text)).replace("\n", " ")


def label(text: str) -> str:
    """`plain` for what is itself a button or opens something: a mail address in it becomes no link either."""
    return plain(text).replace("@", f"{_JOINER}@")
