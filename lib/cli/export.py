"""`export`: the library as CSV files that import again."""

from pathlib import Path
from typing import Annotated

import typer

from lib.access.actor import SYSTEM
from lib.cli.imports import Kind
from lib.cli.library import DataDir, opened
from lib.cli.tell import good, note, progress
from lib.ops.export import export_library


def register(app: typer.Typer) -> None:
    app.command()(export)


def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; made if it is missing.", file_okay=False)],
    only: Annotated[list[Kind] | None, typer.Option(help="Only this kind; may be given several times.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Writes titles, copies, members and loans as CSV files, which `import` reads again.

    Members and loans hold personal data: keep the files accordingly.
    """
    with opened(data_dir, existing=True) as installation:
        with progress("Exporting") as tick:
            written = export_library(installation, SYSTEM, folder, [kind.value for kind in only or Kind], tick)
        for kind, rows in written.items():
            good(f"{folder / f'{kind}.csv'}: {rows:,} rows")
    note("Next, where it shall go: python3 manage.py import titles titles.csv (then copies, members, loans)")
