"""Opening the library that a command works on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from lib.access.installation import Installation, open_installation
from lib.cli.tell import bad, stop
from lib.kit.config import Config, load_config
from lib.kit.logs import set_up_logs
from lib.ops.schema import prepare_database

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder of the library; the same as TOME_DATA_DIR."),
]


def configure(data_dir: Path | None = None) -> Config:
    """The configuration in force, an option of the command line before everything else.

    Raises:
        ConfigFault: listing every fault.
    """
    os.umask(0o077)  # what commands and the server write holds people's data: for their user's eyes alone
    if data_dir is not None:
        os.environ["TOME_DATA_DIR"] = str(data_dir.expanduser().resolve())
    config = load_config()
    set_up_logs(config.log_level, as_json=config.log_json)
    return config


@contextmanager
def opened(data_dir: Path | None = None, *, existing: bool = False) -> Iterator[Installation]:
    """The library, its database at the newest schema; closed at the end. `existing`: an empty one is not made."""
    config = configure(data_dir)
    if existing and config.url.startswith("sqlite") and not Path(config.url.removeprefix("sqlite:///")).exists():
        bad(f"There is no library in {config.data_dir}.", "Name its folder: --data-dir FOLDER, or TOME_DATA_DIR.")
        raise stop(2)
    installation = open_installation(config)
    try:
        prepare_database(installation.engine)
        yield installation
    finally:
        installation.close()
