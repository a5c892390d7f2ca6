"""`night`: what the library does for itself once a day, to be called by a timer."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.cli.library import DataDir, opened
from lib.cli.tell import OUT, Tick, as_json, bad, good, note, progress, stop
from lib.ops.night import Outcome, Told, done_today, run_night
from lib.ops.night_jobs import JOBS


def register(app: typer.Typer) -> None:
    app.command()(night)


def night(
    only: Annotated[list[str] | None, typer.Option(help="Only this job; may be given several times.")] = None,
    list_jobs: Annotated[bool, typer.Option("--list", help="List the jobs and what each does; run none.")] = False,
    if_due: Annotated[
        bool, typer.Option("--if-due", help="Do nothing where today's night has ended well already.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result for programs.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Runs the night jobs: fines, reservations, renewals, forgetting, tidying, and the integrity check last.

    A missed night is caught up by the next. Ends with 1 when a job failed.
    """
    if list_jobs:
        _tell_jobs()
        return
    with opened(data_dir, existing=True) as library:
        if if_due and _is_done(library):
            good("Today's night has ended well already.")
            return
        with progress("Night") as tick:
            outcomes = run_night(library, only=only or (), progress=_ticking(tick))
    if json:
        as_json([asdict(one) for one in outcomes])
    else:
        _tell(outcomes)
    if any(one.failed for one in outcomes):
        raise stop(1)


def _is_done(library: Installation) -> bool:
    with begin_reading(library, SYSTEM) as uow:
        return done_today(uow)


def _ticking(tick: Tick) -> Told:
    """The bar moves with each job that begins."""
    order = [job.name for job in JOBS]
    return lambda job, _counts: tick(order.index(job.name), len(order))


def _tell_jobs() -> None:
    table = Table(box=None, show_header=False, padding=(0, 1))
    for job in JOBS:
        table.add_row(f"[bold]{job.name}[/bold]", job.says)
    OUT.print(table)


def _tell(outcomes: Sequence[Outcome]) -> None:
    titles = {job.name: job.title for job in JOBS}
    for one in outcomes:
        line = f"{titles.get(one.name, one.name)}: {_counted(one.counts)} ({one.seconds:.1f} s)"
        if one.failed:
            bad(f"{titles.get(one.name, one.name)}: {one.failed}")
        else:
            good(line)
    failed = sum(1 for one in outcomes if one.failed)
    if failed:
        note(
            f"{failed} of {len(outcomes)} jobs failed; the log has each incident. What they do is done the next night."
        )


def _counted(counts: Mapping[str, int]) -> str:
    done = [f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items() if number]
    return ", ".join(done) or "nothing to do"
