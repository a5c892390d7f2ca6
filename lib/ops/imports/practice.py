"""Where a dry run happens: a copy of the SQLite database that is thrown away, so that nobody waits for it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from lib.access.installation import Installation, VersionedCache
from lib.kit.database import FairLock, make_engine, sqlite_module


@contextmanager
def practice_library(installation: Installation) -> Iterator[Installation]:
    """The same library on a private copy of its SQLite database; needs as much room on the disk as the database."""
    folder = installation.config.data_dir / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="practice-") as place:
        path = Path(place) / "library.db"
        _copy(installation, path)
        engine = make_engine(f"sqlite:///{path}", synchronous="OFF")
        try:
            yield replace(installation, engine=engine, cache=VersionedCache(), write_turn=FairLock())
        finally:
            engine.dispose()


def _copy(installation: Installation, path: Path) -> None:
    with installation.engine.connect().execution_options(read_only=True) as connection:
        source: Any = connection.connection.dbapi_connection
        target = sqlite_module().connect(str(path))
        try:
            source.backup(target)
        finally:
            target.close()
