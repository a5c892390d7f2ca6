"""Holds in words: how long one will wait, and what placing one came to."""

from lib.circulation.holds import HoldReceipt
from lib.circulation.waits import Wait
from lib.ui.words import count, number

WEEKS_FROM = 28  # days above which nobody counts in days


def wait_words(wait: Wait | None) -> str:
    """ "about 9–14 days", "about 5–8 weeks"; "" where nothing can be said."""
    if wait is None:
        return ""
    low, high = wait.low_days, wait.high_days
    if high > WEEKS_FROM:
        low, high = low // 7, -(-high // 7)
        return f"about {_span(low, high, 'week', 'weeks')}"
    return f"about {_span(low, high, 'day', 'days')}"


def _span(low: int, high: int, one: str, many: str) -> str:
    return count(high, one, many) if low >= high else f"{number(low)}–{number(high)} {many}"


def held_words(done: HoldReceipt) -> str:
    """After a hold was placed. The title stands as it was typed: escape it for where it is shown."""
    wait = wait_words(done.wait)
    return f"Hold placed on “{done.title}”: place {number(done.position)}" + (f", {wait}." if wait else ".")


def reserved_words(done: HoldReceipt) -> str:
    """The same, said to the reader."""
    wait = wait_words(done.wait)
    return f"“{done.title}” is reserved for you: place {number(done.position)}" + (f", {wait}." if wait else ".")
