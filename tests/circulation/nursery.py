"""A process that has imported everything once and bears children that work in a library until tests kill them.

Each line on its standard input is a child: the name of a pipe, then the words for `work` of the module. The child says
through its pipe first which process it is. Forked before anything is opened: each child opens the library for itself.

Arguments: the module, data folder, database URL ("" for SQLite there).
"""

import importlib
import os
import signal
import sys
from pathlib import Path

from lib.access.installation import open_installation
from lib.kit.config import Config, Mode


def main(module: str, folder: str, url: str) -> None:
    work = importlib.import_module(f"tests.circulation.{module}").work
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    for line in sys.stdin:
        pipe, *words = line.split()
        if os.fork():
            continue
        try:
            with Path(pipe).open("w", buffering=1) as told:
                told.write(f"born {os.getpid()}\n")
                given = {"database_url": url} if url else {}
                config = Config(mode=Mode.DEMO, data_dir=Path(folder), **given)  # type: ignore[arg-type]
                work(open_installation(config), told, *map(int, words))
        finally:
            os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
