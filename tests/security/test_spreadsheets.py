"""A spreadsheet of 2 KB that asks for all memory there is harms nobody but its own import."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lib.kit.config import HOME
from lib.ops.imports.errors import UnreadableFile
from lib.ops.imports.reading import open_table
from tests.ops.test_import_reading import a_spreadsheet

READ = """
import sys
from pathlib import Path
from lib.ops.imports.reading import open_table
open_table(Path(sys.argv[1]))
"""


def far_apart(folder: Path) -> Path:
    """Two cells, in the first and the last corner of a sheet: 17 billion cells once it is laid out."""
    path = a_spreadsheet(folder, [["title"], ["Dune"]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = next(name for name in parts if name.startswith("xl/worksheets/"))
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts[sheet] = parts[sheet].replace(b"</sheetData>", row)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_cells_far_apart_are_refused_and_the_process_that_reads_them_lives_on(tmp_path: Path) -> None:
    """Read in a process of its own, because without the protection it dies of it."""
    path = far_apart(tmp_path)
    told = subprocess.run(
        [sys.executable, "-c", READ, str(path)], cwd=HOME, capture_output=True, text=True, timeout=100, check=False
    )
    assert told.returncode == 1  # a refusal; death for want of memory is a signal
    assert "cells so far apart" in told.stderr
    with pytest.raises(UnreadableFile):
        open_table(path)
