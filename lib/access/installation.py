"""One running library: its configuration, database, files, keys and clock, opened once a process."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine

from lib.kit.clock import Clock, SystemClock
from lib.kit.config import Config
from lib.kit.crypto import Keyring, load_keyring
from lib.kit.database import FairLock, make_engine, process_turn
from lib.kit.storage import Storage


class VersionedCache:
    """Values computed from the database, each good as long as its subject's version mark stands."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[int, Any]] = {}
        self._guard = threading.Lock()

    def get(self, subject: str, key: str, version: int, load: Callable[[], Any]) -> Any:
        """The kept value if it is of this version, else what `load` returns, kept from now on."""
        kept = self._kept.get((subject, key))
        if kept is not None and kept[0] == version:
            return kept[1]
        value = load()
        with self._guard:
            self._kept[subject, key] = (version, value)
        return value


@dataclass(slots=True)
class Installation:
    """What every door needs to serve one library."""

    config: Config
    engine: Engine
    clock: Clock
    keys: Keyring
    files: Storage
    cache: VersionedCache = field(default_factory=VersionedCache)
    write_turn: FairLock = field(default_factory=FairLock)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Gives the database connections back."""
        self.engine.dispose()
        if self.write_turn.among:
            self.write_turn.among.close()


def open_installation(config: Config, clock: Clock | None = None) -> Installation:
    """Opens a library: makes the data folder and the key file where they are missing.

    Raises:
        OSError: the data folder cannot be written; PermissionError: the key file is open to others.
    """
    config.data_dir.mkdir(parents=True, exist_ok=True)
    engine = make_engine(config.url)
    return Installation(
        config=config,
        engine=engine,
        clock=clock or SystemClock(),
        keys=load_keyring(config.data_dir / "keys"),
        files=Storage(config.data_dir / "files"),
        write_turn=FairLock(process_turn(engine)),
    )
