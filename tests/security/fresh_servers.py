"""A program for the test of first requests: imports everything once, then makes a fresh server for each line it reads.

The answer to a line is a port and the number of the process that serves it. The port listens already: who connects
waits until the server is ready. Every server is forked before any request, so each is as new as one that was just
started.
"""

import importlib
import os
import socket
import sys

import uvicorn

from app import app
from lib.api.door import api
from lib.ui.process import FIRST_USED


def main() -> None:
    """Reads lines until the input ends."""
    for name in FIRST_USED:
        importlib.import_module(name)
    api.made()
    for _ in sys.stdin:
        with socket.create_server(("127.0.0.1", 0)) as door:
            child = os.fork()
            if child == 0:
                os.dup2(2, 1)
                uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False)).run(sockets=[door])
                os._exit(0)
            sys.stdout.write(f"{door.getsockname()[1]} {child}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
