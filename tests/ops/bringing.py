"""Importing small tables given as text, with every row accounted for and nothing broken afterwards."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import begin_reading
from lib.ops.imports.report import ImportReport
from lib.ops.imports.run import import_file
from lib.ops.integrity import findings

Bring = Callable[..., ImportReport]
TITLES = 'id,title,author,year,language\n1,Dune,Frank Herbert,1965,en\n2,Indiana,"Sand, George",1832,fre\n'
COPIES = "id,copies\n1,2\n2,1\n"
MEMBERS = "id,name,email\nm1,Ada Lovelace,ada@example.org\nm2,Alan Turing,alan@example.org\n"


def bringer(library: Installation, folder: Path) -> Bring:
    """A function that imports a table given as text into this library."""

    def run(kind: str, content: str, name: str = "", **given: Any) -> ImportReport:
        path = folder / (name or f"{kind}.csv")
        path.write_text(content, encoding="utf-8")
        report = import_file(library, SYSTEM, kind, path, **given)
        assert report.accounted
        assert report.rows_read == report.rows_total
        assert broken(library) == ()
        return report

    return run


def broken(library: Installation) -> tuple[Any, ...]:
    """What the integrity check finds."""
    with begin_reading(library, SYSTEM) as uow:
        return findings(uow)


def ask(library: Installation, sql: str) -> list[Any]:
    """The rows of a query, as tuples."""
    with library.engine.connect().execution_options(read_only=True) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    """Added, merged, unchanged, refused."""
    return report.added, report.merged, report.unchanged, report.refused


def faults(report: ImportReport) -> list[tuple[int, str, str]]:
    """Line, column and reason of what was refused."""
    return [(fault.line, fault.column, fault.reason) for fault in report.faults]
