"""`verify` and `doctor`: is the data as it must be, is the installation as it should be."""

from contextlib import suppress
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from lib.cli.library import DataDir, configure, opened
from lib.cli.tell import ERR, as_json, bad, good, note, progress, stop
from lib.kit.config import ConfigFault
from lib.ops.auditor import run_audit
from lib.ops.doctor import Diagnosis, Level, diagnose

SIGNS = {Level.OK: "[green]✓[/green]", Level.WARNING: "[yellow]![/yellow]", Level.FAULT: "[bold red]✗[/bold red]"}
Json = Annotated[bool, typer.Option("--json", help="Print the result for programs.")]


def register(app: typer.Typer) -> None:
    app.command()(verify)
    app.command()(doctor)


def verify(json: Json = False, data_dir: DataDir = None) -> None:
    """Checks that nothing in the data is as it must never be, and that the audit trail is whole.

    Ends with 1 when something is broken.
    """
    with opened(data_dir, existing=True) as library, progress("Checking") as tick:
        made = run_audit(library, asked_by="verify", tick=tick)
    broken = made.found
    if json:
        as_json({
            "sound": not broken, "run": made.run.id, "checked": made.run.checked,
            "findings": [asdict(row) for row in broken],
        })  # fmt: skip
    else:
        for row in broken:
            bad(str(row))
    if broken:
        if not json:
            note("An admin sees the rows, and what can be repaired, under Integrity: docs/operations.md.")
        raise stop(1)
    if not json:
        good(f"All {made.run.checked} checks held: the data is sound, the audit trail and the files are whole.")


def doctor(json: Json = False, data_dir: DataDir = None) -> None:
    """Looks for what is wrong with this installation and says how to mend it. Changes nothing.

    Ends with 1 when something must be mended; warnings alone end with 0.
    """
    with suppress(ConfigFault):  # its faults are among what is found
        configure(data_dir)
    found = diagnose()
    faults = [row for row in found if row.level is Level.FAULT]
    if json:
        as_json({"well": not faults, "found": [asdict(row) for row in found]})
    else:
        show(found)
    if faults:
        if not json:
            bad(f"{len(faults)} to mend.")
        raise stop(1)
    if not json:
        good("Nothing must be mended.")


def show(found: tuple[Diagnosis, ...]) -> None:
    table = Table(box=None, show_header=False, padding=(0, 1))
    for row in found:
        table.add_row(SIGNS[row.level], row.about, row.found)
        if row.mend:
            table.add_row("", "", f"[dim]→ {row.mend}[/dim]")
    ERR.print(table)
