"""Few pages run at a time, about one a core: more at once only slow one another down."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_S = 2.0
_turns = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
_mine = threading.local()


@contextmanager
def a_turn() -> Iterator[None]:
    """Holds a turn while a page runs; after two seconds of waiting the page runs without one, so that a slow
    page never stops the others."""
    held = _turns.acquire(timeout=PATIENCE_S)
    _mine.held = held
    try:
        yield
    finally:
        if _mine.held:
            _mine.held = False
            _turns.release()


@contextmanager
def stepping_aside() -> Iterator[None]:
    """Gives the turn back while long work (an import, a report) runs inside a page."""
    had = getattr(_mine, "held", False)
    if had:
        _mine.held = False
        _turns.release()
    try:
        yield
    finally:
        if had:
            _mine.held = _turns.acquire(timeout=PATIENCE_S)
