"""Whose turn it is to write among several processes: the web server, the night, self-check machines, an import.

SQLite's busy handler asks again at intervals that grow, and who has just written gets in first: beside a night a desk
waited for seconds. Here who waits keeps the next turn: two files are locked one after the other, so that whoever
comes after must wait before the first. The locks of a process that ends go with it. Without them (Windows, a folder
that cannot be written) SQLite's own lock is all there is: it alone keeps the data safe, this keeps the order.

A file is asked for again every half millisecond: waiting in the system's own queue knows no time limit, and a thread
that waited there in our stead would cost each turn two switches of threads more.
"""

import os
import time
from pathlib import Path
from typing import Any

from lib.kit.errors import Busy

try:
    import fcntl as _fcntl
except ImportError:  # Windows
    _fcntl = None  # type: ignore[assignment]
fcntl: Any = _fcntl
ENDS = ("-turn", "-next")
ASK_AGAIN_S = 0.0005


class ProcessTurn:
    """The turn to write to one SQLite file. One thread of a process at a time may ask for it."""

    def __init__(self, database: Path) -> None:
        self._paths = tuple(database.with_name(database.name + end) for end in ENDS)
        self._files: tuple[int, ...] | None = None

    def take(self, until: float) -> None:
        """Waits for the turn, at most until `until` (of `time.monotonic`).

        Raises:
            Busy: it did not come in time.
        """
        if self._files is None:
            self._files = self._opened()
        if not self._files:
            return
        turn, following = self._files
        _lock(following, until)
        try:
            _lock(turn, until)
        finally:
            fcntl.flock(following, fcntl.LOCK_UN)

    def give_back(self) -> None:
        """Lets the next process write."""
        if self._files:
            fcntl.flock(self._files[0], fcntl.LOCK_UN)

    def close(self) -> None:
        """Closes the files; they are opened anew when needed."""
        for file in self._files or ():
            os.close(file)
        self._files = None

    def _opened(self) -> tuple[int, ...]:
        files: list[int] = []
        try:
            for path in self._paths if fcntl else ():
                files.append(os.open(path, os.O_RDONLY | os.O_CREAT, 0o644))  # others need no more than to read it
        except OSError:
            for file in files:
                os.close(file)
            return ()
        return tuple(files)


def _lock(file: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise Busy from None
            time.sleep(ASK_AGAIN_S)
        else:
            return
