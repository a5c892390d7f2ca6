"""Whether every stored file is what its row says: there, of its size, and of its SHA-256; and no file without a row."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lib.access.work import UnitOfWork
from lib.kit.database import Statement

YOUNG = timedelta(hours=1)  # a file is written before its row is committed
CHUNK = 1024 * 1024
FILE_THERE, FILE_UNCHANGED, FILE_KNOWN = "stored-file-is-there", "stored-file-is-unchanged", "stored-file-has-row"
Rows = list[dict[str, Any]]
_FILES = Statement(
    "SELECT f.sha256, f.size, (SELECT min(t.id) FROM title t WHERE t.cover_sha256 = f.sha256) FROM stored_file f"
    " WHERE f.sha256 > :after ORDER BY f.sha256 LIMIT 1000"
)
_KNOWN = Statement("SELECT 1 FROM stored_file WHERE sha256 = :digest")


def file_faults(uow: UnitOfWork) -> Iterator[tuple[str, str, Rows]]:
    """Each kind of fault: its name, a sentence, and the rows that show it. Reads every stored file once."""
    missing: Rows = []
    changed: Rows = []
    after = ""
    while rows := _FILES.rows(uow.connection, after=after):
        for digest, size, title_id in rows:
            place = uow.installation.files.path(digest)
            fact = {"title_id": title_id, "sha256": digest}
            if not place.is_file():
                missing.append(fact)
            elif place.stat().st_size != size or _sha256(place) != digest:
                changed.append(fact)
        after = rows[-1][0]
    yield FILE_THERE, "A stored file is missing.", missing
    yield FILE_UNCHANGED, "A stored file is not what it was when it was stored.", changed
    yield FILE_KNOWN, "A stored file belongs to nothing.", [{"sha256": path.name} for path in orphans(uow)]


def orphans(uow: UnitOfWork) -> Iterator[Path]:
    """Files without a row, older than an hour."""
    folder = uow.installation.files.folder
    for path in sorted(folder.glob("??/*")) if folder.is_dir() else ():
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if written < uow.now - YOUNG and _KNOWN.row(uow.connection, digest=path.name) is None:
            yield path


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(CHUNK):
            digest.update(part)
    return digest.hexdigest()
