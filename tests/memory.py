"""Where tests keep what is passing: in memory where there is room, since a disk costs them more time than all they do.

Nothing is proved the less: a process that is killed loses what it kept to itself, not what it had written. What a power
cut leaves behind no test can try.
"""

import os
import shutil
from pathlib import Path

MEMORY, NEEDED = Path("/dev/shm"), 4 << 30


def room() -> Path | None:
    """A folder in memory with room for the databases of several tests at once; none: wherever the system likes."""
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free > NEEDED else None
