"""Says in the terminal that the library answers, and where: a thread beside the server asks it until it does."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

PATIENCE_S = 180
PAUSE_S = 0.2


def answers(url: str) -> bool:
    """Whether the server says that it is well."""
    try:
        with build_opener(ProxyHandler({})).open(url + "/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError, HTTPException):
        return False


def wait(url: str, over: threading.Event) -> bool:
    """Waits for the first good answer; not longer than three minutes, and not once the server's life is over."""
    end = time.monotonic() + PATIENCE_S
    while not over.is_set() and time.monotonic() < end:
        if answers(url):
            return not over.is_set()
        over.wait(PAUSE_S)
    return False


@contextmanager
def announced(shown: str, asked: str) -> Iterator[None]:
    """Around the life of a server: once `asked` answers, it is said that the library is open at `shown`."""
    over = threading.Event()
    threading.Thread(target=_wait_and_say, args=(shown, asked, over), name="ready", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _wait_and_say(shown: str, asked: str, over: threading.Event) -> None:
    if wait(asked, over):
        print(f"\n  The library is open: {shown}\n  Ctrl-C closes it.\n", file=sys.stderr, flush=True)
