"""The year at a glance: small months; what is closed is struck out, and said to those who do not see it."""

from collections.abc import Sequence
from datetime import date

from babel.dates import format_date, get_day_names

from lib.circulation.closure_entries import ClosureRow
from lib.ui.linked import esc, listed, show_linked
from lib.ui.words import the_reader

Day = tuple[date, bool, str]
_LEGEND = (
    '<span class="open-day">1</span> open', '<span class="closed-day"><s>1</s></span> closed',
    '<span class="special-day">1</span> open against the pattern', '<span class="this-day">1</span> today',
)  # fmt: skip


def year_calendar(days: Sequence[Day], rows: Sequence[ClosureRow], today: date) -> None:
    """The days as small calendars, month by month."""
    special = {row.on_date for row in rows if row.is_open}
    months: dict[tuple[int, int], list[Day]] = {}
    for entry in days:
        months.setdefault((entry[0].year, entry[0].month), []).append(entry)
    drawn = [_month(entries, special, today) for entries in months.values()]
    open_count = sum(is_open for _, is_open, _ in days)
    told = f'<p class="soft">Open on {open_count} of {len(days)} days.</p>'
    show_linked(f"{told}{listed(drawn, 'year')}{listed(_LEGEND, 'legend')}", "year")


def _month(entries: Sequence[Day], special: set[date | None], today: date) -> str:
    locale = the_reader().babel
    short, full = get_day_names("narrow", locale=locale), get_day_names("wide", locale=locale)
    head = "".join(f'<th scope="col" abbr="{esc(full[n])}">{esc(short[n])}</th>' for n in range(7))
    cells = "<td></td>" * entries[0][0].weekday()
    for on, is_open, reason in entries:
        cells += _cell(on, is_open, reason, on in special, on == today)
        if on.weekday() == 6:
            cells += "</tr><tr>"
    title = esc(format_date(entries[0][0], "LLLL y", locale=locale))
    return f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody><tr>{cells}</tr></tbody></table>"


def _cell(on: date, is_open: bool, reason: str, special: bool, now: bool) -> str:
    mark = ' aria-current="date"' if now else ""
    kinds = " ".join(
        name for name, holds in (
            ("open-day", is_open and not special), ("closed-day", not is_open), ("special-day", is_open and special),
            ("this-day", now),
        ) if holds
    )  # fmt: skip
    if is_open and not special:
        return f'<td{mark}><span class="{kinds}">{on.day}</span></td>'
    state = "open against the pattern" if is_open else "closed"
    why = esc(state + (f", {reason}" if reason else ""))
    number = f"{on.day}" if is_open else f"<s>{on.day}</s>"
    return f'<td{mark} title="{why}"><span class="{kinds}">{number}</span><span class="unseen"> {why}</span></td>'
