"""Closures in words, and the entries of the calendar as lists from which they are taken out."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import streamlit as st
from babel.dates import format_date, get_day_names

from lib.circulation.closure_entries import ClosureRow, Entry
from lib.circulation.models import ClosureKind
from lib.closures.reach import CalendarChange
from lib.ui.closure_asked import Asked, ask
from lib.ui.closure_preview import preview_at
from lib.ui.words import day, plain, the_reader, weekday

MONTHS = tuple(range(1, 13))
HEADINGS = {ClosureKind.YEARLY: "Every year", ClosureKind.DAY: "Single days"}
NOTHING = {
    ClosureKind.YEARLY: "No day is closed every year. Add public holidays with “Close every year” above.",
    ClosureKind.DAY: "No single day is entered. Add holidays and special days with the form above.",
}


def weekday_name(number: int) -> str:
    """The name of a weekday, 0 being Monday, in the reader's language."""
    return str(get_day_names("wide", locale=the_reader().babel)[number])


def month_name(number: int) -> str:
    """The name of a month, 1 being January."""
    return format_date(date(2000, number, 1), "LLLL", locale=the_reader().babel)


def entry_words(entry: Entry) -> str:
    """An entry as people say it: "every Sunday from 4 May 2026 on", "25 December of every year", "Monday, 4 May"."""
    beginning = f" from {day(entry.since)} on" if entry.since else ""
    if entry.kind is ClosureKind.WEEKLY:
        return f"every {weekday_name(entry.weekday or 0)}{beginning}"
    if entry.kind is ClosureKind.YEARLY:
        written = format_date(date(2000, entry.month or 1, entry.day or 1), "d MMMM", locale=the_reader().babel)
        return f"{written} of every year{beginning}"
    return weekday(entry.on_date) if entry.on_date else ""


def entries_words(entries: Sequence[Entry]) -> str:
    """Entries as people say them, at most three runs of days: "4 May 2026 to 8 May 2026"."""
    said = [_run_words(run) for run in runs(entries)]
    return ", ".join(said[:3]) + (f" and {len(said) - 3} more" if len(said) > 3 else "")


def _run_words(run: Sequence[Entry]) -> str:
    first, last = run[0].on_date, run[-1].on_date
    return f"{day(first)} to {day(last)}" if first and last and len(run) > 1 else entry_words(run[0])


def runs(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Days that follow one another, alike in state and reason, together; patterns alone."""
    found: list[list[Entry]] = []
    for entry in entries:
        last = found[-1][-1] if found else None
        if last and _follows(last, entry):
            found[-1].append(entry)
        else:
            found.append([entry])
    return found


def _follows(last: Entry, entry: Entry) -> bool:
    if last.on_date is None or entry.on_date is None:
        return False
    alike = (last.is_open, last.reason) == (entry.is_open, entry.reason)
    return alike and entry.on_date == last.on_date + timedelta(days=1)


def entry_lists(rows: Sequence[ClosureRow], today: date) -> None:
    """Yearly and single entries from today on, each with the button that takes it out."""
    for kind, heading in HEADINGS.items():
        st.subheader(heading, anchor=False)
        of_kind = [row for row in rows if row.kind is kind and (row.on_date is None or row.on_date >= today)]
        if not of_kind:
            st.write(NOTHING[kind])
        for run in runs(of_kind):
            _entry_row([row for row in run if isinstance(row, ClosureRow)])


def _entry_row(run: Sequence[ClosureRow]) -> None:
    words, state = _run_words(run), "open" if run[0].is_open else "closed"
    place = f"entry-{run[0].id}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        reason = f" · {plain(run[0].reason)}" if run[0].reason else ""
        st.markdown(f"**{words}**: {state}{reason}", width="content")
        asked = Asked(place, "Take out", words, CalendarChange(remove=tuple(row.id for row in run)))
        st.button("Take out", key=f"closure-{run[0].id}", on_click=ask, args=(asked,), help=f"Take out {words}")
    preview_at(place)
