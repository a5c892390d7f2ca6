"""Says in the terminal that the library answers, and where. Runs beside the server, on the standard library alone.

Called as `python ready.py URL PID`; gives up when the process is gone or after three minutes.
"""

import os
import sys
import time
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

PATIENCE_S = 180


def answers(url: str) -> bool:
    """Whether the server says that it is well."""
    try:
        with build_opener(ProxyHandler({})).open(url + "/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def alive(pid: int) -> bool:
    """Whether the server's process is there; on Windows one cannot ask without harming it."""
    if os.name == "nt":
        return True
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def wait(url: str, pid: int) -> bool:
    """Waits for the first good answer."""
    end = time.monotonic() + PATIENCE_S
    while alive(pid) and time.monotonic() < end:
        if answers(url):
            return True
        time.sleep(0.2)
    return False


def main(shown: str, asked: str, pid: int) -> None:
    if os.name == "posix" and os.fork():  # leaves the server without a child to mourn
        os._exit(0)
    if wait(asked, pid):
        print(f"\n  The library is open: {shown}\n  Ctrl-C closes it.\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
