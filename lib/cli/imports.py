"""`import`: files of titles, copies, members and loans into the library."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.cli.library import DataDir, opened
from lib.cli.tell import ERR, bad, good, note, progress, stop
from lib.ops.imports.report import ImportReport, fault_file
from lib.ops.imports.run import import_file, preview_file

SHOWN_REASONS = 8


class Kind(StrEnum):
    """What can be imported, in the order in which a new library wants it."""

    TITLES = "titles"
    COPIES = "copies"
    MEMBERS = "members"
    LOANS = "loans"


def register(app: typer.Typer) -> None:
    app.command("import")(import_)


def import_(
    kind: Annotated[Kind, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(help="A CSV, TSV or XLSX file.", exists=True, dir_okay=False, readable=True)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would come of it; keep nothing.")] = False,
    source: Annotated[
        str | None, typer.Option(help="Under which name the ids of this file are kept; found by itself otherwise.")
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="COLUMN=FIELD, for a column that is guessed wrongly; COLUMN= leaves it out."),
    ] = None,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Keep nothing if a single row is refused.")
    ] = False,
    faults: Annotated[
        Path | None, typer.Option(help="Write every refused row, with line, column and reason, to this CSV file.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Imports titles, copies, members or loans. The same file again adds nothing.

    Columns are guessed and shown. Ends with 1 when --all-or-nothing kept nothing.
    """
    with opened(data_dir) as installation:
        wanted = columns_of(installation, kind, file, source, mapping or [])
        with progress(f"Importing {kind}") as tick:
            report = import_file(
                installation, SYSTEM, kind.value, file, source=source, mapping=wanted, dry_run=dry_run,
                all_or_nothing=all_or_nothing, progress=tick,
            )  # fmt: skip
        show(report)
        if faults is not None and report.refused:
            write_faults(installation, report.run_id, faults)
        elif report.refused:
            note("  Add --faults FILE to have every refused row with its reason.")
    if all_or_nothing and not report.written and not dry_run:
        bad("Nothing was kept, because rows were refused.", "Mend them, or leave --all-or-nothing out.")
        raise stop(1)
    tell_next(report)


def columns_of(
    installation: Installation, kind: Kind, file: Path, source: str | None, pairs: list[str]
) -> dict[str, str] | None:
    """The guessed columns with those given by --map put over them; None where nothing was given."""
    if not pairs:
        return None
    if odd := [pair for pair in pairs if "=" not in pair]:
        raise typer.BadParameter(f"{odd[0]}: expected COLUMN=FIELD", param_hint="--map")
    guessed = preview_file(installation, SYSTEM, kind.value, file, source=source).columns
    given = dict(pair.split("=", 1) for pair in pairs)
    return {column.header: column.field for column in guessed} | given


def show(report: ImportReport) -> None:
    """How the file was read, and what came of each row."""
    note(f"[bold]{report.file_name}[/bold]: {report.told}; ids of “{report.source}” ({report.why})")
    table = Table(box=None, show_header=False, padding=(0, 1))
    for column in report.columns:
        taken = f"{column.label} [dim]({column.why})[/dim]" if column.field else "[dim]left out[/dim]"
        table.add_row(" ", column.header, "→", taken)
    ERR.print(table)
    parts = {"added": report.added, "merged": report.merged, "unchanged": report.unchanged, "refused": report.refused}
    told = ", ".join(f"{count:,} {name}" for name, count in parts.items())
    note(f"{report.rows_read:,} rows: {told}.")
    for reason, count in report.reasons[:SHOWN_REASONS]:
        ERR.print(f"  {count:,} × {reason}", markup=False, soft_wrap=True)
    for line in report.notes:
        ERR.print(f"  {line}", markup=False, soft_wrap=True)


def write_faults(installation: Installation, run_id: int, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file, begin_reading(installation, SYSTEM) as uow:
        file.writelines(fault_file(uow, run_id))
    good(f"Refused rows written: {path}")


def tell_next(report: ImportReport) -> None:
    if report.dry_run:
        note("This was a dry run; nothing was kept. Leave --dry-run out to import.")
    else:
        good("Imported. Next: python3 manage.py verify")
