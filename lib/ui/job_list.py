"""The night jobs: what each does, how it went the last time, and the nights before."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import streamlit as st

from lib.ops.night import DEAD_AFTER, NIGHT
from lib.ops.night_history import JobRunRow
from lib.ops.night_jobs import JOBS
from lib.ui.linked import esc
from lib.ui.row_table import row_table
from lib.ui.words import count, number, when

LATE = timedelta(hours=36)


def night_summary(last: JobRunRow | None, now: datetime) -> None:
    """How the last night went, and whether it is too long ago."""
    if last is None:
        st.info(
            "No night has run yet. Have a timer call manage.py night each night; the handbook on operations says how.",
            icon=":material/bedtime:",
        )
    elif last.finished_at is None:
        dead = now - last.started_at > DEAD_AFTER
        st.warning(
            f"A night began {when(last.started_at)} and "
            + ("shows no end; the next one takes it over." if dead else "is under way."),
            icon=":material/hourglass_top:",
        )
    elif last.failed:
        st.error(
            f"Not all went well in the night of {when(last.started_at)}; {_words(last)}.", icon=":material/report:"
        )
    elif now - last.started_at > LATE:
        st.warning(f"The last night was {when(last.started_at)}. Look at the timer.", icon=":material/schedule:")
    else:
        st.success(
            f"All {number(last.counts.get('jobs', 0))} jobs of the night went well: {when(last.started_at)},"
            f" {number(round(last.seconds, 1))} seconds.",
            icon=":material/bedtime:",
        )


def _words(night: JobRunRow) -> str:
    """Why a night failed, with the jobs by their titles."""
    reason, _, names = night.failed.partition(": ")
    titles = {job.name: job.title for job in JOBS}
    return f"{reason}: {', '.join(titles.get(name, name) for name in names.split(', '))}" if names else reason


def job_table(last: Mapping[str, JobRunRow]) -> None:
    """Each job in its order with its last run."""
    heads = ("Job", "Last run", "What it did")
    row_table(
        heads, (_job(job.title, job.says, last.get(job.name)) for job in JOBS), label="Jobs", key="jobs", stack=True
    )


def _job(title: str, says: str, run: JobRunRow | None) -> tuple[str, ...]:
    about = f'<b>{esc(title)}</b><br><span class="small soft">{esc(says)}</span>'
    if run is None:
        return about, '<span class="soft">never</span>', ""
    return about, f'<span class="small">{esc(when(run.started_at))}</span>', _came_of(run)


def _came_of(run: JobRunRow) -> str:
    if run.failed:
        return f'<span class="state late">Failed</span><span class="small">{esc(run.failed)}</span>'
    if run.finished_at is None:
        return '<span class="soft">under way</span>'
    took = f", {number(round(run.seconds, 1))} s" if run.seconds >= 1 else ""
    return f'<span class="small">{esc(counted(run.counts))}{took}</span>'


def counted(counts: Mapping[str, int]) -> str:
    """What a job counted, in words."""
    done = [f"{number(value)} {name.replace('_', ' ')}" for name, value in counts.items() if value]
    return ", ".join(done) or "nothing to do"


def night_table(nights: tuple[JobRunRow, ...]) -> None:
    """The nights before, newest first."""
    rows = [
        (
            f'<span class="small">{esc(when(one.started_at))}</span>',
            esc(count(one.counts.get("jobs", 0), "job", "jobs"))
            + (", chosen by hand" if "partial" in one.counts else ""),
            f'<span class="late">{esc(one.failed)}</span>'
            if one.failed
            else "well"
            if one.finished_at
            else "under way",
        )
        for one in nights
        if one.job == NIGHT
    ]
    row_table(("When", "Jobs", "How it went"), rows, label="Nights", key="nights", stack=True)
