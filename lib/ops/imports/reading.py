"""Reading a table from a CSV, TSV or spreadsheet file in constant memory; what was detected is told.

At most 50 MB and 200,000 rows, refused at once. A row that cannot be read is a row with a fault, never an end.
"""

import csv
import hashlib
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from lib.kit.text import one_line
from lib.ops.imports.encoding import Encoding, encoding_of
from lib.ops.imports.errors import FileTooLarge, TooManyRows, UnreadableFile
from lib.ops.imports.sheet_probe import opens_within_limits

LARGEST_MB = 50
LARGEST_ROWS = 200_000
LARGEST_UNPACKED = 500 << 20
LARGEST_COLUMNS = 500
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_BAD = re.compile("[\x00\ud800-\udfff]")
_LOST = re.compile("[\x00\ufffd]")


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the line of the file it starts on (from 1), its cells, and why it cannot be used, if so."""

    number: int
    cells: tuple[str, ...]
    fault: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A file that reads as a table. `total` counts its rows without the header."""

    path: Path
    file_name: str
    sha256: str
    form: str
    encoding: Encoding | None
    delimiter: str
    skipped: int
    headers: tuple[str, ...]
    total: int

    @property
    def told(self) -> str:
        """What was detected, for people: "CSV, comma, UTF-8 with byte order mark"."""
        if self.encoding is None:
            return "Spreadsheet, first sheet with content"
        mark = " with byte order mark" if self.encoding.has_bom else ""
        return f"{self.form}, {DELIMITERS[self.delimiter]}, {self.encoding.shown}{mark}"

    def lines(self) -> Iterator[Line]:
        """Every row after the header; blank ones are passed over."""
        records = _records(self.path, self.encoding, self.delimiter, self.skipped)
        next(records, None)
        for line in records:
            yield self._checked(line)

    def _checked(self, line: Line) -> Line:
        if line.fault:
            return line
        cells, width = line.cells, len(self.headers)
        bad = _BAD if self.encoding is None or self.encoding.errors == "surrogateescape" else _LOST
        if bad.search("".join(cells)):
            at = next(index for index, cell in enumerate(cells) if bad.search(cell))
            column = self.headers[at] if at < width else ""
            return Line(line.number, cells, "This cell holds bytes that are not text. Type it anew.", column)
        if len(cells) == width:
            return line
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            return Line(line.number, cells[:width])
        if len(cells) < width and self.encoding is None:
            return Line(line.number, cells + ("",) * (width - len(cells)))
        return Line(line.number, cells, f"This row has {len(cells)} cells where the first line has {width}."
                    " A quotation mark or a delimiter is missing or too many.")  # fmt: skip


def open_table(path: Path, file_name: str = "") -> Table:
    """Looks at a file and its first line, and counts its rows.

    Raises:
        FileTooLarge, TooManyRows, UnreadableFile: as said, before anything is imported.
    """
    size = path.stat().st_size
    if size > LARGEST_MB << 20:
        raise FileTooLarge(megabytes=-(-size // (1 << 20)), limit=LARGEST_MB)
    if size == 0:
        raise UnreadableFile(why="it is empty.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    form, encoding, delimiter, skipped = _form_of(path)
    records = _records(path, encoding, delimiter, skipped)
    first = next(records, None)
    if first is None or first.fault:
        raise UnreadableFile(why=first.fault if first else "it holds no rows.")
    if len(first.cells) > LARGEST_COLUMNS:
        raise UnreadableFile(why=f"its first line has more than {LARGEST_COLUMNS} columns.")
    headers = _header_names(first.cells)
    total = 0
    for _ in records:
        total += 1
        if total > LARGEST_ROWS:
            raise TooManyRows(limit=f"{LARGEST_ROWS:,}")
    return Table(path, file_name or path.name, digest, form, encoding, delimiter, skipped, headers, total)


def _form_of(path: Path) -> tuple[str, Encoding | None, str, int]:
    with path.open("rb") as file:
        magic = file.read(8)
    if magic.startswith(b"PK\x03\x04"):
        _check_zip(path)
        return "XLSX", None, "", 0
    if magic.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"\x89PNG", b"SQLite f")):
        raise UnreadableFile(why="it is not CSV, TSV or XLSX. Save it as one of these and try again.")
    encoding = encoding_of(path)
    with path.open(encoding=encoding.name, errors=encoding.errors, newline="") as text:
        sample = text.read(1 << 16)
    told = re.match(r"sep=([,;\t|])\r?\n", sample)
    delimiter = told.group(1) if told else _delimiter_of(sample)
    return ("TSV" if delimiter == "\t" else "CSV"), encoding, delimiter, 1 if told else 0


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UnreadableFile(why="it is damaged.") from error
    if not any(entry.filename == "[Content_Types].xml" for entry in entries):
        raise UnreadableFile(why="it is a zip file, but no XLSX spreadsheet.")
    if len(entries) > 10_000 or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise UnreadableFile(why="it unpacks to more than 500 MB.")
    if not opens_within_limits(path):
        raise UnreadableFile(why="it is damaged, protected by a password, or has cells so far apart that it cannot be"
                             " opened here. Save it as CSV and try again.")  # fmt: skip


def _delimiter_of(sample: str) -> str:
    def quality(delimiter: str) -> tuple[float, int]:
        widths = []
        try:
            for row in csv.reader(sample.splitlines(keepends=True)[:40], delimiter=delimiter):
                widths.append(len(row))
        except csv.Error:
            return (0.0, 0)
        widths = [width for width in widths if width]
        if not widths or widths[0] == 1:
            return (0.0, 0)
        even = sum(width == widths[0] for width in widths) / len(widths)
        return (round(even, 1), widths[0])

    return max(DELIMITERS, key=quality)


def _records(path: Path, encoding: Encoding | None, delimiter: str, skipped: int) -> Iterator[Line]:
    if encoding is None:
        yield from _sheet_rows(path)
        return
    with path.open(encoding=encoding.name, errors=encoding.errors, newline="") as text:
        for _ in range(skipped):
            text.readline()
        reader = csv.reader(text, delimiter=delimiter)
        while True:
            start = reader.line_num + skipped + 1
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Line(start, (), "A quotation mark opens here and never closes, or a cell is too long.")
                continue
            if any(row) and any(cell.strip() for cell in row):
                yield Line(start, tuple(row))


def _sheet_rows(path: Path) -> Iterator[Line]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415  # only for spreadsheets

    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = (book.get_sheet_by_name(name) for name in book.sheet_names)
        sheet = next((sheet for sheet in sheets if sheet.height), None)
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableFile(why="it is damaged or protected by a password.") from error
    if sheet is None:
        return
    first = sheet.start[0] if sheet.start else 0
    for offset, row in enumerate(sheet.iter_rows()):
        cells = tuple(_cell_text(cell) for cell in row)
        if any(cell.strip() for cell in cells):
            yield Line(first + offset + 1, cells)


def _cell_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e16 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _header_names(cells: tuple[str, ...]) -> tuple[str, ...]:
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = one_line(_BAD.sub("", cell))[:100] or f"column {number}"
        names.append(f"{name} ({number})" if name in names else name)
    while len(names) > 1 and names[-1] == f"column {len(names)}":
        names.pop()
    return tuple(names)
