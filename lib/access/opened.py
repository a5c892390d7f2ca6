"""The one installation that this process serves; every door asks here."""

import threading

from lib.access.installation import Installation, open_installation
from lib.kit.config import load_config

_guard = threading.Lock()
_opened: list[Installation] = []


def opened() -> Installation:
    """The installation of this process, opened from the configuration at first use.

    Raises:
        ConfigFault: the configuration cannot be used; OSError: the data folder cannot be written.
    """
    if not _opened:
        with _guard:
            if not _opened:
                _opened.append(open_installation(load_config()))
    return _opened[0]


def serve(installation: Installation) -> None:
    """Makes this the installation of the process; for tests and tools that open their own."""
    with _guard:
        _opened[:] = [installation]


def close_opened() -> None:
    """Gives the connections back at shutdown."""
    with _guard:
        while _opened:
            _opened.pop().close()
