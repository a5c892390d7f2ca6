"""When the library is open: the coming week in seven small tiles."""

from datetime import date

from babel.dates import format_date

from lib.ui.linked import esc
from lib.ui.words import the_reader

Day = tuple[date, bool, str]


def opening_line(days: list[Day]) -> str:
    """Today in words: "Open today", "Closed today, open again on Thursday"."""
    if not days:
        return ""
    _, is_open, reason = days[0]
    if is_open:
        return "Open today"
    why = f" ({reason})" if reason else ""
    again = next((when for when, opens, _ in days[1:] if opens), None)
    return f"Closed today{why}" + (f", open again on {_named(again, 'EEEE')}" if again else "")


def opening_html(days: list[Day]) -> str:
    """The days as tiles; the first is today."""
    return '<ol class="days">' + "".join(_tile(at, *found) for at, found in enumerate(days)) + "</ol>"


def _tile(at: int, when: date, is_open: bool, reason: str) -> str:
    word = "Open" if is_open else reason or "Closed"
    look = "in" if is_open else "none"
    name = "Today" if at == 0 else _named(when, "EEEE")
    now = ' aria-current="date"' if at == 0 else ""
    return f'<li{now}><b>{esc(name)}</b>{esc(_named(when, "d MMM"))}<br><span class="{look}">{esc(word)}</span></li>'


def _named(when: date, pattern: str) -> str:
    return format_date(when, pattern, locale=the_reader().babel)
