"""How the night shares the database with desks: batches as large as desks can bear, and nobody pays for its log.

On SQLite whoever writes keeps all others waiting. A batch beside a desk at work is a few milliseconds long; once
nobody else has written for a while, batches grow, so that a night alone is quick. On PostgreSQL nobody waits for one.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from lib.access.actor import SYSTEM
from lib.access.installation import Installation
from lib.access.work import UnitOfWork, begin_work
from lib.kit.database import Statement
from lib.kit.errors import Busy

# For how long a batch should keep others from writing, its commit not counted: beside a desk at work, and alone.
AIM_S, ALONE_S = 0.0015, 0.05
QUIET_S = 0.15  # the night is alone once nobody else has written for so long
SLOWEST_COMMIT_S = 0.05
SMALLEST, FIRST, LARGEST = 10, 100, 2000
BUSY_TRIES = 3
LOG_PAGES = 300  # as long as the log should become beside a desk; SQLite itself moves it at 1,000
MOVES = 3  # only a log that is moved whole begins anew: what others wrote during a move is moved at once
_VERSION = Statement("PRAGMA data_version")  # SQLite's: another number once another connection has written
_MOVE_LOG = Statement("PRAGMA wal_checkpoint(PASSIVE)")
T = TypeVar("T")


class Pace:
    """Runs batch after batch, each in a transaction of its own. `limit`: how much the next one should do."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self.limit = FIRST
        self._commits_s = 0.0
        self._version = 0
        self._heard_at = time.monotonic()
        self._log = Log(installation)

    def batch(self, work: Callable[[UnitOfWork], T], amount: int | None = None) -> T:
        """What `work` gives, committed; then sets the next `limit`. `amount`: how much it does, where that is not the
        limit. Waiting for its turn counts in no time: a smaller batch would not make it shorter.

        Raises:
            Busy: the turn did not come, three times.
        """
        for tried in range(1, BUSY_TRIES + 1):
            try:
                return self._timed(work, self.limit if amount is None else amount)
            except Busy:
                if tried == BUSY_TRIES:
                    raise
        raise AssertionError

    def _timed(self, work: Callable[[UnitOfWork], T], amount: int) -> T:
        with begin_work(self._installation, SYSTEM) as uow:
            began = time.monotonic()
            self._listen(uow, began)
            done = work(uow)
            worked = time.monotonic()
        self._commits_s += (min(time.monotonic() - worked, SLOWEST_COMMIT_S) - self._commits_s) / 8
        aim_s = aim(worked - self._heard_at)
        if amount * 2 >= self.limit:  # a small rest says little
            self.limit = next_limit(amount, worked - began, self._commits_s, aim_s)
        if aim_s == AIM_S:
            self._log.tidy()
        return done

    def _listen(self, uow: UnitOfWork, now: float) -> None:
        """Whether somebody else has written since the last batch."""
        version = int(_VERSION.row(uow.connection)[0]) if self._installation.is_sqlite else 0
        if version != self._version:
            self._version, self._heard_at = version, now


class Log:
    """SQLite's log of what was written lately. At a thousand pages SQLite moves it into the file in the turn of whoever
    wrote the last of them, while all others wait. The night moves it before that, outside of its turn."""

    def __init__(self, installation: Installation) -> None:
        self._engine = installation.engine if installation.is_sqlite else None
        self._batches, self._every = 0, 1

    def tidy(self) -> None:
        """Moves it, where so many batches were written since that it may have become long."""
        self._batches += 1
        if self._engine is None or self._batches < self._every:
            return
        with self._engine.connect().execution_options(read_only=True) as connection:
            for _ in range(MOVES):
                _, pages, moved = _MOVE_LOG.row(connection)
                if moved == pages:
                    break
        self._every = max(1, min(self._batches * LOG_PAGES // max(pages, 1), self._batches * 2))
        self._batches = 0


def aim(quiet_s: float) -> float:
    """For how many seconds a batch should work if nobody else has written for `quiet_s`."""
    return ALONE_S if quiet_s > QUIET_S else AIM_S


def next_limit(limit: int, worked_s: float, commit_s: float, aim_s: float = AIM_S) -> int:
    """How much the next batch should do if this one worked for so long: at most twice and at least half as much. On a
    slow disk, where desks wait for theirs too, a batch may work for two commits."""
    fair = int(limit * max(aim_s, 2 * commit_s) / max(worked_s, 1e-6))
    return min(max(fair, limit // 2, SMALLEST), limit * 2, LARGEST)
