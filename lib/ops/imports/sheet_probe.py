"""Opens a spreadsheet in a process of its own, so that one built to fill the memory ends that process and not ours.

Run as a script with the file's path. Every sheet is laid out in full as its outermost cells say, so 2 KB can ask
for 500 GB; and what a packed part unpacks to is known only once it was unpacked.
"""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

with suppress(ImportError):
    import resource  # not on Windows, where a process of its own must do

LARGEST_MEMORY = 1 << 30  # bytes; 200,000 rows of 40 columns need about a third
LONGEST_S = 60


def opens_within_limits(path: Path) -> bool:
    """Whether every sheet up to the first with content can be read with 1 GB and a minute of processor time."""
    command = [sys.executable, "-I", str(Path(__file__).resolve()), str(path.resolve())]
    try:
        done = subprocess.run(command, capture_output=True, timeout=4 * LONGEST_S, check=False)  # noqa: S603  # our own
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _probe(path: str) -> None:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # only the child needs it

    _hold_back()
    book = CalamineWorkbook.from_path(path)
    sheets = (book.get_sheet_by_name(name) for name in book.sheet_names)
    next((sheet for sheet in sheets if sheet.height), None)


def _hold_back() -> None:
    if "resource" not in globals():
        return
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY, LARGEST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST_S, LONGEST_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _probe(sys.argv[1])
