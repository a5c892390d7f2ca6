"""A program for the test of first requests: imports everything once, then makes a fresh server for each line it reads.

A line is a port; the answer is the number of the process that serves it. Every server is forked before any
request, so each is as new as one that was just started.
"""

import importlib
import os
import sys

import uvicorn

from app import app
from lib.ui.process import FIRST_USED


def main() -> None:
    """Reads ports until the input ends."""
    for name in FIRST_USED:
        importlib.import_module(name)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.dup2(2, 1)
            uvicorn.run(app, host="127.0.0.1", port=int(line), log_level="critical", access_log=False)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
