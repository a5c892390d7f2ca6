"""Closures in words, and the year's calendar at a glance."""

from collections.abc import Iterable, Sequence
from datetime import date
from html import escape

import streamlit as st
from babel.dates import format_date, get_day_names

from lib.circulation.closure_entries import ClosureRow
from lib.circulation.models import ClosureKind
from lib.ui.words import day, the_reader, weekday

MONTHS = tuple(range(1, 13))


def weekday_name(number: int) -> str:
    """The name of a weekday, 0 being Monday, in the reader's language."""
    return str(get_day_names("wide", locale=the_reader().babel)[number])


def closure_words(row: ClosureRow) -> str:
    """A closure as people say it: "every Sunday", "25 December of every year", "Monday, 4 May 2026"."""
    if row.kind is ClosureKind.WEEKLY:
        return f"every {weekday_name(row.weekday or 0)}"
    if row.kind is ClosureKind.YEARLY:
        written = format_date(date(2000, row.month or 1, row.day or 1), "d MMMM", locale=the_reader().babel)
        return f"{written} of every year"
    return weekday(row.on_date) if row.on_date else ""


def year_calendar(days: Sequence[tuple[date, bool, str]], today: date) -> None:
    """The days as small calendars, month by month; closed days are crossed out and named in a list below."""
    months: dict[tuple[int, int], list[tuple[date, bool, str]]] = {}
    for entry in days:
        months.setdefault((entry[0].year, entry[0].month), []).append(entry)
    with st.grid(min_column_width=210, gap="medium"):
        for entries in months.values():
            st.html(_month(entries, today))


def _month(entries: list[tuple[date, bool, str]], today: date) -> str:
    locale = the_reader().babel
    names = get_day_names("narrow", locale=locale)
    head = "".join(f'<th scope="col" style="font-weight:600">{escape(str(names[n]))}</th>' for n in range(7))
    cells = "".join("<td></td>" for _ in range(entries[0][0].weekday()))
    for on, is_open, reason in entries:
        cells += _cell(on, is_open, reason, today)
        if on.weekday() == 6:
            cells += "</tr><tr>"
    title = escape(format_date(entries[0][0], "LLLL y", locale=locale))
    return (
        f'<table style="width:100%;text-align:center;font-size:0.85rem;border-collapse:collapse">'
        f'<caption style="text-align:left;font-weight:600;padding:0.2rem 0">{title}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody><tr>{cells}</tr></tbody></table>"
    )


def _cell(on: date, is_open: bool, reason: str, today: date) -> str:
    ring = "outline:2px solid currentColor;border-radius:50%;" if on == today else ""
    if is_open:
        return f'<td style="padding:0.15rem;{ring}">{on.day}</td>'
    why = escape(f"{day(on)}: closed" + (f", {reason}" if reason else ""))
    return f'<td style="padding:0.15rem;opacity:0.65;{ring}" title="{why}"><s aria-label="{why}">{on.day}</s></td>'


def month_name(number: int) -> str:
    """The name of a month, 1 being January."""
    return format_date(date(2000, number, 1), "LLLL", locale=the_reader().babel)


def in_groups(rows: Iterable[ClosureRow]) -> dict[str, list[ClosureRow]]:
    """The entries under the headings of the page."""
    headings = {ClosureKind.WEEKLY: "Every week", ClosureKind.YEARLY: "Every year", ClosureKind.DAY: "Single days"}
    found: dict[str, list[ClosureRow]] = {heading: [] for heading in headings.values()}
    for row in rows:
        found[headings[row.kind]].append(row)
    return found
